//! A database of one test.

use std::thread;

use harken_domain::Secret;
use harken_store::{SchemaMigrations, Store, StoreConfig, fingerprint, migrate};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::runtime::Builder;
use url::Url;

use crate::{database_url, eventually};

/// Held while a template is made, so that test processes make it once. Any number that nobody else uses.
const LOCK: i64 = 0x7465_7374;
/// Databases of tests that were killed are dropped after an hour.
const LEFT_OVER_SECS: i64 = 3600;

/// A database of its own, dropped at the end.
#[derive(Debug)]
pub struct Database {
    name: String,
    url: Secret,
    schema: &'static str,
}

impl Database {
    /// A database with the schema of one service.
    pub async fn create(migrations: SchemaMigrations) -> Self {
        Self::with(vec![migrations]).await
    }

    /// A database with the schemas of several services.
    pub async fn with(migrations: Vec<SchemaMigrations>) -> Self {
        let schema = migrations.first().map_or("public", |own| own.schema);
        let mut admin = admin().await;
        let template = template(&mut admin, &migrations).await;
        let name = format!(
            "harken_test_{}_{:08x}",
            now(&mut admin).await,
            rand::random::<u32>()
        );
        execute(
            &mut admin,
            format!("CREATE DATABASE {name} TEMPLATE {template}"),
        )
        .await;
        let _ = admin.close().await;
        Self {
            url: url_of(&name),
            name,
            schema,
        }
    }

    /// Its address, for the login that owns it.
    pub fn url(&self) -> Secret {
        self.url.clone()
    }

    /// A store of the first schema, with eight connections.
    pub async fn store(&self) -> Store {
        self.store_of(self.schema).await
    }

    /// A store of `schema`, with eight connections.
    pub async fn store_of(&self, schema: &'static str) -> Store {
        let config = StoreConfig {
            database_url: self.url(),
            schema,
            max_connections: 8,
        };
        Store::connect(config).await.expect("the store opens")
    }

    /// A connection of the owner, who may do everything everywhere.
    pub async fn owner(&self) -> PgConnection {
        PgConnection::connect(self.url.expose())
            .await
            .expect("Postgres answers")
    }
}

/// The test's own runtime may be gone or stand still here, so another one cleans up. A connection that the test was just
/// opening would keep Postgres waiting for its password, so what cannot be dropped at once is left to `drop_left_overs`.
impl Drop for Database {
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let dropped = thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime starts").block_on(async {
                let mut admin = admin().await;
                execute(&mut admin, "SET statement_timeout = '500ms'".to_owned()).await;
                let _ = sqlx::raw_sql(AssertSqlSafe(statement))
                    .execute(&mut admin)
                    .await;
            });
        });
        let _ = dropped.join();
    }
}

/// The template of these migrations, made if it is not there.
async fn template(admin: &mut PgConnection, migrations: &[SchemaMigrations]) -> String {
    let name = format!("harken_template_{}", fingerprint(migrations));
    lock(admin, "pg_advisory_lock").await;
    if !exists(admin, &name).await {
        drop_left_overs(admin).await;
        // Made under another name, so that one that was not finished is never taken for a template.
        let making = format!("{name}_making");
        execute(
            admin,
            format!("DROP DATABASE IF EXISTS {making} WITH (FORCE)"),
        )
        .await;
        execute(admin, format!("CREATE DATABASE {making}")).await;
        migrate(&url_of(&making), migrations)
            .await
            .expect("the migrations run");
        // Until the connection that migrated is gone.
        let rename = format!("ALTER DATABASE {making} RENAME TO {name}");
        eventually("the template is free", async || {
            let renamed = sqlx::raw_sql(AssertSqlSafe(rename.clone()))
                .execute(&mut *admin)
                .await;
            renamed.is_ok()
        })
        .await;
    }
    lock(admin, "pg_advisory_unlock").await;
    name
}

async fn drop_left_overs(admin: &mut PgConnection) {
    let old: Vec<String> = sqlx::query_scalar(
        "SELECT datname FROM pg_database WHERE datname ~ '^harken_test_[0-9]+_'
         AND split_part(datname, '_', 3)::bigint < extract(epoch FROM now()) - $1",
    )
    .bind(LEFT_OVER_SECS)
    .fetch_all(&mut *admin)
    .await
    .expect("databases can be listed");
    for name in old {
        execute(
            admin,
            format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
        )
        .await;
    }
}

async fn admin() -> PgConnection {
    PgConnection::connect(database_url().expose())
        .await
        .expect("Postgres answers")
}

async fn lock(admin: &mut PgConnection, function: &str) {
    let statement = AssertSqlSafe(format!("SELECT {function}($1)"));
    sqlx::query(statement)
        .bind(LOCK)
        .execute(admin)
        .await
        .expect("the lock works");
}

async fn exists(admin: &mut PgConnection, name: &str) -> bool {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(name)
        .fetch_one(admin)
        .await
        .expect("databases can be listed")
}

async fn now(admin: &mut PgConnection) -> i64 {
    sqlx::query_scalar("SELECT extract(epoch FROM now())::bigint")
        .fetch_one(admin)
        .await
        .expect("Postgres knows the time")
}

async fn execute(admin: &mut PgConnection, statement: String) {
    let executed = sqlx::raw_sql(AssertSqlSafe(statement)).execute(admin).await;
    executed.expect("the statement runs");
}

fn url_of(database: &str) -> Secret {
    let mut url = Url::parse(database_url().expose()).expect("HARKEN_DATABASE_URL is an address");
    url.set_path(database);
    Secret::new(url)
}
