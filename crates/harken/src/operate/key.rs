use console::Style;
use harken_contracts::wire::auth::v1::{
    ApiKey, CreateApiKeyRequest, ListApiKeysRequest, RevokeApiKeyRequest,
};
use harken_contracts::wire::types::v1::Role;

use super::Desk;
use crate::cli::{CreateKey, KeyCommand, RoleWord};
use crate::failure::Failure;
use crate::output::{Cell, Table, json, when};

pub(crate) async fn run(command: KeyCommand, desk: Desk) -> Result<(), Failure> {
    match command {
        KeyCommand::Create(what) => create(what, &desk).await,
        KeyCommand::List => list(&desk).await,
        KeyCommand::Revoke { key } => revoke(key, &desk).await,
    }
}

async fn create(what: CreateKey, desk: &Desk) -> Result<(), Failure> {
    let request = CreateApiKeyRequest {
        name: what.name,
        role: role(what.role).into(),
    };
    let answer = desk.harken.auth().create_api_key(request).await;
    let made = desk.harken.answered(answer)?;
    if desk.output.is_json() {
        return desk.output.object(&json(&made));
    }
    desk.output.line(&made.secret)?;
    desk.output
        .note("This key is shown once; keep it in a file that only you can read.");
    Ok(())
}

async fn list(desk: &Desk) -> Result<(), Failure> {
    let answer = desk
        .harken
        .auth()
        .list_api_keys(ListApiKeysRequest {})
        .await;
    let keys = desk.harken.answered(answer)?.api_keys;
    let now = desk.clock.now();
    let table = |keys: &[ApiKey]| {
        let mut table = Table::new([
            "KEY",
            "BEGINS",
            "NAME",
            "ROLE",
            "MADE",
            "LAST USED",
            "STATE",
        ]);
        for key in keys {
            let state = if key.revoked_at.is_some() {
                Cell::text("revoked").styled(Style::new().dim())
            } else {
                Cell::text("valid").styled(Style::new().green())
            };
            table.row([
                Cell::text(&key.api_key_id),
                Cell::text(&key.prefix),
                Cell::text(&key.name),
                Cell::text(json(key)["role"].as_str().unwrap_or("–")),
                Cell::text(when(key.created_at.as_ref(), now)),
                Cell::text(when(key.last_used_at.as_ref(), now)),
                state,
            ]);
        }
        table
    };
    desk.output.list(
        &keys,
        table,
        "There is no API key yet. Make one with `harken key create`.",
    )
}

async fn revoke(api_key_id: String, desk: &Desk) -> Result<(), Failure> {
    let answer = desk
        .harken
        .auth()
        .revoke_api_key(RevokeApiKeyRequest { api_key_id })
        .await;
    let key = desk.harken.answered(answer)?;
    if desk.output.is_json() {
        return desk.output.object(&json(&key));
    }
    desk.output.line(format!("Revoked {}.", key.api_key_id))
}

const fn role(word: RoleWord) -> Role {
    match word {
        RoleWord::Viewer => Role::Viewer,
        RoleWord::Member => Role::Member,
        RoleWord::Admin => Role::Admin,
        RoleWord::Owner => Role::Owner,
    }
}
