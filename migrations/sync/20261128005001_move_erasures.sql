-- Synthetic connections were erased by a mark of their own; the rails keep it now, for every connection.
INSERT INTO sync.erasures (connection_id, organization_id, revision, erased_at)
SELECT connection_id, organization_id, revision, erased_at FROM sync.connections
WHERE is_synthetic AND state = 'closed';
DROP INDEX sync.connections_to_erase;
