-- Workspaces that are said to have uninstalled the app. Anybody may say so, so Intercom is asked, and seldom.

CREATE TABLE uninstall_checks (
    workspace_id text        PRIMARY KEY,
    -- Times that it was said; an answer of Intercom settles those that came before it was asked.
    reports      bigint      NOT NULL DEFAULT 1,
    -- When Intercom is asked; null while there is nothing to ask.
    due_at       timestamptz,
    -- Intercom is not asked again before, whatever is said.
    not_before   timestamptz NOT NULL,
    -- Times that it was asked in vain.
    attempts     integer     NOT NULL DEFAULT 0
);
CREATE INDEX uninstall_checks_by_due ON uninstall_checks (due_at) WHERE due_at IS NOT NULL;
