-- An import, a bulk change with one item and an end that waits, of each tenant.

UPDATE component SET restore_test_claimed_on = '2026-02-01' WHERE name IN ('prod-pg', 'orders-db');

INSERT INTO import (tenant_id, id, number, digest, format, document, signed_by, signed_on, imported_by, imported_by_name, imported_at, added, changed, unchanged, decided, sow_version) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'aaaaaaaa-0000-7000-8000-000000000030', 1, repeat('a9', 32), 'csv', E'name,environment,kind\nprod-pg,production,rds-instance\n', '{Ana}', '2026-01-05',
   '00000000-0000-7000-8000-000000000001', 'eve@provider.example', '2026-01-05T09:00:00Z', 1, 0, 0, 1, 1),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000030', 2, repeat('b9', 32), 'yaml', E'components:\n- {name: events, environment: analytics, kind: self-managed-database}\n', '{Ben}', '2026-02-02',
   NULL, 'Holdfast', '2026-02-02T09:00:00Z', 0, 1, 1, 0, NULL);

INSERT INTO bulk_change (tenant_id, id, number, requester_id, requester_name, fields, created_at) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'aaaaaaaa-0000-7000-8000-000000000031', 1, 'aaaaaaaa-0000-7000-8000-000000000001', 'ana@acme.example', '{"scope": "In scope", "retention": "35 days"}', '2026-03-01T09:00:00Z'),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000031', 2, NULL, 'bolt-bot', '{"scope": "In scope", "retention": "tier default"}', '2026-03-01T09:00:00Z');

INSERT INTO bulk_change_item (tenant_id, bulk_change_id, position, component_id, change_request_id, problems) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'aaaaaaaa-0000-7000-8000-000000000031', 0, 'aaaaaaaa-0000-7000-8000-000000000006', 'aaaaaaaa-0000-7000-8000-000000000010', NULL),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000031', 0, 'bbbbbbbb-0000-7000-8000-000000000006', NULL, '[{"field": "retention", "label": "Retention", "given": "tier default", "why": "no tier was chosen"}]');

INSERT INTO decommission (tenant_id, id, component_id, reason, requester_id, requester_name, final_backup, fate, state, state_body, sow_version, asked_at, updated_at, revision) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'aaaaaaaa-0000-7000-8000-000000000032', 'aaaaaaaa-0000-7000-8000-000000000006', 'It moved.', 'aaaaaaaa-0000-7000-8000-000000000001', 'ana@acme.example',
   '{"final_backup": "awaited"}', '{"fate": "keep-until", "on": "2027-01-31"}', 'asked', '{"state": "asked"}', NULL, '2026-03-01T09:00:00Z', '2026-03-01T09:00:00Z', 1),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000032', 'bbbbbbbb-0000-7000-8000-000000000006', 'It goes away.', NULL, 'bolt-bot',
   '{"final_backup": "none"}', '{"fate": "expire"}', 'asked', '{"state": "asked"}', NULL, '2026-03-01T09:00:00Z', '2026-03-01T09:00:00Z', 1);
