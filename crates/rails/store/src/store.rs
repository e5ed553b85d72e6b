//! The pool of one service.

use std::str::FromStr as _;
use std::time::Duration;

use harken_domain::Secret;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection as _, PgConnection, PgPool, Postgres, Transaction};
use tokio::time::{Instant, sleep};
use tracing::Instrument as _;

use crate::role;

/// How long a caller waits for a connection.
const ACQUIRE_WITHIN: Duration = Duration::from_secs(10);

const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(250);
/// A connection that was idle for longer may have broken unnoticed, so it is tried before it is used.
const TRUSTED_FOR: Duration = Duration::from_secs(1);
/// What a server that is starting or stopping answers.
const CANNOT_CONNECT_NOW: &str = "57P03";

/// Where a service keeps its tables.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// Such as `postgres://harken_sync@db/harken`.
    pub database_url: Secret,
    /// The service's own schema.
    pub schema: &'static str,
    /// Most connections at once; the outbox listens on one more.
    pub max_connections: u32,
}

/// Why there is no store.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The address cannot be read. It may hold a password, so it is not shown.
    #[error("the database address is not valid; it reads like postgres://user@host:5432/name")]
    Address,
    /// Nobody answers, or we are not let in.
    #[error("Postgres cannot be reached")]
    Unreachable(#[source] sqlx::Error),
}

/// The tables of one service. Clones share the pool.
#[derive(Clone, Debug)]
pub struct Store {
    pool: PgPool,
    ears: PgPool,
    schema: &'static str,
}

impl Store {
    /// Connects; a server that is not there yet is waited for, at most ten seconds.
    pub async fn connect(config: StoreConfig) -> Result<Self, ConnectError> {
        let options = options(&config)?;
        first_connection(&options)
            .await
            .map_err(ConnectError::Unreachable)?;
        let of = |most| pool(most, config.schema).connect_lazy_with(options.clone());
        Ok(Self {
            pool: of(config.max_connections),
            ears: of(1),
            schema: config.schema,
        })
    }

    /// Begins a transaction. A caller that goes away meanwhile leaves none open.
    pub async fn begin(&self) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        self.begin_with("BEGIN").await
    }

    /// The same by a `BEGIN` of the caller's own, which may set what holds for the transaction.
    pub async fn begin_with(
        &self,
        statement: &'static str,
    ) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        let pool = self.pool.clone();
        // Its own task, for sqlx forgets a BEGIN whose caller goes away before the answer: the connection would go back to
        // the pool inside a transaction that nobody ends, and swallow what the next caller writes.
        #[expect(
            clippy::disallowed_methods,
            reason = "it ends with Postgres' answer, whoever waits"
        )]
        let begun = tokio::spawn(async move { pool.begin_with(statement).await }.in_current_span());
        begun.await.map_err(|_| sqlx::Error::WorkerCrashed)?
    }

    /// The pool, for reads that need no transaction.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// The schema it is bound to.
    pub fn schema(&self) -> &'static str {
        self.schema
    }

    /// Whether Postgres answers; errs with the reason, for readiness.
    pub async fn ping(&self) -> Result<(), String> {
        let answer = sqlx::query("SELECT 1").execute(&self.pool).await;
        answer.map(drop).map_err(|cause| cause.to_string())
    }

    /// Closes every connection.
    pub async fn close(&self) {
        self.ears.close().await;
        self.pool.close().await;
    }

    /// A connection apart, for a listener holds its own for ever.
    pub(crate) fn ears(&self) -> &PgPool {
        &self.ears
    }
}

fn options(config: &StoreConfig) -> Result<PgConnectOptions, ConnectError> {
    let options = PgConnectOptions::from_str(config.database_url.expose())
        .map_err(|_| ConnectError::Address)?;
    Ok(options
        .application_name(&format!("harken-{}", config.schema))
        .options([
            ("search_path", format!("{},public", config.schema).as_str()),
            ("statement_timeout", "60s"),
            ("lock_timeout", "20s"),
            ("idle_in_transaction_session_timeout", "120s"),
        ]))
}

fn pool(max_connections: u32, schema: &'static str) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(ACQUIRE_WITHIN)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(
                async move { Ok(meta.idle_for < TRUSTED_FOR || connection.ping().await.is_ok()) },
            )
        })
        .after_connect(move |connection, _| Box::pin(role::take(connection, schema)))
        // Each connection would keep as much memory as the largest statement that it ever sent.
        .after_release(|connection, _| {
            Box::pin(async move {
                connection.shrink_buffers();
                Ok(true)
            })
        })
}

/// Connects once without the pool, which would tell every failure as its own timeout.
async fn first_connection(options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let until = Instant::now() + ACQUIRE_WITHIN;
    loop {
        match PgConnection::connect_with(options).await {
            Ok(connection) => return connection.close().await,
            Err(cause) if is_final(&cause) || Instant::now() > until => return Err(cause),
            Err(cause) => tracing::debug!(error = %cause, "Postgres does not answer yet"),
        }
        sleep(BETWEEN_ATTEMPTS).await;
    }
}

/// Whether trying again cannot help: Postgres answered, and it is not just starting.
fn is_final(cause: &sqlx::Error) -> bool {
    let database = cause.as_database_error();
    database.is_some_and(|error| error.code().as_deref() != Some(CANNOT_CONNECT_NOW))
}
