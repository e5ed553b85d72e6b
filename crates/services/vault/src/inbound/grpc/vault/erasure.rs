use harken_contracts::convert::timestamp;
use harken_contracts::wire::events::v1::ErasedCount;
use harken_contracts::wire::vault::v1 as proto;
use harken_domain::Role;
use tonic::{Request, Status};

use super::super::acting::Acting;
use super::super::{fields, status as answer};
use super::wire;
use crate::app::{Erasure, Vault};
use crate::outbound::postgres::erasure_receipts::Receipt;
use crate::rules::erasure::Standing;

pub(super) async fn remove_data(
    vault: &Vault,
    request: Request<proto::RemoveDataRequest>,
) -> Result<proto::Connection, Status> {
    let acting = Acting::of(&request, Role::Admin)?;
    let asked = request.get_ref();
    let id = fields::id("connection_id", &asked.connection_id)?;
    vault
        .remove_data(
            acting.organization,
            id,
            &asked.workspace_name,
            &acting.actor,
        )
        .await
        .map(wire::connection)
        .map_err(answer::remove_data)
}

pub(super) async fn get(
    vault: &Vault,
    request: Request<proto::GetErasureRequest>,
) -> Result<proto::Erasure, Status> {
    let acting = Acting::of(&request, Role::Viewer)?;
    let id = fields::id("connection_id", &request.get_ref().connection_id)?;
    let erasure = vault.erasure(acting.organization, id).await;
    erasure.map(shown).map_err(answer::erasure)
}

fn shown(erasure: Erasure) -> proto::Erasure {
    let Erasure {
        connection,
        standing,
        receipts,
        is_overdue,
    } = erasure;
    let waiting_for = standing.as_ref().map(Standing::waiting_for);
    proto::Erasure {
        connection_id: connection.to_string(),
        requested_at: standing.as_ref().map(|it| timestamp(it.requested_at)),
        completed_at: standing
            .as_ref()
            .and_then(|it| it.completed_at)
            .map(timestamp),
        receipts: receipts.into_iter().map(receipt).collect(),
        waiting_for: waiting_for
            .into_iter()
            .flatten()
            .map(str::to_owned)
            .collect(),
        is_overdue,
    }
}

fn receipt(receipt: Receipt) -> proto::ErasureReceipt {
    let erased = receipt.erased.into_iter();
    proto::ErasureReceipt {
        service: receipt.service,
        erased: erased
            .map(|(place, count)| ErasedCount { place, count })
            .collect(),
        erased_at: Some(timestamp(receipt.erased_at)),
    }
}
