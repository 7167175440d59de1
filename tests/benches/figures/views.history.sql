-- :changes changes and :points recovery points more for each customer of views.seed.sql: one change in fifty is open.
SELECT setseed(0.75);

INSERT INTO change_request (tenant_id, id, number, title, source, requester_name, request_digest, state, state_body, approvals,
  created_at, updated_at, revision)
SELECT tenant_id, gen_random_uuid(), first + n, 'Keep it longer', 'web', 'somebody', repeat(md5(n::text), 2), state,
  jsonb_build_object('state', state, 'missing', '[]'::jsonb, 'reason', 'Too late.', 'sow_version', 1,
    'plan', jsonb_build_object('id', gen_random_uuid(), 'digest', repeat(md5(n::text), 2), 'weakens', false)), '[]', at, at, 1
FROM (
  SELECT t.tenant_id, n, coalesce((SELECT max(number) FROM change_request r WHERE r.tenant_id = t.tenant_id), 0) AS first,
    now() - random() * interval '400 days' AS at,
    CASE WHEN random() < 0.02 THEN (ARRAY['planned', 'needs-information'])[1 + floor(random() * 2)::int]
      ELSE (ARRAY['applied', 'rejected', 'withdrawn', 'expired', 'failed'])[1 + floor(random() * 5)::int] END AS state
  FROM tenant t, generate_series(1, :changes) AS n WHERE t.slug LIKE 'fleet-%'
) AS drawn;

INSERT INTO recovery_point (tenant_id, id, component_id, provider_id, granularity, at, encrypted, last_seen_at, gone_at)
SELECT c.tenant_id, gen_random_uuid(), c.id, gen_random_uuid()::text, 'snapshot', now() - random() * interval '400 days', true, now(),
  CASE WHEN random() < 0.9 THEN now() END
FROM component c JOIN tenant t USING (tenant_id), generate_series(1, :points) WHERE t.slug LIKE 'fleet-%';

ANALYZE;
