use harken_contracts::wire::ingress::v1::{EdgeStatus, GetEdgeStatusRequest};
use harken_runtime::CallContext;
use tonic::{Request, Status};

use crate::app::Edge;

/// Who may look: it concerns no organization.
const READERS: &[&str] = &["gateway", "operator", "sync"];

pub(super) async fn answer(
    edge: &Edge,
    request: &Request<GetEdgeStatusRequest>,
) -> Result<EdgeStatus, Status> {
    CallContext::of(request)?.require_service(READERS)?;
    let held = edge.read_held().await?;
    Ok(EdgeStatus {
        spooled: held.spooled,
        quarantined: held.quarantined,
        spool_first: held.spool_first,
    })
}
