-- That nothing is kept of a connection is told by the rails now, for every connection.
INSERT INTO scoring.erasures (connection_id, organization_id, revision)
SELECT connection_id, organization_id, revision FROM scoring.connections
WHERE is_synthetic AND NOT is_open;
