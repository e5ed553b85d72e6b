use std::collections::BTreeSet;

use futures::{StreamExt as _, stream::BoxStream};
use harken_contracts::wire::scoring::v1::{Score, WatchScoresRequest};
use harken_domain::{CustomerId, OrganizationId};
use harken_runtime::status;
use tonic::Status;

use super::wire;
use crate::app::{Scoring, Watched};

/// Most customers that one watch names.
const MOST: usize = 1_000;

pub(super) async fn answer(
    scoring: &Scoring,
    organization: OrganizationId,
    request: WatchScoresRequest,
) -> Result<BoxStream<'static, Result<Score, Status>>, Status> {
    let connection = wire::optional_id("connection_id", &request.connection_id)?;
    let customers: Vec<CustomerId> = wire::ids("customer_ids", &request.customer_ids, MOST)?;
    let customers: BTreeSet<_> = customers.into_iter().collect();
    if !scoring.knows(organization, connection).await? {
        return Err(status::not_found("connection"));
    }
    let asked: Vec<_> = customers.iter().copied().collect();
    if scoring.read_scores(organization, &asked).await?.len() < asked.len() {
        return Err(status::not_found("customer"));
    }
    let mut watch = scoring.watch_scores(Watched {
        organization,
        connection,
        customers: (!customers.is_empty()).then_some(customers),
    });
    let scores = async_stream::try_stream! {
        loop {
            for told in watch.next().await? {
                yield wire::told(told);
            }
        }
    };
    Ok(scores.boxed())
}
