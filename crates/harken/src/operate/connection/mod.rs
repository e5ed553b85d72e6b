mod ending;
mod list;
mod live;
mod shown;
mod webhook_secret;

use std::collections::BTreeSet;

use harken_contracts::wire::types::v1::{DataPolicy, OnDisconnect};
use harken_contracts::wire::vault::v1::{
    ConnectWithTokenRequest, ReplaceTokenRequest, TestConnectionRequest, TestTokenRequest,
};
use harken_runtime::Environment;
use serde_json::json as value;

use crate::cli::{
    AddConnection, ConnectionArgs, ConnectionCommand, DataPolicyWord, OnDisconnectWord,
    ReplaceToken, TestConnection,
};
use crate::failure::{Failure, FailureKind};
use crate::operate::secret::{self, SecretKind};
use crate::operate::{Desk, choose, sync};
use crate::output::json;

pub(crate) async fn run(args: ConnectionArgs, environment: &Environment) -> Result<(), Failure> {
    if args.command.shows_token() {
        return Err(Failure::input(
            "a token on the command line can be read by everybody on this machine; revoke it in Intercom, and give the \
             new one by --token-file or when asked",
        ));
    }
    if args.command.shows_secret() {
        return Err(Failure::input(
            "a secret on the command line can be read by everybody on this machine; make a new one in Intercom's \
             Developer Hub, and give it by --secret-file or when asked",
        ));
    }
    let desk = Desk::open(&args.access, environment)?;
    match args.command {
        ConnectionCommand::Add(what) => add(what, &desk).await,
        ConnectionCommand::List => list::show(&desk).await,
        ConnectionCommand::Show { connection } => show(connection.as_deref(), &desk).await,
        ConnectionCommand::Test(what) => test(what, &desk).await,
        ConnectionCommand::Live { connection } => live::show(connection.as_deref(), &desk).await,
        ConnectionCommand::WebhookSecret(command) => webhook_secret::run(command, &desk).await,
        ConnectionCommand::ReplaceToken(what) => replace_token(what, &desk).await,
        ConnectionCommand::Disconnect(what) => ending::disconnect(what, &desk).await,
        ConnectionCommand::RemoveData(what) => ending::remove_data(what, &desk).await,
        ConnectionCommand::Erasure { connection } => {
            ending::erasure(connection.as_deref(), &desk).await
        }
    }
}

async fn add(what: AddConnection, desk: &Desk) -> Result<(), Failure> {
    let token = secret::read(what.token_file.as_deref(), &SecretKind::ACCESS_TOKEN)?;
    let request = ConnectWithTokenRequest {
        access_token: token.expose().to_owned(),
        member_id: String::new(),
        data_policy: match what.data_policy {
            DataPolicyWord::Full => DataPolicy::Full,
            DataPolicyWord::MetadataOnly => DataPolicy::MetadataOnly,
        }
        .into(),
        on_disconnect: match what.on_disconnect {
            OnDisconnectWord::Retain => OnDisconnect::Retain,
            OnDisconnectWord::Purge => OnDisconnect::Purge,
        }
        .into(),
        connection_id: String::new(),
    };
    let answer = desk.harken.vault().connect_with_token(request).await;
    let connection = desk.harken.answered(answer)?;
    if desk.output.is_json() {
        return desk.output.object(&json(&connection));
    }
    desk.output.table(&shown::facts(&connection))?;
    desk.output
        .note("The import has begun; follow it with `harken sync run --wait`.");
    Ok(())
}

async fn show(named: Option<&str>, desk: &Desk) -> Result<(), Failure> {
    let connection = choose::connection(&desk.harken, named).await?;
    let status = sync::status_of(&desk.harken, connection.clone()).await?;
    if desk.output.is_json() {
        return desk
            .output
            .object(&value!({"connection": json(&connection), "sync": json(&status)}));
    }
    desk.output.table(&shown::facts(&connection))?;
    desk.output.line("")?;
    desk.output
        .table(&sync::status_facts(&status, desk.clock.now()))
}

async fn test(what: TestConnection, desk: &Desk) -> Result<(), Failure> {
    let answer = if what.token_file.is_some() {
        let token = secret::read(what.token_file.as_deref(), &SecretKind::ACCESS_TOKEN)?;
        let request = TestTokenRequest {
            access_token: token.expose().to_owned(),
        };
        desk.harken.vault().test_token(request).await
    } else {
        let connection = choose::connection(&desk.harken, what.connection.as_deref()).await?;
        let request = TestConnectionRequest {
            connection_id: connection.connection_id,
        };
        desk.harken.vault().test_connection(request).await
    };
    let report = desk.harken.answered(answer)?;
    if desk.output.is_json() {
        desk.output.object(&json(&report))?;
    } else {
        desk.output.table(&shown::checks(&report))?;
    }
    if report.ok {
        return Ok(());
    }
    let missing: BTreeSet<&str> = report
        .checks
        .iter()
        .filter(|check| !check.granted)
        .map(|check| check.permission.as_str())
        .collect();
    let missing: Vec<&str> = missing.into_iter().collect();
    Err(Failure::new(
        FailureKind::Refused,
        format!(
            "permission missing: {}; add it to the app in Intercom's Developer Hub",
            missing.join(", ")
        ),
    ))
}

/// Puts another token in the place of a connection's.
async fn replace_token(what: ReplaceToken, desk: &Desk) -> Result<(), Failure> {
    let connection = choose::connection(&desk.harken, what.connection.as_deref()).await?;
    let token = secret::read(what.token_file.as_deref(), &SecretKind::ACCESS_TOKEN)?;
    let request = ReplaceTokenRequest {
        connection_id: connection.connection_id,
        access_token: token.expose().to_owned(),
    };
    let answer = desk.harken.vault().replace_token(request).await;
    let connection = desk.harken.answered(answer)?;
    if desk.output.is_json() {
        return desk.output.object(&json(&connection));
    }
    desk.output.line(format!(
        "The token of {} is replaced; what was mirrored stays.",
        connection.workspace_name
    ))
}
