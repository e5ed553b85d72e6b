CREATE TABLE tally.effects (
    message_id text NOT NULL
);
