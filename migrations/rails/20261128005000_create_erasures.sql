-- What this service was asked to erase of a connection that ended. The row stays: it tells what comes late that nothing of the
-- connection is kept.
CREATE TABLE erasures (
    connection_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    -- Of the closing that asked for it.
    revision bigint NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT now(),
    erased_at timestamptz
);
CREATE INDEX erasures_unfinished ON erasures (asked_at) WHERE erased_at IS NULL;

-- Rows erased so far, counted in the transactions that erase them.
CREATE TABLE erased_counts (
    connection_id uuid NOT NULL REFERENCES erasures ON DELETE CASCADE,
    place text NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (connection_id, place)
);
