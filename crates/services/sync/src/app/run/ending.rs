use super::{Desk, Halt, Ledger, again};
use crate::{
    app::Sync,
    outbound::{
        events::{
            Concerned, run_ended,
            run_progressed::{self, Pace},
        },
        postgres::{
            leases::{self, Claimed, Progress},
            permissions,
            run_log::{self, Line, Severity},
            runs::{self, RunState},
        },
    },
    rules::failure::permission,
};

/// Ends a run that read everything: complete, unless there are gaps.
pub(super) async fn complete(desk: &Desk, ledger: &Ledger) -> Result<(), Halt> {
    let mut store = desk.sync.store.begin().await?;
    let row = runs::find(&mut store, desk.organization, desk.run)
        .await?
        .ok_or(Halt::Lost)?;
    drop(store);
    again::ask(desk, &row).await?;
    match row.gap_count {
        0 => end(desk, ledger, RunState::Complete, "").await,
        _ => end(desk, ledger, RunState::CompleteWithGaps, "").await,
    }
}

/// Ends a run that cannot go on.
pub(super) async fn fail(desk: &Desk, ledger: &Ledger, reason: &str) -> Result<(), Halt> {
    end(desk, ledger, RunState::Failed, reason).await
}

/// Ends a run that cannot even begin.
pub(super) async fn refuse(sync: &Sync, claimed: &Claimed, reason: &str) -> Result<(), Halt> {
    let now = sync.clock.now();
    let mut tx = sync.store.begin().await?;
    if !runs::end(&mut tx, claimed.run, RunState::Failed, reason, now).await? {
        return Err(Halt::Lost);
    }
    let line = Line {
        at: now,
        severity: Severity::Error,
        message: reason.to_owned(),
        request_id: None,
    };
    run_log::append(&mut tx, claimed.run, &[line]).await?;
    let concerned = Concerned {
        organization: claimed.organization,
        connection: claimed.connection,
    };
    let verdict = (RunState::Failed, reason);
    run_ended::post(
        &mut tx,
        concerned,
        claimed.run,
        verdict,
        &claimed.counts,
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

async fn end(desk: &Desk, ledger: &Ledger, verdict: RunState, reason: &str) -> Result<(), Halt> {
    let now = desk.sync.clock.now();
    let counts = ledger.counts();
    let mut tx = desk.sync.store.begin().await?;
    let mut lines = desk.notes.take();
    lines.push(Line {
        at: now,
        severity: if verdict == RunState::Failed {
            Severity::Error
        } else {
            Severity::Info
        },
        message: match verdict {
            RunState::Failed => reason.to_owned(),
            RunState::CompleteWithGaps => "The sync is complete, with gaps".to_owned(),
            _ => "The sync is complete".to_owned(),
        },
        request_id: None,
    });
    run_log::append(&mut tx, desk.run, &lines).await?;
    let missing = desk.notes.take_missing();
    permissions::miss(&mut tx, desk.connection, desk.run, &missing, now).await?;
    let proven: Vec<&str> = counts.iter().map(|(kind, _)| permission(kind)).collect();
    permissions::prove(&mut tx, desk.connection, desk.run, &proven).await?;
    let progress = Progress {
        checkpoint: ledger.checkpoint(),
        counts,
        requests: desk.requests(),
        rows_per_second: 0.0,
        eta_secs: None,
        new_gaps: 0,
    };
    if !leases::save(&mut tx, desk.run, desk.owner, &progress).await?
        || !runs::end(&mut tx, desk.run, verdict, reason, now).await?
    {
        return Err(Halt::Lost);
    }
    let pace = Pace {
        rows_per_second: 0.0,
        eta_secs: None,
    };
    run_progressed::post(&mut tx, desk.concerned(), desk.run, counts, pace, now).await?;
    run_ended::post(
        &mut tx,
        desk.concerned(),
        desk.run,
        (verdict, reason),
        counts,
        now,
    )
    .await?;
    tx.commit().await?;
    metrics::counter!("harken_sync_runs_ended_total", "verdict" => verdict.as_str()).increment(1);
    tracing::info!(run.id = %desk.run, connection.id = %desk.connection, verdict = verdict.as_str(), reason, "run ended");
    Ok(())
}
