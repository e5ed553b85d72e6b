//! Planned searches find what looking at every record finds.

use chrono_tz::Tz;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{Contacts, Conversations, Counts, Cursor, Filter, Records, Sort, Wanted, run};
use crate::story::Premise;
use crate::world::{View, Workspace};

const EPOCH: i64 = 1_795_132_800;

fn workspace() -> Workspace {
    let premise = Premise {
        seed: 3,
        epoch: EPOCH,
        contacts: 130,
        conversations: 430,
    };
    Workspace::new(
        ("w", "w", "W"),
        Tz::America__New_York,
        "US".to_owned(),
        premise,
    )
}

fn time() -> impl Strategy<Value = i64> {
    (0_i64..130 * 86_400).prop_map(|age| EPOCH - age)
}

fn one(field: &str, operator: &str, value: impl Into<Json>) -> Json {
    json!({ "field": field, "operator": operator, "value": value.into() })
}

fn contact_condition() -> impl Strategy<Value = Json> {
    let dates = prop::sample::select(vec![
        "updated_at",
        "created_at",
        "last_seen_at",
        "last_replied_at",
    ]);
    let operators = prop::sample::select(vec!["=", "<", ">"]);
    prop_oneof![
        (dates, operators, time()).prop_map(|(field, operator, time)| one(field, operator, time)),
        Just(one("role", "=", "lead")),
        Just(one("name", "~", "an")),
        Just(one("email", "!=", Json::Null)),
    ]
}

fn conversation_condition() -> impl Strategy<Value = Json> {
    let dates = prop::sample::select(vec![
        "updated_at",
        "created_at",
        "waiting_since",
        "statistics.last_close_at",
    ]);
    let operators = prop::sample::select(vec!["=", "!=", "<", "<=", ">", ">="]);
    prop_oneof![
        4 => (dates, operators, time()).prop_map(|(field, operator, time)| one(field, operator, time)),
        1 => Just(one("state", "NIN", json!(["closed", "snoozed"]))),
        1 => Just(one("statistics.count_reopens", ">", 0)),
    ]
}

fn query(condition: impl Strategy<Value = Json> + 'static) -> impl Strategy<Value = Json> {
    let group = |inner: BoxedStrategy<Json>| {
        let operator = prop::sample::select(vec!["AND", "OR"]);
        (operator, prop::collection::vec(inner, 1..4))
            .prop_map(|(operator, value)| json!({ "operator": operator, "value": value }))
            .boxed()
    };
    let leaf = condition.boxed();
    let inner = prop_oneof![leaf.clone(), group(leaf.clone())].boxed();
    prop_oneof![leaf, group(inner)]
}

fn all_pages<C: Records>(
    view: &View<'_>,
    query: &Json,
    sort: Sort<C::Field>,
    per_page: u64,
) -> Vec<u64>
where
    C::Field: std::fmt::Debug,
{
    let counts = Counts::default();
    let filter = Filter::read::<C>(query).unwrap();
    let mut wanted = Wanted {
        filter: Some(filter),
        sort,
        after: None,
        per_page,
    };
    let mut numbers = Vec::new();
    loop {
        let found = run::<C>(view, &wanted, &counts);
        numbers.extend(found.numbers);
        let Some(next) = found.next else {
            assert_eq!(found.total, numbers.len() as u64);
            return numbers;
        };
        wanted.after = Cursor::read(&next.write());
    }
}

fn looked_through<C: Records>(view: &View<'_>, query: &Json, total: u64) -> Vec<u64> {
    let filter = Filter::read::<C>(query).unwrap();
    let zone = view.workspace.zone;
    let fits = |number: &u64| C::with(view, *number, |value| filter.matches(zone, value)).unwrap();
    (0..total).filter(fits).collect()
}

fn agree<C: Records>(query: &Json, sort: &Json, per_page: u64, total: u64)
where
    C::Field: std::fmt::Debug,
{
    let workspace = workspace();
    let view = workspace.look();
    let sort = Sort::read::<C>(Some(sort)).unwrap().unwrap();
    let mut found = all_pages::<C>(&view, query, sort, per_page);
    found.sort_unstable();
    assert_eq!(found, looked_through::<C>(&view, query, total), "{query}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn contact_searches(
        query in query(contact_condition()),
        field in prop::sample::select(vec!["updated_at", "created_at", "name", "last_seen_at"]),
        order in prop::sample::select(vec!["ascending", "descending"]),
        per_page in 7_u64..60,
    ) {
        agree::<Contacts>(&query, &json!({ "field": field, "order": order }), per_page, 130);
    }

    #[test]
    fn conversation_searches(
        query in query(conversation_condition()),
        field in prop::sample::select(vec!["updated_at", "created_at", "state"]),
        order in prop::sample::select(vec!["ascending", "descending"]),
        per_page in 7_u64..60,
    ) {
        agree::<Conversations>(&query, &json!({ "field": field, "order": order }), per_page, 430);
    }
}
