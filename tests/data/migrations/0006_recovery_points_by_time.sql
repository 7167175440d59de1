-- Two at one moment.

INSERT INTO recovery_point (tenant_id, id, component_id, provider_id, granularity, at, earliest, encrypted, last_seen_at, gone_at) VALUES
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000016', 'bbbbbbbb-0000-7000-8000-000000000006', 'rds:orders-db-by-hand', 'snapshot', '2026-03-01T03:10:00Z', NULL, false, '2026-03-01T09:00:00Z', NULL);
