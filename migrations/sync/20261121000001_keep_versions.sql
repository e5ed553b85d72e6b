-- The mirror as a fold over what was seen: how new everything is, what is gone for good, what has to be fetched.

-- No workspace stands behind a synthetic connection: nothing is ever fetched for it, and at its end every row goes.
ALTER TABLE sync.connections
    ADD COLUMN is_synthetic boolean NOT NULL DEFAULT false,
    ADD COLUMN erased_at    timestamptz;
CREATE INDEX connections_to_erase ON sync.connections (connection_id)
    WHERE is_synthetic AND state = 'closed' AND erased_at IS NULL;

-- Origin: 0 a notification carried it, 1 a run or a repair read it. Rows from before this migration were read by runs.
ALTER TABLE sync.contacts
    ADD COLUMN updated_at timestamptz,
    ADD COLUMN origin     smallint NOT NULL DEFAULT 1,
    ADD COLUMN told_at    timestamptz NOT NULL DEFAULT 'epoch';

ALTER TABLE sync.companies
    ADD COLUMN updated_at timestamptz,
    ADD COLUMN origin     smallint NOT NULL DEFAULT 1,
    ADD COLUMN told_at    timestamptz NOT NULL DEFAULT 'epoch';

-- `content_hash` is of the last answer that was read whole, empty if there was none: the same answer again changes nothing.
ALTER TABLE sync.conversations
    ADD COLUMN origin             smallint NOT NULL DEFAULT 1,
    ADD COLUMN told_at            timestamptz NOT NULL DEFAULT 'epoch',
    -- Of what the row shows beside its parts; null in rows from before this migration.
    ADD COLUMN head_hash          bytea,
    -- When the conversation had last changed as it was last read whole; null if it never was, or if `head_hash` is null.
    ADD COLUMN fetched_updated_at timestamptz,
    -- The title is what the opening message begins with; null where that is not known.
    ADD COLUMN title_is_headline  boolean;
CREATE INDEX conversations_by_contact ON sync.conversations USING gin (contact_external_ids);

ALTER TABLE sync.parts
    ADD COLUMN updated_at  timestamptz,
    ADD COLUMN origin      smallint NOT NULL DEFAULT 1,
    ADD COLUMN is_redacted boolean  NOT NULL DEFAULT false,
    -- State of the conversation after it, where it tells.
    ADD COLUMN state       text CHECK (state IN ('open', 'closed', 'snoozed'));

-- When an absorption was told; the newer one counts. Null: inferred from a contact that could not be found.
ALTER TABLE sync.contact_aliases ADD COLUMN told_at timestamptz;
CREATE INDEX contact_aliases_by_survivor ON sync.contact_aliases (connection_id, survivor_external_id);

-- What was deleted. It stays so, whatever is told later.
CREATE TABLE sync.tombstones (
    connection_id uuid        NOT NULL,
    kind          text        NOT NULL CHECK (kind IN ('contact', 'company', 'conversation')),
    external_id   text        NOT NULL,
    buried_at     timestamptz NOT NULL,
    PRIMARY KEY (connection_id, kind, external_id)
);

-- Contacts that were put away or brought back; what was told last counts.
CREATE TABLE sync.archivals (
    connection_id uuid        NOT NULL,
    external_id   text        NOT NULL,
    is_archived   boolean     NOT NULL,
    told_at       timestamptz NOT NULL,
    PRIMARY KEY (connection_id, external_id)
);

-- Records that have to be fetched.
CREATE TABLE sync.repairs (
    connection_id uuid        NOT NULL,
    kind          text        NOT NULL CHECK (kind IN ('contact', 'company', 'conversation', 'merge_history')),
    external_id   text        NOT NULL,
    -- How often it was asked for; what was asked for while it was being fetched is fetched again.
    asked         bigint      NOT NULL DEFAULT 1,
    attempts      integer     NOT NULL DEFAULT 0,
    due_at        timestamptz NOT NULL,
    PRIMARY KEY (connection_id, kind, external_id)
);
CREATE INDEX repairs_due ON sync.repairs (due_at);

-- What became of notifications, for eight days.
CREATE TABLE sync.notifications (
    connection_id   uuid        NOT NULL,
    notification_id text        NOT NULL,
    topic           text        NOT NULL,
    outcome         smallint    NOT NULL,
    received_at     timestamptz NOT NULL,
    applied_at      timestamptz NOT NULL,
    PRIMARY KEY (connection_id, notification_id)
);
CREATE INDEX notifications_oldest ON sync.notifications (applied_at);

CREATE TABLE sync.notification_hours (
    connection_id uuid        NOT NULL,
    hour          timestamptz NOT NULL,
    outcome       smallint    NOT NULL,
    count         bigint      NOT NULL,
    last_at       timestamptz NOT NULL,
    PRIMARY KEY (connection_id, hour, outcome)
);

-- Topics without an effect; at most 200 of a connection.
CREATE TABLE sync.unknown_topics (
    connection_id    uuid        NOT NULL,
    topic            text        NOT NULL,
    count            bigint      NOT NULL,
    last_received_at timestamptz NOT NULL,
    PRIMARY KEY (connection_id, topic)
);
