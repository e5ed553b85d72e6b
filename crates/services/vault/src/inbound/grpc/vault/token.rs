use harken_contracts::wire::vault::v1::{
    ConnectWithTokenRequest, Connection, ReplaceTokenRequest, TestReport, TestTokenRequest,
};
use harken_domain::Role;
use harken_runtime::{CallContext, Caller, status};
use tonic::{Request, Status};

use super::super::acting::Acting;
use super::super::{fields, status as answer};
use super::wire;
use crate::app::{Connector, Vault};

pub(super) async fn test(
    vault: &Vault,
    request: Request<TestTokenRequest>,
) -> Result<TestReport, Status> {
    Acting::of(&request, Role::Admin)?;
    let token = fields::token("access_token", request.into_inner().access_token)?;
    vault
        .test_token(token)
        .await
        .map(wire::report)
        .map_err(answer::prove)
}

pub(super) async fn connect(
    vault: &Vault,
    request: Request<ConnectWithTokenRequest>,
) -> Result<Connection, Status> {
    let acting = Acting::of(&request, Role::Admin)?;
    let acting_member = CallContext::of(&request)?.acting_member();
    let asked = request.into_inner();
    let wish = fields::wish(asked.data_policy(), asked.on_disconnect());
    let reconnects = fields::optional_id("connection_id", &asked.connection_id)?;
    let token = fields::token("access_token", asked.access_token)?;
    let connector = match (asked.member_id.as_str(), acting_member, &acting.caller) {
        ("", Some(member), _) => Connector::Member(member),
        ("", None, Caller::ApiKey { id, .. }) => Connector::ApiKey(*id),
        ("", None, Caller::Service(_)) => {
            let problem = "must name the member who connects";
            return Err(status::invalid_argument("member_id", problem));
        }
        (member, ..) => Connector::Member(fields::id("member_id", member)?),
    };
    vault
        .connect_with_token(
            acting.organization,
            token,
            connector,
            (wish, reconnects),
            &acting.actor,
        )
        .await
        .map(wire::connection)
        .map_err(answer::token)
}

pub(super) async fn replace(
    vault: &Vault,
    request: Request<ReplaceTokenRequest>,
) -> Result<Connection, Status> {
    let acting = Acting::of(&request, Role::Admin)?;
    let asked = request.into_inner();
    let token = fields::token("access_token", asked.access_token)?;
    let id = fields::id("connection_id", &asked.connection_id)?;
    vault
        .replace_token(acting.organization, id, token, &acting.actor)
        .await
        .map(wire::connection)
        .map_err(answer::replace)
}
