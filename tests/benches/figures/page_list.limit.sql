-- The statement of store::change_request::list by state, for a customer at random.
\set customer random(1, 50)
SELECT tenant_id, id, number, title, source, github_repository_id, github_full_name, github_issue, requester_id, requester_name,
  form, resolved, request_digest, state_body, approvals, created_at, updated_at, revision
FROM change_request
WHERE tenant_id = ('00000000-0000-7000-8000-' || lpad(:customer::text, 12, '0'))::uuid
  AND state = :state AND number < 2147483647
ORDER BY number DESC LIMIT 50;
