use chrono::TimeDelta;
use harken_contracts::wire::{
    events::v1::{AuthorKind, ConnectionClosed, ConnectionOpened},
    scoring::v1::Factor,
};
use harken_testkit::eventually;

use crate::{
    harness::House,
    records::{closed, said, with_parts},
};

async fn content_customer(house: &House) {
    let mirror = house.mirror();
    house
        .send(&mirror.contact_told(1, mirror.contact("ada")))
        .await;
    let conversation = closed(mirror.conversation("c1", "ada"), 2, 4);
    house.send(&mirror.conversation_told(2, conversation)).await;
}

async fn history(house: &House) -> Vec<(i16, String)> {
    sqlx::query_as("SELECT points, trigger FROM scoring.score_history ORDER BY revision")
        .fetch_all(&mut house.owner().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_customer_who_is_not_seen_sinks_by_itself() {
    let house = House::open().await;
    let mut moves = house.moves().await;
    content_customer(&house).await;
    assert_eq!(moves.next().await.points, Some(99));
    let customer = house.mirror().customer("ada");
    house.clock.advance(TimeDelta::days(14));
    let told = moves.next().await;
    assert_eq!(told.reason, "not seen for 14 days");
    assert_eq!(told.points, Some(89));
    house.clock.advance(TimeDelta::days(60));
    let told = moves.next().await;
    assert_eq!(told.points, Some(75));
    let score = house.score(customer).await.unwrap();
    assert_eq!(
        (score.points, score.trigger.as_str()),
        (Some(75), "time_passed")
    );
    house.close().await;
}

#[tokio::test]
async fn a_score_is_refreshed_daily_but_only_moves_are_remembered_and_told() {
    let house = House::open().await;
    content_customer(&house).await;
    let customer = house.mirror().customer("ada");
    let first = house.score(customer).await.unwrap();
    house.clock.advance(TimeDelta::hours(25));
    eventually("it is computed again", async || {
        house.score(customer).await.unwrap().as_of != first.as_of
    })
    .await;
    let fresh = house.score(customer).await.unwrap();
    assert_eq!(
        (fresh.points, fresh.revision),
        (first.points, first.revision)
    );
    assert!(fresh.inputs.unwrap().seen_days > first.inputs.unwrap().seen_days);
    assert_eq!(history(&house).await, [(99, "record_changed".to_owned())]);
    house.close().await;
}

#[tokio::test]
async fn a_message_without_an_answer_weighs_more_each_day() {
    let house = House::open().await;
    let mirror = house.mirror();
    house
        .send(&mirror.contact_told(1, mirror.contact("ada")))
        .await;
    let parts = vec![said(AuthorKind::Contact, 3), said(AuthorKind::Admin, 2)];
    let waiting = with_parts(mirror.conversation("c1", "ada"), parts);
    house.send(&mirror.conversation_told(2, waiting)).await;
    let customer = mirror.customer("ada");
    let lost = async || {
        let score = house.score(customer).await.unwrap();
        let response = score
            .factors
            .into_iter()
            .find(|it| it.factor() == Factor::ResponseRate);
        response.unwrap().points_lost
    };
    assert!(lost().await.abs() < f64::EPSILON);
    house.clock.advance(TimeDelta::days(3));
    eventually("an answer is missed", async || lost().await > 5.0).await;
    house.clock.advance(TimeDelta::days(30));
    eventually("an answer is missed sorely", async || {
        (lost().await - 18.75).abs() < 1e-9
    })
    .await;
    house.close().await;
}

#[tokio::test]
async fn the_scores_of_a_closed_connection_stay_until_it_is_opened_again() {
    let house = House::open().await;
    content_customer(&house).await;
    let mirror = house.mirror();
    let closed = ConnectionClosed {
        connection_id: house.connection.to_string(),
        organization_id: house.organization.to_string(),
        revision: 2,
        ..ConnectionClosed::default()
    };
    let message = house.publish(&closed).await;
    house.taken(&message).await;
    // An opening that was overtaken by the closing.
    let opened = |revision| ConnectionOpened {
        connection_id: house.connection.to_string(),
        organization_id: house.organization.to_string(),
        revision,
        ..ConnectionOpened::default()
    };
    let message = house.publish(&opened(1)).await;
    house.taken(&message).await;
    house.clock.advance(TimeDelta::days(14));
    // Another connection's score is swept meanwhile, so that the sweep is known to have passed.
    let other = crate::records::Mirror {
        organization: mirror.organization,
        connection: harken_domain::ConnectionId::derive(&[b"other"]),
    };
    house
        .send(&other.contact_told(1, other.contact("bob")))
        .await;
    house
        .send(&other.conversation_told(2, other.conversation("c2", "bob")))
        .await;
    let mut moves = house.moves().await;
    house.clock.advance(TimeDelta::days(14));
    assert_eq!(
        moves.next().await.customer_id,
        other.customer("bob").to_string()
    );
    assert_eq!(house.points(mirror.customer("ada")).await, Some(99));

    let message = house.publish(&opened(3)).await;
    house.taken(&message).await;
    eventually("time passes again", async || {
        house.points(mirror.customer("ada")).await < Some(99)
    })
    .await;
    house.close().await;
}
