use harken_contracts::wire::ingress::v1::{EdgeStatus, GetEdgeStatusRequest};
use harken_domain::Role;
use harken_runtime::{CallContext, Caller};
use tonic::{Request, Status};

use crate::app::Edge;

/// Which services may look: it concerns no organization. Who drills a deployment has the key of an owner or an admin, and
/// learns three numbers.
const READERS: &[&str] = &["gateway", "operator", "sync"];

pub(super) async fn answer(
    edge: &Edge,
    request: &Request<GetEdgeStatusRequest>,
) -> Result<EdgeStatus, Status> {
    let context = CallContext::of(request)?;
    match context.caller() {
        Caller::Service(_) => context.require_service(READERS)?,
        Caller::ApiKey { .. } => context.require_role(Role::Admin)?,
    }
    let held = edge.read_held().await?;
    Ok(EdgeStatus {
        spooled: held.spooled,
        quarantined: held.quarantined,
        spool_first: held.spool_first,
    })
}
