-- The statement of store::change_request::list, for a customer at random; parameters that are NULL there are NULL here.
\set customer random(1, 50)
SELECT tenant_id, id, number, title, source, github_repository_id, github_full_name, github_issue, requester_id, requester_name,
  form, resolved, request_digest, state_body, approvals, created_at, updated_at, revision
FROM change_request
WHERE tenant_id = ('00000000-0000-7000-8000-' || lpad(:customer::text, 12, '0'))::uuid
  AND (:state::text IS NULL OR state = :state) AND (NULL::bigint IS NULL OR github_issue = NULL::bigint)
  AND (NULL::int IS NULL OR number < NULL::int)
ORDER BY number DESC LIMIT 50;
