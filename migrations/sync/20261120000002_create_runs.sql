-- Executions of sync, what they say, and what they could not get.

CREATE TABLE sync.runs (
    run_id          uuid             PRIMARY KEY,
    connection_id   uuid             NOT NULL REFERENCES sync.connections,
    kind            text             NOT NULL CHECK (kind IN ('full')),
    trigger         text             NOT NULL CHECK (trigger IN ('connected', 'requested')),
    state           text             NOT NULL CHECK (state IN ('queued', 'running', 'complete', 'complete_with_gaps', 'failed')),
    -- Why it failed, or what it waits for.
    reason          text             NOT NULL DEFAULT '',
    -- Where it goes on after a stop; written together with the rows it covers.
    checkpoint      jsonb            NOT NULL,
    -- Seen, written, unchanged, skipped, total, per kind of record.
    counts          jsonb            NOT NULL,
    requests        bigint           NOT NULL DEFAULT 0,
    rows_per_second double precision NOT NULL DEFAULT 0,
    eta_secs        bigint,
    gap_count       bigint           NOT NULL DEFAULT 0,
    log_sequence    bigint           NOT NULL DEFAULT 0,
    -- Who works on it, and until when nobody else may.
    lease_owner     uuid,
    lease_until     timestamptz,
    created_at      timestamptz      NOT NULL,
    started_at      timestamptz,
    ended_at        timestamptz
);
CREATE UNIQUE INDEX one_run_at_a_time ON sync.runs (connection_id) WHERE state IN ('queued', 'running');
CREATE INDEX runs_newest ON sync.runs (connection_id, created_at DESC, run_id DESC);

CREATE TABLE sync.run_log (
    run_id              uuid        NOT NULL REFERENCES sync.runs ON DELETE CASCADE,
    sequence            bigint      NOT NULL,
    at                  timestamptz NOT NULL,
    severity            text        NOT NULL CHECK (severity IN ('info', 'warning', 'error')),
    message             text        NOT NULL,
    intercom_request_id text        NOT NULL DEFAULT '',
    PRIMARY KEY (run_id, sequence)
);

CREATE TABLE sync.gaps (
    run_id      uuid   NOT NULL REFERENCES sync.runs ON DELETE CASCADE,
    sequence    bigint GENERATED ALWAYS AS IDENTITY,
    kind        text   NOT NULL CHECK (kind IN ('conversation', 'contact', 'parts', 'company')),
    external_id text   NOT NULL,
    reason      text   NOT NULL,
    PRIMARY KEY (run_id, kind, external_id)
);
CREATE INDEX gaps_in_order ON sync.gaps (run_id, sequence);
