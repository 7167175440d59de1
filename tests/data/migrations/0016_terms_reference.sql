-- No table is new; one tenant's terms are at an address, the other's in a file.

UPDATE tenant SET terms_reference = 'https://contracts.example/terms/2026-01' WHERE slug = 'acme';
UPDATE tenant SET terms_reference = 'file 2026/17' WHERE slug <> 'acme';
