use std::time::Duration;

use harken_contracts::wire::vault::v1::{
    GetWebhookSecretRequest, RetireWebhookSecretRequest, SetWebhookSecretRequest, WebhookSecret,
};
use tonic::{Response, Status};

use crate::cli::{SetSecret, WebhookSecretCommand};
use crate::failure::Failure;
use crate::operate::secret::{self, SecretKind};
use crate::operate::{Desk, choose};
use crate::output::{Cell, Table, json, moment};

pub(super) async fn run(command: WebhookSecretCommand, desk: &Desk) -> Result<(), Failure> {
    match command {
        WebhookSecretCommand::Set(what) => set(what, desk).await,
        WebhookSecretCommand::Show { connection } => {
            let connection_id = id(connection.as_deref(), desk).await?;
            let request = GetWebhookSecretRequest { connection_id };
            tell(desk.harken.vault().get_webhook_secret(request).await, desk)
        }
        WebhookSecretCommand::Retire { connection } => {
            let connection_id = id(connection.as_deref(), desk).await?;
            let request = RetireWebhookSecretRequest { connection_id };
            tell(
                desk.harken.vault().retire_webhook_secret(request).await,
                desk,
            )
        }
    }
}

async fn set(what: SetSecret, desk: &Desk) -> Result<(), Failure> {
    let secret = secret::read(what.secret_file.as_deref(), &SecretKind::WEBHOOK_SECRET)?;
    let request = SetWebhookSecretRequest {
        connection_id: id(what.connection.as_deref(), desk).await?,
        secret: secret.expose().to_owned(),
        grace_secs: what.grace.as_ref().map(Duration::as_secs),
    };
    tell(desk.harken.vault().set_webhook_secret(request).await, desk)
}

async fn id(named: Option<&str>, desk: &Desk) -> Result<String, Failure> {
    let connection = choose::connection(&desk.harken, named).await?;
    Ok(connection.connection_id)
}

fn tell(answer: Result<Response<WebhookSecret>, Status>, desk: &Desk) -> Result<(), Failure> {
    let secret = desk.harken.answered(answer)?;
    if desk.output.is_json() {
        return desk.output.object(&json(&secret));
    }
    desk.output.table(&facts(&secret))
}

fn facts(secret: &WebhookSecret) -> Table {
    let mut facts = Table::facts();
    facts.fact("Connection", Cell::text(&secret.connection_id));
    let state = if secret.is_set {
        format!("set {} UTC", moment(secret.set_at.as_ref()))
    } else {
        "not set: notifications come through the deployment's own app".to_owned()
    };
    facts.fact("Webhook secret", Cell::text(state));
    if let Some(until) = &secret.previous_valid_until {
        facts.fact(
            "Replaced one",
            Cell::text(format!("valid until {} UTC", moment(Some(until)))),
        );
    }
    facts
}
