-- Change requests and restore requests, their plans, and the proof of what was made.

CREATE TABLE change_request (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  number integer NOT NULL,
  title text NOT NULL,
  source text NOT NULL CHECK (source IN ('github', 'web', 'api')),
  github_repository_id bigint,
  github_full_name text,
  github_issue bigint,
  requester_id uuid REFERENCES app_user,
  requester_name text NOT NULL,
  form jsonb,
  resolved jsonb,
  request_digest text NOT NULL,
  -- The state's name, for filters, and the whole state.
  state text NOT NULL,
  state_body jsonb NOT NULL,
  -- The plan that the state stands on: what an approval must name.
  plan_digest text,
  approvals jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  revision bigint NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, number),
  UNIQUE (tenant_id, github_repository_id, github_issue),
  FOREIGN KEY (tenant_id, github_repository_id) REFERENCES github_repository
);
CREATE INDEX change_request_state ON change_request (tenant_id, state, number DESC);
SELECT protect_tenant_table('change_request', 'SELECT, INSERT, UPDATE');

ALTER TABLE sow_version ADD FOREIGN KEY (tenant_id, change_request_id) REFERENCES change_request;

CREATE TABLE plan (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  change_request_id uuid NOT NULL,
  digest text NOT NULL,
  body jsonb NOT NULL,
  made_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, change_request_id) REFERENCES change_request
);
SELECT protect_tenant_table('plan', 'SELECT, INSERT');

CREATE TABLE restore_request (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  number integer NOT NULL,
  component_id uuid NOT NULL,
  target jsonb NOT NULL,
  plan_id uuid NOT NULL,
  plan jsonb NOT NULL,
  digest text NOT NULL,
  urgency text NOT NULL CHECK (urgency IN ('business-hours', 'critical')),
  reason text NOT NULL,
  requester_id uuid REFERENCES app_user,
  requester_name text NOT NULL,
  state text NOT NULL,
  state_body jsonb NOT NULL,
  approval jsonb,
  respond_by timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  revision bigint NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, number),
  FOREIGN KEY (tenant_id, component_id) REFERENCES component
);
CREATE INDEX restore_request_state ON restore_request (tenant_id, state, number DESC);
SELECT protect_tenant_table('restore_request', 'SELECT, INSERT, UPDATE');

-- Proof that a step was made, under the key that names it towards the outside.
CREATE TABLE receipt (
  tenant_id uuid NOT NULL REFERENCES tenant,
  key text NOT NULL,
  provider_ref text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, key)
);
SELECT protect_tenant_table('receipt', 'SELECT, INSERT');

-- Comments that Holdfast owes to an issue; the id is the marker by which a posted one is known.
CREATE TABLE issue_comment (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  change_request_id uuid NOT NULL,
  body text NOT NULL,
  created_at timestamptz NOT NULL,
  posted_id bigint,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, change_request_id) REFERENCES change_request
);
CREATE INDEX issue_comment_request ON issue_comment (tenant_id, change_request_id, id);
SELECT protect_tenant_table('issue_comment', 'SELECT, INSERT, UPDATE');
