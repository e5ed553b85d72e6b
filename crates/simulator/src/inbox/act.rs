//! What the buttons do.

use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::thread::PRIORITIES;
use super::{find, missing};
use crate::app::{App, Shared};
use crate::story::staff::ADMINS;
use crate::story::{Conversation, Deed, Event, Priority, Subject, Voice, Words};
use crate::world::{Change, Edit, Workspace};

const HOUR: i64 = 3600;

/// What an angry customer says, in turn.
const ANGRY: [&str; 3] = [
    "This is unacceptable. Third time this month that it breaks, and nobody even answers. If this is not fixed \
     today we cancel and move to somebody who cares.",
    "I have been waiting for days! We are losing money because of you. I want to speak to a manager NOW.",
    "Closing this without solving it is an insult. It is still broken. We are done if this goes on.",
];

/// A form of the thread: what to do, and the fields that this needs.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Action {
    act: String,
    text: String,
    /// `customer`, `teammate`, `note` or `bot`.
    voice: String,
    admin: u64,
    /// `admin:<id>`, `team:<id>` or `nobody`.
    assignee: String,
    hours: i64,
    score: u8,
    tag: u64,
    priority: String,
    part: String,
    email: String,
    /// The filter and search to go back to.
    back: String,
}

pub(super) async fn act(
    State(app): State<Shared>,
    Path((workspace, id)): Path<(String, String)>,
    Form(action): Form<Action>,
) -> Response {
    let workspace = match find(&app, &workspace) {
        Ok(workspace) => workspace,
        Err(refused) => return *refused,
    };
    let change = {
        let view = workspace.look();
        let Some(conversation) = view.find_conversation(&id) else {
            return missing("This conversation does not exist, or was deleted.");
        };
        change(&conversation, &action, app.now_secs())
    };
    let problem = match change {
        Ok(change) => make(&app, workspace, change),
        Err(problem) => Some(problem.to_owned()),
    };
    let inbox = format!("/inbox/{}", workspace.key);
    let back = &action.back;
    let to = match problem {
        None if action.act == "delete" => format!("{inbox}?{back}"),
        None => format!("{inbox}/{id}?{back}#end"),
        Some(problem) => {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.append_pair("problem", &problem);
            format!("{inbox}/{id}?{back}&{}", query.finish())
        }
    };
    Redirect::to(&to).into_response()
}

/// Why the change could not be made.
fn make(app: &App, workspace: &Workspace, change: Change) -> Option<String> {
    let refused = app.happen(workspace, change).err()?;
    Some(format!("Not done: {refused}."))
}

fn change(
    conversation: &Conversation<'_>,
    action: &Action,
    at: i64,
) -> Result<Change, &'static str> {
    let number = conversation.number;
    let contact = || match conversation.customers[0].subject {
        Subject::Contact(number) => Ok(number),
        _ => Err("This customer is gone."),
    };
    Ok(match action.act.as_str() {
        "delete" => Change::ConversationDeleted {
            conversation: number,
            at,
        },
        "redact" => Change::Redacted {
            conversation: number,
            part: action.part.parse().ok(),
            at,
        },
        "email" => Change::ContactEdited {
            contact: contact()?,
            edit: Edit {
                email: Some(action.email.trim().to_owned()),
                ..Edit::default()
            },
            at,
        },
        "sign_up" => Change::LeadSignedUp {
            contact: contact()?,
            at,
        },
        "archive" => Change::ContactArchived {
            contact: contact()?,
            at,
        },
        "unarchive" => Change::ContactUnarchived {
            contact: contact()?,
            at,
        },
        "delete_contact" => Change::ContactDeleted {
            contact: contact()?,
            at,
        },
        _ => {
            let (by, deed) = deed(conversation, action, at)?;
            Change::Happened {
                conversation: number,
                event: Event { at, by, deed },
            }
        }
    })
}

fn deed(
    conversation: &Conversation<'_>,
    action: &Action,
    at: i64,
) -> Result<(Voice, Deed), &'static str> {
    let customer = Voice::Customer(0);
    let admin = match (action.admin, conversation.standing().admin) {
        (0, assigned) => Voice::Admin(assigned.unwrap_or(ADMINS[0].id)),
        (chosen, _) => Voice::Admin(chosen),
    };
    Ok(match action.act.as_str() {
        "write" => {
            if action.text.trim().is_empty() {
                return Err("Write something first.");
            }
            let words = Words::given(&action.text);
            match action.voice.as_str() {
                "customer" => (customer, Deed::Comment(words)),
                "note" => (admin, Deed::Note(words)),
                "bot" => (Voice::Bot, Deed::Comment(words)),
                _ => (admin, Deed::Comment(words)),
            }
        }
        "angry" => {
            let turn = conversation.timeline.events.len() % ANGRY.len();
            (customer, Deed::Comment(Words::given(ANGRY[turn])))
        }
        "thanks" => {
            let thanks = "Perfect, that works now. Thank you for the quick help!";
            (customer, Deed::Comment(Words::given(thanks)))
        }
        "close" => (admin, Deed::Close(None)),
        "reopen" => (admin, Deed::Open),
        "snooze" => {
            let until = at + action.hours.clamp(1, 24 * 30) * HOUR;
            (admin, Deed::Snooze { until })
        }
        "unsnooze" => (admin, Deed::Unsnooze),
        "assign" => (admin, assignment(conversation, &action.assignee)?),
        "priority" => (admin, Deed::Prioritise(priority(&action.priority)?)),
        "tag" => (admin, Deed::Tag(action.tag)),
        "untag" => (admin, Deed::Untag(action.tag)),
        "rate" => {
            let remark = Some(action.text.trim()).filter(|text| !text.is_empty());
            let remark = remark.map(Words::given);
            let score = action.score;
            (customer, Deed::Rate { score, remark })
        }
        _ => return Err("This button does nothing."),
    })
}

fn assignment(conversation: &Conversation<'_>, to: &str) -> Result<Deed, &'static str> {
    let (admin, team) = match to.split_once(':') {
        Some(("admin", id)) => (id.parse().ok(), conversation.standing().team),
        Some(("team", id)) => (None, id.parse().ok()),
        _ if to == "nobody" => (None, None),
        _ => return Err("Choose who takes it."),
    };
    Ok(Deed::Assign { admin, team })
}

fn priority(word: &str) -> Result<Priority, &'static str> {
    let found = PRIORITIES
        .into_iter()
        .find(|priority| priority.word() == word);
    found.ok_or("Choose a priority.")
}
