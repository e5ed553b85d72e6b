use harken_contracts::wire::{
    events::v1::{AuthorKind, ContactRecord, ConversationRecord, record_change::Record},
    types::v1::RiskLevel,
};

use crate::{
    harness::House,
    records::{closed, reopened, said, with_parts},
};

#[tokio::test]
async fn a_customer_has_no_score_until_a_conversation_begins() {
    let house = House::open().await;
    let mirror = house.mirror();
    let mut moves = house.moves().await;
    house
        .send(&mirror.contact_told(1, mirror.contact("ada")))
        .await;
    let score = house.score(mirror.customer("ada")).await.unwrap();
    assert_eq!(
        (score.points, score.level()),
        (None, RiskLevel::Unspecified)
    );
    assert_eq!(score.factors.len(), 5);
    assert_eq!(score.name.as_deref(), Some("Customer ada"));

    house
        .send(&mirror.conversation_told(2, mirror.conversation("c1", "ada")))
        .await;
    let score = house.score(mirror.customer("ada")).await.unwrap();
    // One conversation is open: 80 of 25 weights beside 100 of 40.
    assert_eq!(
        (score.points, score.level()),
        (Some(92), RiskLevel::Healthy)
    );
    assert_eq!(score.trigger, "record_changed");
    let told = moves.next().await;
    assert_eq!(told.customer_id, mirror.customer("ada").to_string());
    assert_eq!((told.points, told.previous_points), (Some(92), None));
    assert_eq!(told.reason, "there is a first conversation to judge");
    assert_eq!(told.revision, score.revision);
    house.close().await;
}

#[tokio::test]
async fn a_conversation_that_comes_before_its_contact_counts_when_the_contact_comes() {
    let house = House::open().await;
    let mirror = house.mirror();
    house
        .send(&mirror.conversation_told(2, mirror.conversation("c1", "ada")))
        .await;
    assert!(house.is_unknown(mirror.customer("ada")).await);
    house
        .send(&mirror.contact_told(1, mirror.contact("ada")))
        .await;
    assert_eq!(house.points(mirror.customer("ada")).await, Some(92));
    house.close().await;
}

#[tokio::test]
async fn a_reopening_lowers_the_score_and_says_so() {
    let house = House::open().await;
    let mirror = house.mirror();
    let conversation = || mirror.conversation("c1", "ada");
    house
        .send(&mirror.contact_told(1, mirror.contact("ada")))
        .await;
    house
        .send(&mirror.conversation_told(2, closed(conversation(), 2, 4)))
        .await;
    assert_eq!(house.points(mirror.customer("ada")).await, Some(99));
    let mut moves = house.moves().await;
    let again = with_parts(
        conversation(),
        vec![said(AuthorKind::Contact, 5), reopened(1)],
    );
    house.send(&mirror.conversation_told(3, again)).await;
    let told = moves.next().await;
    assert!(told.points < Some(99), "{told:?}");
    assert_eq!(told.previous_points, Some(99));
    assert_eq!(told.reason, "a conversation was opened again");
    house.close().await;
}

#[tokio::test]
async fn every_score_that_differed_is_kept_with_all_that_explains_it() {
    let house = House::open().await;
    let mirror = house.mirror();
    let conversation = || mirror.conversation("c1", "ada");
    house
        .send(&mirror.contact_told(1, mirror.contact("ada")))
        .await;
    house
        .send(&mirror.conversation_told(2, closed(conversation(), 2, 4)))
        .await;
    // The same points from other inputs leave no trace.
    house
        .send(&mirror.conversation_told(3, closed(conversation(), 2, 3)))
        .await;
    house
        .send(&mirror.conversation_told(4, conversation()))
        .await;
    let kept: Vec<(i16, f64, String)> = sqlx::query_as(
        "SELECT points, (SELECT sum((value ->> 'points_lost')::float8) FROM jsonb_each(factors)), reason
         FROM scoring.score_history
         WHERE (inputs ->> 'conversations')::int = 1 AND configuration_version = 0 AND coverage > 0.5
         ORDER BY revision",
    )
    .fetch_all(&mut house.owner().await)
    .await
    .unwrap();
    let told: Vec<_> = kept
        .iter()
        .map(|(points, _, reason)| (*points, reason.as_str()))
        .collect();
    let expected = [
        (99, "there is a first conversation to judge"),
        (92, "a conversation was opened"),
    ];
    assert_eq!(told, expected);
    for (points, lost, _) in kept {
        assert!(
            (100.0 - lost - f64::from(points)).abs() <= 0.5,
            "{points} {lost}"
        );
    }
    house.close().await;
}

#[tokio::test]
async fn an_older_revision_passes_by() {
    let house = House::open().await;
    let mirror = house.mirror();
    house
        .send(&mirror.contact_told(1, mirror.contact("ada")))
        .await;
    house
        .send(&mirror.conversation_told(9, closed(mirror.conversation("c1", "ada"), 2, 4)))
        .await;
    house
        .send(&mirror.conversation_told(8, mirror.conversation("c1", "ada")))
        .await;
    assert_eq!(house.points(mirror.customer("ada")).await, Some(99));
    house.close().await;
}

#[tokio::test]
async fn a_message_that_was_claimed_before_has_no_second_effect() {
    let house = House::open().await;
    let mirror = house.mirror();
    let event = mirror.contact_told(1, mirror.contact("ada"));
    sqlx::query(
        "INSERT INTO scoring.inbox (consumer, message_id) VALUES ('scoring-records', 'm1')",
    )
    .execute(&mut house.owner().await)
    .await
    .unwrap();
    house
        .bus
        .publish(harken_bus::Outgoing::of("m1", &event).unwrap())
        .await
        .unwrap();
    house
        .send(&mirror.contact_told(1, mirror.contact("bob")))
        .await;
    assert!(house.is_unknown(mirror.customer("ada")).await);
    assert!(!house.is_unknown(mirror.customer("bob")).await);
    house.close().await;
}

#[tokio::test]
async fn a_deleted_customer_loses_name_address_and_score() {
    let house = House::open().await;
    let mirror = house.mirror();
    house
        .send(&mirror.contact_told(1, mirror.contact("ada")))
        .await;
    house
        .send(&mirror.conversation_told(2, mirror.conversation("c1", "ada")))
        .await;
    let mut moves = house.moves().await;
    house.send(&mirror.gone_told(3, "contact", "ada")).await;
    assert!(house.is_unknown(mirror.customer("ada")).await);
    let told = moves.next().await;
    assert_eq!((told.points, told.previous_points), (None, Some(92)));
    let kept: i64 = sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM scoring.scores)
             + (SELECT count(*) FROM scoring.customers WHERE name IS NOT NULL OR email IS NOT NULL
                OR last_seen_at IS NOT NULL OR search_text LIKE '%ada%')",
    )
    .fetch_one(&mut house.owner().await)
    .await
    .unwrap();
    assert_eq!(kept, 0);
    let history: Vec<(Option<i16>, String)> =
        sqlx::query_as("SELECT points, reason FROM scoring.score_history ORDER BY revision")
            .fetch_all(&mut house.owner().await)
            .await
            .unwrap();
    let ended = (None, "the contact is no customer any more".to_owned());
    assert_eq!(history.len(), 2);
    assert_eq!(history.last(), Some(&ended));
    house.close().await;
}

#[tokio::test]
async fn without_its_last_conversation_a_customer_has_no_score_again() {
    let house = House::open().await;
    let mirror = house.mirror();
    house
        .send(&mirror.contact_told(1, mirror.contact("ada")))
        .await;
    house
        .send(&mirror.conversation_told(2, mirror.conversation("c1", "ada")))
        .await;
    let mut moves = house.moves().await;
    house.send(&mirror.gone_told(3, "conversation", "c1")).await;
    assert_eq!(house.points(mirror.customer("ada")).await, None);
    assert_eq!(
        moves.next().await.reason,
        "no conversation is left to judge"
    );
    house.close().await;
}

#[tokio::test]
async fn a_customer_who_leaves_a_conversation_is_scored_without_it() {
    let house = House::open().await;
    let mirror = house.mirror();
    house
        .send(&mirror.contact_told(1, mirror.contact("ada")))
        .await;
    house
        .send(&mirror.contact_told(1, mirror.contact("bob")))
        .await;
    let both = vec![
        mirror.customer("ada").to_string(),
        mirror.customer("bob").to_string(),
    ];
    let shared = ConversationRecord {
        customer_ids: both,
        ..mirror.conversation("c1", "ada")
    };
    house.send(&mirror.conversation_told(2, shared)).await;
    assert_eq!(house.points(mirror.customer("bob")).await, Some(92));
    house
        .send(&mirror.conversation_told(3, mirror.conversation("c1", "ada")))
        .await;
    assert_eq!(house.points(mirror.customer("bob")).await, None);
    assert_eq!(house.points(mirror.customer("ada")).await, Some(92));
    house.close().await;
}

#[tokio::test]
async fn a_contact_that_is_no_customer_is_not_listed() {
    let house = House::open().await;
    let mirror = house.mirror();
    let lead = ContactRecord {
        is_customer: false,
        email: None,
        ..mirror.contact("lead")
    };
    house.send(&mirror.contact_told(1, lead)).await;
    assert!(house.is_unknown(mirror.customer("lead")).await);
    house
        .send(&mirror.contact_told(2, mirror.contact("lead")))
        .await;
    assert!(!house.is_unknown(mirror.customer("lead")).await);
    house.close().await;
}

#[tokio::test]
async fn what_is_sound_in_a_message_counts_and_the_message_is_kept_among_the_dead() {
    let house = House::open().await;
    let mirror = house.mirror();
    let broken = ContactRecord {
        customer_id: "nobody".to_owned(),
        ..mirror.contact("eve")
    };
    let event = mirror.told(vec![
        (1, Record::Contact(broken)),
        (1, Record::Contact(mirror.contact("ada"))),
    ]);
    house.publish(&event).await;
    let buried = house.buried().await;
    assert!(
        buried.subject.as_str().contains(".invalid."),
        "{}",
        buried.subject
    );
    assert_eq!(house.points(mirror.customer("ada")).await, None);
    house.close().await;
}

#[tokio::test]
async fn no_text_of_a_message_reaches_the_tables() {
    let house = House::open().await;
    let mirror = house.mirror();
    house
        .send(&mirror.contact_told(1, mirror.contact("ada")))
        .await;
    let titled = ConversationRecord {
        title: Some("canary-of-a-title".to_owned()),
        ..mirror.conversation("c1", "ada")
    };
    house.send(&mirror.conversation_told(2, titled)).await;
    let tables = [
        "connections",
        "customers",
        "conversation_signals",
        "scores",
        "score_history",
    ];
    for table in tables {
        let statement = format!(
            "SELECT count(*) FROM scoring.{table} AS t WHERE to_jsonb(t)::text LIKE '%canary%'"
        );
        let found: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(statement))
            .fetch_one(&mut house.owner().await)
            .await
            .unwrap();
        assert_eq!(found, 0, "{table}");
    }
    house.close().await;
}

#[tokio::test]
async fn a_backfill_of_many_messages_scores_everybody() {
    const CONTACTS: usize = 3_000;
    let house = House::open().await;
    let mirror = house.mirror();
    let names: Vec<_> = (0..CONTACTS).map(|number| format!("n{number}")).collect();
    let mut last = String::new();
    for names in names.chunks(256) {
        let contacts = names
            .iter()
            .map(|name| (1, Record::Contact(mirror.contact(name))));
        house.publish(&mirror.told(contacts.collect())).await;
        let conversations = names.iter().filter(|name| name.ends_with('7')).map(|name| {
            (
                2,
                Record::Conversation(mirror.conversation(&format!("c-{name}"), name)),
            )
        });
        last = house.publish(&mirror.told(conversations.collect())).await;
    }
    house.taken(&last).await;
    let mut db = house.owner().await;
    harken_testkit::eventually("everybody is scored", async || {
        let counts: (i64, i64) =
            sqlx::query_as("SELECT count(*), count(points) FROM scoring.scores")
                .fetch_one(&mut db)
                .await
                .unwrap();
        counts == (3_000, 300)
    })
    .await;
    house.close().await;
}
