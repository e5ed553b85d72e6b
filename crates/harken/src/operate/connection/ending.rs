//! How a connection ends, and what is left of it.

use std::io::{self, IsTerminal as _};

use harken_contracts::wire::types::v1::OnDisconnect;
use harken_contracts::wire::vault::v1::{
    Connection, ConnectionMethod, DisconnectRequest, Erasure, GetErasureRequest, RemoveDataRequest,
};

use crate::cli::{DisconnectConnection, RemoveData};
use crate::failure::Failure;
use crate::operate::{Desk, choose};
use crate::output::{Cell, Table, ask_yes, count, json, moment};

pub(super) async fn disconnect(what: DisconnectConnection, desk: &Desk) -> Result<(), Failure> {
    let connection = choose::connection(&desk.harken, what.connection.as_deref()).await?;
    if !what.yes && !confirmed(&connection)? {
        return Err(Failure::input("nothing was disconnected"));
    }
    let request = DisconnectRequest {
        connection_id: connection.connection_id,
    };
    let answer = desk.harken.vault().disconnect(request).await;
    let connection = desk.harken.answered(answer)?;
    if desk.output.is_json() {
        return desk.output.object(&json(&connection));
    }
    desk.output.line(format!(
        "Disconnected {}. {}",
        connection.workspace_name,
        fate(&connection)
    ))?;
    if connection.on_disconnect() == OnDisconnect::Purge {
        desk.output.note(&format!(
            "Follow the receipts with `harken connection erasure {}`.",
            connection.connection_id
        ));
    }
    Ok(())
}

fn confirmed(connection: &Connection) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::input(
            "disconnecting forgets the token; confirm with --yes",
        ));
    }
    let question = format!(
        "Disconnect {}? Syncing stops at once. {} {} Type yes to go on: ",
        connection.workspace_name,
        token(connection),
        fate(connection)
    );
    ask_yes(&question)
        .map_err(|cause| Failure::other(format!("could not ask: {cause}; confirm with --yes")))
}

fn token(connection: &Connection) -> &'static str {
    match connection.method() {
        ConnectionMethod::Oauth => "Its token is revoked at Intercom and forgotten.",
        _ => "Its token is forgotten.",
    }
}

fn fate(connection: &Connection) -> &'static str {
    match connection.on_disconnect() {
        OnDisconnect::Purge => "Mirrored records and scores are erased; this cannot be undone.",
        OnDisconnect::Retain | OnDisconnect::Unspecified => {
            "Customers and scores stay, no longer updated."
        }
    }
}

pub(super) async fn remove_data(what: RemoveData, desk: &Desk) -> Result<(), Failure> {
    let request = RemoveDataRequest {
        connection_id: what.connection,
        workspace_name: what.workspace_name,
    };
    let answer = desk.harken.vault().remove_data(request).await;
    let connection = desk.harken.answered(answer)?;
    if desk.output.is_json() {
        return desk.output.object(&json(&connection));
    }
    desk.output.line(format!(
        "Every service erases what it keeps of {}.",
        connection.workspace_name
    ))?;
    desk.output.note(&format!(
        "Follow the receipts with `harken connection erasure {}`.",
        connection.connection_id
    ));
    Ok(())
}

pub(super) async fn erasure(named: Option<&str>, desk: &Desk) -> Result<(), Failure> {
    let connection_id = match named {
        // One that is purged shares its workspace with the one that came after it.
        Some(id) if id.starts_with("con_") => id.to_owned(),
        _ => choose::connection(&desk.harken, named).await?.connection_id,
    };
    let request = GetErasureRequest { connection_id };
    let answer = desk.harken.vault().get_erasure(request).await;
    let erasure = desk.harken.answered(answer)?;
    if desk.output.is_json() {
        return desk.output.object(&json(&erasure));
    }
    desk.output.table(&facts(&erasure))?;
    if erasure.receipts.is_empty() {
        return Ok(());
    }
    desk.output.line("")?;
    desk.output.table(&receipts(&erasure))
}

fn facts(erasure: &Erasure) -> Table {
    let mut facts = Table::facts();
    facts.fact("Connection", Cell::text(&erasure.connection_id));
    let at = |at: &prost_types::Timestamp| format!("{} UTC", moment(Some(at)));
    let asked = erasure.requested_at.as_ref();
    facts.fact(
        "Asked for",
        Cell::text(asked.map_or_else(|| "never: its data is kept".to_owned(), at)),
    );
    if let Some(completed) = &erasure.completed_at {
        facts.fact("Completed", Cell::text(at(completed)));
    }
    if !erasure.waiting_for.is_empty() {
        let late = if erasure.is_overdue {
            ", for more than 24 hours"
        } else {
            ""
        };
        let waiting = format!("{}{late}", erasure.waiting_for.join(", "));
        facts.fact("Waiting for", Cell::text(waiting));
    }
    facts
}

fn receipts(erasure: &Erasure) -> Table {
    let mut table = Table::new(["SERVICE", "PLACE", "ERASED", "AT (UTC)"]);
    for receipt in &erasure.receipts {
        for erased in &receipt.erased {
            table.row([
                Cell::text(&receipt.service),
                Cell::text(&erased.place),
                Cell::number(count(erased.count)),
                Cell::text(moment(receipt.erased_at.as_ref())),
            ]);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_is_said_before_it_does() {
        let connection = |method: ConnectionMethod, then: OnDisconnect| Connection {
            method: method.into(),
            on_disconnect: then.into(),
            ..Connection::default()
        };
        let consented = connection(ConnectionMethod::Oauth, OnDisconnect::Purge);
        assert!(token(&consented).contains("revoked at Intercom"));
        assert!(fate(&consented).contains("cannot be undone"));
        let pasted = connection(ConnectionMethod::AccessToken, OnDisconnect::Retain);
        assert!(!token(&pasted).contains("revoked"));
        assert!(fate(&pasted).contains("stay"));
    }
}
