-- Contracts with their versions, the people they name, what customers sign, and who answers for what.

-- `body`: the contract as it is written down (domain::contract::Draft). The newest version is in force; the tenant's own
-- columns hold its summary, in step with it.
CREATE TABLE contract_version (
  tenant_id uuid NOT NULL REFERENCES tenant,
  version integer NOT NULL CHECK (version > 0),
  body jsonb NOT NULL,
  valid_from date NOT NULL,
  made_by_id uuid REFERENCES app_user,
  made_by text NOT NULL,
  made_at timestamptz NOT NULL,
  note text NOT NULL,
  PRIMARY KEY (tenant_id, version)
);
SELECT protect_tenant_table('contract_version', 'SELECT, INSERT');

-- Every contract so far, as its summary has it: nine to five on weekdays, no bounds.
INSERT INTO contract_version (tenant_id, version, body, valid_from, made_by, made_at, note)
SELECT tenant_id, 1,
  jsonb_build_object(
    'service_level', service_level, 'terms_version', terms_version,
    'starts', NULL, 'until', contract_until, 'notice_days', NULL,
    'approve_tightening', approval_rule, 'approve_weakening', approval_rule, 'approve_out_of_scope', approval_rule,
    'time_zone', time_zone,
    'business_hours', (SELECT jsonb_object_agg(day, '["09:00-17:00"]'::jsonb)
                       FROM unnest('{monday,tuesday,wednesday,thursday,friday}'::text[]) AS day),
    'holidays', '[]'::jsonb, 'urgent_response_minutes', 120, 'escalation', '[]'::jsonb,
    'regulation', '', 'residency', '[]'::jsonb, 'retention_minimum_days', NULL, 'retention_maximum_days', NULL,
    'encryption_required', false, 'addenda', '[]'::jsonb),
  (created_at AT TIME ZONE 'UTC')::date, 'Holdfast', created_at, 'As the customer was taken on.'
FROM tenant;

-- Whoever is no longer named is removed: nobody's address is kept without need. The audit log says that they were.
CREATE TABLE contact (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  name text NOT NULL,
  email text NOT NULL,
  phone text NOT NULL,
  role text NOT NULL,
  entitlements text[] NOT NULL,
  user_id uuid REFERENCES app_user,
  revision bigint NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
SELECT protect_tenant_table('contact', 'SELECT, INSERT, UPDATE, DELETE');

-- What a customer signed; taken back, never removed.
CREATE TABLE acknowledgement (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  statement text NOT NULL,
  text_version text NOT NULL,
  signed_by_id uuid NOT NULL REFERENCES app_user,
  signed_by text NOT NULL,
  signed_at timestamptz NOT NULL,
  until timestamptz NOT NULL CHECK (until > signed_at),
  withdrawn_at timestamptz,
  withdrawn_by text,
  PRIMARY KEY (tenant_id, id),
  CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL))
);
SELECT protect_tenant_table('acknowledgement', 'SELECT, INSERT, UPDATE');

-- Who answers for a duty where that is not as usual.
CREATE TABLE responsibility (
  tenant_id uuid NOT NULL REFERENCES tenant,
  duty text NOT NULL,
  responsible text NOT NULL,
  reason text NOT NULL,
  set_by text NOT NULL,
  set_at timestamptz NOT NULL,
  revision bigint NOT NULL,
  PRIMARY KEY (tenant_id, duty)
);
SELECT protect_tenant_table('responsibility', 'SELECT, INSERT, UPDATE');
