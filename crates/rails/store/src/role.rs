//! The role of a service: it reaches its own schema and no other.

use sqlx::{AssertSqlSafe, PgConnection};

/// The role that owns nothing but may use everything in `schema`.
pub(crate) fn name(schema: &str) -> String {
    format!("harken_{schema}")
}

/// Acts as the schema's role from now on, if it exists and this login may take it.
pub(crate) async fn take(connection: &mut PgConnection, schema: &str) -> Result<(), sqlx::Error> {
    sqlx::query(
        "SELECT set_config('role', rolname, false) FROM pg_roles
         WHERE rolname = $1 AND pg_has_role(session_user, oid, 'MEMBER')",
    )
    .bind(name(schema))
    .execute(connection)
    .await?;
    Ok(())
}

/// Creates the role if it is missing. Roles belong to the whole server, so another database may do the same right now.
pub(crate) async fn ensure(connection: &mut PgConnection, schema: &str) -> Result<(), sqlx::Error> {
    let role = name(schema);
    let statement = format!(
        "DO $$ BEGIN
           IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
             CREATE ROLE {role} LOGIN;
           END IF;
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
         END $$"
    );
    // The schema's name is one of ours: see `SchemaMigrations`.
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await?;
    Ok(())
}

/// Lets the role use everything in its schema, and nobody else.
pub(crate) async fn grant(connection: &mut PgConnection, schema: &str) -> Result<(), sqlx::Error> {
    let role = name(schema);
    let statement = format!(
        "REVOKE ALL ON SCHEMA {schema} FROM PUBLIC;
         GRANT USAGE ON SCHEMA {schema} TO {role};
         GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO {role};
         GRANT ALL ON ALL SEQUENCES IN SCHEMA {schema} TO {role};
         GRANT ALL ON ALL ROUTINES IN SCHEMA {schema} TO {role};"
    );
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await?;
    Ok(())
}
