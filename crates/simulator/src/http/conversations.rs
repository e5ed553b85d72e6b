use axum::Json;
use axum::body::Bytes;
use axum::extract::Path;
use serde::Serialize;
use serde_json::{Value, json};

use super::answer::{Answer, ApiError};
use super::attributes::not_in_this_version;
use super::caller::Caller;
use super::paging::{CONVERSATIONS, CursorPages, DELETED, NumberedPage, cursor};
use super::params::{Params, body};
use super::version::Version;
use super::wire::ConversationBody;
use crate::access::Permission;
use crate::search::{self, Conversations, Filter, Records as _, Sort, Wanted};

#[derive(Debug, Serialize)]
pub(super) struct ConversationList {
    r#type: &'static str,
    conversations: Vec<ConversationBody>,
    total_count: u64,
    pages: CursorPages,
}

type Query = Wanted<<Conversations as search::Catalog>::Field>;

/// All conversations, the most recently updated first.
pub(super) async fn list(caller: Caller, params: Params) -> Answer<ConversationList> {
    caller.needs(Permission::ReadConversations)?;
    let per_page = CONVERSATIONS.of(&caller, params.number("per_page")?)?;
    let after = cursor(params.text("starting_after"))?;
    let sort = Sort {
        field: Conversations::MAIN,
        ascending: false,
    };
    Ok(Json(answer(
        &caller,
        &Wanted {
            filter: None,
            sort,
            after,
            per_page,
        },
    )))
}

pub(super) async fn search(caller: Caller, bytes: Bytes) -> Answer<ConversationList> {
    caller.needs(Permission::ReadConversations)?;
    let body = body(&bytes)?;
    let asked = &body["pagination"];
    let per_page = CONVERSATIONS.of(&caller, search::whole(&asked["per_page"])?)?;
    let sort = Sort::read::<Conversations>(body.get("sort"))?;
    let mut filter = Filter::read::<Conversations>(&body["query"])?;
    if caller.app.config.switches.search_bounds_inclusive {
        filter.include_bounds();
    }
    let wanted = Wanted {
        filter: Some(filter),
        sort: sort.unwrap_or(Sort {
            field: Conversations::MAIN,
            ascending: false,
        }),
        after: cursor(asked["starting_after"].as_str())?,
        per_page,
    };
    Ok(Json(answer(&caller, &wanted)))
}

fn answer(caller: &Caller, wanted: &Query) -> ConversationList {
    let view = caller.workspace().look();
    let found = search::run::<Conversations>(&view, wanted, &caller.app.counts);
    let conversations = found
        .numbers
        .iter()
        .filter_map(|&number| view.conversation(number));
    ConversationList {
        r#type: "conversation.list",
        conversations: conversations
            .map(|conversation| ConversationBody::new(&view, &conversation, caller.version))
            .collect(),
        total_count: found.total,
        pages: CursorPages::of(&found, wanted.after.as_ref(), wanted.per_page),
    }
}

pub(super) async fn retrieve(
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Answer<ConversationBody> {
    caller.needs(Permission::ReadConversations)?;
    let view = caller.workspace().look();
    let unknown = || ApiError::not_found("Resource Not Found");
    let conversation = view.find_conversation(&id).ok_or_else(unknown)?;
    let plain = params.text("display_as") == Some("plaintext");
    let uncapped = caller.app.config.switches.parts_total_uncapped;
    Ok(Json(ConversationBody::whole(
        &view,
        &conversation,
        caller.version,
        plain,
        uncapped,
    )))
}

pub(super) async fn deleted(caller: Caller, params: Params) -> Answer<Value> {
    caller.needs(Permission::ReadConversations)?;
    if caller.version < Version::V2_16 {
        return Err(not_in_this_version());
    }
    let page = NumberedPage::read(&caller, &params, DELETED)?;
    let view = caller.workspace().look();
    let now = view.changes.deleted_conversations.iter().rev().copied();
    let mut all: Vec<(u64, i64)> = now.chain(view.story().deleted_conversations()).collect();
    if params.text("order") == Some("asc") {
        all.reverse();
    }
    let total = all.len() as u64;
    let skip = usize::try_from(page.skip()).unwrap_or(usize::MAX);
    let items = all
        .into_iter()
        .skip(skip)
        .take(usize::try_from(page.per_page).unwrap_or(0));
    let items = items.map(|(number, at)| {
        json!({
            "type": "conversation",
            "id": view.story().ids.conversation(number).to_string(),
            "metrics_retained": number % 2 == 0,
            "deleted_at": at,
        })
    });
    Ok(Json(json!({
        "type": "conversations.list",
        "conversations": items.collect::<Vec<_>>(),
        "total_count": total,
        "pages": page.pages("https://api.intercom.io/conversations/deleted", total),
    })))
}
