-- The migration itself makes the rows, from those of earlier migrations; here something ends for both tenants.

UPDATE tenant SET contract_until = '2027-06-30' WHERE slug = 'acme';
UPDATE api_token SET expires_at = '2027-01-31T12:00:00Z' WHERE name = 'pipeline';
INSERT INTO api_token (token_hash, id, user_id, name, created_at, expires_at) VALUES
  ('\x03', 'bbbbbbbb-0000-7000-8000-000000000002', 'bbbbbbbb-0000-7000-8000-000000000001', 'inventory', '2026-03-01T09:00:00Z', '2027-02-28T12:00:00Z');
