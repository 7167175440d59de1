-- Keys of posts are forgotten after a week. Their HTTP status follows from what they name and is no longer written.

GRANT DELETE ON api_idempotency TO holdfast_app;
CREATE INDEX api_idempotency_age ON api_idempotency (created_at);
ALTER TABLE api_idempotency ALTER COLUMN status SET DEFAULT 200;
