//! Row 18.

use anyhow::{Context as _, Result};
use harken_contracts::wire::sync::v1::{Gap, Run, RunKind, RunState};
use harken_domain::ConnectionId;
use serde_json::{Value, json};

use super::{compare, flags};
use crate::deployment::Deployment;
use crate::faults::{Scale, Verdict};
use crate::intercom::Told;

/// How long a run waits for Intercom to come back, so that the wait for ever ends within the test.
const SETTINGS: [(&str, &str); 1] = [("HARKEN_SYNC_PATIENCE_SECS", "5")];
const GIGABYTE: u64 = 1 << 30;
/// What a process may hold beside an answer of a gigabyte.
const MOST_MIB: f64 = 200.0;
const FOR_GOOD: u32 = 1_000_000;

/// An answer that stays wrong for one conversation, and how the run has to put it.
struct Lasting {
    harm: Value,
    words: &'static str,
}

pub(in crate::faults) async fn run(scale: Scale) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let workspace = flags(&[
        ("contacts", scale.pick(100, 300, 1000)),
        ("conversations", scale.pick(200, 600, 4000)),
        ("rate-per-minute", 0),
    ]);
    let mut deployment = Deployment::open_beside(&workspace, &SETTINGS).await?;
    let connection = what_stays_wrong_is_listed(&deployment, &mut verdict).await?;
    for (what, faults) in passing(scale) {
        what_passes_is_waited_for(&deployment, connection, &mut verdict, what, faults).await?;
    }
    merged_is_followed(&deployment, connection, &mut verdict).await?;
    nothing_for_good_ends_the_run(&deployment, connection, &mut verdict).await?;
    for service in ["vault", "sync"] {
        let peak = deployment.peak_memory_mib(service)?;
        let words = format!("{service} held {peak:.0} MiB at most (≤ {MOST_MIB:.0})");
        verdict.expect(peak <= MOST_MIB, words);
    }
    let panics = deployment.panics();
    verdict.expect(panics.is_empty(), format!("{} panics", panics.len()));
    Ok(verdict)
}

/// Each for one conversation of the first import, which goes on around it.
async fn what_stays_wrong_is_listed(
    deployment: &Deployment,
    verdict: &mut Verdict,
) -> Result<ConnectionId> {
    let (tenant, intercom) = (deployment.tenant(), deployment.intercom()?);
    let lasting = [
        Lasting {
            harm: json!({ "harm": "huge_body", "bytes": GIGABYTE }),
            words: "larger than",
        },
        Lasting {
            harm: json!({ "harm": "broken_json" }),
            words: "ends early",
        },
        Lasting {
            harm: json!({ "harm": "empty_body" }),
            words: "is empty",
        },
        Lasting {
            harm: json!({ "harm": "status", "status": 404, "code": "not_found" }),
            words: "404",
        },
    ];
    let ids = Told::read(intercom).await?.wanted_conversation_ids();
    let ids: Vec<&String> = ids.iter().step_by(7).take(lasting.len()).collect();
    for (id, lasting) in ids.iter().zip(&lasting) {
        let mut fault = lasting.harm.clone();
        fault["path"] = json!(format!("/conversations/{id}"));
        fault["times"] = json!(FOR_GOOD);
        intercom.harm(fault).await?;
    }
    let connection = tenant.connect().await?;
    let run = tenant.ended_run(connection).await?;
    intercom.heal().await?;
    verdict.expect(
        run.state() == RunState::CompleteWithGaps,
        format!("wrong for one conversation each: {}", ended(&run)),
    );
    let gaps = unexpected_gaps(deployment, &run).await?;
    let log = tenant.run_log(&run, "").await?;
    for (id, lasting) in ids.iter().zip(&lasting) {
        let gap = gaps.iter().find(|gap| gap.external_id == **id);
        let reason = gap.map(|gap| gap.reason.as_str()).unwrap_or_default();
        let words = format!("{}: gap “{reason}”", lasting.harm["harm"]);
        verdict.expect(reason.contains(lasting.words), words);
    }
    verdict.expect(
        gaps.len() == ids.len(),
        format!("{} gaps for {} wrong answers", gaps.len(), ids.len()),
    );
    let named = log
        .iter()
        .filter(|line| line.severity == "warning" && !line.intercom_request_id.is_empty());
    let named = named.count();
    verdict.expect(
        named + 1 >= ids.len(),
        format!("{named} warnings of the log name Intercom's request"),
    );
    Ok(connection)
}

/// Faults that pass, by what they are.
fn passing(scale: Scale) -> Vec<(&'static str, Vec<Value>)> {
    let harmed = |path: &str, times: u32, skip: u32, harm: Value| {
        let mut fault = harm;
        fault["path"] = json!(path);
        fault["times"] = json!(times);
        fault["skip"] = json!(skip);
        fault
    };
    let status = |status: u16| json!({ "harm": "status", "status": status });
    let plain = |harm: &str| json!({ "harm": harm });
    let many = scale.pick(20, 100, 1000);
    let mut passing = vec![
        (
            "429 in a storm",
            vec![harmed("/conversations/*", many, 10, status(429))],
        ),
        (
            "500, 502 and 503",
            vec![
                harmed("/conversations/*", 3, 5, status(500)),
                harmed("/contacts*", 2, 0, status(502)),
                harmed("/companies/scroll", 1, 0, status(503)),
            ],
        ),
        (
            "empty, broken and wrong bodies",
            vec![
                harmed("/contacts*", 2, 0, plain("empty_body")),
                harmed("/conversations/search", 2, 0, plain("broken_json")),
                harmed("/tags", 1, 0, plain("error_with_ok")),
            ],
        ),
        (
            "connections that break",
            vec![
                harmed("/conversations/*", 3, 5, plain("close")),
                harmed("/conversations/*", 3, 9, plain("close_midway")),
            ],
        ),
    ];
    if scale != Scale::Brief {
        let hang = harmed("/conversations/*", 2, 20, plain("hang"));
        passing.push(("no answer at all", vec![hang]));
    }
    passing
}

async fn what_passes_is_waited_for(
    deployment: &Deployment,
    connection: ConnectionId,
    verdict: &mut Verdict,
    what: &str,
    faults: Vec<Value>,
) -> Result<()> {
    let intercom = deployment.intercom()?;
    for fault in faults {
        intercom.harm(fault).await?;
    }
    let run = deployment.tenant().run(connection, RunKind::Full).await?;
    let left = intercom.heal().await?;
    verdict.expect(left == 0, format!("{what}: {left} of them did not come"));
    let gaps = unexpected_gaps(deployment, &run).await?;
    let is_whole = run.state() != RunState::Failed && gaps.is_empty();
    verdict.expect(is_whole, format!("{what}: {}, gaps {gaps:?}", ended(&run)));
    verdict.expect_same(what, &compare(deployment, connection).await?);
    Ok(())
}

/// A contact that became another between two runs is answered with 410.
async fn merged_is_followed(
    deployment: &Deployment,
    connection: ConnectionId,
    verdict: &mut Verdict,
) -> Result<()> {
    let intercom = deployment.intercom()?;
    let told = Told::read(intercom).await?;
    let (lead, user) = told.lead_and_user().context("nobody can be merged")?;
    let merge = json!({ "what": "merge", "into": user });
    intercom.tell(&format!("contacts/{lead}"), &merge).await?;
    let run = deployment.tenant().run(connection, RunKind::Full).await?;
    let gaps = unexpected_gaps(deployment, &run).await?;
    let is_whole = run.state() != RunState::Failed && gaps.is_empty();
    verdict.expect(
        is_whole,
        format!("410 merged: {}, gaps {gaps:?}", ended(&run)),
    );
    deployment.tenant().repaired(connection).await?;
    verdict.expect_same("410 merged", &compare(deployment, connection).await?);
    Ok(())
}

async fn nothing_for_good_ends_the_run(
    deployment: &Deployment,
    connection: ConnectionId,
    verdict: &mut Verdict,
) -> Result<()> {
    let intercom = deployment.intercom()?;
    let away = json!({ "path": "/conversations/search", "times": FOR_GOOD, "harm": "status", "status": 500 });
    intercom.harm(away).await?;
    let run = deployment.tenant().run(connection, RunKind::Full).await?;
    intercom.heal().await?;
    let says_why = run.reason.contains("conversations") && run.reason.contains("Start the sync");
    verdict.expect(
        run.state() == RunState::Failed && says_why,
        format!("500 for good: {}", ended(&run)),
    );
    let again = deployment.tenant().run(connection, RunKind::Full).await?;
    let is_whole = again.state() != RunState::Failed;
    verdict.expect(is_whole, format!("and started again: {}", ended(&again)));
    Ok(())
}

/// Gaps but those of the story: of a conversation with more than 500 parts Intercom shows no more.
async fn unexpected_gaps(deployment: &Deployment, run: &Run) -> Result<Vec<Gap>> {
    let mut gaps = deployment.tenant().gaps(run).await?;
    gaps.retain(|gap| gap.kind != "parts");
    Ok(gaps)
}

fn ended(run: &Run) -> String {
    let state = run.state().as_str_name();
    let state = state.trim_start_matches("RUN_STATE_").to_ascii_lowercase();
    if run.reason.is_empty() {
        return state;
    }
    format!("{state} (“{}”)", run.reason)
}
