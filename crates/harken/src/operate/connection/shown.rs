//! A connection as a person sees it.

use console::Style;
use harken_contracts::wire::vault::v1::{
    Connection, ConnectionMethod, ConnectionState, TestReport,
};
use serde_json::Value;

use crate::output::{Cell, Table, json, moment};

pub(super) fn facts(connection: &Connection) -> Table {
    let mut facts = Table::facts();
    facts.fact("Connection", Cell::text(&connection.connection_id));
    facts.fact(
        "Workspace",
        Cell::text(format!(
            "{} ({})",
            connection.workspace_name, connection.workspace_id
        )),
    );
    facts.fact("State", state(connection));
    if !connection.state_reason.is_empty() {
        facts.fact("Because", Cell::sentence(&connection.state_reason));
    }
    facts.fact(
        "Connected",
        Cell::text(format!(
            "{} UTC, by {}",
            moment(connection.connected_at.as_ref()),
            method(connection)
        )),
    );
    facts.fact(
        "Region",
        Cell::text(format!("{}, {}", connection.region, connection.timezone)),
    );
    let kept: Value = json(connection)["data_policy"].clone();
    facts.fact("Data policy", Cell::text(kept.as_str().unwrap_or("–")));
    facts
}

pub(super) fn state(connection: &Connection) -> Cell {
    match connection.state() {
        ConnectionState::Connected => Cell::text("● connected").styled(Style::new().green()),
        ConnectionState::Disconnected => Cell::text("○ disconnected").styled(Style::new().red()),
        ConnectionState::Disconnecting => {
            Cell::text("◌ disconnecting").styled(Style::new().yellow())
        }
        ConnectionState::Purged => Cell::text("– purged").styled(Style::new().dim()),
        ConnectionState::Unspecified => Cell::text("–"),
    }
}

pub(super) fn method(connection: &Connection) -> &'static str {
    match connection.method() {
        ConnectionMethod::Oauth => "OAuth",
        ConnectionMethod::AccessToken => "access token",
        ConnectionMethod::Synthetic => "drill",
        ConnectionMethod::Unspecified => "–",
    }
}

pub(super) fn checks(report: &TestReport) -> Table {
    let mut table = Table::new(["", "PERMISSION", "CALL", "REMEDY"]);
    for check in &report.checks {
        let mark = if check.granted {
            Cell::text("✓").styled(Style::new().green())
        } else {
            Cell::text("✗").styled(Style::new().red())
        };
        table.row([
            mark,
            Cell::text(&check.permission),
            Cell::text(&check.call),
            Cell::sentence(&check.remedy),
        ]);
    }
    table
}
