-- Who may do what. Secrets of sessions, links and keys are kept as SHA-256 only: each is 256 random bits.

CREATE TABLE organizations (
    id         uuid        PRIMARY KEY,
    name       text        NOT NULL CHECK (name <> ''),
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX organizations_by_name ON organizations (lower(name));

CREATE TABLE members (
    organization_id uuid        NOT NULL REFERENCES organizations,
    id              uuid        NOT NULL UNIQUE,
    email           text        NOT NULL,
    name            text        NOT NULL,
    role            text        NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX members_by_email ON members (organization_id, lower(email));

CREATE TABLE sign_in_links (
    secret_hash     bytea       PRIMARY KEY,
    organization_id uuid        NOT NULL,
    member_id       uuid        NOT NULL,
    expires_at      timestamptz NOT NULL,
    FOREIGN KEY (organization_id, member_id) REFERENCES members ON DELETE CASCADE
);
CREATE INDEX sign_in_links_by_member ON sign_in_links (organization_id, member_id);

CREATE TABLE sessions (
    secret_hash     bytea       PRIMARY KEY,
    id              uuid        NOT NULL UNIQUE,
    organization_id uuid        NOT NULL,
    member_id       uuid        NOT NULL,
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    FOREIGN KEY (organization_id, member_id) REFERENCES members ON DELETE CASCADE
);
CREATE INDEX sessions_by_member ON sessions (organization_id, member_id);

CREATE TABLE api_keys (
    organization_id uuid        NOT NULL REFERENCES organizations,
    id              uuid        NOT NULL UNIQUE,
    name            text        NOT NULL,
    -- First characters of the secret, to recognise it by.
    prefix          text        NOT NULL,
    secret_hash     bytea       NOT NULL UNIQUE,
    role            text        NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
    created_at      timestamptz NOT NULL,
    last_used_at    timestamptz,
    revoked_at      timestamptz,
    PRIMARY KEY (organization_id, id)
);
