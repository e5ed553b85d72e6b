-- A payload stays for milliseconds: to compress it costs more than to keep it.
ALTER TABLE outbox ALTER COLUMN payload SET STORAGE EXTERNAL;
