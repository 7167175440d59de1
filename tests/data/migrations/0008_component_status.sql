-- The migration itself makes the rows, from those of earlier migrations; here both inventories gain the new columns.

UPDATE component SET workload = 'payments', owner = 'Ana', version = '17.2' WHERE tenant_id = 'aaaaaaaa-0000-7000-8000-000000000000';
UPDATE component SET workload = 'logistics' WHERE tenant_id = 'bbbbbbbb-0000-7000-8000-000000000000';
