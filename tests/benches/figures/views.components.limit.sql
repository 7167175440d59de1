-- The statements of store::status::page for the first page of one customer's components in scope, worst first.
BEGIN;
SELECT set_config('app.tenants', '00000000-0000-7000-9000-000000000000', true), set_config('plan_cache_mode', 'force_custom_plan', true);
WITH alike AS (
SELECT DISTINCT standing, standing IN ('no-point', 'late', 'fresh') AND observed_at < now() - interval '30 minutes' AS old
FROM tenant_rollup WHERE tenant_id = '00000000-0000-7000-9000-000000000000'
), ranked AS (
SELECT standing, old, state,
  array_position(ARRAY['unprotected', 'at-risk', 'unknown', 'undecided', 'protected', 'out'], state) AS rank
FROM (SELECT *, CASE WHEN old THEN 'unknown'
    ELSE protection_state(standing, now() - interval '30 minutes', now() - interval '30 minutes') END AS state FROM alike) AS stated
), picked AS (
SELECT l.component_id, r.rank, l.name, l.environment
FROM ranked r
CROSS JOIN LATERAL (
  SELECT s.name, s.environment, s.component_id FROM component_status s
  WHERE s.tenant_id = '00000000-0000-7000-9000-000000000000' AND s.standing = r.standing
    AND (s.standing IN ('no-point', 'late', 'fresh') AND s.observed_at < now() - interval '30 minutes') = r.old
    AND s.environment LIKE :environment AND s.search LIKE :q
  ORDER BY s.name, s.environment, s.component_id LIMIT 51
) AS l
WHERE r.state NOT IN ('out', 'undecided')
ORDER BY r.rank, l.name, l.environment, l.component_id LIMIT 51
)
SELECT c.tenant_id, c.id, c.name, c.kind, c.environment, c.workload, c.owner, c.engine, c.version,
c.size_bytes, a.account_id AS account_id_shown, c.region, c.arn, c.decommissioned_at,
i.scope AS scope_shown, i.mechanism AS mechanism_shown, i.reason AS reason_shown,
o.observed_at AS observed_at_shown, o.resource IS NOT NULL AS present_shown, (o.resource->>'encrypted')::boolean AS encrypted,
o.retention_days AS retention_days_shown, o.newest_recovery_point_at, o.oldest_recovery_point_at
FROM picked p
JOIN component c ON c.tenant_id = '00000000-0000-7000-9000-000000000000' AND c.id = p.component_id
LEFT JOIN aws_account a ON a.tenant_id = c.tenant_id AND a.id = c.aws_account_id
LEFT JOIN scope_item i ON i.tenant_id = c.tenant_id AND i.component_id = c.id AND i.to_version IS NULL
LEFT JOIN observation o ON o.tenant_id = c.tenant_id AND o.component_id = c.id
ORDER BY p.rank, p.name, p.environment, p.component_id;
COMMIT;
