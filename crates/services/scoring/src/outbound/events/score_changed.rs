use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use harken_contracts::{
    convert,
    events::MAX_CHANGES,
    wire::{
        events::v1::{ScoreChange, ScoreChanged},
        types::v1 as types,
    },
};
use harken_domain::{ConnectionId, CustomerId, OrganizationId, Points, Revision, RiskLevel};
use harken_store::outbox::{self, OutboxError};
use sqlx::PgConnection;

/// A score that moved.
#[derive(Clone, Debug)]
pub(crate) struct Move {
    pub(crate) organization: OrganizationId,
    pub(crate) connection: ConnectionId,
    pub(crate) customer: CustomerId,
    pub(crate) points: Option<Points>,
    pub(crate) level: Option<RiskLevel>,
    /// `None` at the first evaluation.
    pub(crate) previous: Option<(Option<Points>, Option<RiskLevel>)>,
    pub(crate) reason: String,
    pub(crate) revision: Revision,
    pub(crate) evaluated_at: DateTime<Utc>,
}

impl From<&Move> for ScoreChange {
    fn from(moved: &Move) -> Self {
        let (previous_points, previous_level) = moved.previous.unwrap_or_default();
        let points = |points: Option<Points>| points.map(|points| u32::from(points.get()));
        let level = |level: Option<RiskLevel>| {
            level
                .map_or(types::RiskLevel::Unspecified, types::RiskLevel::from)
                .into()
        };
        Self {
            customer_id: moved.customer.to_string(),
            points: points(moved.points),
            level: level(moved.level),
            previous_points: points(previous_points),
            previous_level: level(previous_level),
            reason: moved.reason.clone(),
            revision: moved.revision.0,
            evaluated_at: Some(convert::timestamp(moved.evaluated_at)),
        }
    }
}

/// Posts the moves, as few messages as they fit in.
pub(crate) async fn post(db: &mut PgConnection, moves: &[Move]) -> Result<(), OutboxError> {
    outbox::post(db, &events(moves)).await
}

fn events(moves: &[Move]) -> Vec<ScoreChanged> {
    let mut by_connection = BTreeMap::<_, Vec<ScoreChange>>::new();
    for moved in moves {
        by_connection
            .entry((moved.organization, moved.connection))
            .or_default()
            .push(moved.into());
    }
    by_connection
        .into_iter()
        .flat_map(|((organization, connection), changes)| {
            let chunks: Vec<_> = changes.chunks(MAX_CHANGES).map(<[_]>::to_vec).collect();
            chunks.into_iter().map(move |changes| ScoreChanged {
                connection_id: connection.to_string(),
                organization_id: organization.to_string(),
                changes,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(connection: &str, customer: usize) -> Move {
        Move {
            organization: OrganizationId::derive(&[b"o"]),
            connection: ConnectionId::derive(&[connection.as_bytes()]),
            customer: CustomerId::derive(&[&customer.to_be_bytes()]),
            points: Points::try_from(42).ok(),
            level: Some(RiskLevel::AtRisk),
            previous: None,
            reason: "a conversation was opened".to_owned(),
            revision: Revision(7),
            evaluated_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_message_carries_the_moves_of_one_connection_and_at_most_256() {
        let moves: Vec<_> = (0..300)
            .map(|customer| moved("one", customer))
            .chain([moved("other", 0)])
            .collect();
        let mut sizes: Vec<_> = events(&moves)
            .iter()
            .map(|event| event.changes.len())
            .collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [1, 44, 256]);
    }

    #[test]
    fn a_first_score_has_no_previous_one() {
        let change = ScoreChange::from(&moved("one", 1));
        assert_eq!((change.points, change.previous_points), (Some(42), None));
        assert_eq!(change.previous_level(), types::RiskLevel::Unspecified);
    }
}
