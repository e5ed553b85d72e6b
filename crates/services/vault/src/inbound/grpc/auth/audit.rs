use harken_contracts::wire::auth::v1::{RecordAuditRequest, RecordAuditResponse};
use tonic::{Request, Status};

use crate::app::Vault;

#[expect(clippy::unused_async, reason = "called like the others")]
pub(super) async fn record(
    _: &Vault,
    _: Request<RecordAuditRequest>,
) -> Result<RecordAuditResponse, Status> {
    Err(Status::unimplemented("not yet"))
}
