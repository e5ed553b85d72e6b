-- What was done, by whom, as a hash chain per organization: each row's hash covers the hash before it.

CREATE TABLE audit_entries (
    organization_id uuid        NOT NULL REFERENCES organizations,
    sequence        bigint      NOT NULL,
    at              timestamptz NOT NULL,
    actor           text        NOT NULL,
    action          text        NOT NULL,
    subject         text        NOT NULL,
    detail          text        NOT NULL,
    hash            bytea       NOT NULL,
    PRIMARY KEY (organization_id, sequence)
);

-- The last link of each chain; locked while a link is added, and witness against a chain cut short.
CREATE TABLE audit_heads (
    organization_id uuid   PRIMARY KEY REFERENCES organizations,
    sequence        bigint NOT NULL,
    hash            bytea  NOT NULL
);

-- What was written stays as it was written.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is not changed';
END
$$;
CREATE TRIGGER audit_entries_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
