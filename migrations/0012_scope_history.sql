-- Out-decisions are signed anew each year; a component's facts are edited by one at a time; what belongs to one version or
-- to one component is found without reading the rest.

CREATE TABLE attestation (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  component_id uuid NOT NULL,
  -- The line that says "out": a later one is another decision.
  scope_item_id uuid NOT NULL,
  attested_by uuid NOT NULL REFERENCES app_user,
  attested_by_name text NOT NULL,
  at timestamptz NOT NULL,
  -- The last day on which it holds.
  due_on date NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, component_id) REFERENCES component,
  FOREIGN KEY (tenant_id, scope_item_id) REFERENCES scope_item
);
CREATE INDEX attestation_newest ON attestation (tenant_id, scope_item_id, at DESC);
SELECT protect_tenant_table('attestation', 'SELECT, INSERT');

-- Each living component that is out of scope or undecided, with the last day on which its decision holds (NULL: nobody
-- decided): a year after it was signed or attested (domain::attestation::due_on).
CREATE VIEW scope_decision WITH (security_invoker = true) AS
SELECT s.tenant_id, s.component_id, s.environment, s.name, i.id AS scope_item_id, i.from_version AS version,
  v.effective_from AS signed_at, v.approved_by AS signed_by, v.change_request_id,
  a.attested_by_name AS attested_by, a.at AS attested_at,
  coalesce(a.due_on, ((v.effective_from AT TIME ZONE t.time_zone)::date + interval '1 year')::date) AS due_on
FROM component_status s
JOIN tenant t ON t.tenant_id = s.tenant_id
LEFT JOIN scope_item i ON i.tenant_id = s.tenant_id AND i.component_id = s.component_id AND i.to_version IS NULL
LEFT JOIN sow_version v ON v.tenant_id = i.tenant_id AND v.version = i.from_version
LEFT JOIN LATERAL (
  SELECT attested_by_name, at, due_on FROM attestation WHERE tenant_id = i.tenant_id AND scope_item_id = i.id ORDER BY at DESC LIMIT 1
) a ON true
WHERE s.standing IN ('out', 'undecided');
GRANT SELECT ON scope_decision TO holdfast_app;
CREATE INDEX component_status_decision ON component_status (tenant_id, component_id) WHERE standing IN ('out', 'undecided');

-- Counts the changes of a component's row, whoever makes them.
ALTER TABLE component ADD COLUMN revision bigint NOT NULL DEFAULT 1;
CREATE FUNCTION count_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.revision := OLD.revision + 1;
  RETURN NEW;
END $$;
CREATE TRIGGER component_revision BEFORE UPDATE ON component FOR EACH ROW EXECUTE FUNCTION count_revision();

CREATE INDEX scope_item_history ON scope_item (tenant_id, component_id, from_version);
CREATE INDEX scope_item_from ON scope_item (tenant_id, from_version);
CREATE INDEX scope_item_to ON scope_item (tenant_id, to_version) WHERE to_version IS NOT NULL;
CREATE INDEX change_request_component ON change_request (tenant_id, (form->>'component'), number DESC);
CREATE INDEX restore_request_component ON restore_request (tenant_id, component_id, number DESC);
CREATE INDEX restore_request_verified ON restore_request (tenant_id, component_id, updated_at DESC) WHERE state = 'closed';
