-- Connections whose every trace is erased, in every service.

ALTER TABLE connections
    DROP CONSTRAINT connections_state_check,
    ADD CONSTRAINT connections_state_check
        CHECK (state IN ('connected', 'disconnected', 'disconnecting', 'purged')),
    -- Null while connected, and where it ended before this was noted.
    ADD COLUMN disconnected_at timestamptz;

-- A purged workspace that comes back begins anew, as a connection of its own.
ALTER TABLE connections DROP CONSTRAINT connections_organization_id_workspace_id_key;
CREATE UNIQUE INDEX connections_of_organization ON connections (organization_id, workspace_id) WHERE state <> 'purged';

-- The connection that is to be reconnected, and no other; null: whichever the workspace has.
ALTER TABLE oauth_attempts ADD COLUMN connection_id uuid;

CREATE TABLE erasure_requests (
    connection_id   uuid        PRIMARY KEY,
    organization_id uuid        NOT NULL,
    -- Of the closing that asked every service to erase.
    revision        bigint      NOT NULL,
    requested_at    timestamptz NOT NULL,
    -- When it was said that it takes too long.
    overdue_told_at timestamptz,
    completed_at    timestamptz,
    -- When the bus was cleared once more of what was under way.
    swept_at        timestamptz,
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections ON DELETE CASCADE
);
CREATE INDEX erasure_requests_unfinished ON erasure_requests (requested_at)
    WHERE completed_at IS NULL OR swept_at IS NULL;

-- Services that have erased what they kept.
CREATE TABLE erasure_receipts (
    connection_id uuid        NOT NULL REFERENCES erasure_requests ON DELETE CASCADE,
    service       text        NOT NULL,
    erased_at     timestamptz NOT NULL,
    PRIMARY KEY (connection_id, service)
);

-- What they erased: rows by table, messages by stream. The vault's own is counted as it goes.
CREATE TABLE erasure_counts (
    connection_id uuid   NOT NULL REFERENCES erasure_requests ON DELETE CASCADE,
    service       text   NOT NULL,
    place         text   NOT NULL,
    count         bigint NOT NULL,
    PRIMARY KEY (connection_id, service, place)
);
