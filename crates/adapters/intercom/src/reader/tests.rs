use std::{collections::VecDeque, sync::Mutex};

use chrono::DateTime;
use harken_domain::{AuthorKind, ConversationStatus};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    TransportError,
    models::{Attribute, AttributeModel, ContactRole, Conversation, ConversationPriority},
};

/// Answers what was put in, in order, and remembers what it was asked.
#[derive(Default)]
struct Script {
    answers: Mutex<VecDeque<Result<Response, TransportError>>>,
    asked: Mutex<Vec<Request>>,
}

impl Transport for Script {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        self.asked.lock().unwrap().push(request);
        self.answers
            .lock()
            .unwrap()
            .pop_front()
            .expect("an answer is left")
    }
}

fn answer(status: u16, body: impl Into<Vec<u8>>) -> Response {
    Response {
        status,
        request_id: Some(REQUEST_ID.to_owned()),
        body: body.into().into(),
        ..Response::default()
    }
}

fn reader(answers: impl IntoIterator<Item = Response>) -> Reader<Script> {
    let script = Script {
        answers: Mutex::new(answers.into_iter().map(Ok).collect()),
        ..Script::default()
    };
    Reader::new(script, Priority::Backfill)
}

fn ok(body: &Value) -> Response {
    answer(200, body.to_string())
}

impl Reader<Script> {
    fn asked(&self) -> Vec<Request> {
        self.transport.asked.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn contacts_are_read_page_by_page() {
    let reader = reader([
        ok(
            &json!({"type": "list", "data": [{"id": "a"}, {"id": 7}, {"name": "nobody"}, null],
            "total_count": "3",
            "pages": {"type": "pages", "per_page": "150", "next": {"page": 2, "starting_after": "WyJ4Il0="}}}),
        ),
        ok(&json!({"type": "list", "data": [], "pages": null})),
    ]);
    let first = reader.contacts(None).await.unwrap();
    assert_eq!(
        first
            .items
            .iter()
            .map(|c| c.id.as_str())
            .collect::<Vec<_>>(),
        ["a", "7"]
    );
    assert_eq!((first.unreadable, first.total), (1, Some(3)));
    let last = reader.contacts(first.next.as_ref()).await.unwrap();
    assert!(last.next.is_none());
    let paths: Vec<_> = reader.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(
        paths,
        [
            "/contacts?per_page=150",
            "/contacts?per_page=150&starting_after=WyJ4Il0%3D"
        ]
    );
}

#[tokio::test]
async fn a_contact_is_read_with_its_peculiarities() {
    let reader = reader([ok(&json!({
        "type": "contact", "id": "5ba6", "role": "lead", "email": "O&#39;Brien@example.com",
        "name": "Smith &amp; Sons", "created_at": "2026-06-19T08:00:00.215+00:00",
        "last_seen_at": 1_790_000_000, "last_replied_at": null,
        "tags": {"type": "list", "data": [{"id": "1", "type": "tag"}], "total_count": 12, "has_more": true},
        "companies": {"type": "list", "data": [{"id": "c1"}], "total_count": 1, "has_more": false},
        "custom_attributes": {"seats": 12, "note": "a\u{0}b"}, "utm_term": null, "new_field": {"deep": []},
    }))]);
    let contact = reader.contact("5ba6").await.unwrap();
    assert_eq!(contact.role(), ContactRole::Lead);
    assert_eq!(contact.email.as_deref(), Some("O'Brien@example.com"));
    assert_eq!(contact.name.as_deref(), Some("Smith & Sons"));
    assert_eq!(
        contact.last_seen_at,
        DateTime::from_timestamp(1_790_000_000, 0)
    );
    assert!(contact.created_at.is_some() && contact.last_replied_at.is_none());
    assert!(contact.has_more_tags() && !contact.has_more_companies());
    assert_eq!(contact.company_ids().collect::<Vec<_>>(), ["c1"]);
    assert_eq!(contact.custom_attributes["note"], "ab");
    assert_eq!(format!("{contact:?}"), "Contact(5ba6)");
}

#[tokio::test]
async fn a_conversation_is_read_in_both_serialisations() {
    for (priority, unassigned, statistics_at, teammates) in [
        (
            json!("not_priority"),
            json!(null),
            json!("2026-01-10T07:56:29.000Z"),
            "admins",
        ),
        (json!("none"), json!(0), json!(1_768_031_789), "teammates"),
    ] {
        let reader = reader([ok(&json!({
            "type": "conversation", "id": "215471000000101", "state": "snoozed", "open": true,
            "priority": priority, "admin_assignee_id": 8_210_441, "team_assignee_id": unassigned,
            "title": "", "created_at": 1_768_000_000, "updated_at": 1_768_031_790,
            "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": "68a1"}]},
            "teammates": {"type": "admin.list", teammates: [{"type": "admin", "id": "1"}]},
            "tags": {"type": "tag.list", "tags": [{"id": "9", "name": "billing"}]},
            "statistics": {"time_to_admin_reply": 420, "last_close_at": statistics_at,
                "last_closed_by_id": 8_210_441, "count_reopens": 2, "count_conversation_parts": 7},
            "source": {"id": "3", "body": "<p>Hello <b>you</b></p>", "author": {"type": "lead", "id": "68a1"}},
            "conversation_parts": {"type": "conversation_part.list", "total_count": 1,
                "conversation_parts": [{"id": "37", "part_type": "comment", "body": "<p>Hi</p>",
                    "author": {"type": "admin", "id": "8", "from_ai_agent": true}, "state": "open"}]},
        }))]);
        let conversation = reader.conversation("215471000000101").await.unwrap();
        assert_eq!(conversation.status(), ConversationStatus::Snoozed);
        assert_eq!(conversation.priority(), ConversationPriority::None);
        assert_eq!(conversation.admin_assignee_id.as_deref(), Some("8210441"));
        assert_eq!(
            (&conversation.team_assignee_id, &conversation.title),
            (&None, &None)
        );
        assert_eq!(conversation.teammates[0].id, "1");
        assert_eq!(conversation.tags[0].name.as_deref(), Some("billing"));
        let statistics = conversation.statistics.as_ref().unwrap();
        assert_eq!(statistics.time_to_admin_reply_secs, Some(420));
        assert_eq!(
            statistics.last_close_at,
            DateTime::from_timestamp(1_768_031_789, 0)
        );
        let source = conversation.source.as_ref().unwrap();
        assert_eq!(source.headline().as_deref(), Some("Hello you"));
        let part = &conversation.parts()[0];
        assert_eq!(part.text().as_deref(), Some("Hi"));
        assert_eq!(part.author.as_ref().unwrap().kind(), AuthorKind::Bot);
        assert_eq!(part.state(), Some(ConversationStatus::Open));
    }
}

#[tokio::test]
async fn a_search_says_its_window_in_seconds_and_its_order_in_full() {
    let reader = reader([ok(
        &json!({"type": "conversation.list", "conversations": [{"id": "1"}],
        "total_count": 1, "pages": {"type": "pages", "page": 1}}),
    )]);
    let window = SearchWindow {
        after: DateTime::from_timestamp(100, 0).unwrap(),
        before: DateTime::from_timestamp(200, 0).unwrap(),
    };
    let cursor = Cursor::from_stored("abc");
    let page = reader
        .search_conversations(window, SortOrder::Descending, Some(&cursor))
        .await
        .unwrap();
    assert_eq!((page.items.len(), page.next), (1, None));
    let asked = reader.asked().remove(0);
    let body: Value = serde_json::from_slice(&asked.body.unwrap()).unwrap();
    assert_eq!(body["sort"]["order"], "descending");
    assert_eq!(body["query"]["value"][0]["value"], 100);
    assert_eq!(
        body["pagination"],
        json!({"per_page": 150, "starting_after": "abc"})
    );
}

#[tokio::test]
async fn conversations_of_contacts_are_searched_by_their_ids() {
    let reader = reader([ok(
        &json!({"type": "conversation.list", "conversations": [{"id": "1"}],
        "total_count": 1, "pages": {"type": "pages", "page": 1}}),
    )]);
    let window = SearchWindow {
        after: DateTime::from_timestamp(100, 0).unwrap(),
        before: DateTime::from_timestamp(200, 0).unwrap(),
    };
    let contacts = ["a".to_owned(), "b".to_owned()];
    let page = reader.search_conversations_of(&contacts, window, None);
    assert_eq!(page.await.unwrap().items.len(), 1);
    let asked = reader.asked().remove(0);
    let body: Value = serde_json::from_slice(&asked.body.unwrap()).unwrap();
    assert_eq!(
        body["query"]["value"][0],
        json!({"field": "contact_ids", "operator": "IN", "value": ["a", "b"]})
    );
    assert_eq!(body["query"]["value"][1]["value"], 100);
}

#[tokio::test]
async fn a_scroll_goes_on_until_it_is_empty() {
    let reader = reader([
        ok(
            &json!({"type": "list", "data": [{"id": "c", "plan": {"type": "plan", "name": "Pro"}, "monthly_spend": 49}],
            "pages": null, "total_count": null, "scroll_param": "s-1"}),
        ),
        ok(&json!({"type": "list", "data": [], "scroll_param": null})),
    ]);
    let first = reader.scroll_companies(None).await.unwrap();
    assert_eq!(first.items[0].plan_name(), Some("Pro"));
    assert_eq!(first.items[0].monthly_spend, Some(49.0));
    assert!(
        reader
            .scroll_companies(first.next.as_ref())
            .await
            .unwrap()
            .items
            .is_empty()
    );
    assert_eq!(reader.asked()[1].path, "/companies/scroll?scroll_param=s-1");
}

#[tokio::test]
async fn a_long_sub_list_is_followed_to_its_end() {
    let reader = reader([
        ok(
            &json!({"data": [{"id": "1", "name": "a"}], "pages": {"next": {"starting_after": "x"}}}),
        ),
        ok(&json!({"data": [{"id": "2", "name": "b"}]})),
    ]);
    let tags = reader.tags_of_contact("5ba6").await.unwrap();
    assert_eq!(tags.len(), 2);
}

#[tokio::test]
async fn a_list_by_number_is_followed_too() {
    let next = "https://api.intercom.io/contacts/5ba6/companies?per_page=60&page=2";
    let reader = reader([
        ok(&json!({"companies": [{"id": "1"}], "pages": {"page": 1, "next": next}})),
        ok(&json!({"data": [{"id": "2"}], "pages": {"page": 2, "next": null}})),
    ]);
    let companies = reader.companies_of_contact("5ba6").await.unwrap();
    assert_eq!(companies.len(), 2);
    assert_eq!(
        reader.asked()[1].path,
        "/contacts/5ba6/companies?per_page=60&page=2"
    );
}

#[tokio::test]
async fn an_attribute_is_known_by_its_id_whatever_it_is_called() {
    let reader = reader([ok(&json!({"type": "list", "data": [
        {"id": 12878, "name": "Plan &amp; tier", "data_type": "string"},
        {"name": "email", "data_type": "string"},
    ]}))]);
    let attributes = reader.attributes(AttributeModel::Contact).await.unwrap();
    let keys: Vec<&str> = attributes.iter().map(Attribute::key).collect();
    assert_eq!(keys, ["12878", "email"]);
    assert_eq!(attributes[0].name.as_deref(), Some("Plan & tier"));
    assert_eq!(reader.asked()[0].path, "/data_attributes?model=contact");
}

fn list(code: &str, message: &str) -> String {
    json!({"type": "error.list", "errors": [{"code": code, "message": message}]}).to_string()
}

const REQUEST_ID: &str = "req_1";

fn denied(status: u16, code: &str, scope: Option<&str>) -> ReadError {
    ReadError::Denied {
        status,
        code: code.to_owned(),
        scope: scope.map(str::to_owned),
        request_id: Some(REQUEST_ID.to_owned()),
    }
}

fn rejected(status: u16, code: &str) -> ReadError {
    ReadError::Rejected {
        status,
        code: code.to_owned(),
        request_id: Some(REQUEST_ID.to_owned()),
    }
}

async fn error_of(response: Response) -> ReadError {
    reader([response]).contact("5ba6").await.unwrap_err()
}

#[tokio::test]
async fn a_refusal_is_told_by_what_can_be_done() {
    let scope = "You do not have the required scope (read_conversations) to access this resource";
    for (status, body, expected) in [
        (
            401,
            list("token_unauthorized", ""),
            denied(401, "token_unauthorized", None),
        ),
        (
            403,
            list("forbidden", scope),
            denied(403, "forbidden", Some("read_conversations")),
        ),
        (402, String::new(), denied(402, "", None)),
        (
            404,
            list("not_found", ""),
            ReadError::NotFound {
                request_id: Some(REQUEST_ID.to_owned()),
            },
        ),
        (
            400,
            list("scroll_exists", ""),
            rejected(400, "scroll_exists"),
        ),
    ] {
        assert_eq!(error_of(answer(status, body)).await, expected, "{status}");
    }
}

#[tokio::test]
async fn a_dead_token_breaks_the_connection_and_a_sick_intercom_does_not() {
    let broken = TransportError::ConnectionBroken {
        reason: "401 unauthorized".to_owned(),
    };
    let refused = answer(401, list("unauthorized", "Access Token Invalid"));
    assert_eq!(error_of(refused).await, ReadError::Transport(broken));
    let unavailable = TransportError::Unavailable {
        reason: "502".to_owned(),
    };
    assert_eq!(
        error_of(answer(502, "<html>")).await,
        ReadError::Transport(unavailable)
    );
}

#[tokio::test]
async fn a_merged_contact_names_the_survivor() {
    for link in ["https://api.intercom.io/contacts/5cc7", "/contacts/5cc7"] {
        let merged = Response {
            canonical_link: Some(link.to_owned()),
            ..answer(410, list("contact_merged", ""))
        };
        let into = Some("5cc7".to_owned());
        assert_eq!(
            error_of(merged).await,
            ReadError::Merged {
                into,
                request_id: Some(REQUEST_ID.to_owned())
            }
        );
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_told_without_its_content() {
    let error = list("server_error", "secret words");
    for (body, problem) in [
        (error.as_str(), "is an error: server_error"),
        (" \n", "is empty"),
        ("{\"id\": \"1", "ends early (line 1, column 9)"),
        ("<html>", "is no JSON (line 1, column 1)"),
        ("7", "has another shape (line 1, column 1)"),
        ("[]", "has no id"),
        ("{}", "has no id"),
    ] {
        let ReadError::Malformed { problem: told, .. } = error_of(answer(200, body)).await else {
            panic!("{body} was taken for something else");
        };
        assert_eq!(told, problem, "{body}");
    }
}

#[tokio::test]
async fn a_list_without_its_list_is_malformed() {
    let error = reader([ok(&json!({"type": "list"}))])
        .contacts(None)
        .await
        .unwrap_err();
    assert!(matches!(error, ReadError::Malformed { .. }), "{error:?}");
}

/// Values of every shape under keys that the models know, so that the fuzz reaches their fields.
fn any_answer() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "(<p>|&amp;|\u{0}|open|closed|note|user|20[0-9]{2}-01-01T00:00:00Z|[a-z ]){0,6}"
            .prop_map(Value::from),
    ];
    let key = "(id|data|conversations|pages|next|starting_after|total_count|tags|companies|contacts|statistics|source|\
        conversation_parts|parts|body|author|type|state|created_at|updated_at|count_reopens|plan|name|custom_attributes)";
    leaf.prop_recursive(5, 96, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

/// Looks at everything that a conversation tells.
fn look_through(conversation: &Conversation) {
    let _ = (
        conversation.status(),
        conversation.priority(),
        conversation.parts_listed(),
    );
    let _ = conversation
        .source
        .as_ref()
        .map(|source| (source.text(), source.headline()));
    for part in conversation.parts() {
        let _ = (
            part.text(),
            part.state(),
            part.has_content(),
            part.assignee(),
        );
    }
}

proptest! {
    #[test]
    fn any_json_is_read_or_refused_without_panic(value in any_answer()) {
        let reader = reader((0..6).map(|_| ok(&value)));
        block_on(async {
            let _ = reader.contacts(None).await;
            let _ = reader.contact("x").await;
            let _ = reader.scroll_companies(None).await;
            let _ = reader.admins().await;
            let window = SearchWindow { after: DateTime::UNIX_EPOCH, before: DateTime::UNIX_EPOCH };
            let _ = reader.search_conversations(window, SortOrder::Ascending, None).await;
            if let Ok(conversation) = reader.conversation("x").await {
                look_through(&conversation);
            }
        });
    }

    #[test]
    fn any_bytes_are_read_or_refused_without_panic(status in 100_u16..600, body: Vec<u8>, link in ".{0,30}") {
        let response = Response { canonical_link: Some(link), ..answer(status, body) };
        prop_assert!(block_on(reader([response]).contact("x")).is_err());
    }

    /// A field of another kind costs that field, never the record or its neighbours.
    #[test]
    fn a_strange_field_does_not_hide_the_conversation(field in "(title|state|tags|contacts|statistics|source|\
        conversation_parts|admin_assignee_id|created_at|priority|teammates)", value in any_answer()) {
        let answer = ok(&json!({"id": "1", field: value}));
        let conversation = block_on(reader([answer]).conversation("1"));
        // A duplicate or oversized number inside is impossible here, so nothing may be refused.
        prop_assert!(conversation.is_ok());
    }
}
