use std::collections::HashMap;

use chrono::TimeDelta;
use harken_contracts::{
    convert::timestamp,
    wire::sync::v1::{
        GetLiveRequest, ListTopicsRequest, ListTopicsResponse, Live, NotificationTrace,
        OutcomeCount, Topic as WireTopic, TraceNotificationsRequest, TraceNotificationsResponse,
        UnknownTopic,
    },
};
use harken_domain::ConnectionId;
use harken_intercom::webhook::Topic;
use harken_runtime::status as refuse;
use sqlx::PgConnection;
use tonic::{Request, Status};

use super::known;
use crate::{
    app::Sync,
    inbound::grpc::{fields::reader, status},
    outbound::postgres::{StoreError, notifications, repairs, unknown_topics},
    rules::topics::Effect,
};

/// Most notifications that are traced at once.
const MOST_TRACED: usize = 1000;

/// How the mirror of a connection is kept current.
pub(super) async fn get(sync: &Sync, request: Request<GetLiveRequest>) -> Result<Live, Status> {
    let organization = reader(&request)?;
    let (mut store, connection) =
        known(sync, organization, &request.get_ref().connection_id).await?;
    let live = live(sync, &mut store, connection).await;
    live.map_err(status::store)
}

async fn live(
    sync: &Sync,
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<Live, StoreError> {
    let since = sync.clock.now() - TimeDelta::days(1);
    let outcomes = notifications::outcomes(store, connection, since).await?;
    let unknown = unknown_topics::list(store, connection).await?;
    Ok(Live {
        connection_id: connection.to_string(),
        last_applied_at: notifications::last_applied_at(store, connection)
            .await?
            .map(timestamp),
        outcomes: outcomes
            .into_iter()
            .map(|row| OutcomeCount {
                outcome: row.outcome.into(),
                count: row.count.unsigned_abs(),
            })
            .collect(),
        unknown_topics: unknown
            .into_iter()
            .map(|row| UnknownTopic {
                topic: row.topic,
                count: row.count.unsigned_abs(),
                last_received_at: Some(timestamp(row.last_received_at)),
            })
            .collect(),
        repairs_waiting: repairs::count(store, connection).await?.unsigned_abs(),
    })
}

/// Refuses more ids than are traced at once.
fn traceable(ids: &[String]) -> Result<(), Status> {
    if ids.len() > MOST_TRACED {
        let problem = format!("names more than {MOST_TRACED} notifications; ask in several calls");
        return Err(refuse::invalid_argument("notification_ids", problem));
    }
    if ids.iter().any(|id| id.contains('\0')) {
        return Err(refuse::invalid_argument("notification_ids", "holds no id"));
    }
    Ok(())
}

/// What became of notifications, in order.
pub(super) async fn trace(
    sync: &Sync,
    request: Request<TraceNotificationsRequest>,
) -> Result<TraceNotificationsResponse, Status> {
    let organization = reader(&request)?;
    let TraceNotificationsRequest {
        connection_id,
        notification_ids: ids,
    } = request.into_inner();
    traceable(&ids)?;
    let (mut store, connection) = known(sync, organization, &connection_id).await?;
    let rows = notifications::find(&mut store, connection, &ids)
        .await
        .map_err(status::store)?;
    let rows: HashMap<&str, &notifications::TraceRow> = rows
        .iter()
        .map(|row| (row.notification_id.as_str(), row))
        .collect();
    let traces = ids.iter().map(|id| {
        let row = rows.get(id.as_str());
        NotificationTrace {
            notification_id: id.clone(),
            outcome: row.map_or(0, |row| row.outcome.into()),
            received_at: row.map(|row| timestamp(row.received_at)),
            applied_at: row.map(|row| timestamp(row.applied_at)),
        }
    });
    Ok(TraceNotificationsResponse {
        notifications: traces.collect(),
    })
}

/// Every topic of Intercom, by name.
#[expect(
    clippy::unused_async,
    reason = "as every other answer, of which it is the only one that waits for nothing"
)]
pub(super) async fn topics(
    _: &Sync,
    request: Request<ListTopicsRequest>,
) -> Result<ListTopicsResponse, Status> {
    reader(&request)?;
    let mut topics: Vec<WireTopic> = Topic::ALL
        .iter()
        .map(|topic| {
            let effect = Effect::of(topic);
            WireTopic {
                topic: topic.as_str().to_owned(),
                is_needed: effect.is_needed(topic),
                effect: effect.words().to_owned(),
                any_of_permissions: topic
                    .permissions()
                    .iter()
                    .map(ToString::to_string)
                    .collect(),
            }
        })
        .collect();
    topics.sort_by(|a, b| a.topic.cmp(&b.topic));
    Ok(ListTopicsResponse { topics })
}
