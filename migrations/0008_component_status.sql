-- The inventory's further columns, and where each component stands, kept in the transactions that change it, so that a
-- page over thousands of components or customers reads and does not reckon.

ALTER TABLE component
  -- The business unit that it belongs to, who answers for it, and the version of its engine, as the customer states them.
  ADD COLUMN workload text,
  ADD COLUMN owner text,
  ADD COLUMN version text,
  -- When it was confirmed that it is no more.
  ADD COLUMN decommissioned_at timestamptz;

CREATE TABLE component_status (
  tenant_id uuid NOT NULL REFERENCES tenant,
  component_id uuid NOT NULL,
  -- As of the last reading (domain::protection::Standing); what it means now, protection_state() says.
  standing text NOT NULL,
  -- NULL: never read.
  observed_at timestamptz,
  name text NOT NULL,
  environment text NOT NULL,
  kind text NOT NULL,
  -- What a search looks in, in lower case.
  search text NOT NULL,
  tier smallint,
  -- Days; NULL where nothing is contracted, or was read.
  contracted_days integer,
  effective_days integer,
  newest_recovery_point_at timestamptz,
  oldest_recovery_point_at timestamptz,
  PRIMARY KEY (tenant_id, component_id),
  FOREIGN KEY (tenant_id, component_id) REFERENCES component
);
SELECT protect_tenant_table('component_status', 'SELECT, INSERT, UPDATE, DELETE');

-- The sums over component_status, one row for each standing and moment of reading: since an observation grows old by
-- itself, no sum over states can be stored.
CREATE TABLE tenant_rollup (
  tenant_id uuid NOT NULL REFERENCES tenant,
  standing text NOT NULL,
  -- 1970 for what was never read.
  observed_at timestamptz NOT NULL,
  components integer NOT NULL,
  -- Those that are kept for less than contracted.
  short integer NOT NULL,
  contracted_least integer,
  contracted_most integer,
  effective_least integer,
  effective_most integer,
  oldest_recovery_point_at timestamptz,
  PRIMARY KEY (tenant_id, standing, observed_at)
);
SELECT protect_tenant_table('tenant_rollup', 'SELECT, INSERT, DELETE');

-- What a standing means now: an observation from before `stale` says nothing any more (domain::protection::Standing::state).
CREATE FUNCTION protection_state(standing text, observed_at timestamptz, stale timestamptz) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN standing IN ('out', 'undecided') THEN standing
    WHEN standing = 'no-mechanism' THEN 'unprotected'
    WHEN standing = 'unread' OR observed_at < stale THEN 'unknown'
    WHEN standing = 'no-point' THEN 'unprotected'
    WHEN standing = 'late' THEN 'at-risk'
    ELSE 'protected'
  END
$$;
GRANT EXECUTE ON FUNCTION protection_state(text, timestamptz, timestamptz) TO holdfast_app;

INSERT INTO component_status
SELECT c.tenant_id, c.id,
  CASE
    WHEN i.scope IS NULL THEN 'undecided'
    WHEN i.scope->>'decision' = 'out' THEN 'out'
    WHEN i.mechanism = 'none' THEN 'no-mechanism'
    WHEN o.observed_at IS NULL THEN 'unread'
    WHEN o.newest_recovery_point_at IS NULL THEN 'no-point'
    WHEN o.newest_recovery_point_at >= o.observed_at - interval '10 minutes' - CASE i.scope->>'frequency'
      WHEN 'continuous' THEN interval '5 minutes' WHEN 'hourly' THEN interval '1 hour'
      WHEN 'daily' THEN interval '24 hours' ELSE interval '168 hours' END THEN 'fresh'
    ELSE 'late'
  END,
  o.observed_at, c.name, c.environment, c.kind, lower(concat_ws(' ', c.name, c.engine, c.arn)),
  CASE i.scope->>'tier' WHEN 'tier1' THEN 1 WHEN 'tier2' THEN 2 WHEN 'tier3' THEN 3 END,
  (i.scope->>'retention')::integer, o.retention_days, o.newest_recovery_point_at, o.oldest_recovery_point_at
FROM component c
LEFT JOIN scope_item i ON i.tenant_id = c.tenant_id AND i.component_id = c.id AND i.to_version IS NULL
LEFT JOIN observation o ON o.tenant_id = c.tenant_id AND o.component_id = c.id;

INSERT INTO tenant_rollup
SELECT tenant_id, standing, coalesce(observed_at, 'epoch'), count(*), count(*) FILTER (WHERE effective_days < contracted_days),
  min(contracted_days), max(contracted_days), min(effective_days), max(effective_days), min(oldest_recovery_point_at)
FROM component_status GROUP BY 1, 2, 3;
