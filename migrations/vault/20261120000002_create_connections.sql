-- Connections, what is sealed for them, and attempts to make one.

CREATE TABLE connections (
    organization_id uuid        NOT NULL REFERENCES organizations,
    id              uuid        NOT NULL UNIQUE,
    workspace_id    text        NOT NULL,
    workspace_name  text        NOT NULL,
    region          text        NOT NULL CHECK (region IN ('US', 'EU', 'AU')),
    timezone        text        NOT NULL,
    method          text        NOT NULL CHECK (method IN ('oauth', 'access_token')),
    state           text        NOT NULL CHECK (state IN ('connected', 'disconnected')),
    state_reason    text        NOT NULL,
    data_policy     text        NOT NULL CHECK (data_policy IN ('full', 'metadata_only')),
    on_disconnect   text        NOT NULL CHECK (on_disconnect IN ('retain', 'purge')),
    -- Name, not id: it stays readable after the member has left.
    connected_by    text        NOT NULL,
    connected_at    timestamptz NOT NULL,
    revision        bigint      NOT NULL,
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, workspace_id)
);
-- A workspace is connected to one organization at a time; whoever proves control of it next may have it after that.
CREATE UNIQUE INDEX connections_by_workspace ON connections (workspace_id) WHERE state = 'connected';

-- One data key per connection, wrapped by the key-encryption key of that id.
CREATE TABLE data_keys (
    connection_id         uuid  PRIMARY KEY,
    organization_id       uuid  NOT NULL,
    id                    uuid  NOT NULL,
    key_encryption_key_id text  NOT NULL,
    wrapped_key           bytea NOT NULL,
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections
);

-- Secrets sealed under the connection's data key.
CREATE TABLE sealed_secrets (
    connection_id uuid     NOT NULL REFERENCES data_keys ON DELETE CASCADE,
    field         text     NOT NULL,
    schema        smallint NOT NULL,
    frame         bytea    NOT NULL,
    PRIMARY KEY (connection_id, field)
);

-- Tokens to be revoked at Intercom; still sealed, erased with the row.
CREATE TABLE pending_revocations (
    connection_id         uuid        PRIMARY KEY,
    organization_id       uuid        NOT NULL,
    region                text        NOT NULL,
    data_key_id           uuid        NOT NULL,
    key_encryption_key_id text        NOT NULL,
    wrapped_key           bytea       NOT NULL,
    schema                smallint    NOT NULL,
    frame                 bytea       NOT NULL,
    attempts              integer     NOT NULL DEFAULT 0,
    next_attempt_at       timestamptz NOT NULL,
    created_at            timestamptz NOT NULL,
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections
);
CREATE INDEX pending_revocations_due ON pending_revocations (next_attempt_at);

-- Browsers that were sent to Intercom's consent screen.
CREATE TABLE oauth_attempts (
    state_hash      bytea       PRIMARY KEY,
    binding_hash    bytea       NOT NULL,
    organization_id uuid        NOT NULL,
    member_id       uuid        NOT NULL,
    -- Null: whatever the connection has, or the usual for a new one.
    data_policy     text        CHECK (data_policy IN ('full', 'metadata_only')),
    on_disconnect   text        CHECK (on_disconnect IN ('retain', 'purge')),
    expires_at      timestamptz NOT NULL,
    FOREIGN KEY (organization_id, member_id) REFERENCES members ON DELETE CASCADE
);
CREATE INDEX oauth_attempts_by_expiry ON oauth_attempts (expires_at);
