use harken_domain::Secret;
use harken_store::{
    MigrateError, SchemaMigrations, Store, StoreConfig, migrate, set_role_password,
};
use harken_testkit::Database;

use crate::house::{other, tally};

#[tokio::test]
async fn a_second_run_has_nothing_to_do() {
    let database = Database::with(vec![tally(), other()]).await;
    let done = migrate(&database.url(), &[tally(), other()]).await.unwrap();
    assert!(
        done.iter().all(|migrated| migrated.applied == 0),
        "{done:?}"
    );
}

#[tokio::test]
async fn runs_at_the_same_time_wait_for_each_other() {
    let database = Database::create(tally()).await;
    let url = database.url();
    let schemas = [other()];
    let runs = (0..4).map(|_| migrate(&url, &schemas));
    let applied: usize = futures::future::join_all(runs)
        .await
        .into_iter()
        .map(|done| done.unwrap()[0].applied)
        .sum();
    assert_eq!(applied, 5, "four files of the rails and its own, once");
}

#[tokio::test]
async fn a_service_reaches_its_own_schema_and_no_other() {
    let database = Database::with(vec![tally(), other()]).await;
    let store = database.store_of("tally").await;
    let run = async |statement: &'static str| sqlx::query(statement).execute(store.pool()).await;
    assert!(run("INSERT INTO tally.effects VALUES ('x')").await.is_ok());
    assert!(
        run("SELECT * FROM effects").await.is_ok(),
        "its own schema is on the search path"
    );
    for statement in [
        "SELECT * FROM other.secrets",
        "INSERT INTO other.secrets VALUES ('x')",
        "SELECT * FROM other.outbox",
        "CREATE TABLE tally.more ()",
        "DROP TABLE tally.effects",
        "ALTER TABLE tally.effects ADD COLUMN more text",
        "CREATE TABLE public.more ()",
    ] {
        let refused = run(statement).await.unwrap_err();
        let code = refused
            .as_database_error()
            .and_then(|error| error.code().map(String::from));
        assert_eq!(code.as_deref(), Some("42501"), "{statement}: {refused}");
    }
}

#[tokio::test]
async fn a_role_logs_in_with_the_password_it_was_given() {
    let database = Database::with(vec![tally(), other()]).await;
    let password = Secret::new("it's \"quoted\" \\ 100%");
    set_role_password(&database.url(), "tally", &password)
        .await
        .unwrap();
    let mut url = url::Url::parse(database.url().expose()).unwrap();
    url.set_username("harken_tally").unwrap();
    url.set_password(Some(password.expose())).unwrap();
    let config = StoreConfig {
        database_url: Secret::new(url),
        schema: "tally",
        max_connections: 1,
    };
    let store = Store::connect(config).await.unwrap();
    let who: String = sqlx::query_scalar("SELECT session_user::text")
        .fetch_one(store.pool())
        .await
        .unwrap();
    assert_eq!(who, "harken_tally");
    assert!(
        sqlx::query("SELECT * FROM other.secrets")
            .execute(store.pool())
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_file_that_was_changed_after_it_ran_is_refused() {
    let database = Database::create(tally()).await;
    let changed = SchemaMigrations {
        schema: "tally",
        migrator: sqlx::migrate!("tests/migrations/other"),
    };
    let refused = migrate(&database.url(), &[changed]).await.unwrap_err();
    assert!(
        matches!(
            refused,
            MigrateError::Files {
                schema: "tally",
                ..
            }
        ),
        "{refused:?}"
    );
}

#[tokio::test]
async fn an_address_is_not_shown_when_it_cannot_be_read() {
    let config = StoreConfig {
        database_url: Secret::new("postgres//user:hunter2@nowhere"),
        schema: "tally",
        max_connections: 1,
    };
    let error = format!("{:?}", Store::connect(config).await.unwrap_err());
    assert!(!error.contains("hunter2"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_not_there_is_told_with_its_reason() {
    let config = StoreConfig {
        database_url: Secret::new("postgres://harken@127.0.0.1:1/harken"),
        schema: "tally",
        max_connections: 1,
    };
    let error = Store::connect(config).await.unwrap_err();
    let reason = std::error::Error::source(&error).unwrap().to_string();
    assert!(reason.contains("refused"), "{reason}");
}
