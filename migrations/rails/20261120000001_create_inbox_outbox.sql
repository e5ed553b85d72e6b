-- Runs once in each service's schema, so names stand without one.

-- Messages whose effect is committed. Claimed in the transaction of the effect.
CREATE TABLE inbox (
    consumer text NOT NULL,
    message_id text NOT NULL,
    claimed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, message_id)
);
CREATE INDEX inbox_claimed_at ON inbox (claimed_at);

-- Events whose cause is committed and that the bus has not stored yet. Empty at rest.
CREATE TABLE outbox (
    sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id uuid NOT NULL DEFAULT gen_random_uuid(),
    subject text NOT NULL,
    event_type text NOT NULL,
    organization_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    headers jsonb NOT NULL,
    payload bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
