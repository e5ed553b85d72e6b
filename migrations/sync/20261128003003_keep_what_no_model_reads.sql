-- What Intercom says of a record beside what is read into columns, as it says it: nothing is lost when Intercom adds fields.
-- At most 32 KiB of a record, 8 KiB of a part; `_cut` names what did not fit. Notifications do not touch it. Of several
-- readings the one of the greatest key stays: when the record had changed, length, hash; a redaction is greater than all.
ALTER TABLE sync.contacts
    ADD COLUMN extra     jsonb,
    ADD COLUMN extra_key bytea;
ALTER TABLE sync.companies
    ADD COLUMN extra     jsonb,
    ADD COLUMN extra_key bytea;
ALTER TABLE sync.conversations
    ADD COLUMN extra     jsonb,
    ADD COLUMN extra_key bytea;
-- Of the opening message: what its `source` says.
ALTER TABLE sync.parts
    ADD COLUMN extra     jsonb,
    ADD COLUMN extra_key bytea;
