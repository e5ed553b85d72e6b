-- What the workspace defines: segments, and attributes by their ids, for objects name them by names that people change.

CREATE TABLE sync.segments (
    connection_id uuid NOT NULL,
    external_id   text NOT NULL,
    name          text NOT NULL,
    -- Whom it holds, in Intercom's word: user, contact (leads), company.
    person_type   text NOT NULL,
    PRIMARY KEY (connection_id, external_id)
);

CREATE TABLE sync.attributes (
    connection_id uuid    NOT NULL,
    model         text    NOT NULL CHECK (model IN ('contact', 'company', 'conversation')),
    -- Intercom's id; the name of one that Intercom made and that has none.
    external_id   text    NOT NULL,
    -- Under which objects show it now.
    name          text    NOT NULL,
    label         text,
    description   text,
    data_type     text    NOT NULL,
    is_archived   boolean NOT NULL,
    PRIMARY KEY (connection_id, model, external_id)
);

-- A list that may not be read as a whole is a gap, too: its kind is the kind of what it lists.
ALTER TABLE sync.gaps DROP CONSTRAINT gaps_kind_check;
ALTER TABLE sync.gaps ADD CONSTRAINT gaps_kind_check CHECK (kind IN ('conversation', 'contact', 'parts', 'company',
    'tags', 'admins', 'teams', 'segments', 'attributes', 'companies'));
