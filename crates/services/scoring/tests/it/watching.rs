use harken_contracts::wire::scoring::v1::{Score, WatchScoresRequest};
use harken_domain::{ConnectionId, OrganizationId};
use tonic::{Code, Status, Streaming};

use crate::{
    harness::{House, soon},
    records::Mirror,
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
