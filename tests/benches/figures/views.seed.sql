-- 1,000 customers with 100 components each, and one, `large`, with 10,000. What each component is and where it stands is drawn
-- apart from whose it is, from a fixed seed: drawn together they would make customers alike. A customer's components were read
-- within the last ten minutes, at one moment or, with three in a hundred customers, at two, of which the earlier is too old.
-- What is summed up is summed up as store::status and store::rollup do it. Half of the customers signed more than a year ago, and
-- attested since then what they had decided to leave out.

SELECT setseed(0.25);

CREATE TEMPORARY TABLE seeded AS
SELECT n, ('00000000-0000-7000-9000-' || lpad(n::text, 12, '0'))::uuid AS tenant_id, 'fleet-' || n AS slug, 100 AS components,
  now() - random() * interval '10 minutes' AS read_at, random() < 0.03 AS in_parts
FROM generate_series(1, 1000) AS n
UNION ALL
SELECT 0, '00000000-0000-7000-9000-000000000000', 'large', 10000, now(), false;

INSERT INTO tenant (tenant_id, slug, name, service_level, approval_rule, terms_version, time_zone, contract_until, created_at)
SELECT tenant_id, slug, initcap(replace(slug, '-', ' ')), CASE WHEN random() < 0.3 THEN 'dr-bc' ELSE 'baseline' END, 'provider',
  '2026-01', 'Europe/Brussels', CASE WHEN random() < 0.8 THEN current_date + (random() * 1000)::int END, '2026-01-05T09:00:00Z'
FROM seeded;

INSERT INTO aws_account (tenant_id, id, account_id, region, external_id, observe_role, configure_role, tune_role, restore_role, verified_at, problem)
SELECT tenant_id, tenant_id, lpad((300000000000 + n)::text, 12, '0'), 'eu-west-1', md5(slug), 'observe', 'configure', 'tune', 'restore',
  read_at, CASE WHEN random() < 0.02 THEN 'AWS denies sts:AssumeRole.' END
FROM seeded;

INSERT INTO reconcile_scope (tenant_id, id, aws_account_id, region, observed_at, tried_at)
SELECT tenant_id, tenant_id, tenant_id, 'eu-west-1', read_at, read_at FROM seeded;

INSERT INTO sow_version (tenant_id, version, effective_from, approved_by)
SELECT tenant_id, 1, now() - CASE WHEN random() < 0.5 THEN interval '500 days' ELSE interval '200 days' END, '{onboarding}' FROM seeded;

CREATE TEMPORARY TABLE drawn_component AS
SELECT tenant_id, ('00000000-0000-7000-' || to_hex(40960 + n) || '-' || lpad(to_hex(c), 12, '0'))::uuid AS id,
  format('%s-%s', (ARRAY['orders', 'ledger', 'search', 'cart', 'mail', 'stock', 'login', 'media'])[1 + floor(random() * 8)::int], c) AS name,
  (ARRAY['rds-instance', 's3-bucket', 'ebs-volume', 'dynamodb-table'])[1 + floor(random() * 4)::int] AS kind,
  (ARRAY['production', 'staging', 'development', 'analytics'])[1 + floor(random() * 4)::int] AS environment,
  (ARRAY['billing', 'shop', 'internal'])[1 + floor(random() * 3)::int] AS workload,
  1 + floor(random() * 3)::int AS tier, 7 + floor(random() * 60)::int AS contracted, random() AS fate, random() AS shorter,
  CASE WHEN in_parts AND random() < 0.3 THEN read_at - interval '2 hours' ELSE read_at END AS read_at
FROM seeded, generate_series(1, components) AS c;

INSERT INTO component (tenant_id, id, name, kind, environment, engine, size_bytes, aws_account_id, region, arn, workload, owner, version)
SELECT tenant_id, id, name, kind, environment, 'PostgreSQL', 1000000000, tenant_id, 'eu-west-1',
  format('arn:aws:rds:eu-west-1:300000000000:db:%s', id), workload, workload || '-team', '16'
FROM drawn_component;

INSERT INTO scope_item (tenant_id, id, component_id, from_version, scope, mechanism, reason)
SELECT tenant_id, id, id, 1,
  CASE WHEN fate < 0.05 THEN '{"decision": "out"}'::jsonb ELSE jsonb_build_object('decision', 'in', 'tier', 'tier' || tier,
    'frequency', (ARRAY['continuous', 'hourly', 'daily'])[tier], 'retention', contracted, 'window', null,
    'location', 'same-account-and-region', 'sources', '{"retention_days": "change", "schedule": "tier"}'::jsonb) END,
  CASE WHEN fate < 0.08 THEN 'none' ELSE 'native:rds' END,
  CASE WHEN fate < 0.08 THEN 'unprotected: no mechanism yet' ELSE 'Native backups meet the terms.' END
FROM drawn_component WHERE fate < 0.95;

INSERT INTO app_user (id, email, display_name, password_hash, created_at)
VALUES (gen_random_uuid(), 'owner@customer.test', 'Owner', '', now());

INSERT INTO attestation (tenant_id, id, component_id, scope_item_id, attested_by, attested_by_name, at, due_on)
SELECT i.tenant_id, gen_random_uuid(), i.component_id, i.id, u.id, u.display_name, v.effective_from + interval '360 days',
  (v.effective_from + interval '725 days')::date
FROM scope_item i JOIN sow_version v USING (tenant_id), app_user u
WHERE i.scope->>'decision' = 'out' AND v.effective_from < now() - interval '1 year' AND u.email = 'owner@customer.test';

INSERT INTO observation (tenant_id, component_id, observed_at, resource, retention_days, newest_recovery_point_at, oldest_recovery_point_at)
SELECT tenant_id, id, read_at, '{"encrypted": true}', CASE WHEN shorter < 0.02 THEN contracted - 3 ELSE contracted END,
  CASE WHEN fate < 0.12 THEN NULL WHEN fate < 0.18 THEN read_at - interval '9 days' ELSE read_at - interval '2 minutes' END,
  CASE WHEN fate >= 0.12 THEN read_at - contracted * interval '1 day' END
FROM drawn_component WHERE fate >= 0.08 AND fate < 0.93;

INSERT INTO component_status (tenant_id, component_id, standing, observed_at, name, environment, kind, search, tier, contracted_days,
  effective_days, newest_recovery_point_at, oldest_recovery_point_at)
SELECT c.tenant_id, c.id,
  CASE WHEN fate < 0.05 THEN 'out' WHEN fate < 0.08 THEN 'no-mechanism' WHEN fate >= 0.95 THEN 'undecided' WHEN fate >= 0.93 THEN 'unread'
    WHEN fate < 0.12 THEN 'no-point' WHEN fate < 0.18 THEN 'late' ELSE 'fresh' END,
  o.observed_at, c.name, c.environment, c.kind, lower(concat_ws(' ', c.name, c.workload, c.workload || '-team', 'PostgreSQL', '16')),
  CASE WHEN fate BETWEEN 0.05 AND 0.95 THEN tier END, CASE WHEN fate BETWEEN 0.05 AND 0.95 THEN contracted END,
  o.retention_days, o.newest_recovery_point_at, o.oldest_recovery_point_at
FROM drawn_component c LEFT JOIN observation o ON o.tenant_id = c.tenant_id AND o.component_id = c.id;

UPDATE component_status s SET decided_until = d.due_on
FROM scope_decision d WHERE d.tenant_id = s.tenant_id AND d.component_id = s.component_id;

INSERT INTO tenant_rollup
SELECT tenant_id, standing, coalesce(observed_at, 'epoch'), count(*), count(*) FILTER (WHERE effective_days < contracted_days),
  min(contracted_days), max(contracted_days), min(effective_days), max(effective_days), min(oldest_recovery_point_at)
FROM component_status GROUP BY 1, 2, 3;

INSERT INTO tenant_summary
SELECT tenant_id,
  coalesce(sum(components) FILTER (WHERE standing = 'out'), 0), coalesce(sum(components) FILTER (WHERE standing = 'undecided'), 0),
  coalesce(sum(components) FILTER (WHERE standing = 'no-mechanism'), 0), coalesce(sum(components) FILTER (WHERE standing = 'unread'), 0),
  coalesce(sum(components) FILTER (WHERE standing = 'no-point'), 0), coalesce(sum(components) FILTER (WHERE standing = 'late'), 0),
  coalesce(sum(components) FILTER (WHERE standing = 'fresh'), 0),
  min(observed_at) FILTER (WHERE standing IN ('no-point', 'late', 'fresh')),
  max(observed_at) FILTER (WHERE standing IN ('no-point', 'late', 'fresh'))
FROM tenant_rollup GROUP BY tenant_id;

ANALYZE;
