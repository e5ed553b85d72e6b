-- Whether a full run ever got to its end is asked often, of connections with many other runs.
CREATE INDEX runs_that_are_full ON sync.runs (connection_id) WHERE kind = 'full';

-- Up to where open conversations were read again by rounds that did not get to their end; null: from the beginning.
ALTER TABLE sync.settings ADD COLUMN open_read_until timestamptz;
