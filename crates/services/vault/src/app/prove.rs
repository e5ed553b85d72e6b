use std::sync::Arc;

use harken_domain::{ConnectionId, OrganizationId};
use harken_intercom::{Method, NoWorkspace, Workspace};
use serde_json::Value;

use super::lines::OpenLine;
use super::{CallError, LineError, Vault};
use crate::outbound::intercom::{Line, SendError};
use crate::rules::death::{Death, Evidence};
use crate::rules::permissions::{
    PROBES, Probe, Proof, READ_ONE_ADMIN, SEARCH_CONVERSATIONS, missing,
};

/// What a token can do.
#[derive(Debug)]
pub(crate) struct Report {
    /// None if the token may not ask.
    pub workspace: Option<Workspace>,
    pub proofs: Vec<Proof>,
}

/// Whose token it is.
pub(super) enum Identity {
    Of(Workspace),
    /// Intercom does not know the token.
    Refused(Evidence),
    NotPermitted(Proof),
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum ProveError {
    #[error(
        "Intercom refuses the access token; copy it whole from the Developer Hub and see that the app is \
         installed there"
    )]
    TokenRefused(Evidence),
    #[error("permissions are missing: {}", missing(.0).join(", "))]
    Missing(Vec<Proof>),
    #[error(transparent)]
    Send(#[from] SendError),
    #[error(transparent)]
    Nameless(#[from] NoWorkspace),
    #[error(transparent)]
    Line(#[from] LineError),
    #[error(transparent)]
    Call(Box<CallError>),
}

impl Report {
    pub(crate) fn is_ok(&self) -> bool {
        self.workspace.is_some() && self.proofs.iter().all(|proof| proof.granted)
    }
}

impl Vault {
    /// Proves each permission that the connection needs. A dead token closes it.
    pub(crate) async fn test_connection(
        &self,
        organization: OrganizationId,
        connection: ConnectionId,
    ) -> Result<Report, ProveError> {
        let line: Arc<OpenLine> = self.line(organization, connection, "test").await?;
        match self.prove(&line.line).await {
            Err(ProveError::TokenRefused(evidence)) => {
                let broken = self.mark_broken(&line, Death::Refused(evidence)).await;
                Err(ProveError::Call(Box::new(broken)))
            }
            outcome => outcome,
        }
    }

    /// Proves each permission that we need, by a call.
    pub(super) async fn prove(&self, line: &Line) -> Result<Report, ProveError> {
        let mut proofs = Vec::with_capacity(PROBES.len() + 3);
        let workspace = match self.identify(line).await? {
            Identity::Of(workspace) => {
                proofs.push(Proof::of(READ_ONE_ADMIN, "GET /me", 200, b"", None));
                Some(workspace)
            }
            Identity::Refused(evidence) => return Err(ProveError::TokenRefused(evidence)),
            Identity::NotPermitted(proof) => {
                proofs.push(proof);
                None
            }
        };
        let line = match &workspace {
            Some(workspace) => line.clone().at(self.hosts.api(workspace.region).clone()),
            None => line.clone(),
        };
        for probe in PROBES {
            proofs.push(ask(&line, probe).await?.0);
        }
        let (proof, body) = ask(&line, SEARCH_CONVERSATIONS).await?;
        let conversation = first_conversation(&body);
        proofs.push(proof);
        if let Some(id) = conversation {
            // Messages come with a single conversation alone.
            let path = format!("/conversations/{id}");
            let answer = line.ask(Method::Get, &path, None).await?;
            let permission = SEARCH_CONVERSATIONS.permission;
            let call = "GET /conversations/{id}";
            let proof = Proof::of(
                permission,
                call,
                answer.status,
                &answer.body,
                answer.request_id,
            );
            proofs.push(proof);
        }
        Ok(Report { workspace, proofs })
    }

    pub(super) async fn identify(&self, line: &Line) -> Result<Identity, ProveError> {
        let answer = line.ask(Method::Get, Workspace::PATH, None).await?;
        Ok(match answer.status {
            200 => Identity::Of(Workspace::from_me(&answer.body)?),
            401 => {
                let request_id = answer.request_id.as_deref();
                Identity::Refused(Evidence::of(self.clock.now(), &answer.body, request_id))
            }
            status => {
                let call = "GET /me";
                let request_id = answer.request_id;
                let proof = Proof::of(READ_ONE_ADMIN, call, status, &answer.body, request_id);
                Identity::NotPermitted(proof)
            }
        })
    }
}

async fn ask(line: &Line, probe: Probe) -> Result<(Proof, bytes::Bytes), SendError> {
    let (method, path) = match probe.call.split_once(' ') {
        Some(("POST", path)) => (Method::Post, path),
        Some((_, path)) => (Method::Get, path),
        None => (Method::Get, probe.call),
    };
    let answer = line.ask(method, path, probe.body).await?;
    let proof = Proof::of(
        probe.permission,
        probe.call,
        answer.status,
        &answer.body,
        answer.request_id,
    );
    Ok((proof, answer.body))
}

/// The id of the first conversation found, if it can stand in a path.
fn first_conversation(body: &[u8]) -> Option<String> {
    let found: Value = serde_json::from_slice(body).ok()?;
    let id = found.get("conversations")?.get(0)?.get("id")?.as_str()?;
    id.chars()
        .all(|c| c.is_ascii_alphanumeric())
        .then(|| id.to_owned())
}
