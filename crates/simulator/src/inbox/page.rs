//! What the pages are filled with.

use askama::Template;

use super::Asked;
use super::list::{Filter, List};
use super::thread::Thread;
use crate::app::App;
use crate::webhooks::Standing;
use crate::world::{View, Workspace};

/// What stands around every page of a workspace.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    pub(super) key: &'static str,
    pub(super) name: &'static str,
    pub(super) revision: u64,
    pub(super) filters: [Filter; 4],
    pub(super) filter: Filter,
    pub(super) q: &'a str,
    pub(super) problem: &'a str,
    /// One line on whether anybody listens.
    pub(super) listening: String,
    pub(super) is_live: bool,
}

impl<'a> Frame<'a> {
    pub(super) fn of(app: &App, workspace: &Workspace, view: &View<'_>, asked: &'a Asked) -> Self {
        let (listening, is_live) = listening(app, workspace);
        Self {
            key: workspace.key,
            name: workspace.name,
            revision: view.revision(),
            filters: Filter::ALL,
            filter: asked.state,
            q: &asked.q,
            problem: &asked.problem,
            listening,
            is_live,
        }
    }

    /// The part of an address that keeps the filter and the search.
    pub(super) fn query(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("state", &self.filter.to_string());
        if !self.q.is_empty() {
            query.append_pair("q", self.q);
        }
        query.finish()
    }
}

fn listening(app: &App, workspace: &Workspace) -> (String, bool) {
    if !app.register.is_installed(workspace.key) {
        return ("No app is installed here".to_owned(), false);
    }
    match app.webhooks.app().standing() {
        Standing::Live => ("App installed, webhooks live".to_owned(), true),
        Standing::Unset => ("App installed, no webhook endpoint".to_owned(), false),
        Standing::Asked => ("Asking the webhook endpoint".to_owned(), false),
        Standing::Refused { reason } => (format!("Webhooks refused: {reason}"), false),
        Standing::Disabled => ("Webhooks disabled by a 410".to_owned(), false),
        Standing::Suspended => ("Webhooks suspended".to_owned(), false),
    }
}

/// A card of the first page.
#[derive(Debug)]
pub(super) struct Workspaces {
    pub(super) key: &'static str,
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) contacts: u64,
    pub(super) conversations: u64,
    pub(super) listening: String,
    pub(super) is_live: bool,
}

impl Workspaces {
    pub(super) fn of(app: &App) -> Vec<Self> {
        let all = app.workspaces.iter();
        all.map(|workspace| {
            let view = workspace.look();
            let (listening, is_live) = listening(app, workspace);
            Self {
                key: workspace.key,
                id: workspace.id,
                name: workspace.name,
                contacts: view.contact_numbers(),
                conversations: view.conversation_numbers(),
                listening,
                is_live,
            }
        })
        .collect()
    }
}

#[derive(Debug, Template)]
#[template(path = "inbox/index.html")]
pub(super) struct Index {
    pub(super) workspaces: Vec<Workspaces>,
    /// Where the app is installed, when it can be.
    pub(super) consent: Option<String>,
}

#[derive(Debug, Template)]
#[template(path = "inbox/list.html")]
pub(super) struct Listed<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) list: List,
}

#[derive(Debug, Template)]
#[template(path = "inbox/thread.html")]
pub(super) struct Threaded<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) list: List,
    pub(super) thread: Thread,
}

impl Threaded<'_> {
    /// Where the forms go.
    fn action(&self) -> String {
        format!("/inbox/{}/{}", self.frame.key, self.thread.id)
    }
}

/// A form for a new conversation.
#[derive(Debug, Template)]
#[template(path = "inbox/new.html")]
pub(super) struct Beginning<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) list: List,
    /// E-mail or id of the customer to begin with.
    pub(super) contact: String,
    /// Addresses to choose from.
    pub(super) known: Vec<(String, String)>,
}

#[derive(Debug, Template)]
#[template(path = "inbox/refused.html")]
pub(super) struct Refused<'a> {
    pub(super) reason: &'a str,
}
