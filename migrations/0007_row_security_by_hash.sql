-- The same rows as before, found faster: a filter that is looked up in a hash leaves the order of an index as it is, and costs
-- as much for a thousand tenants as for one. `= ANY` was taken for an index condition and made every list sort.

CREATE OR REPLACE FUNCTION protect_tenant_table(target regclass, privileges text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
  EXECUTE format('CREATE POLICY tenant ON %s USING (tenant_id IN (SELECT unnest(visible_tenants())))
                  WITH CHECK (tenant_id IN (SELECT unnest(visible_tenants())))', target);
  EXECUTE format('GRANT %s ON %s TO holdfast_app', privileges, target);
END $$;

DO $$
DECLARE protected regclass;
BEGIN
  FOR protected IN SELECT polrelid::regclass FROM pg_policy WHERE polname = 'tenant' LOOP
    EXECUTE format('ALTER POLICY tenant ON %s USING (tenant_id IN (SELECT unnest(visible_tenants())))
                    WITH CHECK (tenant_id IN (SELECT unnest(visible_tenants())))', protected);
  END LOOP;
END $$;
