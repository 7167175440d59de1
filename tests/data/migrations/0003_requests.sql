-- A planned change and a submitted restore of each tenant, with plan, receipt and a comment that is owed.

INSERT INTO change_request (tenant_id, id, number, title, source, github_repository_id, github_full_name, github_issue, requester_id, requester_name,
  form, resolved, request_digest, state, state_body, plan_digest, approvals, created_at, updated_at, revision) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'aaaaaaaa-0000-7000-8000-000000000010', 1, 'Keep prod-pg 35 days', 'github', 1001, 'acme/infra', 11, 'aaaaaaaa-0000-7000-8000-000000000001', 'ana-acme',
   '{"component": "prod-pg", "environment": "production", "scope": {"decision": "in", "retention": {"exactly": 35}, "frequency": "tier-default", "backup_window": null, "tier": "tier2", "location": "same-account-and-region"}, "further_needs": ""}',
   '{"component": "aaaaaaaa-0000-7000-8000-000000000006", "scope": {"decision": "in", "tier": "tier2", "frequency": "hourly", "retention": 35, "window": null, "location": "same-account-and-region", "sources": {}}}',
   repeat('a1', 32), 'planned', format('{"state": "planned", "plan": {"id": "aaaaaaaa-0000-7000-8000-000000000011", "digest": "%s", "weakens": false}}', repeat('a2', 32))::jsonb, repeat('a2', 32),
   '[]', '2026-03-01T09:00:00Z', '2026-03-01T09:02:00Z', 2),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000010', 2, 'Take orders-db out', 'github', 1002, 'bolt/platform', 12, NULL, 'bolt-bot',
   '{"component": "orders-db", "environment": "staging", "scope": {"decision": "out"}, "further_needs": "It is going away."}',
   '{"component": "bbbbbbbb-0000-7000-8000-000000000006", "scope": {"decision": "out"}}',
   repeat('b1', 32), 'planned', format('{"state": "planned", "plan": {"id": "bbbbbbbb-0000-7000-8000-000000000011", "digest": "%s", "weakens": true}}', repeat('b2', 32))::jsonb, repeat('b2', 32),
   '[]', '2026-03-01T09:00:00Z', '2026-03-01T09:02:00Z', 2);

INSERT INTO plan (tenant_id, id, change_request_id, digest, body, made_at) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'aaaaaaaa-0000-7000-8000-000000000011', 'aaaaaaaa-0000-7000-8000-000000000010', repeat('a2', 32),
   '{"steps": [{"component": "aaaaaaaa-0000-7000-8000-000000000006", "component_name": "prod-pg", "account": "111111111111", "region": "eu-west-1", "arn": "arn:aws:rds:eu-west-1:111111111111:db:prod-pg",
     "action": {"kind": "set-automated-backups", "retention_before": 30, "retention_after": 35, "window_before": "03:00-04:00", "window_after": null}, "weakens": false}],
     "findings": [{"severity": "info", "component_name": "prod-pg", "message": "Existing recovery points move to the new term."}], "unchanged": 0}', '2026-03-01T09:02:00Z'),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000011', 'bbbbbbbb-0000-7000-8000-000000000010', repeat('b2', 32),
   '{"steps": [], "findings": [], "unchanged": 0}', '2026-03-01T09:02:00Z');

INSERT INTO restore_request (tenant_id, id, number, component_id, target, plan_id, plan, digest, urgency, reason, requester_id, requester_name,
  state, state_body, approval, respond_by, created_at, updated_at, revision) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'aaaaaaaa-0000-7000-8000-000000000012', 1, 'aaaaaaaa-0000-7000-8000-000000000006',
   '{"point": {"id": "aaaaaaaa-0000-7000-8000-000000000008", "provider_id": "pitr:arn:aws:rds:eu-west-1:111111111111:db:prod-pg", "granularity": "continuous", "at": "2026-03-01T08:55:00Z", "earliest": "2026-01-30T03:10:00Z", "encrypted": true}, "name": "holdfast-restore-prod-pg-000000000012"}',
   'aaaaaaaa-0000-7000-8000-000000000013', '{"steps": [], "findings": [], "unchanged": 0}', repeat('a3', 32), 'critical', 'A table was dropped.', 'aaaaaaaa-0000-7000-8000-000000000001', 'ana@acme.example',
   'submitted', '{"state": "submitted"}', NULL, '2026-03-01T10:00:00Z', '2026-03-01T09:00:00Z', '2026-03-01T09:00:00Z', 1),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000012', 2, 'bbbbbbbb-0000-7000-8000-000000000006',
   '{"point": {"id": "bbbbbbbb-0000-7000-8000-000000000008", "provider_id": "rds:orders-db-2026-03-01", "granularity": "snapshot", "at": "2026-03-01T03:10:00Z", "earliest": null, "encrypted": false}, "name": "holdfast-restore-orders-db-000000000012"}',
   'bbbbbbbb-0000-7000-8000-000000000013', '{"steps": [], "findings": [], "unchanged": 0}', repeat('b3', 32), 'business-hours', 'A rehearsal.', NULL, 'bolt-bot',
   'submitted', '{"state": "submitted"}', NULL, '2026-03-02T14:00:00Z', '2026-03-01T09:00:00Z', '2026-03-01T09:00:00Z', 1);

INSERT INTO receipt (tenant_id, key, provider_ref, at) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'aaaaaaaa-0000-7000-8000-000000000011/0', 'prod-pg', '2026-03-01T09:03:00Z'),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000011/0', 'orders-db', '2026-03-01T09:03:00Z');

INSERT INTO issue_comment (tenant_id, id, change_request_id, body, created_at, posted_id) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'aaaaaaaa-0000-7000-8000-000000000014', 'aaaaaaaa-0000-7000-8000-000000000010', 'Here is the plan.', '2026-03-01T09:02:00Z', NULL),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000014', 'bbbbbbbb-0000-7000-8000-000000000010', 'Here is the plan.', '2026-03-01T09:02:00Z', NULL),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000015', 'bbbbbbbb-0000-7000-8000-000000000010', 'Thank you.', '2026-03-01T09:00:30Z', 9001);
