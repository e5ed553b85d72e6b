//! How notifications arrive.

use chrono::{DurationRound as _, TimeDelta};
use harken_contracts::convert::timestamp;
use harken_contracts::wire::ingress::v1::{Deliveries, DeliveryHour, RefusalReason};
use harken_contracts::wire::sync::v1::{Live, Topic, UnknownTopic};
use harken_contracts::wire::vault::v1::WebhookSecret;
use harken_domain::Role;

use crate::views::frame::{Frame, Section};
use crate::views::webhooks::secret::SecretCard;
use crate::views::webhooks::topics::Topics;
use crate::views::webhooks::{Applied, Arriving, WebhooksPage, Workspace};

use super::*;

fn deliveries() -> Deliveries {
    let this = now().duration_trunc(TimeDelta::hours(1)).unwrap();
    let hour = |back: u32| DeliveryHour {
        hour: Some(timestamp(this - TimeDelta::hours(i64::from(back)))),
        streamed: u64::from((back * 37) % 90 + 20),
        spooled: if back == 6 { 40 } else { 0 },
        quarantined: if back == 11 { 12 } else { 0 },
        pings: u64::from(back == 20),
        refused: if back == 0 { 9 } else { 0 },
    };
    Deliveries {
        connection_id: connection().connection_id,
        endpoint_url: "https://hooks.northwind.example/api/v1/webhooks/intercom/con_01900000000070008000000000000001".to_owned(),
        hours: (0..22).rev().map(hour).collect(),
        last_heard_at: ago(TimeDelta::minutes(2)),
        last_delivery_at: ago(TimeDelta::minutes(2)),
        last_failure_at: ago(TimeDelta::hours(3)),
        last_failure_reason: RefusalReason::Malformed.into(),
        old_secret_last_used_at: ago(TimeDelta::minutes(4)),
    }
}

fn topics() -> Topics {
    let topic = |topic: &str, effect: &str, is_needed, permissions: &[&str]| Topic {
        topic: topic.to_owned(),
        is_needed,
        effect: effect.to_owned(),
        any_of_permissions: permissions.iter().map(|one| (*one).to_owned()).collect(),
    };
    let (people, talks) = ("Read and list users and companies", "Read conversations");
    Topics::new(vec![
        topic("contact.user.created", "Adds the contact", true, &[people]),
        topic(
            "contact.deleted",
            "Marks the contact deleted and forgets what it said",
            true,
            &[people],
        ),
        topic(
            "conversation.user.replied",
            "Adds the reply and scores the customer again",
            true,
            &[talks, "Read one conversation"],
        ),
        topic(
            "conversation.admin.closed",
            "Closes the conversation and scores the customer again",
            true,
            &[talks],
        ),
        topic(
            "conversation_part.redacted",
            "Erases the text",
            true,
            &[talks],
        ),
        topic(
            "visitor.signed_up",
            "Ignored: a contact is told of by its own topic",
            false,
            &[people],
        ),
    ])
}

fn secret(is_rotating: bool) -> WebhookSecret {
    WebhookSecret {
        connection_id: connection().connection_id,
        is_set: true,
        set_at: ago(TimeDelta::minutes(30)),
        previous_valid_until: is_rotating.then(|| timestamp(now() + TimeDelta::hours(23))),
    }
}

pub(in crate::views) fn webhooks() -> WebhooksPage {
    let deliveries = deliveries();
    WebhooksPage {
        frame: frame(Section::Integrations),
        head: Some(head(Tab::Webhooks)),
        workspace: Workspace::new(&connection()),
        arriving: Some(Arriving::new(&deliveries, now())),
        secret: Some(SecretCard::new(&secret(true), Some(&deliveries), now())),
        topics: Some(topics()),
        applied: Some(Applied::new(
            &Live {
                last_applied_at: ago(TimeDelta::minutes(2)),
                repairs_waiting: 3,
                unknown_topics: vec![UnknownTopic {
                    topic: "conversation.brand_new".to_owned(),
                    count: 7,
                    last_received_at: ago(TimeDelta::hours(2)),
                }],
                ..Live::default()
            },
            now(),
        )),
        problem: None,
    }
}

pub(in crate::views) fn webhooks_wrong_secret() -> WebhooksPage {
    let deliveries = Deliveries {
        last_failure_at: ago(TimeDelta::seconds(20)),
        last_failure_reason: RefusalReason::Signature.into(),
        ..deliveries()
    };
    WebhooksPage {
        arriving: Some(Arriving::new(&deliveries, now())),
        secret: Some(SecretCard::new(&secret(false), None, now())),
        problem: Some("secret: is shorter than a client secret of Intercom.".to_owned()),
        ..webhooks()
    }
}

pub(in crate::views) fn webhooks_new() -> WebhooksPage {
    let unheard = Deliveries {
        endpoint_url: deliveries().endpoint_url,
        ..Deliveries::default()
    };
    WebhooksPage {
        arriving: Some(Arriving::new(&unheard, now())),
        secret: Some(SecretCard::new(&WebhookSecret::default(), None, now())),
        applied: Some(Applied::new(&Live::default(), now())),
        ..webhooks()
    }
}

pub(in crate::views) fn webhooks_away() -> WebhooksPage {
    WebhooksPage {
        frame: Frame {
            role: Role::Viewer,
            ..frame(Section::Integrations)
        },
        arriving: None,
        topics: None,
        applied: None,
        ..webhooks()
    }
}
