use harken_contracts::wire::vault::v1::{OpenSyntheticConnectionRequest, SyntheticConnection};
use harken_domain::Role;
use harken_runtime::{CallContext, Caller};
use tonic::{Request, Status};

use super::super::acting::Acting;
use super::super::{fields, status as answer};
use super::wire;
use crate::app::{Connector, Vault};

pub(super) async fn open(
    vault: &Vault,
    request: Request<OpenSyntheticConnectionRequest>,
) -> Result<SyntheticConnection, Status> {
    let acting = Acting::of(&request, Role::Admin)?;
    let label = fields::label("label", &request.get_ref().label)?;
    let acting_member = CallContext::of(&request)?.acting_member();
    let connector = match (acting_member, acting.caller) {
        (Some(member), _) => Connector::Member(member),
        (None, Caller::ApiKey { id, .. }) => Connector::ApiKey(id),
        (None, Caller::Service(name)) => Connector::Service(name),
    };
    let (connection, secret) = vault
        .open_synthetic(acting.organization, label, connector, &acting.actor)
        .await
        .map_err(answer::synthetic)?;
    Ok(SyntheticConnection {
        connection: Some(wire::connection(connection)),
        webhook_secret: secret.expose().to_owned(),
    })
}
