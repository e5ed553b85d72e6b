use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, PgConnection};

use crate::house::House;

/// Superuser and database of a house's private Postgres.
const NAME: &str = "harken";
/// Where it listens, counted from the house's first port.
const PORT: u16 = 4;

/// Connects to the house's private Postgres, past all services.
pub(crate) async fn postgres(house: &House) -> Result<PgConnection> {
    let file = home(house).join("password");
    let password =
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let options = PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(house.base() + PORT)
        .username(NAME)
        .password(password.trim())
        .database(NAME);
    options
        .connect()
        .await
        .context("the house's Postgres does not let us in")
}

/// In the state folder, or where a note there says.
fn home(house: &House) -> PathBuf {
    let stores = house.folder().join(".harken/stores");
    let noted = fs::read_to_string(stores.join("postgres.elsewhere"));
    noted.map_or_else(
        |_| stores.join("postgres"),
        |folder| PathBuf::from(folder.trim()),
    )
}
