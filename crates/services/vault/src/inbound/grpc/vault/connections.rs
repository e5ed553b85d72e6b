use harken_contracts::wire::vault::v1::{
    Connection, DisconnectRequest, GetConnectionRequest, ListConnectionsRequest,
    ListConnectionsResponse, TestConnectionRequest, TestReport,
};
use harken_domain::Role;
use harken_runtime::status;
use tonic::{Request, Status};

use super::super::acting::Acting;
use super::super::{fields, status as answer};
use super::wire;
use crate::app::Vault;

pub(super) async fn get(
    vault: &Vault,
    request: Request<GetConnectionRequest>,
) -> Result<Connection, Status> {
    let acting = Acting::of(&request, Role::Viewer)?;
    let id = fields::id("connection_id", &request.get_ref().connection_id)?;
    let found = vault.connection(acting.organization, id).await;
    let found = found.map_err(|error| status::internal(&error))?;
    found
        .map(wire::connection)
        .ok_or_else(|| status::not_found("connection"))
}

pub(super) async fn list(
    vault: &Vault,
    request: Request<ListConnectionsRequest>,
) -> Result<ListConnectionsResponse, Status> {
    let acting = Acting::of(&request, Role::Viewer)?;
    let found = vault.connections(acting.organization).await;
    let found = found.map_err(|error| status::internal(&error))?;
    Ok(ListConnectionsResponse {
        connections: found.into_iter().map(wire::connection).collect(),
    })
}

pub(super) async fn test(
    vault: &Vault,
    request: Request<TestConnectionRequest>,
) -> Result<TestReport, Status> {
    let acting = Acting::of(&request, Role::Admin)?;
    let id = fields::id("connection_id", &request.get_ref().connection_id)?;
    let report = vault.test_connection(acting.organization, id).await;
    report.map(wire::report).map_err(answer::prove)
}

pub(super) async fn disconnect(
    vault: &Vault,
    request: Request<DisconnectRequest>,
) -> Result<Connection, Status> {
    let acting = Acting::of(&request, Role::Admin)?;
    let id = fields::id("connection_id", &request.get_ref().connection_id)?;
    let closed = vault
        .disconnect(acting.organization, id, &acting.actor)
        .await;
    closed.map(wire::connection).map_err(answer::disconnect)
}
