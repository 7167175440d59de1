-- The inventory, what was observed of it, and the versioned scope of work.

CREATE TABLE component (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  name text NOT NULL,
  kind text NOT NULL,
  environment text NOT NULL CHECK (environment IN ('production', 'staging', 'development', 'analytics')),
  engine text,
  size_bytes bigint,
  -- All three or none: NULL outside AWS.
  aws_account_id uuid,
  region text,
  arn text,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, environment, name),
  UNIQUE (tenant_id, arn),
  FOREIGN KEY (tenant_id, aws_account_id) REFERENCES aws_account,
  CHECK ((aws_account_id IS NULL) = (region IS NULL) AND (region IS NULL) = (arn IS NULL))
);
SELECT protect_tenant_table('component', 'SELECT, INSERT, UPDATE');

-- The last reading of a component. `resource` NULL: it was not there.
CREATE TABLE observation (
  tenant_id uuid NOT NULL REFERENCES tenant,
  component_id uuid NOT NULL,
  observed_at timestamptz NOT NULL,
  resource jsonb,
  retention_days integer,
  newest_recovery_point_at timestamptz,
  oldest_recovery_point_at timestamptz,
  PRIMARY KEY (tenant_id, component_id),
  FOREIGN KEY (tenant_id, component_id) REFERENCES component
);
SELECT protect_tenant_table('observation', 'SELECT, INSERT, UPDATE');

CREATE TABLE recovery_point (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  component_id uuid NOT NULL,
  provider_id text NOT NULL,
  granularity text NOT NULL CHECK (granularity IN ('snapshot', 'continuous')),
  at timestamptz NOT NULL,
  earliest timestamptz,
  encrypted boolean NOT NULL,
  last_seen_at timestamptz NOT NULL,
  -- When a complete reading no longer showed it.
  gone_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, component_id, provider_id),
  FOREIGN KEY (tenant_id, component_id) REFERENCES component
);
CREATE INDEX recovery_point_newest ON recovery_point (tenant_id, component_id, at DESC) WHERE gone_at IS NULL;
SELECT protect_tenant_table('recovery_point', 'SELECT, INSERT, UPDATE');

CREATE TABLE sow_version (
  tenant_id uuid NOT NULL REFERENCES tenant,
  version integer NOT NULL CHECK (version > 0),
  effective_from timestamptz NOT NULL,
  -- NULL: the onboarding document.
  change_request_id uuid,
  approved_by text[] NOT NULL,
  PRIMARY KEY (tenant_id, version)
);
SELECT protect_tenant_table('sow_version', 'SELECT, INSERT');

-- A component's line, from the version that brought it to the one that replaced it.
CREATE TABLE scope_item (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  component_id uuid NOT NULL,
  from_version integer NOT NULL,
  to_version integer CHECK (to_version > from_version),
  scope jsonb NOT NULL,
  -- How it is backed up, and why so.
  mechanism text NOT NULL,
  reason text NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, component_id) REFERENCES component,
  FOREIGN KEY (tenant_id, from_version) REFERENCES sow_version,
  FOREIGN KEY (tenant_id, to_version) REFERENCES sow_version
);
CREATE UNIQUE INDEX scope_item_current ON scope_item (tenant_id, component_id) WHERE to_version IS NULL;
SELECT protect_tenant_table('scope_item', 'SELECT, INSERT, UPDATE');
