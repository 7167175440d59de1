-- The statement of store::rollup::fleet for the first page of all customers, in a transaction that sees them all.
BEGIN;
SELECT set_config('app.tenants', (SELECT string_agg(id::text, ',') FROM all_tenants()), true);
WITH scoped AS MATERIALIZED (
SELECT t.tenant_id, t.name, t.slug, t.suspended, t.offboarded_at IS NOT NULL AS ended,
  s.read_first >= now() - interval '30 minutes' AS read, s.read_first < now() - interval '30 minutes' AND s.read_last >= now() - interval '30 minutes' AS mixed,
  coalesce(s.out_of_scope, 0) AS out_of_scope, coalesce(s.undecided, 0) AS undecided,
  coalesce(s.no_mechanism, 0) AS no_mechanism, coalesce(s.unread, 0) AS unread,
  coalesce(s.no_point, 0) AS no_point, coalesce(s.late, 0) AS late, coalesce(s.fresh, 0) AS fresh
FROM tenant t LEFT JOIN tenant_summary s ON s.tenant_id = t.tenant_id
WHERE t.tenant_id IN (SELECT id FROM all_tenants())
), apart AS (
SELECT tenant_id,
  coalesce(sum(components) FILTER (WHERE state = 'unprotected'), 0) AS unprotected,
  coalesce(sum(components) FILTER (WHERE state = 'at-risk'), 0) AS at_risk,
  coalesce(sum(components) FILTER (WHERE state = 'unknown'), 0) AS unknown,
  coalesce(sum(components) FILTER (WHERE state = 'protected'), 0) AS protected
FROM (SELECT tenant_id, components, protection_state(standing, observed_at, now() - interval '30 minutes') AS state FROM tenant_rollup
      WHERE tenant_id = ANY (ARRAY(SELECT scoped.tenant_id FROM scoped WHERE mixed))) AS stated
GROUP BY tenant_id
), counted AS MATERIALIZED (
SELECT s.tenant_id, s.name, s.slug, s.suspended, s.ended, s.out_of_scope::bigint, s.undecided::bigint,
  CASE WHEN mixed THEN a.unprotected WHEN read THEN no_mechanism + no_point ELSE no_mechanism END AS unprotected,
  CASE WHEN mixed THEN a.at_risk WHEN read THEN late ELSE 0 END AS at_risk,
  CASE WHEN mixed THEN a.unknown WHEN read THEN unread ELSE unread + no_point + late + fresh END AS unknown,
  CASE WHEN mixed THEN a.protected WHEN read THEN fresh ELSE 0 END AS protected
FROM scoped s LEFT JOIN apart a ON a.tenant_id = s.tenant_id
), total AS (
SELECT count(*) AS tenants, count(*) FILTER (WHERE unprotected + at_risk + unknown > 0) AS troubled,
  coalesce(sum(unprotected), 0)::bigint AS all_unprotected, coalesce(sum(at_risk), 0)::bigint AS all_at_risk,
  coalesce(sum(unknown), 0)::bigint AS all_unknown, coalesce(sum(protected), 0)::bigint AS all_protected,
  coalesce(sum(out_of_scope), 0)::bigint AS all_out, coalesce(sum(undecided), 0)::bigint AS all_undecided
FROM counted WHERE NOT ended
), ranked AS (
SELECT *, CASE WHEN false THEN 0 WHEN ended THEN 1 ELSE -unprotected END AS first,
  CASE WHEN false OR ended THEN 0 ELSE -at_risk END AS second, CASE WHEN false OR ended THEN 0 ELSE -unknown END AS third
FROM counted
), picked AS (
SELECT * FROM ranked
WHERE (NULL::text IS NULL OR lower(name) LIKE NULL OR slug LIKE NULL)
  AND (NULL::uuid[] IS NULL OR NOT ended AND (unprotected + at_risk + unknown > 0 OR tenant_id = ANY(NULL)))
  AND (NOT false OR suspended)
  AND (NULL::text IS NULL OR NOT ended AND CASE NULL::text WHEN 'unprotected' THEN unprotected > 0 WHEN 'at-risk' THEN at_risk > 0
    WHEN 'unknown' THEN unknown > 0 ELSE protected > 0 END)
  AND (NULL::uuid IS NULL OR (first, second, third, name, tenant_id)
    > (SELECT first, second, third, name, tenant_id FROM ranked WHERE tenant_id = NULL))
ORDER BY first, second, third, name, tenant_id LIMIT 51
)
SELECT tenants AS tenants_shown, troubled AS troubled_shown, all_unprotected AS all_unprotected_shown, all_at_risk AS all_at_risk_shown,
all_unknown AS all_unknown_shown, all_protected AS all_protected_shown, all_out AS all_out_shown, all_undecided AS all_undecided_shown,
tenant_id AS tenant_id_shown, coalesce(unprotected, 0)::bigint AS unprotected_shown, coalesce(at_risk, 0)::bigint AS at_risk_shown,
coalesce(unknown, 0)::bigint AS unknown_shown, coalesce(protected, 0)::bigint AS protected_shown,
coalesce(out_of_scope, 0) AS out_of_scope_shown, coalesce(undecided, 0) AS undecided_shown
FROM total LEFT JOIN picked ON true
ORDER BY first, second, third, name, tenant_id;
COMMIT;
