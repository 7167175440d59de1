-- Suspending and offboarding, the hand-over, links that can be taken back, and the audit log of what concerns no customer.

-- `suspended` stays the one question that stands before each outside call: true for the suspended and for the offboarded.
-- `lifecycle` says the rest; '{}' is a customer whose contract runs.
ALTER TABLE tenant ADD COLUMN lifecycle jsonb NOT NULL DEFAULT '{}';
ALTER TABLE tenant ADD COLUMN offboarded_at timestamptz;
UPDATE tenant SET lifecycle = jsonb_build_object('suspension',
    jsonb_build_object('at', now(), 'by', 'Holdfast', 'reason', 'The customer was suspended before reasons were noted.'))
  WHERE suspended;

-- Asked while signing in, before a tenant is known.
CREATE FUNCTION offboarded_tenants() RETURNS TABLE (id uuid, at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT tenant_id, offboarded_at FROM tenant WHERE offboarded_at IS NOT NULL
$$;
REVOKE EXECUTE ON FUNCTION offboarded_tenants() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION offboarded_tenants() TO holdfast_app;
CREATE INDEX tenant_offboarded ON tenant (tenant_id, offboarded_at) WHERE offboarded_at IS NOT NULL;

-- Jobs of a suspended customer: queued again in the transaction that resumes it.
CREATE TABLE held_job (
  tenant_id uuid NOT NULL REFERENCES tenant,
  job jsonb NOT NULL,
  held_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, job)
);
SELECT protect_tenant_table('held_job', 'SELECT, INSERT, DELETE');

-- Everything of a customer in one archive, kept in pieces for 30 days.
CREATE TABLE export (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL,
  state text NOT NULL CHECK (state IN ('queued', 'writing', 'verifying', 'verified', 'failed', 'expired')),
  -- The files that are written, of how many.
  files_done integer NOT NULL DEFAULT 0,
  files_total integer,
  -- The moment of which it tells.
  snapshot_at timestamptz,
  rows bigint,
  size_bytes bigint,
  sha256 text,
  problem text,
  ended_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
SELECT protect_tenant_table('export', 'SELECT, INSERT, UPDATE');
CREATE INDEX export_ended ON export (ended_at) WHERE state = 'verified';

CREATE TABLE export_piece (
  tenant_id uuid NOT NULL REFERENCES tenant,
  export_id uuid NOT NULL,
  position integer NOT NULL,
  content bytea NOT NULL,
  PRIMARY KEY (tenant_id, export_id, position),
  FOREIGN KEY (tenant_id, export_id) REFERENCES export
);
-- It is compressed already.
ALTER TABLE export_piece ALTER COLUMN content SET STORAGE EXTERNAL;
SELECT protect_tenant_table('export_piece', 'SELECT, INSERT, DELETE');

-- A link that was taken back stays in the records, and the outside's thing can be linked anew, by anybody.
ALTER TABLE github_repository ADD COLUMN unlinked_at timestamptz;
ALTER TABLE aws_account ADD COLUMN unlinked_at timestamptz;
DROP INDEX github_repository_id;
CREATE UNIQUE INDEX github_repository_id ON github_repository (repository_id) WHERE unlinked_at IS NULL;
DROP INDEX aws_account_number;
CREATE UNIQUE INDEX aws_account_number ON aws_account (account_id) WHERE unlinked_at IS NULL;
CREATE OR REPLACE FUNCTION tenant_of_repository(repository bigint, installation bigint) RETURNS uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT tenant_id FROM github_repository
  WHERE repository_id = repository AND installation_id = installation AND unlinked_at IS NULL
$$;

ALTER TABLE github_entitlement ADD COLUMN revision bigint NOT NULL DEFAULT 1;
ALTER TABLE app_user ADD COLUMN revision bigint NOT NULL DEFAULT 1;

-- What an administrator did to people: they belong to no customer. The application may add and read, never change or remove.
CREATE TABLE platform_audit_event (
  id uuid PRIMARY KEY,
  at timestamptz NOT NULL,
  actor_id uuid REFERENCES app_user,
  actor_name text NOT NULL,
  action text NOT NULL,
  subject text NOT NULL,
  subject_id uuid NOT NULL,
  detail jsonb NOT NULL
);
GRANT SELECT, INSERT ON platform_audit_event TO holdfast_app;

-- The hand-over says of each table and of what is not plain in it what it means.
COMMENT ON TABLE tenant IS 'The customer and its contract.';
COMMENT ON TABLE tenant_counter IS 'The last number of each kind of request.';
COMMENT ON TABLE role_grant IS 'Which person holds which role for the customer. A role that is held for all customers is not listed.';
COMMENT ON TABLE aws_account IS 'Linked AWS accounts, with the roles that Holdfast assumed there.';
COMMENT ON TABLE reconcile_scope IS 'What is read from AWS as one: an account in one region.';
COMMENT ON TABLE github_repository IS 'Repositories whose issues are requests.';
COMMENT ON TABLE github_entitlement IS 'What a GitHub account may ask for.';
COMMENT ON TABLE audit_event IS 'What was done, by whom.';
COMMENT ON TABLE component IS 'The inventory: everything that holds data.';
COMMENT ON TABLE observation IS 'The last reading of each component.';
COMMENT ON TABLE recovery_point IS 'Copies that were seen at the provider, and those that are gone.';
COMMENT ON TABLE sow_version IS 'The versions of the scope of work, with who approved each.';
COMMENT ON TABLE scope_item IS 'The terms of each component, from the version that brought them to the one that replaced them.';
COMMENT ON TABLE change_request IS 'Requests to change the scope of work.';
COMMENT ON TABLE plan IS 'What was shown for approval.';
COMMENT ON TABLE restore_request IS 'Restores, from asking to the customer''s own verification.';
COMMENT ON TABLE receipt IS 'Proof of each step that was made at the provider.';
COMMENT ON TABLE issue_comment IS 'What Holdfast wrote on GitHub issues.';
COMMENT ON TABLE held_job IS 'Work that waits until the customer is resumed.';
COMMENT ON TABLE export IS 'Hand-over exports that were asked for.';
COMMENT ON COLUMN tenant.lifecycle IS 'Suspension and offboarding; {} while the contract simply runs.';
COMMENT ON COLUMN tenant.contract_until IS 'Last day of the term; null: open-ended.';
COMMENT ON COLUMN tenant.approval_rule IS 'Whose approvals a change needs: provider, customer or both.';
COMMENT ON COLUMN aws_account.external_id IS 'What a role has to ask for before it lets anybody in; not a secret.';
COMMENT ON COLUMN aws_account.verified_at IS 'When the roles were last found safe; null: never.';
COMMENT ON COLUMN observation.resource IS 'What the provider answered; null: the component was not there.';
COMMENT ON COLUMN observation.retention_days IS 'Days that automated backups are kept, as observed.';
COMMENT ON COLUMN recovery_point.provider_id IS 'The provider''s name for it.';
COMMENT ON COLUMN recovery_point.at IS 'The moment to which it goes back.';
COMMENT ON COLUMN recovery_point.earliest IS 'The earliest moment of a continuous one; null for a snapshot.';
COMMENT ON COLUMN recovery_point.gone_at IS 'When a complete reading no longer showed it; null: it was there at the last reading.';
COMMENT ON COLUMN sow_version.change_request_id IS 'The change that made it; null: the onboarding document.';
COMMENT ON COLUMN scope_item.to_version IS 'The version that replaced it; null: it is in force.';
COMMENT ON COLUMN change_request.form IS 'The answers of the form; null: it could not be read.';
COMMENT ON COLUMN change_request.approvals IS 'Who agreed to which plan, and when.';
COMMENT ON COLUMN receipt.provider_ref IS 'The provider''s name for what was made.';
