-- What the mirror lacks, record by record. Conversations tell by themselves whether Intercom gave a tail of their parts, and
-- whether only a notification told of them; repairs tell what waits. The rest stands here.

-- Records that were asked for in vain; gone as soon as one is read, or buried.
CREATE TABLE sync.lacks (
    connection_id       uuid        NOT NULL,
    kind                text        NOT NULL CHECK (kind IN ('conversation', 'contact', 'company')),
    external_id         text        NOT NULL,
    reason              text        NOT NULL CHECK (reason IN ('unreadable', 'refused', 'not_found', 'cut')),
    -- In words, without content or personal data.
    detail              text        NOT NULL,
    intercom_request_id text        NOT NULL DEFAULT '',
    noted_at            timestamptz NOT NULL,
    PRIMARY KEY (connection_id, kind, external_id)
);

CREATE INDEX conversations_incomplete ON sync.conversations (connection_id, updated_at) WHERE NOT parts_complete;

-- Permissions, as Intercom's Developer Hub names them, that a run found missing; gone as soon as a later run proves them.
CREATE TABLE sync.missing_permissions (
    connection_id       uuid        NOT NULL,
    permission          text        NOT NULL,
    run_id              uuid        NOT NULL,
    intercom_request_id text        NOT NULL DEFAULT '',
    noted_at            timestamptz NOT NULL,
    PRIMARY KEY (connection_id, permission)
);
