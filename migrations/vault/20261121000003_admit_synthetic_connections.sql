-- Connections without a workspace behind them, for drills.

ALTER TABLE connections
    DROP CONSTRAINT connections_method_check,
    ADD CONSTRAINT connections_method_check CHECK (method IN ('oauth', 'access_token', 'synthetic'));
CREATE INDEX connections_synthetic ON connections (organization_id, connected_at) WHERE method = 'synthetic';
