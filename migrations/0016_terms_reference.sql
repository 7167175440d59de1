-- Where the terms and conditions of the contract in force can be read: an address or a file number; empty: not stated.
ALTER TABLE tenant ADD COLUMN terms_reference text NOT NULL DEFAULT '';
