-- a is suspended with a job that waits; b is about to leave. Each has an export.

UPDATE tenant SET suspended = true, lifecycle = '{"suspension": {"at": "2026-03-02T09:00:00Z", "by": "eve@provider.example", "reason": "Unpaid invoices."}, "stage": {"name": "active"}, "resumed_at": null, "revision": 1}'
  WHERE slug = 'acme';
UPDATE tenant SET lifecycle = '{"suspension": null, "stage": {"name": "offboarding", "at": "2026-03-02T09:00:00Z", "by": "eve@provider.example", "reason": "They move on.", "last_day": "2027-12-31"}, "resumed_at": null, "revision": 1}'
  WHERE slug = 'bolt';

INSERT INTO held_job (tenant_id, job, held_at) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', '{"queue": "work", "job": {"job": "plan-change", "tenant": "aaaaaaaa-0000-7000-8000-000000000000", "change": "aaaaaaaa-0000-7000-8000-000000000010"}}', '2026-03-02T09:05:00Z'),
  ('bbbbbbbb-0000-7000-8000-000000000000', '{"queue": "work", "job": {"job": "plan-change", "tenant": "bbbbbbbb-0000-7000-8000-000000000000", "change": "bbbbbbbb-0000-7000-8000-000000000010"}}', '2026-03-02T09:05:00Z');

INSERT INTO export (tenant_id, id, requested_by, requested_at, state, files_done, files_total, snapshot_at, rows, size_bytes, sha256, problem, ended_at) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'aaaaaaaa-0000-7000-8000-000000000020', 'eve@provider.example', '2026-03-02T10:00:00Z', 'verified', 2, 2, '2026-03-02T10:00:01Z', 3, 4, repeat('a4', 32), NULL, '2026-03-02T10:00:02Z'),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000020', 'eve@provider.example', '2026-03-02T10:00:00Z', 'writing', 1, 2, NULL, NULL, NULL, NULL, NULL, NULL);

INSERT INTO export_piece (tenant_id, export_id, position, content) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'aaaaaaaa-0000-7000-8000-000000000020', 0, '\x504b0506'),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000020', 0, '\x504b0506');

INSERT INTO platform_audit_event (id, at, actor_id, actor_name, action, subject, subject_id, detail) VALUES
  ('00000000-0000-7000-8000-000000000030', '2026-03-02T09:00:00Z', NULL, 'Holdfast', 'user.created', 'user', '00000000-0000-7000-8000-000000000001', '{"email": "eve@provider.example"}');
