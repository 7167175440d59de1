-- Whether a customer has tier 1 in scope, and so has to accept monthly granularity, is asked for each customer of the fleet:
-- from an index that holds nothing else.
CREATE INDEX scope_item_tier_1 ON scope_item (tenant_id)
  WHERE to_version IS NULL AND scope->>'decision' = 'in' AND scope->>'tier' = 'tier1';
