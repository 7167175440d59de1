-- Tenants, people, links to the outside. Run as the owner (BYPASSRLS); the application connects as holdfast_app.

DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'holdfast_app') THEN
    RAISE EXCEPTION 'role holdfast_app is missing: create it first (README, "For real")';
  END IF;
END $$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO holdfast_app;

-- The tenants of the transaction, as set by the application; nothing set sees nothing.
CREATE FUNCTION visible_tenants() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(string_to_array(nullif(current_setting('app.tenants', true), ''), ',')::uuid[], '{}')
$$;

-- Puts a tenant table behind row-level security and grants the application what it names, never TRUNCATE.
CREATE FUNCTION protect_tenant_table(target regclass, privileges text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
  EXECUTE format('CREATE POLICY tenant ON %s USING (tenant_id = ANY ((SELECT visible_tenants())::uuid[]))
                  WITH CHECK (tenant_id = ANY ((SELECT visible_tenants())::uuid[]))', target);
  EXECUTE format('GRANT %s ON %s TO holdfast_app', privileges, target);
END $$;
REVOKE EXECUTE ON FUNCTION protect_tenant_table(regclass, text) FROM PUBLIC;

CREATE TABLE tenant (
  tenant_id uuid PRIMARY KEY,
  slug text NOT NULL CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name text NOT NULL,
  service_level text NOT NULL CHECK (service_level IN ('baseline', 'dr-bc')),
  approval_rule text NOT NULL CHECK (approval_rule IN ('provider', 'customer', 'both')),
  terms_version text NOT NULL,
  time_zone text NOT NULL,
  contract_until date,
  suspended boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX tenant_slug ON tenant (slug);
SELECT protect_tenant_table('tenant', 'SELECT, INSERT, UPDATE');

-- The next number of a kind within a tenant (change 1, 2, 3; restore 1, 2, 3).
CREATE TABLE tenant_counter (
  tenant_id uuid NOT NULL REFERENCES tenant,
  kind text NOT NULL,
  value integer NOT NULL,
  PRIMARY KEY (tenant_id, kind)
);
SELECT protect_tenant_table('tenant_counter', 'SELECT, INSERT, UPDATE');

-- People belong to no tenant: a grant says where they may act.
CREATE TABLE app_user (
  id uuid PRIMARY KEY,
  email text NOT NULL CHECK (email = lower(email)),
  display_name text NOT NULL,
  password_hash text NOT NULL,
  disabled_at timestamptz,
  created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX app_user_email ON app_user (email);

CREATE TABLE role_grant (
  user_id uuid NOT NULL REFERENCES app_user,
  role text NOT NULL,
  -- NULL: every tenant (staff only).
  tenant_id uuid REFERENCES tenant,
  CHECK (tenant_id IS NOT NULL OR role NOT LIKE 'customer-%'),
  UNIQUE NULLS NOT DISTINCT (user_id, role, tenant_id)
);

CREATE TABLE session (
  token_hash bytea PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES app_user,
  created_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX session_by_user ON session (user_id);

CREATE TABLE api_token (
  token_hash bytea PRIMARY KEY,
  id uuid NOT NULL UNIQUE,
  user_id uuid NOT NULL REFERENCES app_user,
  name text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz
);

-- Failed sign-ins by e-mail or address, so that the bound holds across replicas.
CREATE TABLE sign_in_failure (
  key text PRIMARY KEY,
  failures integer NOT NULL,
  window_started_at timestamptz NOT NULL
);

-- Answers to posts that carried an Idempotency-Key.
CREATE TABLE api_idempotency (
  user_id uuid NOT NULL REFERENCES app_user,
  key text NOT NULL,
  request_digest text NOT NULL,
  status smallint NOT NULL,
  response jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, key)
);

GRANT SELECT, INSERT, UPDATE ON app_user TO holdfast_app;
GRANT SELECT, INSERT, DELETE ON role_grant TO holdfast_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON session, api_token, sign_in_failure TO holdfast_app;
GRANT SELECT, INSERT ON api_idempotency TO holdfast_app;

CREATE TABLE aws_account (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  account_id text NOT NULL CHECK (account_id ~ '^[0-9]{12}$'),
  region text NOT NULL,
  external_id text NOT NULL,
  observe_role text NOT NULL,
  configure_role text NOT NULL,
  tune_role text NOT NULL,
  restore_role text NOT NULL,
  -- When the link was last found safe; NULL: never.
  verified_at timestamptz,
  -- Why it is not usable, in the customer's words.
  problem text,
  PRIMARY KEY (tenant_id, id)
);
-- One account belongs to exactly one tenant, so this one is unique across tenants.
CREATE UNIQUE INDEX aws_account_number ON aws_account (account_id);
SELECT protect_tenant_table('aws_account', 'SELECT, INSERT, UPDATE');

-- What is observed and reconciled as one. `queued_at`: a job for it is queued (at most one).
CREATE TABLE reconcile_scope (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  aws_account_id uuid NOT NULL,
  region text NOT NULL,
  queued_at timestamptz,
  observed_at timestamptz,
  problem text,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, aws_account_id, region),
  FOREIGN KEY (tenant_id, aws_account_id) REFERENCES aws_account
);
SELECT protect_tenant_table('reconcile_scope', 'SELECT, INSERT, UPDATE');

CREATE TABLE github_repository (
  tenant_id uuid NOT NULL REFERENCES tenant,
  repository_id bigint NOT NULL,
  installation_id bigint NOT NULL,
  full_name text NOT NULL,
  PRIMARY KEY (tenant_id, repository_id)
);
-- One repository belongs to exactly one tenant.
CREATE UNIQUE INDEX github_repository_id ON github_repository (repository_id);
SELECT protect_tenant_table('github_repository', 'SELECT, INSERT, UPDATE');

-- Who may ask for what through GitHub, by the number of the GitHub account.
CREATE TABLE github_entitlement (
  tenant_id uuid NOT NULL REFERENCES tenant,
  github_user_id bigint NOT NULL,
  login text NOT NULL,
  user_id uuid REFERENCES app_user,
  may_request boolean NOT NULL,
  may_restore boolean NOT NULL,
  PRIMARY KEY (tenant_id, github_user_id)
);
SELECT protect_tenant_table('github_entitlement', 'SELECT, INSERT, UPDATE');

-- Every delivery of GitHub, before it is understood: it belongs to no tenant yet.
CREATE TABLE webhook_delivery (
  delivery_id text PRIMARY KEY,
  event text NOT NULL,
  body bytea NOT NULL,
  received_at timestamptz NOT NULL,
  state text NOT NULL CHECK (state IN ('new', 'done', 'ignored', 'quarantined', 'failed')),
  reason text,
  processed_at timestamptz
);
CREATE INDEX webhook_delivery_quarantined ON webhook_delivery (received_at) WHERE state IN ('quarantined', 'failed');
GRANT SELECT, INSERT, UPDATE ON webhook_delivery TO holdfast_app;

-- The two questions that must be answered before a tenant is known.
CREATE FUNCTION tenant_of_repository(repository bigint, installation bigint) RETURNS uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT tenant_id FROM github_repository WHERE repository_id = repository AND installation_id = installation
$$;
CREATE FUNCTION all_tenants() RETURNS SETOF uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT tenant_id FROM tenant
$$;
REVOKE EXECUTE ON FUNCTION tenant_of_repository(bigint, bigint), all_tenants() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenant_of_repository(bigint, bigint), all_tenants(), visible_tenants() TO holdfast_app;

-- What was done, by whom. The application may add and read, never change or remove.
CREATE TABLE audit_event (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  at timestamptz NOT NULL,
  actor_id uuid REFERENCES app_user,
  actor_name text NOT NULL,
  action text NOT NULL,
  subject text NOT NULL,
  subject_id uuid NOT NULL,
  detail jsonb NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX audit_event_subject ON audit_event (tenant_id, subject_id, id);
SELECT protect_tenant_table('audit_event', 'SELECT, INSERT');

-- The newest migration that was applied; the application may not read sqlx's table itself.
CREATE FUNCTION schema_version() RETURNS bigint
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN (SELECT max(version) FROM _sqlx_migrations WHERE success);
END $$;
REVOKE EXECUTE ON FUNCTION schema_version() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION schema_version() TO holdfast_app;
