//! The one list of services.

use super::Room;

pub(crate) const VAULT: Room = Room {
    name: "vault",
    migrations: None,
    plan: |_| Err(later()),
};
pub(crate) const SYNC: Room = Room {
    name: "sync",
    migrations: None,
    plan: |_| Err(later()),
};
pub(crate) const SCORING: Room = Room {
    name: "scoring",
    migrations: None,
    plan: |_| Err(later()),
};
pub(crate) const GATEWAY: Room = Room {
    name: "gateway",
    migrations: None,
    plan: |_| Err(later()),
};

/// All of them, in the order in which facts travel.
pub(crate) const ROOMS: [Room; 4] = [VAULT, SYNC, SCORING, GATEWAY];

fn later() -> harken_runtime::ConfigError {
    harken_runtime::ConfigError::new("room", "is not there", "wait")
}
