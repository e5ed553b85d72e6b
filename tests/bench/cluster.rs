use std::time::Duration;

use anyhow::{Context as _, Result};
use harken_contracts::wire::sync::v1::Run;
use harken_system_tests::deployment::Deployment;
use tokio::time::sleep;

use crate::gauge::used;
use crate::intercom::Intercom;

const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Services in processes of their own, as a cluster runs them, beside a simulated Intercom.
pub(crate) struct Cluster {
    pub(crate) deployment: Deployment,
    pub(crate) intercom: Intercom,
}

impl Cluster {
    /// Starts all of it; `flags` are the simulator's.
    pub(crate) async fn open(flags: &[&str]) -> Result<Self> {
        let flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
        let deployment = Deployment::open_beside(&flags, &[]).await?;
        let intercom = Intercom::at(deployment.intercom()?.address().to_owned());
        Ok(Self {
            deployment,
            intercom,
        })
    }

    /// Connects the workspace, and answers the run that imports it, once it has ended.
    pub(crate) async fn import(&self) -> Result<Run> {
        let tenant = self.deployment.tenant();
        let connection = tenant.connect().await?;
        loop {
            // Who looks often makes sync work that is measured here.
            sleep(LOOK_EVERY).await;
            let latest = tenant.latest_run(connection).await;
            if latest.is_some_and(|run| run.ended_at.is_some()) {
                return tenant.ended_run(connection).await;
            }
        }
    }

    /// Processor time that a service has used, in milliseconds.
    pub(crate) fn used_ms(&mut self, service: &str) -> Result<f64> {
        let pid = self.deployment.service(service).pid();
        let (_, millis) = used(pid.context("it does not run")?).context("it is gone")?;
        Ok(millis as f64)
    }
}
