//! The live half: from Intercom's request to a score that can be read, with each service in a process of its own.

mod accept;
mod backlog;
mod bare;
mod effort;
mod freshness;
mod latency;
mod senders;

use anyhow::Result;
use harken_system_tests::deployment::{Deployment, Workspace};
use harken_system_tests::traffic::{Story, request};

use crate::report::Report;
use crate::{Wish, attempt};

/// In the order in which they are measured: what leaves least behind comes first.
pub(crate) const NAMES: [&str; 4] = ["answer_latency", "freshness", "ingress_accept", "backlog"];

/// A deployment under measurement.
struct Stage {
    deployment: Deployment,
    workspace: Workspace,
    story: Story,
}

/// Measures what is wanted on one deployment.
pub(crate) async fn measure(wish: &Wish, report: &mut Report) {
    let mut stage = match attempt(Stage::open()).await {
        Ok(stage) => stage,
        Err(why) => return report.take(NAMES[0], Err(why)),
    };
    if wish.names("answer_latency") {
        report.take(
            "answer_latency",
            attempt(Box::pin(latency::measure(&mut stage))).await,
        );
    }
    if wish.names("freshness") {
        report.take(
            "freshness",
            attempt(Box::pin(freshness::measure(&mut stage))).await,
        );
    }
    if wish.names("ingress_accept") {
        report.take(
            "ingress_accept",
            attempt(Box::pin(accept::measure(&mut stage))).await,
        );
    }
    if wish.names("backlog") {
        report.take(
            "backlog",
            attempt(Box::pin(backlog::measure(&mut stage))).await,
        );
    }
}

impl Stage {
    async fn open() -> Result<Self> {
        let deployment = Deployment::open().await?;
        let workspace = deployment.tenant().open_workspace("bench").await?;
        let story = Story::of(&workspace, 42);
        Ok(Self {
            deployment,
            workspace,
            story,
        })
    }

    /// What happens next, as the bytes of requests.
    fn requests(&mut self, count: usize) -> Vec<Vec<u8>> {
        let path = self.workspace.path();
        let told = (0..count).map(|_| self.story.tell());
        told.map(|told| request(&path, &self.workspace.secret, &told.body))
            .collect()
    }
}
