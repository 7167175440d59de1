-- The last day on which the decision that a component is out holds (scope_decision.due_on), kept with where it stands, so that
-- those that are overdue are counted from an index.
ALTER TABLE component_status ADD COLUMN decided_until date;
UPDATE component_status s SET decided_until = d.due_on
  FROM scope_decision d WHERE d.tenant_id = s.tenant_id AND d.component_id = s.component_id;
CREATE INDEX component_status_decided ON component_status (tenant_id, decided_until) WHERE decided_until IS NOT NULL;
