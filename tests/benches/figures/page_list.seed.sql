-- 50 customers with 100,000 change requests. Customer and state are drawn apart, from a fixed seed: drawn together they
-- would leave some lists empty. The columns are filled as the demo's requests fill them.

SELECT setseed(0.5);

INSERT INTO tenant (tenant_id, slug, name, service_level, approval_rule, terms_version, time_zone, created_at)
SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'customer-' || n, 'Customer ' || n, 'baseline', 'provider',
  '2026-01', 'Europe/Brussels', '2026-01-05T09:00:00Z'
FROM generate_series(1, 50) AS n;

INSERT INTO github_repository (tenant_id, repository_id, installation_id, full_name)
SELECT tenant_id, 5000 + row_number() OVER (), 7000 + row_number() OVER (), slug || '/platform' FROM tenant;

CREATE TEMPORARY TABLE drawn AS
SELECT n, 1 + floor(random() * 50)::int AS customer,
  ('{submitted,needs-information,planned,approved,applying,applied,failed,rejected,withdrawn,expired}'::text[])[1 + floor(random() * 10)::int] AS state
FROM generate_series(1, 100000) AS n;

INSERT INTO change_request (tenant_id, id, number, title, source, github_repository_id, github_full_name, github_issue, requester_name,
  form, resolved, request_digest, state, state_body, plan_digest, approvals, created_at, updated_at, revision)
SELECT r.tenant_id, gen_random_uuid(), number, format('Keep %s of %s days', state, slug), 'github', r.repository_id, r.full_name, number, slug || '-dev',
  '{"component": "prod-pg", "environment": "production", "scope": {"decision": "in", "retention": {"exactly": 35}, "frequency": "tier-default", "backup_window": null, "tier": "tier2", "location": "same-account-and-region"}, "further_needs": ""}',
  jsonb_build_object('component', gen_random_uuid(), 'scope',
    '{"decision": "in", "tier": "tier2", "frequency": "hourly", "retention": 35, "window": null, "location": "same-account-and-region", "sources": {}}'::jsonb),
  md5(n::text) || md5(state),
  state,
  jsonb_build_object('state', state) || CASE
    WHEN state = 'needs-information' THEN '{"missing": []}'
    WHEN state IN ('planned', 'approved', 'applying') THEN jsonb_build_object('plan', plan)
    WHEN state = 'applied' THEN jsonb_build_object('plan', plan, 'sow_version', 2)
    WHEN state IN ('failed', 'rejected') THEN '{"reason": "The account cannot be reached."}'
    ELSE '{}'
  END,
  CASE WHEN state IN ('planned', 'approved', 'applying', 'applied') THEN plan ->> 'digest' END,
  '[]', at, at + interval '2 minutes', 2
FROM (
  SELECT *, row_number() OVER (PARTITION BY customer ORDER BY n) AS number, timestamptz '2026-01-05T09:00:00Z' + n * interval '1 minute' AS at,
    jsonb_build_object('id', gen_random_uuid(), 'digest', md5(n::text) || md5(n::text), 'weakens', false) AS plan
  FROM drawn
) AS request
JOIN tenant ON tenant.slug = 'customer-' || customer
JOIN github_repository r ON r.tenant_id = tenant.tenant_id
ORDER BY n;

ANALYZE;
