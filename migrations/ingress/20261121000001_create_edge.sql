-- Notifications that the bus could not take yet: the messages as they will be published.
CREATE TABLE ingress.spool (
    spool_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id text NOT NULL,
    connection_id uuid NOT NULL,
    message bytea NOT NULL,
    spooled_at timestamptz NOT NULL,
    -- When it turned out that the bus will never take it; such a message waits for a person.
    set_aside_at timestamptz
);

-- Notifications that are verified and nobody's yet: ids only, never content.
CREATE TABLE ingress.quarantine (
    quarantine_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id text NOT NULL UNIQUE,
    -- Null for the deployment's own app, whose notifications name their workspace.
    own_app_connection_id uuid,
    workspace_id text NOT NULL,
    skeleton bytea NOT NULL,
    received_at timestamptz NOT NULL
);

CREATE INDEX quarantine_by_workspace ON ingress.quarantine (workspace_id, own_app_connection_id);
CREATE INDEX quarantine_by_age ON ingress.quarantine (received_at);

-- What came in an hour, by connection.
CREATE TABLE ingress.delivery_hours (
    connection_id uuid NOT NULL,
    hour timestamptz NOT NULL,
    organization_id uuid NOT NULL,
    streamed bigint NOT NULL DEFAULT 0,
    spooled bigint NOT NULL DEFAULT 0,
    quarantined bigint NOT NULL DEFAULT 0,
    pings bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (connection_id, hour)
);

CREATE INDEX delivery_hours_by_age ON ingress.delivery_hours (hour);

-- The last of each that is worth knowing, by connection.
CREATE TABLE ingress.delivery_marks (
    connection_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    last_heard_at timestamptz,
    last_delivery_at timestamptz,
    last_failure_at timestamptz,
    last_failure_reason text,
    old_secret_last_used_at timestamptz,
    CHECK ((last_failure_at IS NULL) = (last_failure_reason IS NULL))
);
