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
