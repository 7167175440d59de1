-- A scope that could not be read is not tried again before its interval is over.

ALTER TABLE reconcile_scope ADD COLUMN tried_at timestamptz;
