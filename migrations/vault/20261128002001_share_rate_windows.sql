-- What processes have reserved of the rate window that a connection is in. It is about seconds and may be lost, so it is not logged.

CREATE UNLOGGED TABLE rate_windows (
    connection_id uuid        PRIMARY KEY,
    shared        jsonb       NOT NULL,
    reserved_at   timestamptz NOT NULL
);
