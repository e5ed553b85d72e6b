use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use harken_contracts::convert::datetime;
use harken_contracts::wire::sync::v1::{GetStatusRequest, Run, RunState};
use harken_contracts::wire::vault::v1::ConnectWithTokenRequest;

use crate::client::Client;
use crate::intercom::TOKEN;
use crate::report::complain;

const POLL: Duration = Duration::from_millis(200);
const TOLD_EVERY: Duration = Duration::from_secs(30);
/// A run that takes longer is not worth waiting for.
const LONGEST: Duration = Duration::from_hours(1);

/// Connects the workspace by its access token, and answers the run that imports it, once it has ended.
pub(crate) async fn import(client: &Client) -> Result<Run> {
    let request = ConnectWithTokenRequest {
        access_token: TOKEN.to_owned(),
        ..ConnectWithTokenRequest::default()
    };
    let connection = client
        .vault()
        .connect_with_token(request)
        .await
        .context("the workspace was not connected")?;
    ended_run(client, connection.into_inner().connection_id).await
}

async fn ended_run(client: &Client, connection_id: String) -> Result<Run> {
    let (since, mut told) = (Instant::now(), Instant::now());
    loop {
        let request = GetStatusRequest {
            connection_id: connection_id.clone(),
            without_totals: true,
        };
        // The connection reaches sync as an event, a moment after the vault's answer.
        let status = client.sync().get_status(request).await;
        if let Some(run) = status
            .ok()
            .and_then(|answer| answer.into_inner().latest_run)
        {
            match run.state() {
                RunState::Complete | RunState::CompleteWithGaps => return Ok(run),
                RunState::Failed => bail!("the run failed: {}", run.reason),
                RunState::Queued | RunState::Running | RunState::Paused | RunState::Unspecified => {
                }
            }
            if told.elapsed() > TOLD_EVERY {
                told = Instant::now();
                complain(&progress(&run, since.elapsed()));
            }
        }
        if since.elapsed() > LONGEST {
            bail!("the run did not end within {} s", LONGEST.as_secs());
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Rows of the mirror that a run wrote: contacts, companies, conversations and parts.
pub(crate) fn rows_written(run: &Run) -> u64 {
    let counted = ["contacts", "companies", "conversations", "parts"];
    let counts = run
        .counts
        .iter()
        .filter(|counts| counted.contains(&counts.kind.as_str()));
    counts.map(|counts| counts.written).sum()
}

/// From its start to its end.
pub(crate) fn run_secs(run: &Run) -> Result<f64> {
    let (started, ended) = run
        .started_at
        .as_ref()
        .zip(run.ended_at.as_ref())
        .context("the run has no duration")?;
    let lasted = datetime(ended)?.signed_duration_since(datetime(started)?);
    Ok(lasted.as_seconds_f64())
}

fn progress(run: &Run, elapsed: Duration) -> String {
    let counts = run
        .counts
        .iter()
        .map(|counts| format!("{} {}", counts.seen, counts.kind));
    format!(
        "  {} s: {} requests, {:.0} rows/s, read {}",
        elapsed.as_secs(),
        run.requests,
        run.rows_per_second,
        counts.collect::<Vec<_>>().join(", ")
    )
}
