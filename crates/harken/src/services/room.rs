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
    /// Reads its settings; nothing happens before the plan is carried out.
    pub(crate) plan: fn(&Environment) -> Result<Plan, ConfigError>,
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
