-- Conversations that were left out as nobody's are fetched when a contact of theirs becomes a customer.
ALTER TABLE sync.repairs DROP CONSTRAINT repairs_kind_check;
ALTER TABLE sync.repairs ADD CONSTRAINT repairs_kind_check
    CHECK (kind IN ('contact', 'company', 'conversation', 'merge_history', 'conversations_of'));
