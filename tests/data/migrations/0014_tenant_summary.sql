-- The migration itself makes the rows, from those of earlier migrations; here something ends for both tenants.

UPDATE tenant SET contract_until = '2027-06-30' WHERE slug = 'acme';
UPDATE api_token SET expires_at = '2027-01-31T12:00:00Z' WHERE name = 'pipeline';
INSERT INTO app_user (id, email, display_name, password_hash, disabled_at, created_at) VALUES
  ('bbbbbbbb-0000-7000-8000-000000000015', 'bea@bolt.example', 'Bea', '$argon2id$v=19$m=19456,t=2,p=1$c2FtcGxl$c2FtcGxl', NULL, '2026-02-02T09:00:00Z');
INSERT INTO role_grant (user_id, role, tenant_id) VALUES
  ('bbbbbbbb-0000-7000-8000-000000000015', 'customer-viewer', 'bbbbbbbb-0000-7000-8000-000000000000');
INSERT INTO api_token (token_hash, id, user_id, name, created_at, expires_at) VALUES
  ('\x03', 'bbbbbbbb-0000-7000-8000-000000000016', 'bbbbbbbb-0000-7000-8000-000000000015', 'inventory', '2026-03-01T09:00:00Z', '2027-02-28T12:00:00Z');
