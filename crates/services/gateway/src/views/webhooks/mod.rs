//! How notifications of a connection arrive: address, topics, secret, deliveries.

mod chart;
pub(crate) mod secret;
pub(crate) mod topics;

use askama::Template;
use chrono::{DateTime, Utc};
use harken_contracts::wire::ingress::v1::{Deliveries, RefusalReason};
use harken_contracts::wire::sync::v1::Live;
use harken_contracts::wire::vault::v1::Connection;

use self::secret::SecretCard;
use self::topics::Topics;
use crate::rules::numbers;
use crate::views::bars::Bars;
use crate::views::connection_head::ConnectionHead;
use crate::views::frame::Frame;
use crate::views::icon::Icon;
use crate::views::level::Level;
use crate::views::when::When;

/// For how long a failure is told apart while others arrive.
const RECENT_SECS: i64 = 3_600;

/// The settings of one connection.
#[derive(Debug, Template)]
#[template(path = "pages/webhooks.html")]
pub(crate) struct WebhooksPage {
    pub(crate) frame: Frame,
    /// None for a drill, which has no other pages.
    pub(crate) head: Option<ConnectionHead>,
    pub(crate) workspace: Workspace,
    /// None while the edge does not answer.
    pub(crate) arriving: Option<Arriving>,
    /// None while the vault does not tell.
    pub(crate) secret: Option<SecretCard>,
    /// None while sync does not answer.
    pub(crate) topics: Option<Topics>,
    pub(crate) applied: Option<Applied>,
    /// What is wrong with the form that was sent.
    pub(crate) problem: Option<String>,
}

/// Which workspace.
#[derive(Clone, Debug)]
pub(crate) struct Workspace {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// What the edge has seen.
#[derive(Clone, Debug)]
pub(crate) struct Arriving {
    pub(crate) endpoint: String,
    pub(crate) verdict: Verdict,
    pub(crate) last_heard: Option<When>,
    pub(crate) last_delivery: Option<When>,
    pub(crate) last_failure: Option<Failure>,
    /// Whether it is worth more than a line.
    pub(crate) shows_failure: bool,
    pub(crate) chart: Option<Bars>,
}

/// How it goes, in a line.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub(crate) level: Level,
    pub(crate) words: &'static str,
    pub(crate) more: &'static str,
}

/// The last notification that was refused.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// In one word or two: `signature`.
    pub(crate) word: &'static str,
    pub(crate) why: &'static str,
    pub(crate) when: When,
}

/// What became of the notifications.
#[derive(Clone, Debug)]
pub(crate) struct Applied {
    pub(crate) last: Option<When>,
    pub(crate) repairs: u64,
    pub(crate) unknown: Vec<Unknown>,
}

/// A topic that came and has no effect yet.
#[derive(Clone, Debug)]
pub(crate) struct Unknown {
    pub(crate) topic: String,
    pub(crate) count: String,
    pub(crate) last: Option<When>,
}

impl WebhooksPage {
    /// Whether notifications come through an app of the organization's own.
    fn has_own_app(&self) -> bool {
        self.secret.as_ref().is_none_or(|secret| secret.is_set)
    }
}

impl Workspace {
    pub(crate) fn new(connection: &Connection) -> Self {
        Self {
            id: connection.connection_id.clone(),
            name: connection.workspace_name.clone(),
        }
    }
}

impl Arriving {
    pub(crate) fn new(deliveries: &Deliveries, now: DateTime<Utc>) -> Self {
        let when = |at: &Option<prost_types::Timestamp>| When::read(at.as_ref(), now);
        let last_failure = when(&deliveries.last_failure_at).map(|when| {
            let (word, why) = refusal(deliveries.last_failure_reason());
            Failure { word, why, when }
        });
        Self {
            endpoint: deliveries.endpoint_url.clone(),
            shows_failure: deliveries
                .last_failure_at
                .is_some_and(|at| now.timestamp() - at.seconds < RECENT_SECS),
            verdict: Verdict::of(deliveries),
            last_heard: when(&deliveries.last_heard_at),
            last_delivery: when(&deliveries.last_delivery_at),
            last_failure,
            chart: chart::chart(&deliveries.hours, now),
        }
    }
}

impl Verdict {
    fn of(deliveries: &Deliveries) -> Self {
        let moment = |at: Option<prost_types::Timestamp>| at.map(|at| (at.seconds, at.nanos));
        let heard = moment(deliveries.last_heard_at).max(moment(deliveries.last_delivery_at));
        let failed = moment(deliveries.last_failure_at);
        let (level, words, more) = if heard.is_none() && failed.is_none() {
            (
                Level::NotApplicable,
                "Not heard from Intercom yet",
                "The first notification comes when something happens in Intercom. With an app of your own, paste the address, subscribe to the topics below and press “Send test request”.",
            )
        } else if failed > heard {
            (
                Level::Critical,
                "The last notification was refused",
                "Intercom tries each one twice. What is missed is found again by the next sync.",
            )
        } else {
            (Level::Healthy, "Notifications arrive", "")
        };
        Self { level, words, more }
    }
}

/// Why a notification was refused: in a word, and what to do.
const fn refusal(reason: RefusalReason) -> (&'static str, &'static str) {
    match reason {
        RefusalReason::Signature => (
            "signature",
            "It was not signed with the secret that is set here. Compare it with the client secret under Basic information in Intercom's Developer Hub.",
        ),
        RefusalReason::NoSecret => (
            "no secret",
            "No secret is set for this address. Set the client secret of your app below.",
        ),
        RefusalReason::Malformed => (
            "malformed",
            "It was signed rightly and is no notification. If it came from Intercom, tell us the time.",
        ),
        RefusalReason::TooLarge => ("too large", "It was larger than 1 MiB."),
        RefusalReason::NotKept => (
            "not kept",
            "Neither the bus nor the database could keep it in time. Intercom tries once more after a minute.",
        ),
        RefusalReason::Unspecified => ("unknown", "The edge does not say why."),
    }
}

impl Applied {
    pub(crate) fn new(live: &Live, now: DateTime<Utc>) -> Self {
        let unknown = live.unknown_topics.iter().map(|topic| Unknown {
            topic: topic.topic.clone(),
            count: numbers::counted(topic.count, "time", "times"),
            last: When::read(topic.last_received_at.as_ref(), now),
        });
        Self {
            last: When::read(live.last_applied_at.as_ref(), now),
            repairs: live.repairs_waiting,
            unknown: unknown.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_follows_what_happened_last() {
        let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
        for (heard, failed, level) in [
            (None, None, Level::NotApplicable),
            (at(9), None, Level::Healthy),
            (at(9), at(5), Level::Healthy),
            (at(5), at(9), Level::Critical),
            (None, at(9), Level::Critical),
        ] {
            let deliveries = Deliveries {
                last_heard_at: heard,
                last_failure_at: failed,
                ..Deliveries::default()
            };
            assert_eq!(Verdict::of(&deliveries).level, level);
        }
    }
}
