//! The mirror, kept current by notifications.

mod applying;
mod erasing;
mod giving_up;
mod lacking;
mod life;
pub(crate) mod notifications;
mod orders;
mod purging;
mod repairing;
mod samples;
mod synthetic;
mod truth;
mod two;
mod veiled;

use std::time::Duration;

use harken_bus::Outgoing;
use harken_contracts::wire::sync::v1::{
    Live, NotificationOutcome, NotificationTrace, TraceNotificationsRequest,
};
use harken_domain::ConnectionId;
use harken_testkit::{eventually, eventually_some};

use self::notifications::Told;
use crate::harness::{House, Process};

impl House {
    /// Tells notifications of the connection, in this order.
    pub(crate) async fn tell(&self, told: &[Told]) {
        self.tell_of(self.connection, told, "").await;
    }

    /// Tells notifications of a connection; the message ids end with `again`.
    async fn tell_of(&self, connection: ConnectionId, told: &[Told], again: &str) {
        let messages = told.iter().map(|one| {
            let message_id = format!("{connection}:{}{again}", one.id);
            one.message(message_id, self.organization, connection)
        });
        self.publish_in_turn(messages.collect()).await;
    }

    /// Gives messages to the bus, as many at a time as it stores before it loses patience.
    async fn publish_in_turn(&self, messages: Vec<Outgoing>) {
        let mut messages = messages.into_iter().peekable();
        while messages.peek().is_some() {
            let some = messages.by_ref().take(500).collect();
            for stored in self.bus.publish_all(some).await {
                stored.expect("the bus stores it");
            }
        }
    }

    /// Waits until sync knows of a connection.
    async fn known(&self, connection: ConnectionId) {
        eventually("the connection is known", async || {
            self.count(
                "SELECT count(*) FROM sync.connections WHERE connection_id = $1",
                connection,
            )
            .await
                == 1
        })
        .await;
    }

    pub(crate) async fn count(&self, query: &'static str, connection: ConnectionId) -> i64 {
        sqlx::query_scalar(query)
            .bind(connection.as_uuid())
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }

    /// Waits until as many messages have been taken in, as long as there is progress.
    pub(crate) async fn taken(&self, messages: usize) {
        let messages = i64::try_from(messages).unwrap();
        let mut before = -1;
        loop {
            let progress = async || {
                let taken = self.taken_so_far().await;
                (taken > before || taken >= messages).then_some(taken)
            };
            before = eventually_some("the notifications are taken in", progress).await;
            if before >= messages {
                return;
            }
        }
    }

    async fn taken_so_far(&self) -> i64 {
        sqlx::query_scalar(
            "SELECT count(*) FROM sync.inbox WHERE consumer IN ('sync-webhooks', 'sync-dead')",
        )
        .fetch_one(&self.pool)
        .await
        .unwrap()
    }

    /// Waits until nothing waits to be fetched.
    pub(crate) async fn repaired(&self) {
        eventually("everything is fetched", async || {
            let waiting: i64 = sqlx::query_scalar("SELECT count(*) FROM sync.repairs")
                .fetch_one(&self.pool)
                .await
                .unwrap();
            waiting == 0
        })
        .await;
    }

    /// The same, with patience of its own.
    async fn repaired_within(&self, patience: Duration) {
        let waiting = async || {
            sqlx::query_scalar::<_, String>(
                "SELECT concat_ws(' ', kind, external_id, 'failed', attempts, 'due', due_at - now()) FROM sync.repairs",
            )
            .fetch_all(&self.pool)
            .await
            .unwrap()
        };
        let until = tokio::time::Instant::now() + patience;
        loop {
            let waiting = waiting().await;
            if waiting.is_empty() {
                return;
            }
            assert!(
                tokio::time::Instant::now() < until,
                "repairs do not end: {waiting:#?}"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What became of notifications.
    async fn trace(&self, process: &Process, ids: &[&str]) -> Vec<NotificationTrace> {
        let request = TraceNotificationsRequest {
            connection_id: self.connection.to_string(),
            notification_ids: ids.iter().map(ToString::to_string).collect(),
        };
        let answer = self.runs(process).trace_notifications(request).await;
        answer.unwrap().into_inner().notifications
    }

    async fn outcomes(&self, process: &Process, ids: &[&str]) -> Vec<NotificationOutcome> {
        let traces = self.trace(process, ids).await;
        traces.iter().map(NotificationTrace::outcome).collect()
    }

    async fn live(&self, process: &Process, connection: ConnectionId) -> Live {
        let request = harken_contracts::wire::sync::v1::GetLiveRequest {
            connection_id: connection.to_string(),
        };
        let answer = self.runs(process).get_live(request).await;
        answer.unwrap().into_inner()
    }

    /// Everything that the schema holds, as text, but what the bus was given to tell.
    async fn dump(&self) -> String {
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT table_name::text FROM information_schema.tables
             WHERE table_schema = 'sync' AND table_name <> 'outbox'",
        )
        .fetch_all(&self.pool)
        .await
        .unwrap();
        let mut dump = String::new();
        for table in tables {
            let query =
                format!("SELECT coalesce(string_agg(t::text, E'\\n'), '') FROM sync.{table} AS t");
            let rows: String = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
                .fetch_one(&self.pool)
                .await
                .unwrap();
            dump.push_str(&rows);
        }
        dump
    }
}
