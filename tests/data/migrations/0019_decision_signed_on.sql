-- Each tenant has a database that was decommissioned and one that lives under the same ARN, and a file system of which only
-- the region is stated.

INSERT INTO component (tenant_id, id, name, kind, environment, aws_account_id, region, arn, decommissioned_at)
SELECT a.tenant_id, overlay(a.tenant_id::text placing lpad(n::text, 12, '0') from 25)::uuid, 'made-again-' || n, 'rds-instance', 'staging',
  a.id, a.region, 'arn:aws:rds:' || a.region || ':' || a.account_id || ':db:made-again', CASE WHEN n = 40 THEN timestamptz '2026-03-01T09:00:00Z' END
FROM aws_account a, generate_series(40, 41) n;

INSERT INTO component (tenant_id, id, name, kind, environment, region)
SELECT tenant_id, overlay(tenant_id::text placing '000000000042' from 25)::uuid, 'archive', 'file-system', 'production', 'eu-central-1'
FROM tenant;

-- What Holdfast stores with them in the same transaction.
INSERT INTO component_status (tenant_id, component_id, standing, name, environment, kind, search)
SELECT tenant_id, id, 'undecided', name, environment, kind, name FROM component WHERE name IN ('made-again-41', 'archive');
INSERT INTO tenant_rollup (tenant_id, standing, observed_at, components, short)
SELECT tenant_id, 'undecided', 'epoch', 2, 0 FROM tenant
ON CONFLICT (tenant_id, standing, observed_at) DO UPDATE SET components = tenant_rollup.components + 2;
UPDATE tenant_summary SET undecided = undecided + 2;
