//! Records that have to be fetched: one row each, however often it is asked for.

use std::collections::{BTreeSet, HashSet};

use harken_domain::{ConnectionId, OrganizationId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Inconsistent, Key, Keys, StoreError};

/// What is to be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum RepairKind {
    Contact,
    Company,
    Conversation,
    /// Whom a contact absorbed.
    MergeHistory,
    /// Which conversations a contact takes part in that the mirror left out as nobody's.
    ConversationsOf,
}

impl RepairKind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Company => "company",
            Self::Conversation => "conversation",
            Self::MergeHistory => "merge_history",
            Self::ConversationsOf => "conversations_of",
        }
    }

    /// Whether it is fetched by the id of a person, which is not known where people go by pseudonyms.
    pub(crate) const fn names_a_person(self) -> bool {
        matches!(
            self,
            Self::Contact | Self::MergeHistory | Self::ConversationsOf
        )
    }

    pub(super) fn parse(text: &str) -> Result<Self, Inconsistent> {
        match text {
            "contact" => Ok(Self::Contact),
            "company" => Ok(Self::Company),
            "conversation" => Ok(Self::Conversation),
            "merge_history" => Ok(Self::MergeHistory),
            "conversations_of" => Ok(Self::ConversationsOf),
            _ => Err(Inconsistent {
                table: "repairs",
                column: "kind",
            }),
        }
    }
}

/// A record to be fetched.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Wanted {
    pub(crate) connection: ConnectionId,
    pub(crate) kind: RepairKind,
    pub(crate) external_id: String,
}

/// A repair that was claimed.
#[derive(Clone, Debug)]
pub(crate) struct Claimed {
    pub(crate) wanted: Wanted,
    pub(crate) organization: OrganizationId,
    /// How often it had been asked for; more by now if it has to be fetched once more.
    pub(crate) asked: i64,
    /// How often it failed.
    pub(crate) attempts: i32,
}

/// Asks for records to be fetched soon.
pub(crate) async fn ask(
    store: &mut PgConnection,
    wanted: &BTreeSet<Wanted>,
) -> Result<(), sqlx::Error> {
    if wanted.is_empty() {
        return Ok(());
    }
    let connections: Vec<Uuid> = wanted.iter().map(|one| one.connection.as_uuid()).collect();
    let kinds: Vec<&str> = wanted.iter().map(|one| one.kind.as_str()).collect();
    let ids: Vec<&str> = wanted.iter().map(|one| one.external_id.as_str()).collect();
    sqlx::query!(
        "INSERT INTO sync.repairs AS held (connection_id, kind, external_id, due_at)
         SELECT connection_id, kind, external_id, clock_timestamp()
         FROM unnest($1::uuid[], $2::text[], $3::text[]) AS rows (connection_id, kind, external_id)
         ON CONFLICT (connection_id, kind, external_id) DO UPDATE SET asked = held.asked + 1",
        &connections,
        &kinds as &[&str],
        &ids as &[&str],
    )
    .execute(store)
    .await?;
    Ok(())
}

/// Claims repairs that are due. Nobody else gets them for `lease_secs`.
pub(crate) async fn claim(
    store: &mut PgConnection,
    most: i64,
    lease_secs: f64,
) -> Result<Vec<Claimed>, StoreError> {
    let rows = sqlx::query!(
        "UPDATE sync.repairs SET due_at = clock_timestamp() + make_interval(secs => $2)
         FROM (SELECT connection_id, kind, external_id FROM sync.repairs
               WHERE due_at <= clock_timestamp() ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED) AS due,
              sync.connections
         WHERE repairs.connection_id = due.connection_id AND repairs.kind = due.kind
           AND repairs.external_id = due.external_id AND connections.connection_id = repairs.connection_id
         RETURNING repairs.connection_id, repairs.kind, repairs.external_id, organization_id, asked, attempts",
        most,
        lease_secs,
    )
    .fetch_all(store)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Claimed {
                wanted: Wanted {
                    connection: ConnectionId::from_uuid(row.connection_id),
                    kind: RepairKind::parse(&row.kind)?,
                    external_id: row.external_id,
                },
                organization: OrganizationId::from_uuid(row.organization_id),
                asked: row.asked,
                attempts: row.attempts,
            })
        })
        .collect()
}

/// Ends a repair, in the transaction of what was fetched. What was asked for again meanwhile becomes due at once.
pub(crate) async fn done(store: &mut PgConnection, claimed: &Claimed) -> Result<(), sqlx::Error> {
    let Wanted {
        connection,
        kind,
        external_id,
    } = &claimed.wanted;
    let ended = sqlx::query!(
        "DELETE FROM sync.repairs WHERE connection_id = $1 AND kind = $2 AND external_id = $3 AND asked = $4",
        connection.as_uuid(),
        kind.as_str(),
        external_id,
        claimed.asked,
    )
    .execute(&mut *store)
    .await?;
    if ended.rows_affected() == 0 {
        sqlx::query!(
            "UPDATE sync.repairs SET due_at = clock_timestamp(), attempts = 0
             WHERE connection_id = $1 AND kind = $2 AND external_id = $3",
            connection.as_uuid(),
            kind.as_str(),
            external_id,
        )
        .execute(store)
        .await?;
    }
    Ok(())
}

/// Has nobody else get a claimed repair for `lease_secs` from now; with zero it is given back.
pub(crate) async fn renew(
    store: &mut PgConnection,
    wanted: &Wanted,
    lease_secs: f64,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE sync.repairs SET due_at = clock_timestamp() + make_interval(secs => $4)
         WHERE connection_id = $1 AND kind = $2 AND external_id = $3",
        wanted.connection.as_uuid(),
        wanted.kind.as_str(),
        wanted.external_id,
        lease_secs,
    )
    .execute(store)
    .await?;
    Ok(())
}

/// Puts a repair off that failed.
pub(crate) async fn put_off(
    store: &mut PgConnection,
    wanted: &Wanted,
    delay_secs: f64,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE sync.repairs SET attempts = attempts + 1, due_at = clock_timestamp() + make_interval(secs => $4)
         WHERE connection_id = $1 AND kind = $2 AND external_id = $3",
        wanted.connection.as_uuid(),
        wanted.kind.as_str(),
        wanted.external_id,
        delay_secs,
    )
    .execute(store)
    .await?;
    Ok(())
}

/// Gives up every repair of a connection.
pub(crate) async fn drop_all(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "DELETE FROM sync.repairs WHERE connection_id = $1",
        connection.as_uuid()
    )
    .execute(store)
    .await?;
    Ok(())
}

/// How many records of a connection wait to be fetched.
pub(crate) async fn count(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM sync.repairs WHERE connection_id = $1"#,
        connection.as_uuid()
    )
    .fetch_one(store)
    .await
}

/// Which of these records wait to be fetched.
pub(crate) async fn among(
    store: &mut PgConnection,
    kind: RepairKind,
    keys: &Keys,
) -> Result<HashSet<Key>, sqlx::Error> {
    let rows = sqlx::query!(
        "SELECT repairs.connection_id, repairs.external_id
         FROM unnest($2::uuid[], $3::text[]) AS asked (connection_id, external_id)
         JOIN sync.repairs USING (connection_id, external_id) WHERE kind = $1",
        kind.as_str(),
        &keys.connections,
        &keys.external_ids,
    )
    .fetch_all(store)
    .await?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|row| (ConnectionId::from_uuid(row.connection_id), row.external_id))
        .collect())
}
