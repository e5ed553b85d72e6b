-- What runs read, when the next one is due, and what they had to correct.

ALTER TABLE sync.runs
    DROP CONSTRAINT runs_kind_check,
    ADD CONSTRAINT runs_kind_check CHECK (kind IN ('full', 'incremental')),
    DROP CONSTRAINT runs_trigger_check,
    ADD CONSTRAINT runs_trigger_check CHECK (trigger IN ('connected', 'requested', 'scheduled', 'silence')),
    DROP CONSTRAINT runs_state_check,
    ADD CONSTRAINT runs_state_check
        CHECK (state IN ('queued', 'running', 'paused', 'complete', 'complete_with_gaps', 'failed')),
    -- What changed after this is the next run's; null until it began, and in runs from before this migration.
    ADD COLUMN bound_at       timestamptz,
    -- Records that were held against Intercom, and those that were wrong although notifications come, by cause.
    ADD COLUMN compared       bigint NOT NULL DEFAULT 0,
    ADD COLUMN drift_missing  bigint NOT NULL DEFAULT 0,
    ADD COLUMN drift_stale    bigint NOT NULL DEFAULT 0,
    ADD COLUMN drift_gone     bigint NOT NULL DEFAULT 0,
    ADD COLUMN drift_untold   bigint NOT NULL DEFAULT 0;

-- A run that stands still is in the way of another, too. What an older binary says of conflicts fits the wider index.
DROP INDEX sync.one_run_at_a_time;
CREATE UNIQUE INDEX one_run_at_a_time ON sync.runs (connection_id) WHERE state IN ('queued', 'running', 'paused');

-- How a connection wants to be synced. One without a row has the usual.
CREATE TABLE sync.settings (
    connection_id uuid        PRIMARY KEY,
    interval_secs integer     NOT NULL DEFAULT 900 CHECK (interval_secs > 0),
    -- Null: as many as the deployment reads.
    backfill_days integer     CHECK (backfill_days > 0),
    paused_at     timestamptz,
    -- When what moves no `updated_at` was last read again.
    open_read_at      timestamptz,
    companies_read_at timestamptz
);
INSERT INTO sync.settings (connection_id) SELECT connection_id FROM sync.connections WHERE NOT is_synthetic;
