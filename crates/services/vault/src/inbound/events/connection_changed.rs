use harken_bus::Delivery;
use harken_contracts::events::Event as _;
use harken_contracts::wire::events::v1::{ConnectionClosed, ConnectionOpened};
use harken_domain::Revision;

use crate::app::Vault;

/// Lets go of what this process holds of a connection that another one changed.
pub(crate) fn take(vault: &Vault, delivery: &Delivery) {
    let revision = match delivery.event_type.as_str() {
        ConnectionOpened::TYPE => delivery
            .decode::<ConnectionOpened>()
            .map(|opened| opened.revision),
        ConnectionClosed::TYPE => delivery
            .decode::<ConnectionClosed>()
            .map(|closed| closed.revision),
        _ => return,
    };
    // Nothing of ours lives longer than minutes, should another version of us say it differently.
    if let Ok(revision) = revision {
        vault.close_lines(delivery.connection, Revision(revision));
    }
}
