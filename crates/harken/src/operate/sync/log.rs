use console::Style;
use harken_contracts::wire::sync::v1::{ListRunLogRequest, RunLogLine};
use harken_contracts::wire::types::v1::PageRequest;

use super::status_of;
use crate::cli::SyncLog;
use crate::failure::Failure;
use crate::operate::{Desk, choose};
use crate::output::{Cell, Table, moment};

/// Lines that are asked for at once.
const PAGE: u32 = 500;

pub(super) async fn show(what: SyncLog, desk: &Desk) -> Result<(), Failure> {
    let run_id = match what.run {
        Some(run_id) => run_id,
        None => latest_run(what.connection.as_deref(), desk).await?,
    };
    let mut request = ListRunLogRequest {
        run_id,
        query: what.query.unwrap_or_default(),
        severity: what.severity.unwrap_or_default(),
        page: None,
    };
    let mut lines: Vec<RunLogLine> = Vec::new();
    let mut page_token = String::new();
    loop {
        let wanted = what.limit - u32::try_from(lines.len()).unwrap_or(what.limit);
        request.page = Some(PageRequest {
            page_size: wanted.min(PAGE),
            page_token,
        });
        let answer = desk.harken.sync().list_run_log(request.clone()).await;
        let answer = desk.harken.answered(answer)?;
        lines.extend(answer.lines);
        page_token = answer.page.unwrap_or_default().next_page_token;
        if page_token.is_empty() || lines.len() >= what.limit as usize {
            break;
        }
    }
    lines.reverse();
    desk.output.list(&lines, table, "The log is empty.")
}

async fn latest_run(named: Option<&str>, desk: &Desk) -> Result<String, Failure> {
    let connection = choose::connection(&desk.harken, named).await?;
    let status = status_of(&desk.harken, connection).await?;
    let run = status.latest_run.ok_or_else(|| {
        Failure::not_found("this connection has had no run yet; start one with `harken sync run`")
    })?;
    Ok(run.run_id)
}

fn table(lines: &[RunLogLine]) -> Table {
    let mut table = Table::new(["TIME (UTC)", "SEVERITY", "MESSAGE"]);
    for line in lines {
        let style = match line.severity.as_str() {
            "error" => Style::new().red(),
            "warning" => Style::new().yellow(),
            _ => Style::new().dim(),
        };
        let message = if line.intercom_request_id.is_empty() {
            line.message.clone()
        } else {
            format!(
                "{} (Intercom request {})",
                line.message, line.intercom_request_id
            )
        };
        table.row([
            Cell::text(moment(line.at.as_ref())),
            Cell::text(&line.severity).styled(style),
            Cell::sentence(message),
        ]);
    }
    table
}
