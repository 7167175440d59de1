-- A reading that failed.

UPDATE reconcile_scope SET tried_at = '2026-03-01T09:05:00Z', problem = 'AWS did not answer.'
  WHERE tenant_id = 'bbbbbbbb-0000-7000-8000-000000000000';
