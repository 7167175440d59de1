-- A decision of an onboarding document was signed on the day that the document says, not when it was imported; and a
-- resource that was made again may return as another component once the one that had its ARN is no more.

-- Each living component that is out of scope or undecided, with the last day on which its decision holds (NULL: nobody
-- decided): a year after it was signed or attested (domain::attestation::due_on). A document says a day, signed_on, of which
-- signed_at is midnight UTC.
CREATE OR REPLACE VIEW scope_decision WITH (security_invoker = true) AS
SELECT s.tenant_id, s.component_id, s.environment, s.name, i.id AS scope_item_id, i.from_version AS version,
  coalesce(m.signed_on::timestamp AT TIME ZONE 'UTC', v.effective_from) AS signed_at, v.approved_by AS signed_by, v.change_request_id,
  a.attested_by_name AS attested_by, a.at AS attested_at,
  coalesce(a.due_on, (coalesce(m.signed_on, (v.effective_from AT TIME ZONE t.time_zone)::date) + interval '1 year')::date) AS due_on,
  m.signed_on
FROM component_status s
JOIN tenant t ON t.tenant_id = s.tenant_id
LEFT JOIN scope_item i ON i.tenant_id = s.tenant_id AND i.component_id = s.component_id AND i.to_version IS NULL
LEFT JOIN sow_version v ON v.tenant_id = i.tenant_id AND v.version = i.from_version
LEFT JOIN import m ON m.tenant_id = i.tenant_id AND m.sow_version = i.from_version
LEFT JOIN LATERAL (
  SELECT attested_by_name, at, due_on FROM attestation WHERE tenant_id = i.tenant_id AND scope_item_id = i.id ORDER BY at DESC LIMIT 1
) a ON true
WHERE s.standing IN ('out', 'undecided');

ALTER TABLE component DROP CONSTRAINT component_tenant_id_arn_key;
CREATE UNIQUE INDEX component_living_arn ON component (tenant_id, arn) WHERE decommissioned_at IS NULL;

-- Where it is may be stated of a component without an ARN.
ALTER TABLE component DROP CONSTRAINT component_check,
  ADD CONSTRAINT component_place CHECK ((aws_account_id IS NULL) = (arn IS NULL) AND (arn IS NULL OR region IS NOT NULL));

-- What was read of a resource says nothing of the one that replaced it.
GRANT DELETE ON observation TO holdfast_app;
