-- Lists of thousands of components are read in their order from an index, standing by standing (store::status::listing).
CREATE INDEX component_status_listed ON component_status (tenant_id, standing, name, environment, component_id);
-- Whether a cluster's platform is missing from the inventory is asked on every page of the scope of work.
CREATE INDEX component_cluster ON component (tenant_id, kind) WHERE kind IN ('kubernetes', 'kubernetes-platform');
