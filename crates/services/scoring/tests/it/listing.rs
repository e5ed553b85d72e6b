use chrono::TimeDelta;
use harken_contracts::{
    convert::timestamp,
    wire::{
        events::v1::{ContactRecord, record_change::Record},
        scoring::v1::{LevelFilter, ListScoresRequest, ListScoresResponse, ScoreSort},
        types::v1::PageRequest,
    },
};
use harken_runtime::status;
use tonic::{Code, Status};

use crate::{
    harness::House,
    records::{closed, hours_ago, reopened, with_parts},
};

const DEFAULT: ListScoresRequest = ListScoresRequest {
    connection_id: String::new(),
    levels: Vec::new(),
    query: String::new(),
    sort: 0,
    page: None,
};

/// `high` 99, `middle` 92, `low` 0 or so; `new` and `odd` without a score; `odd` without a name.
async fn peopled() -> House {
    let house = House::open().await;
    let mirror = house.mirror();
    let person = |id: &str, name: Option<&str>, seen: Option<i64>| {
        let contact = ContactRecord {
            name: name.map(str::to_owned),
            last_seen_at: seen.map(|hours| timestamp(hours_ago(hours))),
            ..mirror.contact(id)
        };
        (1, Record::Contact(contact))
    };
    house
        .send(&mirror.told(vec![
            person("high", Some("Zoë"), Some(1)),
            person("middle", Some("anna"), Some(2)),
            person("low", Some("Bert 100%"), Some(3)),
            person("new", Some("Anna B."), None),
            person("odd", None, Some(900)),
        ]))
        .await;
    house
        .send(&mirror.conversation_told(2, closed(mirror.conversation("h", "high"), 2, 4)))
        .await;
    house
        .send(&mirror.conversation_told(2, mirror.conversation("m", "middle")))
        .await;
    for number in 0..6 {
        let angry = with_parts(
            mirror.conversation(&format!("l{number}"), "low"),
            vec![reopened(2)],
        );
        house.send(&mirror.conversation_told(2, angry)).await;
    }
    house
}

async fn list(house: &House, request: ListScoresRequest) -> Result<ListScoresResponse, Status> {
    house
        .client()
        .list_scores(request)
        .await
        .map(tonic::Response::into_inner)
}

fn names(answer: &ListScoresResponse) -> Vec<&str> {
    answer
        .scores
        .iter()
        .map(|score| score.external_id.as_str())
        .collect()
}

/// The whole list in slices of two.
async fn in_slices(house: &House, request: &ListScoresRequest) -> Vec<String> {
    let mut found = Vec::new();
    let mut page_token = String::new();
    loop {
        let page = Some(PageRequest {
            page_size: 2,
            page_token,
        });
        let answer = list(
            house,
            ListScoresRequest {
                page,
                ..request.clone()
            },
        )
        .await
        .unwrap();
        found.extend(names(&answer).into_iter().map(str::to_owned));
        let info = answer.page.unwrap();
        assert_eq!(info.total_count, 5);
        if info.next_page_token.is_empty() {
            return found;
        }
        page_token = info.next_page_token;
    }
}

#[tokio::test]
async fn each_order_holds_in_one_slice_and_over_many() {
    let house = peopled().await;
    for (sort, order) in [
        (ScoreSort::Unspecified, ["low", "middle", "high"]),
        (ScoreSort::PointsAscending, ["low", "middle", "high"]),
        (ScoreSort::PointsDescending, ["high", "middle", "low"]),
    ] {
        let request = ListScoresRequest {
            sort: sort.into(),
            ..DEFAULT
        };
        let whole = list(&house, request.clone()).await.unwrap();
        assert_eq!(names(&whole)[..3], order, "{sort:?}");
        assert_eq!(in_slices(&house, &request).await, names(&whole));
    }
    for (sort, order) in [
        (ScoreSort::Name, ["middle", "new", "low", "high", "odd"]),
        (ScoreSort::LastSeen, ["high", "middle", "low", "odd", "new"]),
    ] {
        let request = ListScoresRequest {
            sort: sort.into(),
            ..DEFAULT
        };
        assert_eq!(
            names(&list(&house, request.clone()).await.unwrap()),
            order,
            "{sort:?}"
        );
        assert_eq!(in_slices(&house, &request).await, order, "{sort:?}");
    }
    house.close().await;
}

#[tokio::test]
async fn lists_are_filtered_by_level_text_and_connection() {
    let house = peopled().await;
    let levels = |levels: &[LevelFilter]| ListScoresRequest {
        levels: levels.iter().map(|level| (*level).into()).collect(),
        sort: ScoreSort::Name.into(),
        ..DEFAULT
    };
    let text = |query: &str| ListScoresRequest {
        query: query.to_owned(),
        sort: ScoreSort::Name.into(),
        ..DEFAULT
    };
    let cases: Vec<(ListScoresRequest, &[&str])> = vec![
        (levels(&[LevelFilter::Critical]), &["low"]),
        (levels(&[LevelFilter::NotApplicable]), &["new", "odd"]),
        (
            levels(&[LevelFilter::Healthy, LevelFilter::Critical]),
            &["middle", "low", "high"],
        ),
        (levels(&[LevelFilter::AtRisk]), &[]),
        (text("ANNA"), &["middle", "new"]),
        (text(" zoë "), &["high"]),
        (text("odd@example"), &["odd"]),
        (text("100%"), &["low"]),
        (text("1%0"), &[]),
        (text("_"), &[]),
        (text("\\"), &[]),
        (text("B"), &["new", "low"]),
        (
            ListScoresRequest {
                levels: vec![LevelFilter::NotApplicable.into()],
                ..text("anna")
            },
            &["new"],
        ),
        (
            ListScoresRequest {
                connection_id: house.connection.to_string(),
                ..text("anna b")
            },
            &["new"],
        ),
    ];
    for (request, expected) in cases {
        for sort in [
            ScoreSort::Name,
            ScoreSort::PointsAscending,
            ScoreSort::PointsDescending,
            ScoreSort::LastSeen,
        ] {
            let request = ListScoresRequest {
                sort: sort.into(),
                ..request.clone()
            };
            let answer = list(&house, request.clone()).await.unwrap();
            let mut found = names(&answer);
            if sort != ScoreSort::Name {
                found.sort_unstable_by_key(|name| expected.iter().position(|it| it == name));
            }
            assert_eq!(found, expected, "{request:?}");
            assert_eq!(answer.page.unwrap().total_count, expected.len() as u64);
        }
    }
    house.close().await;
}

#[tokio::test]
async fn requests_that_make_no_sense_are_refused_by_field() {
    let house = House::open().await;
    for (field, request) in [
        (
            "levels[1]",
            ListScoresRequest {
                levels: vec![1, 0],
                ..DEFAULT
            },
        ),
        (
            "levels[0]",
            ListScoresRequest {
                levels: vec![99],
                ..DEFAULT
            },
        ),
        (
            "sort",
            ListScoresRequest {
                sort: 99,
                ..DEFAULT
            },
        ),
        (
            "query",
            ListScoresRequest {
                query: "x".repeat(201),
                ..DEFAULT
            },
        ),
        (
            "query",
            ListScoresRequest {
                query: "a\0b".to_owned(),
                ..DEFAULT
            },
        ),
        (
            "connection_id",
            ListScoresRequest {
                connection_id: "acme".to_owned(),
                ..DEFAULT
            },
        ),
        (
            "page.page_size",
            ListScoresRequest {
                page: Some(PageRequest {
                    page_size: 501,
                    page_token: String::new(),
                }),
                ..DEFAULT
            },
        ),
    ] {
        let refused = list(&house, request).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert_eq!(status::field_of(&refused).as_deref(), Some(field));
    }
    house.close().await;
}

#[tokio::test]
async fn a_page_token_fits_its_own_list_alone() {
    let house = peopled().await;
    let page = |page_token| {
        Some(PageRequest {
            page_size: 2,
            page_token,
        })
    };
    let by_name = ListScoresRequest {
        sort: ScoreSort::Name.into(),
        ..DEFAULT
    };
    let first = ListScoresRequest {
        page: page(String::new()),
        ..by_name.clone()
    };
    let token = list(&house, first)
        .await
        .unwrap()
        .page
        .unwrap()
        .next_page_token;
    let other = ListScoresRequest {
        page: page(token.clone()),
        ..DEFAULT
    };
    let refused = list(&house, other).await.unwrap_err();
    assert_eq!(
        status::field_of(&refused).as_deref(),
        Some("page.page_token")
    );

    // `new` is where the first slice ended.
    house.clock.advance(TimeDelta::minutes(1));
    house
        .send(&house.mirror().gone_told(9, "contact", "new"))
        .await;
    let refused = list(
        &house,
        ListScoresRequest {
            page: page(token),
            ..by_name
        },
    )
    .await;
    let refused = refused.unwrap_err();
    assert_eq!(status::reason_of(&refused).as_deref(), Some("LIST_CHANGED"));
    house.close().await;
}
