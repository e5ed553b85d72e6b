use serde::Serialize;
use serde_json::{Value as Json, json};

use super::{Reference, escaped};
use crate::story::staff::tag_by_id;
use crate::story::{Author, Conversation, Deed, Event, Ids, Voice, Words, plain_text};
use crate::world::Workspace;

/// Parts shown, the most recent ones.
const SHOWN: usize = 500;
/// What stands where words were taken away.
pub(super) const REDACTED: &str = "<p><i>This message was deleted</i></p>";

#[derive(Debug, Serialize)]
pub(super) struct Parts {
    r#type: &'static str,
    #[serde(rename = "conversation_parts")]
    shown: Vec<PartBody>,
    total_count: usize,
}

#[derive(Debug, Serialize)]
struct PartBody {
    r#type: &'static str,
    id: String,
    part_type: &'static str,
    body: Option<String>,
    created_at: i64,
    updated_at: i64,
    notified_at: i64,
    assigned_to: Option<Reference>,
    author: AuthorBody,
    attachments: Vec<Json>,
    external_id: Option<String>,
    redacted: bool,
    metadata: Json,
    email_message_metadata: Option<Json>,
    state: &'static str,
    tags: Vec<Json>,
    event_details: Json,
    app_package_code: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct AuthorBody {
    id: String,
    r#type: &'static str,
    name: Option<String>,
    email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_ai_agent: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_ai_answer: Option<bool>,
}

impl AuthorBody {
    /// Of a first message.
    pub(super) fn of_source(author: Author, workspace: &Workspace) -> Self {
        Self {
            id: author.id,
            r#type: author.kind,
            name: escaped(author.name),
            email: escaped(author.email).unwrap_or_else(|| workspace.bot_email()),
            from_ai_agent: None,
            is_ai_answer: None,
        }
    }

    fn of_part(author: Author, workspace: &Workspace, words: Option<&Words>) -> Self {
        let bot = author.kind == "bot";
        // What leads write as parts is shown as a user's.
        let kind = if author.kind == "lead" {
            "user"
        } else {
            author.kind
        };
        Self {
            r#type: kind,
            from_ai_agent: Some(bot && words.is_some()),
            is_ai_answer: Some(bot && words == Some(&Words::BotAnswer)),
            ..Self::of_source(author, workspace)
        }
    }
}

impl Parts {
    pub(super) fn new(
        conversation: &Conversation<'_>,
        workspace: &Workspace,
        plain: bool,
        uncapped_total: bool,
    ) -> Self {
        let events = &conversation.timeline.events;
        let hidden = events.len().saturating_sub(SHOWN);
        let parts = parts(conversation, workspace, plain, |index| index >= hidden);
        let total_count = if uncapped_total {
            events.len()
        } else {
            parts.len()
        };
        Self {
            r#type: "conversation_part.list",
            shown: parts,
            total_count,
        }
    }

    /// The part at `index` alone, or none at all.
    pub(super) fn only(
        conversation: &Conversation<'_>,
        workspace: &Workspace,
        plain: bool,
        index: Option<u64>,
    ) -> Self {
        let wanted = index.and_then(|index| usize::try_from(index).ok());
        let shown = parts(conversation, workspace, plain, |index| {
            Some(index) == wanted
        });
        Self {
            r#type: "conversation_part.list",
            total_count: shown.len(),
            shown,
        }
    }
}

/// The parts whose index is `wanted`.
fn parts(
    conversation: &Conversation<'_>,
    workspace: &Workspace,
    plain: bool,
    wanted: impl Fn(usize) -> bool,
) -> Vec<PartBody> {
    let mut closed = false;
    let mut parts = Vec::new();
    for (index, event) in conversation.timeline.events.iter().enumerate() {
        closed = matches!(event.deed, Deed::Close(_)) || (closed && !event.deed.reopens());
        if wanted(index) {
            parts.push(part(conversation, workspace, (index, event), closed, plain));
        }
    }
    parts
}

fn part(
    conversation: &Conversation<'_>,
    workspace: &Workspace,
    (index, event): (usize, &Event),
    closed: bool,
    plain: bool,
) -> PartBody {
    let words = event.deed.words();
    let redacted_at = conversation.redacted_at(Some(index as u64));
    let body = match redacted_at {
        Some(_) => Some(REDACTED.to_owned()),
        None => words.map(|words| conversation.html(words)),
    };
    let state = match event.deed {
        _ if closed => "closed",
        Deed::Snooze { .. } => "snoozed",
        _ => "open",
    };
    PartBody {
        r#type: "conversation_part",
        id: Ids::part(conversation.number, index as u64).to_string(),
        part_type: event.deed.part_type(),
        body: if plain {
            body.map(|body| plain_text(&body))
        } else {
            body
        },
        created_at: event.at,
        updated_at: redacted_at.unwrap_or(event.at),
        notified_at: event.at,
        assigned_to: assigned_to(&event.deed),
        author: AuthorBody::of_part(conversation.author(event.by), workspace, words),
        attachments: attachments(conversation, index, event),
        external_id: None,
        redacted: redacted_at.is_some(),
        metadata: json!({}),
        email_message_metadata: None,
        state,
        tags: tags(&event.deed),
        event_details: details(&event.deed),
        app_package_code: None,
    }
}

fn assigned_to(deed: &Deed) -> Option<Reference> {
    let admin = |id: &u64| Reference {
        r#type: "admin",
        id: id.to_string(),
    };
    match deed {
        Deed::Assign {
            admin: Some(id), ..
        }
        | Deed::AssignAndReopen { admin: id, .. }
        | Deed::ReplyAndAssign { admin: id, .. } => Some(admin(id)),
        Deed::Assign { team: Some(id), .. } => Some(Reference {
            r#type: "team",
            id: id.to_string(),
        }),
        _ => None,
    }
}

fn tags(deed: &Deed) -> Vec<Json> {
    let Deed::Tag(id) = deed else {
        return Vec::new();
    };
    let tag =
        tag_by_id(*id).map(|tag| json!({ "type": "tag", "id": id.to_string(), "name": tag.name }));
    tag.into_iter().collect()
}

fn details(deed: &Deed) -> Json {
    match deed {
        Deed::Workflow => json!({
            "workflow": { "name": "Greet and answer" },
            "event": { "type": "started", "result": "answered" },
        }),
        _ => json!({}),
    }
}

/// Now and then a customer sends a picture along.
fn attachments(conversation: &Conversation<'_>, index: usize, event: &Event) -> Vec<Json> {
    let said = matches!(event.deed, Deed::Comment(Words::FollowUp(_)));
    let picture = matches!(event.by, Voice::Customer(_)) && said;
    if !picture || !(conversation.number + index as u64).is_multiple_of(23) {
        return Vec::new();
    }
    let name = format!("screenshot-{}.png", conversation.number);
    vec![json!({
        "type": "upload",
        "url": format!("https://downloads.intercomcdn.example/i/{}/{name}", conversation.number),
        "name": name,
        "content_type": "image/png",
        "filesize": 182_044,
        "width": 1280,
        "height": 800,
    })]
}
