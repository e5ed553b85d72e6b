use harken_contracts::wire::scoring::v1::{Score, WatchScoresRequest};
use harken_domain::{ConnectionId, OrganizationId};
use tonic::{Code, Status, Streaming};

use crate::{
    harness::{House, soon},
    records::{Mirror, closed},
};

async fn next(scores: &mut Streaming<Score>) -> Result<Score, Status> {
    soon(scores.message())
        .await
        .map(|score| score.expect("the stream goes on"))
}

#[tokio::test]
async fn scores_are_streamed_as_they_move_to_their_own_organization() {
    let house = House::open().await;
    let mirror = house.mirror();
    let stranger = Mirror {
        organization: OrganizationId::derive(&[b"stranger"]),
        connection: ConnectionId::derive(&[b"stranger"]),
    };
    for mirror in [&mirror, &stranger] {
        house
            .send(&mirror.contact_told(1, mirror.contact("ada")))
            .await;
        house
            .send(&mirror.contact_told(1, mirror.contact("bob")))
            .await;
    }
    let watch = |request: WatchScoresRequest| async {
        house
            .client()
            .watch_scores(request)
            .await
            .unwrap()
            .into_inner()
    };
    let mut all = watch(WatchScoresRequest::default()).await;
    let mut bob = watch(WatchScoresRequest {
        customer_ids: vec![mirror.customer("bob").to_string()],
        connection_id: house.connection.to_string(),
    })
    .await;
    for name in ["ada", "bob"] {
        for mirror in [&stranger, &mirror] {
            let conversation = mirror.conversation(&format!("c-{name}"), name);
            house.send(&mirror.conversation_told(2, conversation)).await;
        }
    }
    for name in ["ada", "bob"] {
        let score = next(&mut all).await.unwrap();
        assert_eq!(score.customer_id, mirror.customer(name).to_string());
        assert_eq!(
            (score.points, score.name),
            (Some(92), Some(format!("Customer {name}")))
        );
    }
    assert_eq!(next(&mut bob).await.unwrap().external_id, "bob");

    house.stop();
    let ended = next(&mut all).await.unwrap_err();
    assert_eq!(ended.code(), Code::Unavailable, "{ended}");
    house.drain().await;
}

#[tokio::test]
async fn a_watch_tells_each_revision_once_the_newest_last_and_who_is_gone() {
    let house = House::open().await;
    let mirror = house.mirror();
    for name in ["ada", "bob"] {
        house
            .send(&mirror.contact_told(1, mirror.contact(name)))
            .await;
    }
    let request = WatchScoresRequest {
        connection_id: house.connection.to_string(),
        ..WatchScoresRequest::default()
    };
    let watch = house.client().watch_scores(request).await;
    let mut watch = watch.unwrap().into_inner();
    // Both have a score before the rest comes in batches.
    for name in ["ada", "bob"] {
        let conversation = mirror.conversation(&format!("c-{name}"), name);
        house.send(&mirror.conversation_told(2, conversation)).await;
    }
    for revision in 3..30 {
        for name in ["ada", "bob"] {
            let conversation = mirror.conversation(&format!("c-{name}"), name);
            let conversation = if revision % 2 == 0 {
                conversation
            } else {
                closed(conversation, 2, 4)
            };
            house
                .publish(&mirror.conversation_told(revision, conversation))
                .await;
        }
    }
    house.send(&mirror.gone_told(99, "contact", "bob")).await;
    let mut told = Vec::new();
    loop {
        let score = next(&mut watch).await.unwrap();
        told.push(score.revision);
        if score.is_gone {
            assert_eq!(score.customer_id, mirror.customer("bob").to_string());
            assert_eq!((score.points, score.name), (None, None));
            break;
        }
    }
    let mut in_order = told.clone();
    in_order.sort_unstable();
    in_order.dedup();
    assert_eq!(told, in_order);
    house.close().await;
}
