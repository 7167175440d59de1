-- Policies to start a change from, and holds on recovery points.

-- The provider's own: it belongs to no tenant.
CREATE TABLE policy (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  description text NOT NULL,
  -- The kinds of component that it fits; empty: every kind.
  kinds text[] NOT NULL,
  -- Answers of the change form by field id: retention, frequency, tier, …
  answers jsonb NOT NULL,
  retired_at timestamptz,
  changed_by text NOT NULL,
  changed_at timestamptz NOT NULL,
  revision bigint NOT NULL
);
-- No two that are offered have the same name.
CREATE UNIQUE INDEX policy_name ON policy (lower(name)) WHERE retired_at IS NULL;

-- What each revision said and who made it.
CREATE TABLE policy_revision (
  policy_id uuid NOT NULL REFERENCES policy,
  revision bigint NOT NULL,
  name text NOT NULL,
  description text NOT NULL,
  kinds text[] NOT NULL,
  answers jsonb NOT NULL,
  retired_at timestamptz,
  actor_id uuid NOT NULL REFERENCES app_user,
  changed_by text NOT NULL,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (policy_id, revision)
);
GRANT SELECT, INSERT, UPDATE ON policy TO holdfast_app;
GRANT SELECT, INSERT ON policy_revision TO holdfast_app;

-- Recovery points that somebody wants kept: of one component (recovery_point_id NULL: all of it, those to come included),
-- or of the customer (component_id NULL as well), then by a case.
CREATE TABLE recovery_point_hold (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  number integer NOT NULL,
  component_id uuid,
  recovery_point_id uuid,
  case_name text,
  reason text NOT NULL,
  -- The last day, to its end in UTC.
  until date,
  -- What was said, by whom of which side, when: {by, name, side, at}.
  asked jsonb NOT NULL,
  -- That it be released, as one side asked: {said, reason}.
  release jsonb,
  -- The other side's word.
  released jsonb,
  revision bigint NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, number),
  FOREIGN KEY (tenant_id, component_id) REFERENCES component,
  FOREIGN KEY (tenant_id, recovery_point_id) REFERENCES recovery_point,
  CHECK (component_id IS NOT NULL OR recovery_point_id IS NULL AND case_name IS NOT NULL)
);
CREATE INDEX recovery_point_hold_unreleased ON recovery_point_hold (tenant_id, component_id) WHERE released IS NULL;
SELECT protect_tenant_table('recovery_point_hold', 'SELECT, INSERT, UPDATE');
COMMENT ON TABLE recovery_point_hold IS 'Recovery points that somebody wants kept, with what both sides said; no mechanism enforced it.';
