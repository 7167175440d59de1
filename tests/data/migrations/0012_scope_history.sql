-- Each tenant has a bucket that is out of scope: a's was attested a year after it was signed, b's was not yet, but an
-- earlier decision of b's was.

INSERT INTO component (tenant_id, id, name, kind, environment) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'aaaaaaaa-0000-7000-8000-000000000020', 'thumbnails', 's3-bucket', 'production'),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000020', 'exports', 's3-bucket', 'staging');

INSERT INTO scope_item (tenant_id, id, component_id, from_version, to_version, scope, mechanism, reason) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'aaaaaaaa-0000-7000-8000-000000000021', 'aaaaaaaa-0000-7000-8000-000000000020', 1, NULL,
   '{"decision": "out"}', 'none', 'Not in scope: no mechanism is configured.'),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000021', 'bbbbbbbb-0000-7000-8000-000000000020', 1, 2,
   '{"decision": "out"}', 'none', 'Not in scope: no mechanism is configured.'),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000022', 'bbbbbbbb-0000-7000-8000-000000000020', 2, NULL,
   '{"decision": "out"}', 'none', 'Not in scope: no mechanism is configured.');

INSERT INTO attestation (tenant_id, id, component_id, scope_item_id, attested_by, attested_by_name, at, due_on) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'aaaaaaaa-0000-7000-8000-000000000023', 'aaaaaaaa-0000-7000-8000-000000000020', 'aaaaaaaa-0000-7000-8000-000000000021',
   'aaaaaaaa-0000-7000-8000-000000000001', 'Ana', '2027-01-04T09:00:00Z', '2028-01-04'),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000023', 'bbbbbbbb-0000-7000-8000-000000000020', 'bbbbbbbb-0000-7000-8000-000000000021',
   'bbbbbbbb-0000-7000-8000-000000000001', 'Ben', '2026-02-10T09:00:00Z', '2027-02-10');

-- What Holdfast stores with them in the same transaction.
INSERT INTO component_status (tenant_id, component_id, standing, name, environment, kind, search) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'aaaaaaaa-0000-7000-8000-000000000020', 'out', 'thumbnails', 'production', 's3-bucket', 'thumbnails'),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000020', 'out', 'exports', 'staging', 's3-bucket', 'exports');
INSERT INTO tenant_rollup (tenant_id, standing, observed_at, components, short) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'out', 'epoch', 1, 0),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'out', 'epoch', 1, 0);
