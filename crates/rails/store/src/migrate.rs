//! Schemas, roles and tables, brought up to this version.

use std::fmt::Write as _;

use harken_domain::Secret;
use sha2::{Digest as _, Sha256};
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::role;

/// Held while migrating, so that several processes may try at once. Any number that nobody else uses.
const LOCK: i64 = 0x4861_726b_656e;
const RAILS_TABLE: &str = "_rails_migrations";
const OWN_TABLE: &str = "_sqlx_migrations";

/// The migrations of one service.
#[derive(Debug)]
pub struct SchemaMigrations {
    /// Its schema: lower-case letters and `_`.
    pub schema: &'static str,
    /// Its files: `sqlx::migrate!("../../../migrations/<service>")`.
    pub migrator: Migrator,
}

/// What was done to one schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// The schema.
    pub schema: &'static str,
    /// How many files ran; zero if it was up to date.
    pub applied: usize,
}

/// Why a schema is not up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// Nobody answers, or we are not let in.
    #[error("Postgres cannot be reached")]
    Unreachable(#[source] sqlx::Error),
    /// The schema or its role cannot be made.
    #[error(
        "schema {schema} cannot be prepared; the login needs CREATE on the database and CREATEROLE"
    )]
    Prepare {
        /// The schema.
        schema: &'static str,
        /// What Postgres says.
        #[source]
        source: sqlx::Error,
    },
    /// A file did not run, or was changed after it ran, or the database is newer than this program.
    #[error("schema {schema} cannot be migrated")]
    Files {
        /// The schema.
        schema: &'static str,
        /// What went wrong.
        #[source]
        source: sqlx::migrate::MigrateError,
    },
}

fn rails() -> Migrator {
    let mut rails = sqlx::migrate!("../../../migrations/rails");
    rails.dangerous_set_table_name(RAILS_TABLE);
    rails
}

/// Brings every schema up to date: its role, the tables of the rails, its own. Safe to run again and at the same time.
pub async fn migrate(
    database_url: &Secret,
    schemas: &[SchemaMigrations],
) -> Result<Vec<Migrated>, MigrateError> {
    let mut connection = connect(database_url).await?;
    sqlx::query("SELECT pg_advisory_lock($1)")
        .bind(LOCK)
        .execute(&mut connection)
        .await
        .map_err(MigrateError::Unreachable)?;
    let mut done = Vec::with_capacity(schemas.len());
    for own in schemas {
        let migrated = migrate_one(&mut connection, own).await?;
        tracing::info!(
            schema = migrated.schema,
            applied = migrated.applied,
            "schema is up to date"
        );
        done.push(migrated);
    }
    // The lock goes with the connection.
    let _ = connection.close().await;
    Ok(done)
}

async fn migrate_one(
    connection: &mut PgConnection,
    own: &SchemaMigrations,
) -> Result<Migrated, MigrateError> {
    let schema = own.schema;
    let prepare = |source| MigrateError::Prepare { schema, source };
    let files = |source| MigrateError::Files { schema, source };
    role::ensure(connection, schema).await.map_err(prepare)?;
    enter(connection, schema).await.map_err(prepare)?;
    let before = applied(connection, schema).await.map_err(prepare)?;
    rails()
        .run_direct(None, connection, false)
        .await
        .map_err(files)?;
    own.migrator
        .run_direct(None, connection, false)
        .await
        .map_err(files)?;
    let after = applied(connection, schema).await.map_err(prepare)?;
    role::grant(connection, schema).await.map_err(prepare)?;
    Ok(Migrated {
        schema,
        applied: after - before,
    })
}

async fn enter(connection: &mut PgConnection, schema: &str) -> Result<(), sqlx::Error> {
    let statement =
        format!("CREATE SCHEMA IF NOT EXISTS {schema}; SET search_path = {schema}, public");
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await?;
    Ok(())
}

/// How many files have run in a schema.
async fn applied(connection: &mut PgConnection, schema: &str) -> Result<usize, sqlx::Error> {
    let mut count = 0;
    for table in [RAILS_TABLE, OWN_TABLE] {
        let table = format!("{schema}.{table}");
        let exists: bool = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
            .bind(&table)
            .fetch_one(&mut *connection)
            .await?;
        if exists {
            let statement = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
            let rows: i64 = sqlx::query_scalar(statement)
                .fetch_one(&mut *connection)
                .await?;
            count += usize::try_from(rows).unwrap_or(0);
        }
    }
    Ok(count)
}

/// Gives the role of `schema` a password, so that the service can log in as it.
pub async fn set_role_password(
    database_url: &Secret,
    schema: &'static str,
    password: &Secret,
) -> Result<(), MigrateError> {
    let prepare = |source| MigrateError::Prepare { schema, source };
    let mut connection = connect(database_url).await?;
    let statement: String =
        sqlx::query_scalar("SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', $1, $2)")
            .bind(role::name(schema))
            .bind(password.expose())
            .fetch_one(&mut connection)
            .await
            .map_err(prepare)?;
    // Quoted by Postgres itself: a role's password takes no parameter.
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&mut connection)
        .await
        .map_err(prepare)?;
    let _ = connection.close().await;
    Ok(())
}

/// Changes whenever a file of these migrations, or of the rails, changes.
pub fn fingerprint(schemas: &[SchemaMigrations]) -> String {
    let mut hash = Sha256::new();
    let rails = rails();
    for (schema, migrator) in
        std::iter::once(("", &rails)).chain(schemas.iter().map(|own| (own.schema, &own.migrator)))
    {
        hash.update(schema);
        for migration in migrator.iter() {
            hash.update(migration.version.to_be_bytes());
            hash.update(&migration.checksum);
        }
    }
    hash.finalize()
        .iter()
        .take(6)
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

async fn connect(database_url: &Secret) -> Result<PgConnection, MigrateError> {
    PgConnection::connect(database_url.expose())
        .await
        .map_err(MigrateError::Unreachable)
}
