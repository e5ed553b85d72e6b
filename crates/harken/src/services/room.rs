use futures::future::BoxFuture;
use harken_runtime::grpc::Services;
use harken_runtime::{ConfigError, Environment};
use harken_store::SchemaMigrations;

use super::Ground;

/// One service, as the binary sees it.
#[derive(Clone, Copy)]
pub(crate) struct Room {
    /// Its name, also that of its subcommand and its identity towards the others.
    pub(crate) name: &'static str,
    /// Its tables, if it keeps state: schema `name`.
    pub(crate) migrations: Option<fn() -> SchemaMigrations>,
    /// What it stands on.
    pub(crate) needs: Needs,
    /// Reads its settings; nothing happens before the plan is carried out.
    pub(crate) plan: fn(&Environment) -> Result<Plan, ConfigError>,
}

/// What has to be there for a room to be sent work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// The bus, and its tables if it has some.
    Everything,
    /// The bus or its tables: what one of them cannot keep, the other does.
    OneStore,
}

/// What opens a room once its ground stands.
pub(crate) type Plan = Box<dyn FnOnce(Ground) -> BoxFuture<'static, anyhow::Result<Open>> + Send>;

/// A room that is ready to answer and to work.
pub(crate) struct Open {
    /// The rpcs that it answers.
    pub(crate) grpc: Services,
    /// Its work in the background; ends after shutdown is requested and everything is drained.
    pub(crate) work: BoxFuture<'static, anyhow::Result<()>>,
}
