//! The other services, with what the tests tell them to hold.

mod auth;
mod directory;
mod edge;
mod scoring;
mod sync;
mod vault;

use std::sync::{Arc, Mutex, MutexGuard};

use harken_contracts::convert::timestamp;
use harken_contracts::wire::auth::v1::auth_server::AuthServer;
use harken_contracts::wire::auth::v1::{ApiKey, Member, Organization};
use harken_contracts::wire::directory::v1::directory_server::DirectoryServer;
use harken_contracts::wire::ingress::v1::Deliveries;
use harken_contracts::wire::ingress::v1::edge_server::EdgeServer;
use harken_contracts::wire::scoring::v1::scoring_server::ScoringServer;
use harken_contracts::wire::sync::v1::sync_server::SyncServer;
use harken_contracts::wire::sync::v1::{
    Completeness, Drift, IncompleteRecord, Run, RunCounts, RunState, Sample, Status, SyncSettings,
};
use harken_contracts::wire::types::v1 as types;
use harken_contracts::wire::vault::v1::vault_server::VaultServer;
use harken_contracts::wire::vault::v1::{
    Connection, ConnectionMethod, ConnectionState, Erasure, WebhookSecret,
};
use harken_domain::{
    Clock, ConnectionId, ConversationId, CustomerId, MemberId, OrganizationId, Role, RunId,
};
use harken_runtime::grpc::Services;
use tonic::Request;

/// The secret of a sign-in link that works once.
pub(crate) const LINK: &str = "link-0123456789abcdef";

/// All of them at once.
#[derive(Clone)]
pub(crate) struct Fakes {
    pub(crate) clock: Clock,
    held: Arc<Mutex<Held>>,
}

/// What they hold, and what they were asked.
#[derive(Default)]
pub(crate) struct Held {
    pub(crate) link_is_spent: bool,
    pub(crate) sessions: Vec<(String, Role)>,
    pub(crate) connections: Vec<Connection>,
    pub(crate) run: Option<Run>,
    pub(crate) keys: Vec<ApiKey>,
    /// What connecting fails with, if it fails.
    pub(crate) mishap: Option<tonic::Status>,
    /// Method, acting role and what else is worth checking, in the order of the calls.
    pub(crate) asked: Vec<String>,
    pub(crate) scoring_is_away: bool,
    pub(crate) audit_is_away: bool,
    /// What the edge has seen; none while it is away.
    pub(crate) deliveries: Option<Deliveries>,
    pub(crate) webhook_secret: WebhookSecret,
    pub(crate) mirror: Mirror,
    pub(crate) erasure: Erasure,
    pub(crate) export: Export,
}

/// How the mirror exports.
#[derive(Default)]
pub(crate) struct Export {
    /// How many batches there are; two where none is set.
    pub(crate) batches: Option<u64>,
    /// How many of them were taken.
    pub(crate) taken: u64,
    /// Whether it breaks off behind its last batch.
    pub(crate) breaks: bool,
}

/// What sync tells of a mirror.
#[derive(Default)]
pub(crate) struct Mirror {
    /// Besides the latest run.
    pub(crate) status: Status,
    pub(crate) settings: SyncSettings,
    pub(crate) completeness: Completeness,
    pub(crate) incomplete: Vec<IncompleteRecord>,
    pub(crate) drift: Drift,
    pub(crate) sample: Sample,
    /// Whether the customer is a pseudonym without a conversation.
    pub(crate) is_pseudonym: bool,
    /// Whether it tells nothing of how the mirror is kept.
    pub(crate) is_silent: bool,
}

impl Fakes {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            held: Arc::default(),
        }
    }

    pub(crate) fn services(&self, services: Services) -> Services {
        services
            .add(AuthServer::new(self.clone()))
            .add(VaultServer::new(self.clone()))
            .add(SyncServer::new(self.clone()))
            .add(DirectoryServer::new(self.clone()))
            .add(ScoringServer::new(self.clone()))
            .add(EdgeServer::new(self.clone()))
    }

    pub(crate) fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap()
    }

    /// Opens a session and answers its secret.
    pub(crate) fn session(&self, role: Role) -> String {
        let secret = format!("session-of-{role}");
        self.held().sessions.push((secret.clone(), role));
        secret
    }

    pub(crate) fn connected(&self) {
        self.held().connections = vec![connection()];
    }

    pub(crate) fn ran(&self, state: RunState) {
        let run = run(state, &self.clock);
        self.held().run = Some(run);
    }

    pub(crate) fn was_asked(&self, what: &str) -> bool {
        self.held()
            .asked
            .iter()
            .any(|asked| asked.starts_with(what))
    }

    fn note<T>(&self, method: &str, request: &Request<T>) {
        let role = request
            .metadata()
            .get("harken-role")
            .map_or("nobody", |role| role.to_str().unwrap());
        self.held().asked.push(format!("{method} as {role}"));
    }
}

pub(crate) fn organization_id() -> OrganizationId {
    OrganizationId::derive(&[b"northwind"])
}

pub(crate) fn connection_id() -> ConnectionId {
    ConnectionId::derive(&[b"workspace"])
}

pub(crate) fn customer_id() -> CustomerId {
    CustomerId::derive(&[b"annie"])
}

pub(crate) fn conversation_id() -> ConversationId {
    ConversationId::derive(&[b"invoice"])
}

pub(crate) fn run_id() -> RunId {
    RunId::derive(&[b"run"])
}

fn organization() -> Organization {
    Organization {
        organization_id: organization_id().to_string(),
        name: "Northwind".to_owned(),
        created_at: None,
    }
}

fn member(role: Role) -> Member {
    Member {
        member_id: MemberId::derive(&[b"ada"]).to_string(),
        email: "ada@northwind.example".to_owned(),
        name: "Ada Lovelace".to_owned(),
        role: types::Role::from(role).into(),
        created_at: None,
    }
}

pub(crate) fn connection() -> Connection {
    Connection {
        connection_id: connection_id().to_string(),
        workspace_id: "nw7x2k1p".to_owned(),
        workspace_name: "Northwind <Support>".to_owned(),
        method: ConnectionMethod::Oauth.into(),
        state: ConnectionState::Connected.into(),
        connected_by: "Ada Lovelace".to_owned(),
        ..Connection::default()
    }
}

fn run(state: RunState, clock: &Clock) -> Run {
    let is_over = !matches!(state, RunState::Queued | RunState::Running);
    Run {
        run_id: run_id().to_string(),
        connection_id: connection_id().to_string(),
        state: state.into(),
        reason: if state == RunState::Failed {
            "Intercom refused the token.".to_owned()
        } else {
            String::new()
        },
        counts: vec![RunCounts {
            kind: "contacts".to_owned(),
            seen: 512,
            skipped: 12,
            total: Some(512),
            ..RunCounts::default()
        }],
        gap_count: u64::from(state == RunState::CompleteWithGaps),
        ended_at: is_over.then(|| timestamp(clock.now())),
        ..Run::default()
    }
}

/// How a customer is called where no personal data may be kept.
pub(crate) const PSEUDONYM: &str = "ps_0f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// What no test asks for.
fn unasked<T>() -> Result<T, tonic::Status> {
    Err(tonic::Status::unimplemented("no test asks for this"))
}
