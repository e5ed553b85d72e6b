use harken_domain::Secret;
use harken_runtime::Environment;
use harken_store::{Migrated, SchemaMigrations};
use serde_json::json;

use super::ROOMS;
use crate::failure::Failure;
use crate::output::Output;

/// Brings the database of `HARKEN_DATABASE_URL` up to date and says what it did.
pub(crate) async fn run(environment: &Environment, output: Output) -> Result<(), Failure> {
    let database_url = environment.required_secret("HARKEN_DATABASE_URL")?;
    for migrated in migrate(&database_url).await? {
        let Migrated { schema, applied } = migrated;
        if output.is_json() {
            output.object(&json!({"schema": schema, "applied": applied}))?;
        } else if applied == 0 {
            output.line(format!("{schema}: up to date"))?;
        } else {
            output.line(format!("{schema}: {applied} migrations applied"))?;
        }
    }
    Ok(())
}

pub(crate) async fn migrate(database_url: &Secret) -> Result<Vec<Migrated>, Failure> {
    harken_store::migrate(database_url, &all_migrations())
        .await
        .map_err(|error| {
            let cause = anyhow::Error::new(error);
            Failure::other(format!("the database was not migrated: {cause:#}"))
        })
}

/// Those of every service that keeps state.
pub(crate) fn all_migrations() -> Vec<SchemaMigrations> {
    ROOMS
        .iter()
        .filter_map(|room| room.migrations)
        .map(|migrations| migrations())
        .collect()
}
