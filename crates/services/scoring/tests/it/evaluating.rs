use harken_contracts::wire::{
    scoring::v1::{
        Configuration, EvaluateRequest, EvaluateResponse, Factor, FactorWeight,
        GetConfigurationRequest, Inputs, scoring_client::ScoringClient,
    },
    types::v1::RiskLevel,
};
use harken_domain::{ApiKeyId, Role};
use harken_runtime::{VerifiedKey, status};
use tonic::{Code, Request, Status};

use crate::harness::House;

const CHECK: Inputs = Inputs {
    seen_days: Some(4.643),
    conv_days: Some(60.528),
    open: 3,
    resolution_hours: None,
    reopens_30d: 1,
    conversations_30d: 4,
    unanswered_hours: Some(260.15),
    conversations: 4,
};

async fn evaluated(
    house: &House,
    inputs: Inputs,
    configuration: Option<Configuration>,
) -> Result<EvaluateResponse, Status> {
    let request = EvaluateRequest {
        inputs: Some(inputs),
        configuration,
    };
    house
        .client()
        .evaluate(request)
        .await
        .map(tonic::Response::into_inner)
}

#[tokio::test]
async fn the_worked_examples_come_out_exactly() {
    let house = House::open().await;
    let content = Inputs {
        seen_days: Some(1.0),
        resolution_hours: Some(4.0),
        conversations_30d: 3,
        conversations: 3,
        ..Inputs::default()
    };
    let angry = Inputs {
        seen_days: Some(30.0),
        open: 4,
        resolution_hours: Some(72.0),
        reopens_30d: 3,
        conversations_30d: 5,
        conversations: 5,
        ..Inputs::default()
    };
    for (inputs, points, level) in [
        (content, 99, RiskLevel::Healthy),
        (angry, 14, RiskLevel::Critical),
        (CHECK, 42, RiskLevel::AtRisk),
    ] {
        let answer = evaluated(&house, inputs, None).await.unwrap();
        assert_eq!((answer.points, answer.level()), (Some(points), level));
    }
    let answer = evaluated(&house, CHECK, None).await.unwrap();
    assert_eq!(
        format!("{:.6} {:.2}", answer.raw.unwrap(), answer.coverage),
        "42.375225 0.80"
    );
    let lost: Vec<_> = answer
        .factors
        .iter()
        .map(|factor| (factor.factor(), format!("{:.6}", factor.points_lost)))
        .collect();
    assert_eq!(
        lost,
        [
            (Factor::SupportRecency, "13.491125".to_owned()),
            (Factor::OpenVolume, "20.312500".to_owned()),
            (Factor::ResolutionTime, "0.000000".to_owned()),
            (Factor::ReopenRate, "10.000000".to_owned()),
            (Factor::ResponseRate, "13.821150".to_owned()),
        ]
    );
    house.close().await;
}

#[tokio::test]
async fn wrong_inputs_and_configurations_are_refused_by_field() {
    let house = House::open().await;
    let standard = house
        .client()
        .get_configuration(GetConfigurationRequest {})
        .await
        .unwrap();
    let standard = standard.into_inner();
    let heavy = FactorWeight {
        factor: Factor::OpenVolume.into(),
        weight: 90.0,
    };
    let mut unbalanced = standard.clone();
    unbalanced.weights[1] = heavy;
    for (field, inputs, configuration) in [
        (
            "inputs.seen_days",
            Inputs {
                seen_days: Some(f64::NAN),
                ..CHECK
            },
            None,
        ),
        (
            "inputs.unanswered_hours",
            Inputs {
                unanswered_hours: Some(-1.0),
                ..CHECK
            },
            None,
        ),
        (
            "inputs.conversations",
            Inputs {
                conversations: 0,
                ..CHECK
            },
            None,
        ),
        ("configuration.weights", CHECK, Some(unbalanced)),
        (
            "configuration.weights",
            CHECK,
            Some(Configuration::default()),
        ),
        (
            "configuration.green_threshold",
            CHECK,
            Some(Configuration {
                green_threshold: 30,
                ..standard
            }),
        ),
    ] {
        let refused = evaluated(&house, inputs, configuration).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert_eq!(
            status::field_of(&refused).as_deref(),
            Some(field),
            "{refused}"
        );
    }
    let nothing = house
        .client()
        .evaluate(EvaluateRequest::default())
        .await
        .unwrap_err();
    assert_eq!(status::field_of(&nothing).as_deref(), Some("inputs"));
    house.close().await;
}

#[tokio::test]
async fn an_organizations_own_configuration_is_used_and_told() {
    let house = House::open().await;
    sqlx::query(
        r#"INSERT INTO scoring.configurations
           VALUES ($1, 3, '{"support_recency": 0, "open_volume": 100, "resolution_time": 0, "reopen_rate": 0,
                            "response_rate": 0}', 20, 30, '{}', now())"#,
    )
    .bind(house.organization.as_uuid())
    .execute(&mut house.owner().await)
    .await
    .unwrap();
    let answer = evaluated(&house, CHECK, None).await.unwrap();
    assert_eq!(
        (answer.points, answer.level()),
        (Some(35), RiskLevel::Healthy)
    );
    let told = house
        .client()
        .get_configuration(GetConfigurationRequest {})
        .await
        .unwrap();
    let told = told.into_inner();
    assert_eq!(
        (told.version, told.yellow_threshold, told.green_threshold),
        (3, 20, 30)
    );
    let mirror = house.mirror();
    house
        .send(&mirror.contact_told(1, mirror.contact("ada")))
        .await;
    house
        .send(&mirror.conversation_told(2, mirror.conversation("c1", "ada")))
        .await;
    let score = house.score(mirror.customer("ada")).await.unwrap();
    assert_eq!((score.points, score.configuration_version), (Some(80), 3));
    house.close().await;
}

#[tokio::test]
async fn a_viewers_key_evaluates_and_a_caller_without_one_is_refused() {
    let house = House::open().await;
    house.server.keys.add(
        "hk_test",
        VerifiedKey {
            id: ApiKeyId::derive(&[b"k"]),
            organization: house.organization,
            role: Role::Viewer,
        },
    );
    let mut client = ScoringClient::connect(house.server.url()).await.unwrap();
    let request = || {
        Request::new(EvaluateRequest {
            inputs: Some(CHECK),
            configuration: None,
        })
    };
    let refused = client.evaluate(request()).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
    let mut with_key = request();
    with_key
        .metadata_mut()
        .insert("authorization", "Bearer hk_test".parse().unwrap());
    assert_eq!(
        client.evaluate(with_key).await.unwrap().into_inner().points,
        Some(42)
    );
    house.close().await;
}
