-- Two policies, one of them retired, with what they said; for each tenant a hold: of a recovery point, whose release is
-- asked for, and of everything, by a case.

INSERT INTO policy (id, name, description, kinds, answers, retired_at, changed_by, changed_at, revision) VALUES
  ('cccccccc-0000-7000-8000-000000000001', 'Orders and payments', 'What customers pay with.', '{rds-instance,aurora-cluster}',
   '{"retention": "35 days", "frequency": "Daily", "backup_window": "03:00-04:00"}', NULL, 'Eve', '2026-02-01T09:00:00Z', 2),
  ('cccccccc-0000-7000-8000-000000000002', 'Scratch', '', '{}', '{"retention": "1 day", "frequency": "Daily"}',
   '2026-02-03T09:00:00Z', 'Eve', '2026-02-03T09:00:00Z', 2);

INSERT INTO policy_revision (policy_id, revision, name, description, kinds, answers, retired_at, actor_id, changed_by, changed_at)
SELECT p.id, n, p.name, p.description, p.kinds, p.answers, CASE WHEN n = 2 THEN p.retired_at END, u.id, 'Eve', '2026-02-01T09:00:00Z'
FROM policy p, generate_series(1, 2) n, (SELECT id FROM app_user ORDER BY email LIMIT 1) u;

INSERT INTO recovery_point_hold (tenant_id, id, number, component_id, recovery_point_id, case_name, reason, until, asked, release, released, revision) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'aaaaaaaa-0000-7000-8000-000000000020', 1, 'aaaaaaaa-0000-7000-8000-000000000006', 'aaaaaaaa-0000-7000-8000-000000000008',
   NULL, 'The figures of February are disputed.', '2099-12-31',
   '{"by": "aaaaaaaa-0000-7000-8000-000000000001", "name": "Ana", "side": "customer", "at": "2026-03-01T10:00:00Z"}',
   '{"said": {"by": "aaaaaaaa-0000-7000-8000-000000000001", "name": "Ana", "side": "customer", "at": "2026-03-02T10:00:00Z"}, "reason": "It is settled."}',
   NULL, 2),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000020', 1, NULL, NULL,
   'Dispute 2026/17', 'A court asked for it.', '2099-12-30',
   '{"by": "bbbbbbbb-0000-7000-8000-000000000001", "name": "Bo", "side": "customer", "at": "2026-03-01T10:00:00Z"}',
   '{"said": {"by": "bbbbbbbb-0000-7000-8000-000000000001", "name": "Bo", "side": "customer", "at": "2026-03-02T10:00:00Z"}, "reason": "The court decided."}',
   NULL, 2);
