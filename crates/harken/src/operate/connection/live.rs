use console::Style;
use harken_contracts::wire::ingress::v1::{Deliveries, GetDeliveriesRequest, RefusalReason};
use harken_contracts::wire::sync::v1::{GetLiveRequest, Live, NotificationOutcome};
use serde_json::json as value;

use crate::failure::Failure;
use crate::operate::{Desk, choose};
use crate::output::{Cell, Table, count, json, many, when};

/// How notifications arrive, and what they do.
pub(super) async fn show(named: Option<&str>, desk: &Desk) -> Result<(), Failure> {
    let connection = choose::connection(&desk.harken, named).await?;
    let connection_id = connection.connection_id;
    let request = GetDeliveriesRequest {
        connection_id: connection_id.clone(),
    };
    let deliveries = desk.harken.edge().get_deliveries(request).await;
    let deliveries = desk.harken.answered(deliveries)?;
    let live = desk
        .harken
        .sync()
        .get_live(GetLiveRequest { connection_id })
        .await;
    let live = desk.harken.answered(live)?;
    if desk.output.is_json() {
        return desk
            .output
            .object(&value!({"deliveries": json(&deliveries), "live": json(&live)}));
    }
    desk.output.table(&arrivals(&deliveries, desk))?;
    desk.output.line("")?;
    desk.output.table(&effects(&live, desk))?;
    if live.unknown_topics.is_empty() {
        return Ok(());
    }
    desk.output.line("")?;
    desk.output.table(&unknown(&live, desk))
}

fn arrivals(deliveries: &Deliveries, desk: &Desk) -> Table {
    let now = desk.clock.now();
    let mut facts = Table::facts();
    facts.fact("Address for Intercom", Cell::text(&deliveries.endpoint_url));
    facts.fact(
        "Last heard",
        Cell::text(when(deliveries.last_heard_at.as_ref(), now)),
    );
    facts.fact(
        "Last notification",
        Cell::text(when(deliveries.last_delivery_at.as_ref(), now)),
    );
    facts.fact("Last failure", refusal(deliveries, desk));
    if let Some(used) = &deliveries.old_secret_last_used_at {
        facts.fact("Old secret last used", Cell::text(when(Some(used), now)));
    }
    let sum = |of: fn(&harken_contracts::wire::ingress::v1::DeliveryHour) -> u64| -> String {
        count(deliveries.hours.iter().map(of).sum())
    };
    facts.fact(
        "Last day",
        Cell::text(format!(
            "{} streamed, {} spooled, {} quarantined, {} refused, {} pings",
            sum(|hour| hour.streamed),
            sum(|hour| hour.spooled),
            sum(|hour| hour.quarantined),
            sum(|hour| hour.refused),
            sum(|hour| hour.pings),
        )),
    );
    facts
}

fn refusal(deliveries: &Deliveries, desk: &Desk) -> Cell {
    let why = match deliveries.last_failure_reason() {
        RefusalReason::Unspecified => return Cell::text("never"),
        RefusalReason::Signature => "signature: the secret here and the app's client secret differ",
        RefusalReason::NoSecret => "no secret is set: `harken connection webhook-secret set`",
        RefusalReason::Malformed => "the body was no notification",
        RefusalReason::TooLarge => "the body was larger than 1 MiB",
        RefusalReason::NotKept => "neither bus nor spool could keep it in time",
    };
    let at = when(deliveries.last_failure_at.as_ref(), desk.clock.now());
    Cell::text(format!("{at}, {why}")).styled(Style::new().yellow())
}

fn effects(live: &Live, desk: &Desk) -> Table {
    let mut facts = Table::facts();
    facts.fact(
        "Mirror changed",
        Cell::text(when(live.last_applied_at.as_ref(), desk.clock.now())),
    );
    for outcome in &live.outcomes {
        facts.fact(word(outcome.outcome()), Cell::text(count(outcome.count)));
    }
    facts.fact(
        "To be fetched",
        Cell::text(many(live.repairs_waiting, "record")),
    );
    facts
}

const fn word(outcome: NotificationOutcome) -> &'static str {
    match outcome {
        NotificationOutcome::Unspecified => "Not arrived",
        NotificationOutcome::Applied => "Applied",
        NotificationOutcome::Superseded => "Superseded",
        NotificationOutcome::Refetched => "Fetched",
        NotificationOutcome::Ignored => "Ignored",
        NotificationOutcome::UnknownTopic => "Of unknown topic",
        NotificationOutcome::Dead => "Dead",
    }
}

fn unknown(live: &Live, desk: &Desk) -> Table {
    let mut table = Table::new(["UNKNOWN TOPIC", "TIMES", "LAST"]);
    for topic in &live.unknown_topics {
        table.row([
            Cell::text(&topic.topic),
            Cell::number(count(topic.count)),
            Cell::text(when(topic.last_received_at.as_ref(), desk.clock.now())),
        ]);
    }
    table
}
