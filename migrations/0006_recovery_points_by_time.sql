-- All of a tenant's recovery points are listed page by page, newest first.

CREATE INDEX recovery_point_by_time ON recovery_point (tenant_id, at DESC, id DESC) WHERE gone_at IS NULL;
