-- A second version of a's contract with every field, people whom both name, what both signed, what both agreed on.

INSERT INTO contract_version (tenant_id, version, body, valid_from, made_by_id, made_by, made_at, note) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 2,
   '{"service_level": "dr-bc", "terms_version": "2026-01", "starts": "2026-01-01", "until": null, "notice_days": 90,
     "approve_tightening": "both", "approve_weakening": "both", "approve_out_of_scope": "both", "time_zone": "Europe/Berlin",
     "business_hours": {"monday": ["09:00-12:00", "13:00-17:00"]}, "holidays": [{"date": "2026-12-25", "name": "Christmas Day"}],
     "urgent_response_minutes": 60, "escalation": [{"name": "Service desk", "reach": "+49 30 555 01 23", "when": "at once"}],
     "regulation": "PCI DSS 3.2.1", "residency": ["eu-central-1", "eu-west-1"], "retention_minimum_days": 30, "retention_maximum_days": 400,
     "encryption_required": true, "addenda": [{"title": "Data processing", "date": "2026-01-15", "reference": "https://contracts.example/17", "text": ""}]}',
   '2026-02-01', '00000000-0000-7000-8000-000000000001', 'Eve', '2026-02-01T09:00:00Z', 'PCI came in.');

INSERT INTO contact (tenant_id, id, name, email, phone, role, entitlements, user_id, revision) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'aaaaaaaa-0000-7000-8000-000000000020', 'Ana', 'ana@acme.example', '+49 30 555 01 00', 'platform-lead', '{request-change,declare-critical}', 'aaaaaaaa-0000-7000-8000-000000000001', 1),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000020', 'Bea', 'bea@bolt.example', '', 'contract-owner', '{}', NULL, 3);

INSERT INTO acknowledgement (tenant_id, id, statement, text_version, signed_by_id, signed_by, signed_at, until, withdrawn_at, withdrawn_by) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'aaaaaaaa-0000-7000-8000-000000000021', 'terms', '2026-01', 'aaaaaaaa-0000-7000-8000-000000000001', 'Ana', '2026-03-01T09:00:00Z', '2027-03-01T09:00:00Z', NULL, NULL),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000021', 'duties', '2026-11', 'bbbbbbbb-0000-7000-8000-000000000001', 'Ben', '2026-03-01T09:00:00Z', '2027-03-01T09:00:00Z', '2026-03-02T09:00:00Z', 'Ben');

INSERT INTO responsibility (tenant_id, duty, responsible, reason, set_by, set_at, revision) VALUES
  ('aaaaaaaa-0000-7000-8000-000000000000', 'check-calendar', 'provider', 'Part of the pilot.', 'Eve', '2026-03-01T09:00:00Z', 1),
  ('bbbbbbbb-0000-7000-8000-000000000000', 'organise-rehearsals', 'both', 'Agreed by telephone.', 'Eve', '2026-03-01T09:00:00Z', 2);

-- b signed again; a's database is of tier 1.
INSERT INTO acknowledgement (tenant_id, id, statement, text_version, signed_by_id, signed_by, signed_at, until) VALUES
  ('bbbbbbbb-0000-7000-8000-000000000000', 'bbbbbbbb-0000-7000-8000-000000000022', 'duties', '2026-11', 'bbbbbbbb-0000-7000-8000-000000000001', 'Ben', '2026-03-03T09:00:00Z', '2027-03-03T09:00:00Z');
UPDATE scope_item SET scope = jsonb_set(scope, '{tier}', '"tier1"') WHERE tenant_id = 'aaaaaaaa-0000-7000-8000-000000000000';
