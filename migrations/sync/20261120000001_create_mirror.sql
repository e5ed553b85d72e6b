-- The mirror of Intercom workspaces. Ids are Intercom's own (`external_id`) and unique within a connection only.

-- Given to a record in the transaction that changes it; readers keep the newest.
CREATE SEQUENCE sync.revisions CACHE 1;

-- What sync has to know about a connection, as the vault told it last.
CREATE TABLE sync.connections (
    connection_id   uuid        PRIMARY KEY,
    organization_id uuid        NOT NULL,
    workspace_id    text        NOT NULL,
    timezone        text        NOT NULL,
    data_policy     text        NOT NULL CHECK (data_policy IN ('full', 'metadata_only')),
    state           text        NOT NULL CHECK (state IN ('open', 'closed')),
    state_reason    text        NOT NULL DEFAULT '',
    revision        bigint      NOT NULL
);
CREATE INDEX connections_by_organization ON sync.connections (organization_id);

CREATE TABLE sync.contacts (
    connection_id        uuid        NOT NULL,
    external_id          text        NOT NULL,
    customer_id          uuid        NOT NULL UNIQUE,
    -- Without a valid e-mail it is none, and nothing personal is kept of it.
    is_customer          boolean     NOT NULL,
    contact_role         text        NOT NULL,
    email                text,
    name                 text,
    first_seen_at        timestamptz,
    last_seen_at         timestamptz,
    last_replied_at      timestamptz,
    tags                 text[]      NOT NULL,
    metadata             jsonb       NOT NULL,
    company_external_ids text[]      NOT NULL,
    -- Of all of the above: tells whether Intercom's answer changes anything.
    content_hash         bytea       NOT NULL,
    revision             bigint      NOT NULL DEFAULT nextval('sync.revisions'),
    mirrored_at          timestamptz NOT NULL,
    PRIMARY KEY (connection_id, external_id)
);
-- Counting contacts and customers reads this alone.
CREATE INDEX contacts_counted ON sync.contacts (connection_id, is_customer);
CREATE INDEX customers_newest ON sync.contacts (connection_id, coalesce(first_seen_at, 'epoch') DESC, customer_id DESC)
    WHERE is_customer;

-- Ids of contacts that are no more: absorbed by another, or gone.
CREATE TABLE sync.contact_aliases (
    connection_id        uuid NOT NULL,
    external_id          text NOT NULL,
    -- Null: Intercom does not know it any more.
    survivor_external_id text,
    PRIMARY KEY (connection_id, external_id)
);

CREATE TABLE sync.companies (
    connection_id uuid             NOT NULL,
    external_id   text             NOT NULL,
    name          text,
    plan          text,
    monthly_spend double precision,
    size          bigint,
    created_at    timestamptz,
    content_hash  bytea            NOT NULL,
    revision      bigint           NOT NULL DEFAULT nextval('sync.revisions'),
    -- The run that changed it last: a scroll that begins again does not count it twice.
    changed_by    uuid             NOT NULL,
    mirrored_at   timestamptz      NOT NULL,
    PRIMARY KEY (connection_id, external_id)
);

CREATE TABLE sync.conversations (
    connection_id         uuid        NOT NULL,
    external_id           text        NOT NULL,
    conversation_id       uuid        NOT NULL UNIQUE,
    customer_ids          uuid[]      NOT NULL,
    contact_external_ids  text[]      NOT NULL,
    status                text        NOT NULL CHECK (status IN ('open', 'closed', 'snoozed')),
    title                 text,
    created_at            timestamptz,
    updated_at            timestamptz NOT NULL,
    -- Office hours, as Intercom counts.
    first_response_secs   bigint,
    resolution_secs       bigint,
    reopen_count          integer     NOT NULL,
    assignment_count      integer     NOT NULL,
    tags                  text[]      NOT NULL,
    last_closed_at        timestamptz,
    last_contact_reply_at timestamptz,
    last_admin_reply_at   timestamptz,
    -- The opening message included.
    parts_held            integer     NOT NULL,
    parts_counted         integer,
    -- False where Intercom gave the latest 500 only.
    parts_complete        boolean     NOT NULL,
    content_hash          bytea       NOT NULL,
    revision              bigint      NOT NULL DEFAULT nextval('sync.revisions'),
    mirrored_at           timestamptz NOT NULL,
    PRIMARY KEY (connection_id, external_id)
);
CREATE INDEX conversations_last_changed ON sync.conversations (connection_id, updated_at DESC, conversation_id DESC);
CREATE INDEX conversations_by_customer ON sync.conversations USING gin (customer_ids);

CREATE TABLE sync.parts (
    connection_id            uuid        NOT NULL,
    conversation_external_id text        NOT NULL,
    -- `source:<conversation>` for the opening message.
    external_id              text        NOT NULL,
    part_type                text        NOT NULL,
    author_kind              text        NOT NULL,
    author_external_id       text,
    created_at               timestamptz,
    is_visible_message       boolean     NOT NULL,
    is_reopening             boolean     NOT NULL,
    body                     text,
    PRIMARY KEY (connection_id, conversation_external_id, external_id)
);

CREATE TABLE sync.tags (
    connection_id uuid NOT NULL,
    external_id   text NOT NULL,
    name          text NOT NULL,
    PRIMARY KEY (connection_id, external_id)
);

CREATE TABLE sync.admins (
    connection_id uuid NOT NULL,
    external_id   text NOT NULL,
    name          text,
    email         text,
    PRIMARY KEY (connection_id, external_id)
);

CREATE TABLE sync.teams (
    connection_id uuid NOT NULL,
    external_id   text NOT NULL,
    name          text,
    PRIMARY KEY (connection_id, external_id)
);
