-- One component at AWS for each tenant, what was read of it, and its line in the scope of work; b has one outside AWS as well.

INSERT INTO component (tenant_id, id, name, kind, environment, engine, size_bytes, aws_account_id, region, arn) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'aaaaaaaa-0000-7000-8000-000000000006', 'prod-pg', 'rds-instance', 'production', 'postgres 17', 21474836480, 'aaaaaaaa-0000-7000-8000-000000000003', 'eu-west-1', 'arn:aws:rds:eu-west-1:111111111111:db:prod-pg'),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000006', 'orders-db', 'rds-instance', 'staging', NULL, NULL, 'bbbbbbbb-0000-7000-8000-000000000003', 'us-east-1', 'arn:aws:rds:us-east-1:222222222222:db:orders-db'),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000007', 'events', 'self-managed-database', 'analytics', 'clickhouse', NULL, NULL, NULL, NULL);

INSERT INTO observation (tenant_id, component_id, observed_at, resource, retention_days, newest_recovery_point_at, oldest_recovery_point_at) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'aaaaaaaa-0000-7000-8000-000000000006', '2026-03-01T09:00:00Z',
   '{"status": "available", "engine": "postgres 17.2", "size_bytes": 21474836480, "encrypted": true, "automated_retention_days": 30, "window": "03:00-04:00", "tags": {"team": "payments"}, "recovery_points": []}',
   30, '2026-03-01T08:55:00Z', '2026-01-30T03:10:00Z'),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000006', '2026-03-01T09:00:00Z', NULL, NULL, NULL, NULL);

INSERT INTO recovery_point (tenant_id, id, component_id, provider_id, granularity, at, earliest, encrypted, last_seen_at, gone_at) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'aaaaaaaa-0000-7000-8000-000000000008', 'aaaaaaaa-0000-7000-8000-000000000006', 'pitr:arn:aws:rds:eu-west-1:111111111111:db:prod-pg', 'continuous', '2026-03-01T08:55:00Z', '2026-01-30T03:10:00Z', true, '2026-03-01T09:00:00Z', NULL),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000008', 'bbbbbbbb-0000-7000-8000-000000000006', 'rds:orders-db-2026-03-01', 'snapshot', '2026-03-01T03:10:00Z', NULL, false, '2026-03-01T09:00:00Z', NULL),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000009', 'bbbbbbbb-0000-7000-8000-000000000006', 'rds:orders-db-2026-02-01', 'snapshot', '2026-02-01T03:10:00Z', NULL, false, '2026-02-28T09:00:00Z', '2026-03-01T09:00:00Z');

INSERT INTO sow_version (tenant_id, version, effective_from, change_request_id, approved_by) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 1, '2026-01-05T09:00:00Z', NULL, '{Ana,Eve}'),
  ('bbbbbbbb-0000-7000-8000-000000000000', 1, '2026-02-02T09:00:00Z', NULL, '{Eve}'),
  ('bbbbbbbb-0000-7000-8000-000000000000', 2, '2026-02-20T09:00:00Z', NULL, '{Eve}');

INSERT INTO scope_item (tenant_id, id, component_id, from_version, to_version, scope, mechanism, reason) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'aaaaaaaa-0000-7000-8000-00000000000a', 'aaaaaaaa-0000-7000-8000-000000000006', 1, NULL,
   '{"decision": "in", "tier": "tier2", "frequency": "hourly", "retention": 30, "window": "03:00-04:00", "location": "same-account-and-region", "sources": {"retention_days": "tier"}}',
   'native:rds', 'Native, because the same account and region suffice.'),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-00000000000a', 'bbbbbbbb-0000-7000-8000-000000000006', 1, 2,
   '{"decision": "out"}', 'none', 'Not in scope: no mechanism is configured.'),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-00000000000b', 'bbbbbbbb-0000-7000-8000-000000000006', 2, NULL,
   '{"decision": "in", "tier": null, "frequency": "daily", "retention": 7, "window": null, "location": "same-account-and-region", "sources": {}}',
   'native:rds', 'Native, because the same account and region suffice.');
