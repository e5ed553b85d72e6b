use std::net::SocketAddr;

use harken_local::require_free;

use crate::failure::Failure;

/// Which port is whose: a run of numbers, so that one number chooses them all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ports {
    pub(super) console: u16,
    pub(super) grpc: u16,
    /// Where Intercom's calls come in.
    pub(super) ingress: u16,
    pub(super) simulator: u16,
    pub(super) postgres: u16,
    pub(super) nats: u16,
    pub(super) ops: u16,
}

impl Ports {
    pub(super) const fn from_base(base: u16) -> Self {
        Self {
            console: base,
            grpc: base + 1,
            ingress: base + 2,
            simulator: base + 3,
            postgres: base + 4,
            nats: base + 5,
            ops: base + 6,
        }
    }

    /// Refuses a port that somebody holds. Those of the stores and the simulator are left out: what an earlier run left
    /// there is stopped first, by whoever starts them.
    pub(super) fn require_free(self) -> Result<(), Failure> {
        for (wanted_for, port) in [
            ("the console", self.console),
            ("gRPC", self.grpc),
            ("Intercom's notifications", self.ingress),
            ("health and metrics", self.ops),
        ] {
            require_free(wanted_for, port).map_err(|taken| Failure::other(taken.to_string()))?;
        }
        Ok(())
    }
}

/// The address of a port that only this machine reaches.
pub(super) fn loopback(port: u16) -> SocketAddr {
    ([127, 0, 0, 1], port).into()
}

/// The same as what a client is told.
pub(super) fn url(port: u16) -> String {
    format!("http://{}", loopback(port))
}
