//! Rows 17 to 20, 26 and 27: what goes wrong while a workspace is imported, beside a simulated Intercom.

mod answers;
mod changing;
mod dropped;
mod killed;
mod revoked;
mod stores;

use anyhow::Result;
use harken_domain::ConnectionId;

use super::Verdict;
use crate::deployment::Deployment;
use crate::intercom::{Comparison, Told};

pub(super) use answers::run as answers;
pub(super) use changing::run as changing;
pub(super) use dropped::run as dropped;
pub(super) use killed::run as killed;
pub(super) use revoked::run as revoked;
pub(super) use stores::run as stores;

/// Flags of the simulator.
fn flags(pairs: &[(&str, u32)]) -> Vec<String> {
    let pairs = pairs.iter();
    pairs
        .flat_map(|(flag, value)| [format!("--{flag}"), value.to_string()])
        .collect()
}

/// Holds the mirror against the workspace as both are now.
async fn compare(deployment: &Deployment, connection: ConnectionId) -> Result<Comparison> {
    let told = Told::read(deployment.intercom()?).await?;
    let held = deployment.tenant().held(connection).await?;
    Ok(Comparison::new(connection, &told, &held))
}

impl Verdict {
    /// The mirror is as the workspace is.
    fn expect_same(&mut self, what: &str, comparison: &Comparison) {
        let words = format!("{what}: {}", comparison.words());
        self.expect(comparison.is_same(), words);
        for example in comparison.examples() {
            self.expect(false, example);
        }
    }
}
