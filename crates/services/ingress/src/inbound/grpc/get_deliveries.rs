use harken_contracts::convert::timestamp;
use harken_contracts::wire::ingress::v1::{
    Deliveries, DeliveryHour, GetDeliveriesRequest, RefusalReason,
};
use harken_domain::{ConnectionId, Role};
use harken_runtime::{CallContext, status};
use tonic::{Request, Status};

use crate::app::{Delivered, Edge};
use crate::rules::tally::{FailureReason, Marks};

pub(super) async fn answer(
    edge: &Edge,
    request: Request<GetDeliveriesRequest>,
) -> Result<Deliveries, Status> {
    let context = CallContext::of(&request)?;
    context.require_role(Role::Viewer)?;
    let organization = context.organization()?;
    let text = request.into_inner().connection_id;
    let connection: ConnectionId = text
        .parse()
        .map_err(|_| status::invalid_argument("connection_id", "must be an id like `con_…`"))?;
    let delivered = edge.read_deliveries(organization, connection).await?;
    Ok(wire(connection, delivered))
}

fn wire(connection: ConnectionId, delivered: Delivered) -> Deliveries {
    let Delivered {
        endpoint_url,
        deliveries,
    } = delivered;
    let Marks {
        last_heard_at,
        last_delivery_at,
        last_failure,
        old_secret_last_used_at,
    } = deliveries.marks;
    let hours = deliveries
        .hours
        .into_iter()
        .map(|(hour, counts)| DeliveryHour {
            hour: Some(timestamp(hour)),
            streamed: counts.streamed,
            spooled: counts.spooled,
            quarantined: counts.quarantined,
            pings: counts.pings,
            refused: counts.refused,
        });
    Deliveries {
        connection_id: connection.to_string(),
        endpoint_url,
        hours: hours.collect(),
        last_heard_at: last_heard_at.map(timestamp),
        last_delivery_at: last_delivery_at.map(timestamp),
        last_failure_at: last_failure.map(|(at, _)| timestamp(at)),
        last_failure_reason: last_failure
            .map_or(RefusalReason::Unspecified, |(_, reason)| {
                wire_reason(reason)
            })
            .into(),
        old_secret_last_used_at: old_secret_last_used_at.map(timestamp),
    }
}

const fn wire_reason(reason: FailureReason) -> RefusalReason {
    match reason {
        FailureReason::Signature => RefusalReason::Signature,
        FailureReason::NoSecret => RefusalReason::NoSecret,
        FailureReason::Malformed => RefusalReason::Malformed,
        FailureReason::TooLarge => RefusalReason::TooLarge,
        FailureReason::NotKept => RefusalReason::NotKept,
    }
}
