-- When the audit log last learned that the key of a connection's pseudonyms was told.
ALTER TABLE data_keys ADD COLUMN pseudonyms_logged_at timestamptz;
