-- Two tenants, a (acme) and b (bolt), each with people, an account, a repository.

INSERT INTO tenant (tenant_id, slug, name, service_level, approval_rule, terms_version, time_zone, contract_until, suspended, created_at) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'acme', 'Acme Payments', 'dr-bc', 'both', '2026-01', 'Europe/Berlin', NULL, false, '2026-01-05T09:00:00Z'),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bolt', 'Bolt Logistics', 'baseline', 'provider', '2026-02', 'America/New_York', '2027-12-31', false, '2026-02-02T09:00:00Z');

INSERT INTO tenant_counter (tenant_id, kind, value) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'change', 1),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'change', 2);

INSERT INTO app_user (id, email, display_name, password_hash, disabled_at, created_at) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000001', 'ana@acme.example', 'Ana', '$argon2id$v=19$m=19456,t=2,p=1$c2FtcGxl$c2FtcGxl', NULL, '2026-01-05T09:00:00Z'),
  ('bbbbbbbb-0000-7000-8000-000000000001', 'ben@bolt.example', 'Ben', '$argon2id$v=19$m=19456,t=2,p=1$c2FtcGxl$c2FtcGxl', '2026-06-01T00:00:00Z', '2026-02-02T09:00:00Z'),
  ('00000000-0000-7000-8000-000000000001', 'eve@provider.example', 'Eve', '$argon2id$v=19$m=19456,t=2,p=1$c2FtcGxl$c2FtcGxl', NULL, '2026-01-01T09:00:00Z');

INSERT INTO role_grant (user_id, role, tenant_id) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000001', 'customer-requester', 'aaaaaaaa-0000-7000-8000-000000000000'),
  ('bbbbbbbb-0000-7000-8000-000000000001', 'customer-approver', 'bbbbbbbb-0000-7000-8000-000000000000'),
  ('00000000-0000-7000-8000-000000000001', 'engineer', NULL);

INSERT INTO session (token_hash, user_id, created_at, last_seen_at, expires_at) VALUES
  ('\x01', 'aaaaaaaa-0000-7000-8000-000000000001', '2026-03-01T09:00:00Z', '2026-03-01T09:05:00Z', '2026-03-01T21:00:00Z');

INSERT INTO api_token (token_hash, id, user_id, name, created_at, expires_at) VALUES
  ('\x02', 'aaaaaaaa-0000-7000-8000-000000000002', 'aaaaaaaa-0000-7000-8000-000000000001', 'pipeline', '2026-03-01T09:00:00Z', NULL);

INSERT INTO sign_in_failure (key, failures, window_started_at) VALUES
  ('ana@acme.example', 3, '2026-03-01T08:59:00Z');

INSERT INTO api_idempotency (user_id, key, request_digest, status, response, created_at) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000001', 'retry-1', repeat('1d', 32), 201, '{"number": 1}', '2026-03-01T09:00:00Z');

INSERT INTO aws_account (tenant_id, id, account_id, region, external_id, observe_role, configure_role, tune_role, restore_role, verified_at, problem) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'aaaaaaaa-0000-7000-8000-000000000003', '111111111111', 'eu-west-1', 'external-a',
   'arn:aws:iam::111111111111:role/holdfast-observe', 'arn:aws:iam::111111111111:role/holdfast-configure',
   'arn:aws:iam::111111111111:role/holdfast-tune', 'arn:aws:iam::111111111111:role/holdfast-restore', '2026-03-01T09:00:00Z', NULL),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000003', '222222222222', 'us-east-1', 'external-b',
   'arn:aws:iam::222222222222:role/holdfast-observe', 'arn:aws:iam::222222222222:role/holdfast-configure',
   'arn:aws:iam::222222222222:role/holdfast-tune', 'arn:aws:iam::222222222222:role/holdfast-restore', NULL, 'The role for reading cannot be assumed.');

INSERT INTO reconcile_scope (tenant_id, id, aws_account_id, region, queued_at, observed_at, problem) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'aaaaaaaa-0000-7000-8000-000000000004', 'aaaaaaaa-0000-7000-8000-000000000003', 'eu-west-1', NULL, '2026-03-01T09:00:00Z', NULL),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000004', 'bbbbbbbb-0000-7000-8000-000000000003', 'us-east-1', '2026-03-01T09:01:00Z', NULL, 'AWS throttled the listing.');

INSERT INTO github_repository (tenant_id, repository_id, installation_id, full_name) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 1001, 501, 'acme/infra'),
  ('bbbbbbbb-0000-7000-8000-000000000000', 1002, 502, 'bolt/platform');

INSERT INTO github_entitlement (tenant_id, github_user_id, login, user_id, may_request, may_restore) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 2001, 'ana-acme', 'aaaaaaaa-0000-7000-8000-000000000001', true, true),
  ('bbbbbbbb-0000-7000-8000-000000000000', 2002, 'bolt-bot', NULL, true, false);

INSERT INTO webhook_delivery (delivery_id, event, body, received_at, state, reason, processed_at) VALUES
  ('d-1', 'issues', '\x7b7d', '2026-03-01T09:00:00Z', 'new', NULL, NULL),
  ('d-2', 'issues', '\x00', '2026-03-01T09:01:00Z', 'quarantined', 'The body is no JSON.', '2026-03-01T09:01:01Z');

INSERT INTO audit_event (tenant_id, id, at, actor_id, actor_name, action, subject, subject_id, detail) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'aaaaaaaa-0000-7000-8000-000000000005', '2026-03-01T09:00:00Z', 'aaaaaaaa-0000-7000-8000-000000000001', 'Ana', 'change.submitted', 'change', 'aaaaaaaa-0000-7000-8000-000000000010', '{"number": 1}'),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000005', '2026-03-01T09:01:00Z', NULL, 'Holdfast', 'change.planned', 'change', 'bbbbbbbb-0000-7000-8000-000000000010', '{}');
