-- Onboarding documents that were imported, one wish for many components, and the end of a component.

-- When a restore was last tested, as the customer states it: no proof.
ALTER TABLE component ADD COLUMN restore_test_claimed_on date;

CREATE TABLE import (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  number integer NOT NULL,
  -- What was shown before it was imported.
  digest text NOT NULL,
  format text NOT NULL CHECK (format IN ('csv', 'yaml')),
  document text NOT NULL,
  signed_by text[] NOT NULL,
  signed_on date NOT NULL,
  -- NULL: Holdfast's command line.
  imported_by uuid REFERENCES app_user,
  imported_by_name text NOT NULL,
  imported_at timestamptz NOT NULL,
  -- Components that entered the inventory, of which something was learnt, that were known as they are, and of these all
  -- how many were decided about.
  added integer NOT NULL,
  changed integer NOT NULL,
  unchanged integer NOT NULL,
  decided integer NOT NULL,
  -- NULL: nothing was decided.
  sow_version integer,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, number),
  UNIQUE (tenant_id, sow_version),
  FOREIGN KEY (tenant_id, sow_version) REFERENCES sow_version
);
SELECT protect_tenant_table('import', 'SELECT, INSERT');

CREATE TABLE bulk_change (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  number integer NOT NULL,
  requester_id uuid REFERENCES app_user,
  requester_name text NOT NULL,
  -- The answers that all its components share.
  fields jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, number)
);
SELECT protect_tenant_table('bulk_change', 'SELECT, INSERT');

-- What became of each component when it was asked for: a change request, or why there is none.
CREATE TABLE bulk_change_item (
  tenant_id uuid NOT NULL REFERENCES tenant,
  bulk_change_id uuid NOT NULL,
  position integer NOT NULL,
  component_id uuid NOT NULL,
  change_request_id uuid,
  problems jsonb,
  PRIMARY KEY (tenant_id, bulk_change_id, position),
  UNIQUE (tenant_id, bulk_change_id, component_id),
  FOREIGN KEY (tenant_id, bulk_change_id) REFERENCES bulk_change,
  FOREIGN KEY (tenant_id, component_id) REFERENCES component,
  FOREIGN KEY (tenant_id, change_request_id) REFERENCES change_request,
  CHECK ((change_request_id IS NULL) <> (problems IS NULL))
);
SELECT protect_tenant_table('bulk_change_item', 'SELECT, INSERT');

CREATE TABLE decommission (
  tenant_id uuid NOT NULL REFERENCES tenant,
  id uuid NOT NULL,
  component_id uuid NOT NULL,
  reason text NOT NULL,
  requester_id uuid REFERENCES app_user,
  requester_name text NOT NULL,
  final_backup jsonb NOT NULL,
  fate jsonb NOT NULL,
  state text NOT NULL CHECK (state IN ('asked', 'decommissioned', 'withdrawn')),
  state_body jsonb NOT NULL,
  -- The version that the component's line left by; NULL: not yet, or it had none.
  sow_version integer,
  asked_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  revision bigint NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, sow_version),
  FOREIGN KEY (tenant_id, component_id) REFERENCES component,
  FOREIGN KEY (tenant_id, sow_version) REFERENCES sow_version
);
-- A component ends once.
CREATE UNIQUE INDEX decommission_standing ON decommission (tenant_id, component_id) WHERE state <> 'withdrawn';
SELECT protect_tenant_table('decommission', 'SELECT, INSERT, UPDATE');
