-- How scores are computed where an organization chose otherwise. Version 0, the product's own, stands in the code.
CREATE TABLE scoring.configurations (
    organization_id  uuid        NOT NULL,
    version          integer     NOT NULL CHECK (version > 0),
    -- By factor: {"open_volume": 25, …}.
    weights          jsonb       NOT NULL,
    yellow_threshold smallint    NOT NULL,
    green_threshold  smallint    NOT NULL,
    -- By factor, only those that differ: {"open_volume": [{"x": 0, "y": 100}, …]}.
    curves           jsonb       NOT NULL DEFAULT '{}',
    created_at       timestamptz NOT NULL,
    PRIMARY KEY (organization_id, version)
);

CREATE SEQUENCE scoring.score_revisions;

-- The current score of every customer. Points null: N/A; then there are no inputs and factors either.
CREATE TABLE scoring.scores (
    organization_id       uuid        NOT NULL,
    customer_id           uuid        NOT NULL,
    connection_id         uuid        NOT NULL,
    points                smallint    CHECK (points BETWEEN 0 AND 100),
    level                 text        CHECK (level IN ('healthy', 'at_risk', 'critical')),
    raw                   float8,
    coverage              float8      NOT NULL,
    inputs                jsonb,
    factors               jsonb,
    configuration_version integer     NOT NULL,
    as_of                 timestamptz NOT NULL,
    trigger               text        NOT NULL,
    -- Grows when points or level move; 0 until there are any.
    revision              bigint      NOT NULL,
    -- When time alone may have moved it; null when it cannot.
    next_evaluation_at    timestamptz,
    PRIMARY KEY (organization_id, customer_id)
);
-- Counting customers per level reads this alone.
CREATE INDEX scores_counted ON scoring.scores (organization_id, level);
CREATE INDEX scores_by_points_ascending ON scoring.scores
    (organization_id, (coalesce(points, 101)), customer_id);
CREATE INDEX scores_by_points_descending ON scoring.scores
    (organization_id, (coalesce(points, -1)) DESC, customer_id DESC);
CREATE INDEX scores_due ON scoring.scores (connection_id, next_evaluation_at)
    WHERE next_evaluation_at IS NOT NULL;

-- Every score that differed from the one before, and why.
CREATE TABLE scoring.score_history (
    organization_id       uuid        NOT NULL,
    customer_id           uuid        NOT NULL,
    revision              bigint      NOT NULL,
    connection_id         uuid        NOT NULL,
    points                smallint,
    level                 text,
    raw                   float8,
    coverage              float8      NOT NULL,
    inputs                jsonb,
    factors               jsonb,
    configuration_version integer     NOT NULL,
    as_of                 timestamptz NOT NULL,
    trigger               text        NOT NULL,
    reason                text        NOT NULL,
    PRIMARY KEY (organization_id, customer_id, revision)
);
