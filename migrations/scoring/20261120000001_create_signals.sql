-- What scores are computed from. No text of a message comes here; names and addresses only to find a customer by.

-- Its row is the lock under which the signals and scores of a connection change.
CREATE TABLE scoring.connections (
    connection_id   uuid   PRIMARY KEY,
    organization_id uuid   NOT NULL,
    -- Unknown until the connection's opening is heard of.
    data_policy     text   CHECK (data_policy IN ('full', 'metadata_only')),
    -- Closed: scores stay and are no longer updated as time passes.
    is_open         boolean NOT NULL DEFAULT true,
    -- Of the connection; 0 before its opening is heard of.
    revision        bigint NOT NULL DEFAULT 0
);

-- For finding a customer by a part of its name or address.
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

CREATE TABLE scoring.customers (
    organization_id uuid    NOT NULL,
    customer_id     uuid    NOT NULL,
    connection_id   uuid    NOT NULL,
    external_id     text    NOT NULL,
    -- False for a contact that is no customer or is gone; then only its ids and revision are kept.
    is_customer     boolean NOT NULL,
    contact_role    text    NOT NULL,
    name            text,
    email           text,
    last_seen_at    timestamptz,
    last_replied_at timestamptz,
    revision        bigint  NOT NULL,
    -- By name, then address; unknown names last. Cut, for an index holds no long texts.
    sort_key        text    COLLATE "C" NOT NULL GENERATED ALWAYS AS (
        CASE WHEN name IS NULL THEN '1' ELSE '0' || lower(left(name, 200)) END
            || E'\x01' || lower(left(coalesce(email, ''), 200))) STORED,
    search_text     text    NOT NULL GENERATED ALWAYS AS (
        lower(coalesce(name, '') || E'\n' || coalesce(email, ''))) STORED,
    PRIMARY KEY (organization_id, customer_id)
);
CREATE INDEX customers_by_name ON scoring.customers (organization_id, sort_key, customer_id)
    WHERE is_customer;
CREATE INDEX customers_by_last_seen ON scoring.customers
    (organization_id, (coalesce(last_seen_at, '-infinity')) DESC, customer_id DESC)
    WHERE is_customer;
CREATE INDEX customers_by_text ON scoring.customers USING gin (search_text gin_trgm_ops)
    WHERE is_customer;

CREATE TABLE scoring.conversation_signals (
    connection_id           uuid        NOT NULL,
    conversation_id         uuid        NOT NULL,
    revision                bigint      NOT NULL,
    status                  text        NOT NULL CHECK (status IN ('open', 'closed', 'snoozed', 'deleted')),
    updated_at              timestamptz NOT NULL,
    last_closed_at          timestamptz,
    resolution_secs         bigint,
    -- Whether every part is held; if not, since when, or null for none.
    parts_complete          boolean     NOT NULL,
    parts_since             timestamptz,
    reopened_at             timestamptz[] NOT NULL,
    reopen_count            integer     NOT NULL,
    last_visible_message_at timestamptz,
    last_admin_message_at   timestamptz,
    unanswered_since        timestamptz,
    unanswered_by_parts     boolean     NOT NULL,
    PRIMARY KEY (connection_id, conversation_id)
);

CREATE TABLE scoring.conversation_customers (
    connection_id   uuid NOT NULL,
    customer_id     uuid NOT NULL,
    conversation_id uuid NOT NULL,
    PRIMARY KEY (connection_id, customer_id, conversation_id)
);
CREATE INDEX conversation_customers_by_conversation
    ON scoring.conversation_customers (connection_id, conversation_id);
