-- Nobody stands behind a synthetic connection. Closed, it keeps this row alone, so that what comes late finds it closed.
ALTER TABLE scoring.connections ADD COLUMN is_synthetic boolean NOT NULL DEFAULT false;

-- What happened to the records of the customer, such as `conversation.reopened`; null where time passed, or where it is not told.
ALTER TABLE scoring.score_history ADD COLUMN cause text;

-- Rows that change again and again: room for their next version beside them.
ALTER TABLE scoring.conversation_signals SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE scoring.scores SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);
