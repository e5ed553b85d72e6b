//! The objects of the API as they are written.

mod admin;
mod company;
mod contact;
mod conversation;
mod part;
mod statistics;

use serde::Serialize;

pub(super) use admin::{AdminBody, TeamBody, admin_id};
pub(super) use company::CompanyBody;
pub(crate) use contact::ContactBody;
pub(super) use contact::merge_history;
pub(crate) use conversation::ConversationBody;

use crate::story::escape_html;

/// A reference to something by type and id.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Reference {
    pub(super) r#type: &'static str,
    pub(super) id: String,
}

/// A list that may be cut off; the rest is under `url`.
#[derive(Debug, Serialize)]
pub(super) struct InlinedList {
    r#type: &'static str,
    data: Vec<Linked>,
    url: String,
    total_count: usize,
    has_more: bool,
}

#[derive(Debug, Serialize)]
struct Linked {
    id: String,
    r#type: &'static str,
    url: String,
}

/// Lists inside an object hold at most this many.
const INLINED: usize = 10;

impl InlinedList {
    pub(super) fn new(kind: &'static str, path: &str, ids: Vec<String>, url: String) -> Self {
        let total_count = ids.len();
        let link = |id: String| Linked {
            url: format!("/{path}/{id}"),
            id,
            r#type: kind,
        };
        Self {
            r#type: "list",
            data: ids.into_iter().take(INLINED).map(link).collect(),
            url,
            total_count,
            has_more: total_count > INLINED,
        }
    }
}

/// Names and e-mails are handed out with their HTML marks escaped.
fn escaped(text: Option<String>) -> Option<String> {
    text.map(|text| escape_html(&text))
}
