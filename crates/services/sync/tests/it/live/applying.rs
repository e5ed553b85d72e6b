use harken_contracts::{
    convert::datetime,
    subjects::{self, RecordKind},
    wire::{
        events::v1::{RecordCause, RecordChange, RecordChanged, record_change::Record},
        sync::v1::{ListTopicsRequest, NotificationOutcome as Outcome, TraceNotificationsRequest},
    },
};
use serde_json::{Value, json};
use tonic::Code;

use super::notifications::{Conversation, Told, contact, part, told};
use crate::harness::{House, now, story};

impl House {
    /// A house whose own connection is synthetic.
    async fn synthetic() -> Self {
        let house = Self::open(story(0, 0)).await;
        house.open_as(house.connection, true).await;
        house
    }

    /// Changes of one kind that were told, oldest first.
    async fn changes(&self, kind: RecordKind) -> Vec<RecordChange> {
        let told = self.told(subjects::record(self.connection, kind)).await;
        let events = told
            .iter()
            .map(|message| message.decode::<RecordChanged>().unwrap());
        events.flat_map(|event| event.changes).collect()
    }
}

fn conversation(state: &'static str, updated_at: i64, parts: Vec<Value>) -> Value {
    let counted = u32::try_from(parts.len()).unwrap() + 1;
    Conversation {
        id: "700",
        contact: "user",
        state,
        updated_at,
        counted,
        parts,
        is_old_form: false,
    }
    .item()
}

fn dana(updated_at: i64) -> Value {
    contact("user", Some("dana@example.com"), "Dana", updated_at)
}

/// A notification, and what becomes of it.
type Line = (&'static str, i64, Value, Outcome, Option<RecordCause>);

/// The life of one conversation, topic by topic.
#[expect(clippy::too_many_lines, reason = "a table")]
fn lines() -> Vec<Line> {
    let reopening = part("75", "open", 1500, "open", Some("Still broken"));
    let mut redacted = part(
        "71",
        "comment",
        1100,
        "open",
        Some("This message was deleted"),
    );
    redacted["redacted"] = json!(true);
    redacted["updated_at"] = json!(1700);
    vec![
        (
            "contact.user.created",
            900,
            dana(900),
            Outcome::Applied,
            None,
        ),
        (
            "conversation.user.created",
            1000,
            conversation("open", 1000, vec![]),
            Outcome::Applied,
            Some(RecordCause::ConversationCreated),
        ),
        (
            "conversation.admin.replied",
            1100,
            conversation(
                "open",
                1100,
                vec![part("71", "comment", 1100, "open", Some("Hello"))],
            ),
            Outcome::Applied,
            Some(RecordCause::ConversationPartCreated),
        ),
        (
            "conversation.admin.assigned",
            1200,
            conversation(
                "open",
                1200,
                vec![part("72", "assignment", 1200, "open", None)],
            ),
            Outcome::Applied,
            Some(RecordCause::ConversationAssigned),
        ),
        (
            "conversation.admin.closed",
            1300,
            conversation(
                "closed",
                1300,
                vec![part("73", "close", 1300, "closed", None)],
            ),
            Outcome::Applied,
            Some(RecordCause::ConversationClosed),
        ),
        (
            "conversation.user.replied",
            1500,
            conversation("open", 1500, vec![reopening]),
            Outcome::Applied,
            Some(RecordCause::ConversationReopened),
        ),
        // Told a second time, under another topic.
        (
            "conversation.read",
            1500,
            conversation(
                "open",
                1500,
                vec![part("75", "open", 1500, "open", Some("Still broken"))],
            ),
            Outcome::Superseded,
            None,
        ),
        (
            "conversation.rating.added",
            1600,
            conversation("open", 1600, vec![]),
            Outcome::Applied,
            Some(RecordCause::ConversationUpdated),
        ),
        (
            "conversation_part.redacted",
            1700,
            conversation("open", 1700, vec![redacted]),
            Outcome::Applied,
            Some(RecordCause::ConversationPartRedacted),
        ),
        (
            "ticket.created",
            1800,
            json!({"id": "t"}),
            Outcome::Ignored,
            None,
        ),
        (
            "song.sung",
            1800,
            json!({"id": "s"}),
            Outcome::UnknownTopic,
            None,
        ),
        (
            "conversation.deleted",
            1900,
            json!({"type": "conversation", "conversation_id": "700"}),
            Outcome::Applied,
            Some(RecordCause::ConversationDeleted),
        ),
        // Nothing brings it back.
        (
            "conversation.admin.opened",
            2000,
            conversation("open", 2000, vec![]),
            Outcome::Superseded,
            None,
        ),
    ]
}

#[tokio::test]
async fn each_topic_has_the_effect_and_the_cause_of_the_table() {
    let house = House::synthetic().await;
    let process = house.start().await;
    house.known(house.connection).await;
    let began = now();
    let mut expected = Vec::new();
    for (n, (topic, at, item, outcome, cause)) in lines().into_iter().enumerate() {
        let id = format!("notif_{n}");
        house.tell(&[told(&id, topic, at, &item)]).await;
        house.taken(n + 1).await;
        let trace = house.trace(&process, &[&id]).await.remove(0);
        assert_eq!(trace.outcome(), outcome, "{topic}");
        assert!(trace.received_at.is_some() && trace.applied_at.is_some());
        expected.extend(cause);
    }
    let changes = house.changes(RecordKind::Conversation).await;
    let causes: Vec<RecordCause> = changes.iter().map(RecordChange::cause).collect();
    assert_eq!(causes, expected);
    assert!(changes.is_sorted_by(|older, newer| older.revision < newer.revision));
    for change in &changes {
        let heard_at = change.heard_at.as_ref().and_then(|at| datetime(at).ok());
        assert!(heard_at.is_some_and(|at| at >= began));
    }
    let Some(Record::Conversation(whole)) = &changes[changes.len() - 2].record else {
        panic!("the whole record was expected")
    };
    let ids: Vec<_> = whole
        .parts
        .iter()
        .map(|part| part.external_id.as_str())
        .collect();
    assert_eq!(ids, ["source:700", "71", "72", "73", "75"]);
    assert!(whole.parts[1].is_redacted && whole.parts[1].text.is_none());
    assert!(whole.parts[4].is_reopening);
    let live = house.live(&process, house.connection).await;
    assert!(live.last_applied_at.is_some());
    assert_eq!(live.unknown_topics[0].topic, "song.sung");
    assert_eq!(
        live.outcomes
            .iter()
            .map(|outcome| outcome.count)
            .sum::<u64>(),
        13
    );
    process.stop().await;
}

#[tokio::test]
async fn what_is_told_fifty_times_counts_once_and_what_comes_late_changes_only_what_it_may() {
    let house = House::synthetic().await;
    let process = house.start().await;
    house.known(house.connection).await;
    let reply = conversation(
        "open",
        90_000,
        vec![part("71", "comment", 90_000, "open", Some("Hello"))],
    );
    let reply = told("reply", "conversation.user.replied", 90_000, &reply);
    house
        .tell(&[told("dana", "contact.user.created", 900, &dana(900))])
        .await;
    for n in 0..50 {
        let again = Told {
            id: format!("reply-{n}"),
            ..reply.clone()
        };
        house.tell(&[again]).await;
    }
    house.taken(51).await;
    assert_eq!(house.changes(RecordKind::Conversation).await.len(), 1);
    // A day late: its part is new, its head is not.
    let late = conversation(
        "closed",
        3600,
        vec![part("70", "close", 3600, "closed", None)],
    );
    house
        .tell(&[told("late", "conversation.admin.closed", 3600, &late)])
        .await;
    house.taken(52).await;
    let changes = house.changes(RecordKind::Conversation).await;
    let change = changes.last().unwrap();
    assert_eq!(change.cause(), RecordCause::ConversationPartCreated);
    let Some(Record::Conversation(record)) = &change.record else {
        panic!("a conversation was expected")
    };
    assert_eq!(record.status, 1, "it is open, for that is newer");
    assert_eq!(record.parts.len(), 3);
    process.stop().await;
}

#[tokio::test]
async fn one_poisoned_message_harms_no_other() {
    let house = House::synthetic().await;
    let process = house.start().await;
    house.known(house.connection).await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let raw = |topic: &str, item: &str| Told {
        body: format!(r#"{{"app_id":"w","topic":"{topic}","id":"x","data":{{"item":{item}}}}}"#)
            .into_bytes(),
        ..told(topic, topic, 1, &json!({}))
    };
    let poisons = [
        Told {
            id: "no-json".to_owned(),
            body: b"{".to_vec(),
            ..raw("a", "{}")
        },
        Told {
            id: "no-id".to_owned(),
            ..raw("conversation.read", "{}")
        },
        Told {
            id: "deep".to_owned(),
            ..raw(
                "conversation.admin.noted",
                &format!(r#"{{"id":"1","contacts":{deep},"custom_attributes":{deep}}}"#),
            )
        },
        Told {
            id: "nul".to_owned(),
            ..raw(
                "conversation.admin.closed",
                r#"{"id":"5","state":"closed","updated_at":7,"title":"a\u0000b"}"#,
            )
        },
    ];
    let mut all = vec![told("dana", "contact.user.created", 900, &dana(900))];
    all.extend(poisons);
    all.push(told(
        "last",
        "conversation.user.created",
        1000,
        &conversation("open", 1000, vec![]),
    ));
    house.tell(&all).await;
    house.taken(all.len()).await;
    let outcomes = house
        .outcomes(&process, &["dana", "no-json", "no-id", "last", "never"])
        .await;
    assert_eq!(
        outcomes,
        [
            Outcome::Applied,
            Outcome::Dead,
            Outcome::Dead,
            Outcome::Applied,
            Outcome::Unspecified
        ]
    );
    let died = house.told(subjects::all_dead()).await;
    assert!(died.len() >= 2, "{} dead letters", died.len());
    process.stop().await;
}

#[tokio::test]
async fn what_is_live_is_told_to_its_own_organization_alone() {
    let house = House::synthetic().await;
    let process = house.start().await;
    house.known(house.connection).await;
    let stranger = harken_domain::OrganizationId::generate(&harken_domain::Clock::system());
    let channel = process.channel().for_organization(stranger);
    let mut others = harken_contracts::wire::sync::v1::sync_client::SyncClient::new(channel);
    let live = harken_contracts::wire::sync::v1::GetLiveRequest {
        connection_id: house.connection.to_string(),
    };
    assert_eq!(
        others.get_live(live).await.unwrap_err().code(),
        Code::NotFound
    );
    let trace = TraceNotificationsRequest {
        connection_id: house.connection.to_string(),
        notification_ids: vec!["x".to_owned()],
    };
    assert_eq!(
        others.trace_notifications(trace).await.unwrap_err().code(),
        Code::NotFound
    );
    let too_many = TraceNotificationsRequest {
        connection_id: house.connection.to_string(),
        notification_ids: vec![String::new(); 1001],
    };
    let refused = house
        .runs(&process)
        .trace_notifications(too_many)
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let topics = house
        .runs(&process)
        .list_topics(ListTopicsRequest {})
        .await
        .unwrap()
        .into_inner()
        .topics;
    assert_eq!(topics.len(), 110);
    assert!(topics.is_sorted_by(|a, b| a.topic < b.topic));
    process.stop().await;
}
