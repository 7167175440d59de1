-- What each table of a customer holds, for whoever reads a hand-over.

COMMENT ON TABLE contract_version IS 'The contract, version by version; the newest is in force.';
COMMENT ON TABLE contact IS 'The people whom the contract names.';
COMMENT ON TABLE acknowledgement IS 'What was signed for the customer, and taken back.';
COMMENT ON TABLE responsibility IS 'Who answers for a duty where that is not as usual.';
COMMENT ON TABLE attestation IS 'Who confirmed anew that a component is out of scope, and until when that holds.';
COMMENT ON TABLE import IS 'Onboarding documents that were imported, with who signed them.';
COMMENT ON TABLE bulk_change IS 'One wish for many components.';
COMMENT ON TABLE bulk_change_item IS 'What became of each component of such a wish: a change request, or why there is none.';
COMMENT ON TABLE decommission IS 'The ends of components: who asked, who confirmed, and what is to become of the recovery points.';
COMMENT ON TABLE component_status IS 'Where each component stood at its last reading; reckoned from other tables.';
COMMENT ON TABLE tenant_rollup IS 'The sums over component_status.';
COMMENT ON TABLE tenant_summary IS 'The sums over tenant_rollup.';
COMMENT ON TABLE export_piece IS 'The content of hand-over exports.';
