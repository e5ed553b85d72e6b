use harken_contracts::wire::scoring::v1::{
    BatchGetScoresRequest, CountLevelsRequest, CountLevelsResponse, ExplainScoreRequest, Factor,
    FactorExplanation, GetScoreRequest, ListScoresRequest, WatchScoresRequest,
};
use harken_domain::OrganizationId;
use harken_runtime::status;
use tonic::Code;

use crate::{
    harness::House,
    records::{closed, reopened, with_parts},
};

#[tokio::test]
async fn a_score_explains_itself_the_most_costly_factor_first() {
    let house = House::open().await;
    let mirror = house.mirror();
    house
        .send(&mirror.contact_told(1, mirror.contact("ada")))
        .await;
    let again = with_parts(mirror.conversation("c1", "ada"), vec![reopened(2)]);
    house.send(&mirror.conversation_told(2, again)).await;
    let customer_id = mirror.customer("ada").to_string();
    let explained = house
        .client()
        .explain_score(ExplainScoreRequest { customer_id })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        explained.summary,
        "80 of 100, healthy: the most costly are reopen rate (12.3 points) and open conversations \
         (7.7 points)."
    );
    let factors: Vec<_> = explained
        .factors
        .iter()
        .map(FactorExplanation::factor)
        .collect();
    assert_eq!(factors.len(), 5);
    assert_eq!(factors[..2], [Factor::ReopenRate, Factor::OpenVolume]);
    assert_eq!(
        explained.factors[0].sentence,
        "1 reopening among 1 conversation in the last 30 days; this costs 12.3 points."
    );
    assert_eq!(explained.factors[0].title, "Reopen rate");
    assert_eq!(explained.score.unwrap().points, Some(80));
    house.close().await;
}

#[tokio::test]
async fn scores_come_in_the_order_asked_for_without_the_unknown() {
    let house = House::open().await;
    let mirror = house.mirror();
    for name in ["ada", "bob"] {
        house
            .send(&mirror.contact_told(1, mirror.contact(name)))
            .await;
    }
    let names = ["bob", "nobody", "ada"];
    let customer_ids = names.map(|name| mirror.customer(name).to_string()).to_vec();
    let answer = house
        .client()
        .batch_get_scores(BatchGetScoresRequest { customer_ids })
        .await
        .unwrap();
    let found: Vec<_> = answer
        .into_inner()
        .scores
        .into_iter()
        .map(|score| score.external_id)
        .collect();
    assert_eq!(found, ["bob", "ada"]);

    let customer_ids = vec![mirror.customer("ada").to_string(); 1_001];
    let refused = house
        .client()
        .batch_get_scores(BatchGetScoresRequest { customer_ids })
        .await
        .unwrap_err();
    assert_eq!(status::field_of(&refused).as_deref(), Some("customer_ids"));
    house.close().await;
}

#[tokio::test]
async fn an_id_that_is_none_is_named() {
    let house = House::open().await;
    let request = GetScoreRequest {
        customer_id: "con_1".to_owned(),
    };
    let refused = house.client().get_score(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert_eq!(status::field_of(&refused).as_deref(), Some("customer_id"));
    house.close().await;
}

#[tokio::test]
async fn customers_are_counted_by_level() {
    let house = House::open().await;
    let mirror = house.mirror();
    for name in ["ada", "bob", "eve"] {
        house
            .send(&mirror.contact_told(1, mirror.contact(name)))
            .await;
    }
    house
        .send(&mirror.conversation_told(2, closed(mirror.conversation("c1", "ada"), 2, 4)))
        .await;
    for number in 0..6 {
        let conversation = with_parts(
            mirror.conversation(&format!("b{number}"), "bob"),
            vec![reopened(2)],
        );
        house.send(&mirror.conversation_told(2, conversation)).await;
    }
    let expected = CountLevelsResponse {
        healthy: 1,
        at_risk: 0,
        critical: 1,
        not_applicable: 1,
    };
    for connection_id in [String::new(), house.connection.to_string()] {
        let counted = house
            .client()
            .count_levels(CountLevelsRequest { connection_id })
            .await
            .unwrap();
        assert_eq!(counted.into_inner(), expected);
    }
    house.close().await;
}

#[tokio::test]
async fn another_organization_finds_nothing_by_our_ids() {
    let house = House::open().await;
    let mirror = house.mirror();
    house
        .send(&mirror.contact_told(1, mirror.contact("ada")))
        .await;
    let mut stranger = house.client_of(OrganizationId::derive(&[b"stranger"]));
    let customer_id = mirror.customer("ada").to_string();
    let connection_id = house.connection.to_string();
    let mut answers = Vec::new();
    let request = GetScoreRequest {
        customer_id: customer_id.clone(),
    };
    answers.push(stranger.get_score(request).await.map(drop));
    let request = ExplainScoreRequest {
        customer_id: customer_id.clone(),
    };
    answers.push(stranger.explain_score(request).await.map(drop));
    let request = ListScoresRequest {
        connection_id: connection_id.clone(),
        ..ListScoresRequest::default()
    };
    answers.push(stranger.list_scores(request).await.map(drop));
    let request = CountLevelsRequest {
        connection_id: connection_id.clone(),
    };
    answers.push(stranger.count_levels(request).await.map(drop));
    let request = WatchScoresRequest {
        connection_id,
        customer_ids: Vec::new(),
    };
    answers.push(stranger.watch_scores(request).await.map(drop));
    let request = WatchScoresRequest {
        customer_ids: vec![customer_id.clone()],
        ..Default::default()
    };
    answers.push(stranger.watch_scores(request).await.map(drop));
    for answer in answers {
        assert_eq!(answer.unwrap_err().code(), Code::NotFound);
    }
    let request = BatchGetScoresRequest {
        customer_ids: vec![customer_id],
    };
    assert!(
        stranger
            .batch_get_scores(request)
            .await
            .unwrap()
            .into_inner()
            .scores
            .is_empty()
    );
    let list = stranger
        .list_scores(ListScoresRequest::default())
        .await
        .unwrap()
        .into_inner();
    assert!(list.scores.is_empty());
    house.close().await;
}
