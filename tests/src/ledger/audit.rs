use std::collections::{HashMap, HashSet};
use std::pin::pin;
use std::time::Duration;

use anyhow::Result;
use futures::StreamExt as _;
use harken_bus::WatchFrom;
use harken_contracts::subjects;
use harken_contracts::wire::ingress::v1::GetEdgeStatusRequest;
use harken_contracts::wire::sync::v1::{NotificationOutcome, TraceNotificationsRequest};
use harken_domain::ConnectionId;
use tokio::time::{Instant, sleep, timeout};

use super::{Changes, Ledger, Mirror};
use crate::deployment::{Deployment, Tenant, Workspace};
use crate::traffic::{Record, Truth};
use crate::until;

/// As many as one request may name.
const TRACED_AT_ONCE: usize = 1000;
/// When nothing new has arrived for this long, nothing will. Longer than a consumer waits for an acknowledgement.
const STANDSTILL: Duration = Duration::from_secs(75);
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);
/// A stream that says nothing for this long has said all.
const SILENCE: Duration = Duration::from_secs(1);

/// What became of a ledger.
#[derive(Debug, Default)]
pub struct Audit {
    /// Different notifications.
    pub sent: usize,
    /// Those that were answered 2xx at least once.
    pub taken: usize,
    /// Records and parts in the mirror.
    pub mirrored: usize,
    /// Dead letters of the workspace.
    pub dead: usize,
    /// How long after the last notification all was at rest.
    pub settled_after: Duration,
    /// I1 to I4 in words, where one was broken.
    pub violations: Vec<String>,
}

impl Audit {
    /// The numbers in one line.
    pub fn words(&self) -> String {
        let Self {
            sent,
            taken,
            mirrored,
            dead,
            settled_after,
            violations: _,
        } = self;
        format!(
            "{taken} of {sent} taken, {mirrored} lines of the mirror agree, {dead} dead, at rest after {:.1} s",
            settled_after.as_secs_f64()
        )
    }
}

/// Waits until all is at rest, then holds the ledger against it.
pub async fn audit(
    deployment: &Deployment,
    workspace: &Workspace,
    ledger: &Ledger,
    truth: &Truth,
) -> Result<Audit> {
    let since = Instant::now();
    let tenant = deployment.tenant();
    let connection = workspace.connection;
    let taken = ledger.entries().iter().filter(|entry| entry.is_taken());
    let ids: Vec<&str> = taken.map(|entry| entry.notification.id.as_str()).collect();
    let mut audit = Audit {
        sent: ledger.entries().len(),
        taken: ids.len(),
        ..Audit::default()
    };
    let lost = untraced(tenant, connection, &ids).await?;
    if !lost.is_empty() {
        let some: Vec<&str> = lost.iter().take(3).copied().collect();
        audit.violations.push(format!(
            "I1: {} of {} lost, such as {some:?}",
            lost.len(),
            ids.len()
        ));
    }
    rest(deployment).await?;
    audit.settled_after = since.elapsed();

    let changes = Changes::read(deployment, connection).await?;
    audit.violations.extend(doubled(ledger, &changes));
    audit.violations.extend(
        changes
            .backward()
            .into_iter()
            .take(2)
            .map(|record| format!("I3: {record} goes back")),
    );
    let mirror = Mirror::read(tenant, connection).await?;
    let differences = mirror.differences(&Mirror::of(truth));
    audit.mirrored = mirror.len();
    audit
        .violations
        .extend(differences.into_iter().map(|line| format!("I4: {line}")));
    audit.dead = dead_letters(deployment, connection).await?;
    Ok(audit)
}

/// Those that sync has not heard of when it hears of no more.
pub(crate) async fn untraced<'a>(
    tenant: &Tenant,
    connection: ConnectionId,
    ids: &[&'a str],
) -> Result<Vec<&'a str>> {
    let mut missing = ids.to_vec();
    let mut moved_at = Instant::now();
    loop {
        let before = missing.len();
        let mut still = Vec::new();
        for some in missing.chunks(TRACED_AT_ONCE) {
            let request = TraceNotificationsRequest {
                connection_id: connection.to_string(),
                notification_ids: some.iter().map(|id| (*id).to_owned()).collect(),
            };
            let traces = tenant.sync().trace_notifications(request).await?;
            let traces = traces.into_inner().notifications;
            let arrived = |outcome| outcome != NotificationOutcome::Unspecified;
            let known: HashSet<String> = traces
                .into_iter()
                .filter(|trace| arrived(trace.outcome()))
                .map(|trace| trace.notification_id)
                .collect();
            still.extend(some.iter().filter(|id| !known.contains(**id)));
        }
        missing = still;
        if missing.is_empty() {
            return Ok(missing);
        }
        if missing.len() < before {
            moved_at = Instant::now();
        }
        if moved_at.elapsed() > STANDSTILL {
            return Ok(missing);
        }
        sleep(BETWEEN_LOOKS).await;
    }
}

/// Waits until nothing is under way: spool, outboxes, records that scoring has not taken in.
pub(crate) async fn rest(deployment: &Deployment) -> Result<()> {
    let tenant = deployment.tenant();
    until("the spool is empty", async || {
        let status = tenant.edge().get_edge_status(GetEdgeStatusRequest {}).await;
        (status.ok()?.into_inner().spooled == 0).then_some(())
    })
    .await?;
    let mut database = deployment.database().await?;
    until("the outboxes are empty", async || {
        let waiting: i64 = sqlx::query_scalar(
            "SELECT (SELECT count(*) FROM sync.outbox) + (SELECT count(*) FROM scoring.outbox)",
        )
        .fetch_one(&mut database)
        .await
        .ok()?;
        (waiting == 0).then_some(())
    })
    .await?;
    let bus = deployment.bus().await?;
    until("scoring has taken in all records", async || {
        let lag = bus
            .lag(subjects::Stream::Record, "scoring-records")
            .await
            .ok()?;
        lag.is_none().then_some(())
    })
    .await
}

/// I2: a record changes at most once for each different notification about it. Once more where something else made it
/// known first: a conversation its contact, a contact its conversation.
fn doubled(ledger: &Ledger, changes: &Changes) -> Vec<String> {
    let mut told: HashMap<&Record, usize> = HashMap::new();
    for entry in ledger.entries() {
        *told.entry(&entry.notification.record).or_default() += 1;
    }
    let doubled = told
        .into_iter()
        .map(|(record, told)| (record, told, changes.of(record)))
        .filter(|(_, told, changed)| *changed > told + 1);
    doubled
        .take(3)
        .map(|(record, told, changed)| {
            format!("I2: {told} notifications changed {record:?} {changed} times")
        })
        .collect()
}

/// Those of one workspace.
pub(crate) async fn dead_letters(
    deployment: &Deployment,
    connection: ConnectionId,
) -> Result<usize> {
    let bus = deployment.bus().await?;
    let watch = bus.watch(vec![subjects::all_dead()], WatchFrom::Beginning);
    let mut told = pin!(watch.await?);
    let mut dead = 0;
    while let Ok(Some(delivery)) = timeout(SILENCE, told.next()).await {
        dead += usize::from(delivery.connection == connection);
    }
    Ok(dead)
}
