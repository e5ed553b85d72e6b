use harken_contracts::wire::vault::v1 as proto;
use tonic::{Request, Status};

use crate::app::Vault;

#[expect(clippy::unused_async, reason = "served by the next change")]
pub(super) async fn replace_token(
    _: &Vault,
    _: Request<proto::ReplaceTokenRequest>,
) -> Result<proto::Connection, Status> {
    Err(Status::unimplemented("not yet"))
}

#[expect(clippy::unused_async, reason = "served by the next change")]
pub(super) async fn remove_data(
    _: &Vault,
    _: Request<proto::RemoveDataRequest>,
) -> Result<proto::Connection, Status> {
    Err(Status::unimplemented("not yet"))
}

#[expect(clippy::unused_async, reason = "served by the next change")]
pub(super) async fn get(
    _: &Vault,
    _: Request<proto::GetErasureRequest>,
) -> Result<proto::Erasure, Status> {
    Err(Status::unimplemented("not yet"))
}

#[expect(clippy::unused_async, reason = "served by the next change")]
pub(super) async fn pseudonym_key(
    _: &Vault,
    _: Request<proto::GetPseudonymKeyRequest>,
) -> Result<proto::PseudonymKey, Status> {
    Err(Status::unimplemented("not yet"))
}
