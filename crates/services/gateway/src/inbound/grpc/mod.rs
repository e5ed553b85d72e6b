//! `dead.v1`: dead letters over gRPC.

use harken_contracts::wire::dead::v1::dead_letters_server::{
    DeadLetters as Service, DeadLettersServer,
};
use harken_contracts::wire::dead::v1::{
    DeadLetterWithMessage, DisposalReport, DropDeadLettersRequest, GetDeadLetterRequest,
    ListDeadLettersRequest, ListDeadLettersResponse, ReplayDeadLettersRequest,
};
use harken_domain::Role;
use harken_runtime::{CallContext, Caller};
use tonic::{Request, Response, Status, async_trait};

use crate::app::{DeadLetters, Disposal};
use crate::outbound::{Acting, Who};

/// Answers `dead.v1`.
#[derive(Debug)]
pub(crate) struct DeadRpc(DeadLetters);

impl DeadRpc {
    pub(crate) fn server(dead_letters: DeadLetters) -> DeadLettersServer<Self> {
        DeadLettersServer::new(Self(dead_letters))
    }
}

type Answer<T> = Result<Response<T>, Status>;

#[async_trait]
impl Service for DeadRpc {
    async fn list_dead_letters(
        &self,
        request: Request<ListDeadLettersRequest>,
    ) -> Answer<ListDeadLettersResponse> {
        let acting = acting(&request)?;
        let listed = self.0.list(acting, request.into_inner()).await?;
        Ok(Response::new(listed))
    }

    async fn get_dead_letter(
        &self,
        request: Request<GetDeadLetterRequest>,
    ) -> Answer<DeadLetterWithMessage> {
        let acting = acting(&request)?;
        let id = request.get_ref().dead_letter_id;
        Ok(Response::new(self.0.get(acting, id).await?))
    }

    async fn replay_dead_letters(
        &self,
        request: Request<ReplayDeadLettersRequest>,
    ) -> Answer<DisposalReport> {
        let acting = acting(&request)?;
        let ReplayDeadLettersRequest { selection, dry_run } = request.into_inner();
        let selection = selection.unwrap_or_default();
        let replaying = self.0.dispose(acting, Disposal::Replay, selection, dry_run);
        Ok(Response::new(replaying.await?))
    }

    async fn drop_dead_letters(
        &self,
        request: Request<DropDeadLettersRequest>,
    ) -> Answer<DisposalReport> {
        let acting = acting(&request)?;
        let DropDeadLettersRequest { selection, dry_run } = request.into_inner();
        let selection = selection.unwrap_or_default();
        let dropping = self.0.dispose(acting, Disposal::Drop, selection, dry_run);
        Ok(Response::new(dropping.await?))
    }
}

/// For whom a call is made, with the highest role whose deeds are permitted.
fn acting<T>(request: &Request<T>) -> Result<Acting, Status> {
    let context = CallContext::of(request)?;
    context.require_role(Role::Viewer)?;
    let permitted = |role: &&Role| context.require_role(**role).is_ok();
    let role = Role::ALL.iter().find(permitted);
    Ok(Acting {
        organization: context.organization()?,
        role: role.copied().unwrap_or(Role::Viewer),
        who: match (context.acting_member(), context.caller()) {
            (Some(member), _) => Who::Member(member),
            (None, Caller::ApiKey { id, .. }) => Who::ApiKey(*id),
            (None, Caller::Service(_)) => Who::Operator,
        },
    })
}
