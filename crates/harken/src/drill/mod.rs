#![doc = include_str!("README.md")]

mod comparison;
mod complaints;
mod connection;
mod deck;
mod follow;
mod histogram;
mod ledger;
mod lines;
mod mirror;
mod model;
mod notification;
mod patient;
mod report;
mod sender;
mod signature;
mod story;
mod verdict;
mod watch;

use std::sync::Arc;

use harken_runtime::{Environment, Shutdown};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::Instant;

use connection::Synthetic;
use deck::{Deck, Disorder};
use follow::Trail;
use ledger::{Entry, Ledger};
use patient::Patient;
use report::{Percentiles, Report};
use sender::{Pace, Wire};
use signature::Signer;
use story::{Change, ConversationName, Story, World};
use verdict::Findings;
use watch::Sightings;

use crate::cli::{DrillArgs, DrillCommand, DrillWebhooks};
use crate::failure::Failure;
use crate::operate::Desk;
use crate::output::{Pulse, count};

/// Customers who live side by side, per notification a second.
const SIDE_BY_SIDE: f64 = 0.2;
/// Conversations that wait to be watched.
const WATCH_ROOM: usize = 64;

pub(crate) async fn run(args: DrillArgs, environment: &Environment) -> Result<(), Failure> {
    let desk = Desk::open(&args.access, environment)?;
    let DrillCommand::Webhooks(what) = args.command;
    let signals = Shutdown::on_signals()
        .map_err(|cause| Failure::other(format!("signals cannot be caught: {cause}")))?;
    let patient = Patient::new(desk.harken.clone(), what.patience);
    let synthetic = Synthetic::open(&patient).await?;
    let drilled = tokio::select! {
        report = Box::pin(webhooks(&what, &desk, &patient, &synthetic)) => report,
        () = signals.requested() => Err(Failure::other("the drill was interrupted")),
    };
    if !what.keep {
        synthetic.close(&patient).await?;
    }
    let report = drilled?;
    report.tell(&desk.output)?;
    report.conclude()
}

async fn webhooks(
    what: &DrillWebhooks,
    desk: &Desk,
    patient: &Patient,
    synthetic: &Synthetic,
) -> Result<Report, Failure> {
    let began_at = desk.clock.now();
    let world = World {
        seed: what.seed.unwrap_or_else(rand::random),
        epoch: began_at.timestamp(),
    };
    let drill: u64 = rand::random();
    let connections = usize::from(what.connections);
    let address = synthetic.address(patient, what.ingress.as_deref()).await?;
    let wire = Arc::new(Wire {
        http: sender::http(connections)?,
        address: address.clone(),
        signer: Signer::new(&synthetic.secret),
        workspace_id: synthetic.workspace_id.clone(),
        world,
        drill,
        connections: Semaphore::new(connections),
        clock: desk.clock.clone(),
        began_at,
    });
    let pulse = Pulse::new(&desk.output);
    let mut ledger = Ledger::default();
    let sightings = told(what, patient, synthetic, wire, &mut ledger, &pulse).await;

    let trail = Trail {
        patient,
        connection_id: &synthetic.connection_id,
        drill,
        began_at,
    };
    trail.settle(&mut ledger, &pulse).await?;
    let spooled = trail.drained(&pulse).await?.spooled;
    trail.look_for_unanswered(&mut ledger).await?;
    let differences = {
        let by_customer = ledger.by_customer();
        mirror::compare(
            patient,
            &synthetic.connection_id,
            world,
            &by_customer,
            &pulse,
        )
        .await?
    };
    pulse.end();
    if let Some(file) = &what.ledger {
        lines::write(file, &ledger, world, drill)?;
    }
    let findings = Findings {
        ledger: &ledger,
        drill,
        sightings: &sightings,
        differences: &differences,
        spooled,
    };
    let verdicts = findings.verdicts();
    Ok(Report {
        connection_id: synthetic.connection_id.clone(),
        address: address.to_string(),
        seed: world.seed,
        per_second: what.rate,
        secs: what.length.as_secs_f64(),
        notifications: ledger.count(|_| true),
        requests: ledger.requests,
        answers: report::answers(&ledger),
        kept: report::kept(&ledger),
        outcomes: report::outcomes(&ledger),
        answer_ms: Percentiles::of(&ledger.answer_times),
        freshness_ms: Percentiles::of(&ledger.freshness),
        passed: verdicts.iter().all(|verdict| verdict.holds),
        verdicts,
    })
}

/// Tells everything, and watches some of it meanwhile.
async fn told(
    what: &DrillWebhooks,
    patient: &Patient,
    synthetic: &Synthetic,
    wire: Arc<Wire>,
    ledger: &mut Ledger,
    pulse: &Pulse,
) -> Sightings {
    let world = wire.world;
    let disorder = Disorder {
        duplicates: what.duplicates,
        reorder: what.reorder,
        late: what.late,
    };
    let pace = Pace {
        per_second: what.rate,
        length: what.length,
        retry_after: (!what.no_retry).then_some(what.retry),
    };
    let mut deck = Deck::new(world, disorder, side_by_side(what.rate));
    let (touched, watched) = mpsc::channel(WATCH_ROOM);
    let watching = watch::watch(patient.harken.clone(), synthetic.id, world, watched);
    let sending = async move {
        let began = Instant::now();
        let mut said = began;
        let progress = |ledger: &Ledger| {
            if let Some(name) = ledger.entries().last().and_then(|last| about(world, last)) {
                // Who watches takes what he has room for.
                let _ = touched.try_send(name);
            }
            if said.elapsed().as_millis() > 200 {
                said = Instant::now();
                pulse.say(&standing(ledger, began));
            }
        };
        sender::send(wire, pace, &mut deck, ledger, progress).await;
    };
    let (sightings, ()) = tokio::join!(watching, sending);
    sightings
}

/// The conversation that a notification speaks about.
fn about(world: World, entry: &Entry) -> Option<ConversationName> {
    let story = Story::of(world, entry.customer);
    match story.steps.get(usize::from(entry.step))?.change {
        Change::Conversation { ordinal, .. } => Some(ConversationName {
            customer: entry.customer,
            ordinal,
        }),
        _ => None,
    }
}

fn standing(ledger: &Ledger, began: Instant) -> String {
    let answered: u64 = ledger.statuses.values().sum();
    let refused: u64 = ledger
        .statuses
        .iter()
        .filter(|(status, _)| !(200..300).contains(*status))
        .map(|(_, count)| count)
        .sum();
    format!(
        "sending: {} s, {} sent, {} answered, {} refused",
        began.elapsed().as_secs(),
        count(ledger.requests),
        count(answered),
        count(refused)
    )
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate between 0.1 and 100,000"
)]
fn side_by_side(rate: f64) -> u32 {
    (rate * SIDE_BY_SIDE).clamp(4.0, 400.0) as u32
}
