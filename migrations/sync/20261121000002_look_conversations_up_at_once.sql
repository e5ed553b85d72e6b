-- Each batch of notifications looks up who takes part in which conversation. What an index keeps aside for later would be
-- read through each time.
ALTER INDEX sync.conversations_by_contact SET (fastupdate = off);
ALTER INDEX sync.conversations_by_customer SET (fastupdate = off);
