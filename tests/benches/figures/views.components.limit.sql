-- The statement of store::status::page for the first page of one customer's components in scope, worst first.
BEGIN;
SELECT set_config('app.tenants', '00000000-0000-7000-9000-000000000000', true);
WITH listed AS (
SELECT s.*, protection_state(s.standing, s.observed_at, now() - interval '30 minutes') AS state FROM component_status s WHERE s.tenant_id = '00000000-0000-7000-9000-000000000000'
), ranked AS (
SELECT component_id, name, environment, kind, tier, search, state,
  observed_at >= now() - interval '30 minutes' AND effective_days < contracted_days AS too_short,
  CASE 'worst'
    WHEN 'worst' THEN CASE state WHEN 'unprotected' THEN 1 WHEN 'at-risk' THEN 2 WHEN 'unknown' THEN 3
      WHEN 'undecided' THEN 4 WHEN 'protected' THEN 5 ELSE 6 END::float8
    WHEN 'retention' THEN coalesce(contracted_days, 1000000)::float8
    WHEN 'oldest' THEN coalesce(extract(epoch FROM oldest_recovery_point_at), 0)::float8
    ELSE 0
  END AS rank
FROM listed
), picked AS (
SELECT * FROM ranked
WHERE state NOT IN ('out', 'undecided') AND environment LIKE :environment AND search LIKE :q
ORDER BY rank, name, environment, component_id LIMIT 51
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
