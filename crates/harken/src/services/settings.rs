use std::net::SocketAddr;
use std::path::PathBuf;

use harken_bus::{BusConfig, Profile};
use harken_domain::Secret;
use harken_runtime::{ConfigError, Environment, ServiceSecret};

use super::Room;

/// Connections of one service to Postgres, unless said otherwise.
const MAX_CONNECTIONS: u32 = 10;

/// What running any service needs beside the service's own settings. All of it is read before anything connects.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) grpc_listen: SocketAddr,
    pub(crate) ops_listen: SocketAddr,
    /// Where the service's tables are; none for a service without tables.
    pub(crate) database: Option<Database>,
    pub(crate) bus: BusConfig,
    pub(crate) service_secret: ServiceSecret,
    /// Who knows the API keys.
    pub(crate) vault_endpoint: String,
}

#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) url: Secret,
    pub(crate) max_connections: u32,
}

impl Settings {
    pub(crate) fn read(room: &Room, environment: &Environment) -> Result<Self, ConfigError> {
        let database = room.migrations.map(|_| {
            Ok(Database {
                url: environment.required_secret("HARKEN_DATABASE_URL")?,
                max_connections: environment
                    .parsed("HARKEN_DATABASE_MAX_CONNECTIONS", MAX_CONNECTIONS)?,
            })
        });
        Ok(Self {
            grpc_listen: environment.parsed("HARKEN_GRPC_LISTEN", loopback(7401))?,
            ops_listen: environment.parsed("HARKEN_OPS_LISTEN", loopback(7406))?,
            database: database.transpose()?,
            bus: bus(environment)?,
            service_secret: ServiceSecret::read(environment)?,
            vault_endpoint: vault_endpoint(room, environment)?,
        })
    }
}

fn bus(environment: &Environment) -> Result<BusConfig, ConfigError> {
    Ok(BusConfig {
        url: environment.required("HARKEN_NATS_URL")?.to_owned(),
        credentials_file: environment
            .optional("HARKEN_NATS_CREDENTIALS_FILE")
            .map(PathBuf::from),
        token: environment.secret("HARKEN_NATS_TOKEN")?,
        prefix: String::new(),
        profile: profile(environment)?,
    })
}

/// Production unless said otherwise: what promises less has to be asked for.
fn profile(environment: &Environment) -> Result<Profile, ConfigError> {
    match environment.optional("HARKEN_PROFILE") {
        None | Some("production") => Ok(Profile::Production),
        Some("local") => Ok(Profile::Local),
        Some(_) => Err(ConfigError::new(
            "HARKEN_PROFILE",
            "is neither `production` nor `local`",
            "set it to one of them",
        )),
    }
}

/// The vault asks itself.
fn vault_endpoint(room: &Room, environment: &Environment) -> Result<String, ConfigError> {
    if room.name == super::VAULT.name {
        let own = environment.parsed("HARKEN_GRPC_LISTEN", loopback(7401))?;
        return Ok(format!("http://127.0.0.1:{}", own.port()));
    }
    environment
        .required("HARKEN_VAULT_ENDPOINT")
        .map(str::to_owned)
}

fn loopback(port: u16) -> SocketAddr {
    ([127, 0, 0, 1], port).into()
}
