-- Webhook secrets of organizations' own apps. The secrets stand sealed among the others, as `webhook_secret` and
-- `webhook_secret_previous`; this says how far a replacement is.

CREATE TABLE webhook_secrets (
    -- Gone with the key that they are sealed under.
    connection_id        uuid        PRIMARY KEY REFERENCES data_keys ON DELETE CASCADE,
    set_at               timestamptz NOT NULL,
    -- Null: there is no secret before this one that still counts.
    previous_valid_until timestamptz,
    -- When the audit log last learned that they are opened to verify notifications.
    opening_logged_at    timestamptz
);
CREATE INDEX webhook_secrets_by_grace ON webhook_secrets (previous_valid_until)
    WHERE previous_valid_until IS NOT NULL;
