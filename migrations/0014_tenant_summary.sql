-- One row for each customer, from which the fleet is read, and indexes over what waits in each.

-- What tenant_rollup says in more rows, for the pages across customers: as long as all readings are newer or all older than
-- what counts as stale, this row alone says where the components stand now, and tenant_rollup is asked only otherwise.
CREATE TABLE tenant_summary (
  tenant_id uuid PRIMARY KEY REFERENCES tenant,
  -- How many components have which standing (domain::protection::Standing).
  out_of_scope integer NOT NULL,
  undecided integer NOT NULL,
  no_mechanism integer NOT NULL,
  unread integer NOT NULL,
  no_point integer NOT NULL,
  late integer NOT NULL,
  fresh integer NOT NULL,
  -- The readings of the last three; NULL: there are none.
  read_first timestamptz,
  read_last timestamptz
);
SELECT protect_tenant_table('tenant_summary', 'SELECT, INSERT, UPDATE');

INSERT INTO tenant_summary
SELECT t.tenant_id,
  coalesce(sum(components) FILTER (WHERE standing = 'out'), 0),
  coalesce(sum(components) FILTER (WHERE standing = 'undecided'), 0),
  coalesce(sum(components) FILTER (WHERE standing = 'no-mechanism'), 0),
  coalesce(sum(components) FILTER (WHERE standing = 'unread'), 0),
  coalesce(sum(components) FILTER (WHERE standing = 'no-point'), 0),
  coalesce(sum(components) FILTER (WHERE standing = 'late'), 0),
  coalesce(sum(components) FILTER (WHERE standing = 'fresh'), 0),
  min(observed_at) FILTER (WHERE standing IN ('no-point', 'late', 'fresh')),
  max(observed_at) FILTER (WHERE standing IN ('no-point', 'late', 'fresh'))
FROM tenant t LEFT JOIN tenant_rollup r ON r.tenant_id = t.tenant_id GROUP BY t.tenant_id;

-- What is open, however much is over.
CREATE INDEX change_request_waiting ON change_request (tenant_id, state) WHERE state IN ('planned', 'needs-information');
CREATE INDEX change_request_failed ON change_request (tenant_id, updated_at) WHERE state = 'failed';
CREATE INDEX restore_request_waiting ON restore_request (tenant_id) WHERE state = 'submitted';
