-- A key of a decision, without a status.

INSERT INTO api_idempotency (user_id, key, request_digest, response, created_at) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000001', 'api:two', repeat('00', 32), '{"id": "aaaaaaaa-0000-7000-8000-000000000010"}', '2026-03-01T09:06:00Z');
