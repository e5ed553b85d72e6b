use std::time::Duration;

use chrono::TimeDelta;
use harken_runtime::Shutdown;
use metrics::counter;

use super::prove::Identity;
use super::{CallError, LineError, ProveError, Vault};
use crate::outbound::postgres::uninstall_checks::{self, UninstallCheck};
use crate::outbound::postgres::{StoreError, connections};
use crate::rules::death::Death;
use crate::rules::patience::{self, MOST_UNINSTALL_CHECKS};

/// How often is looked for checks that are due again.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How often Intercom is asked about one workspace, whoever says what.
const ASK_EVERY: TimeDelta = TimeDelta::minutes(1);
/// For how long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// What Intercom says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Finding {
    /// The connection was closed.
    Uninstalled,
    Installed,
    /// There is no connection to ask about any more.
    NothingToAsk,
    Unclear,
}

impl Finding {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Uninstalled => "uninstalled",
            Self::Installed => "installed",
            Self::NothingToAsk => "nothing to ask",
            Self::Unclear => "unclear",
        }
    }
}

impl Vault {
    /// Takes note that somebody says a workspace uninstalled the app. Workspaces that are nobody's are let pass.
    pub(crate) async fn report_uninstall(&self, workspace_id: &str) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        let known = connections::of_workspace(&mut tx, workspace_id).await?;
        if known.is_some_and(|connection| !connection.is_synthetic()) {
            uninstall_checks::report(&mut tx, workspace_id, self.clock.now()).await?;
        }
        tx.commit().await?;
        self.uninstall_reported.notify_one();
        Ok(())
    }

    /// Asks Intercom about what was said, until `shutdown`.
    pub(crate) async fn keep_checking_uninstalls(&self, shutdown: &Shutdown) {
        while !shutdown.is_requested() {
            match self.check_next().await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::warn!(error = %error, "uninstalls are not checked for now"),
            }
            tokio::select! {
                () = self.uninstall_reported.notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = shutdown.requested() => {}
            }
        }
    }

    /// Whether one was due.
    async fn check_next(&self) -> Result<bool, StoreError> {
        let mut postgres = self.store.pool().acquire().await?;
        let now = self.clock.now();
        let due = uninstall_checks::take_due(&mut postgres, now, now + ASK_EVERY).await?;
        // Postgres is not held while Intercom is waited for.
        drop(postgres);
        let Some(check) = due else {
            return Ok(false);
        };
        let asked = tokio::time::timeout(PATIENCE, self.ask_about(&check)).await;
        let finding = match asked {
            Ok(Ok(finding)) => finding,
            Ok(Err(error)) => {
                tracing::warn!(error = %error, "an uninstall is not checked for now");
                Finding::Unclear
            }
            Err(_) => Finding::Unclear,
        };
        let is_last = check.attempts + 1 >= MOST_UNINSTALL_CHECKS;
        counter!("harken_vault_uninstall_checks_total", "outcome" => finding.as_str()).increment(1);
        let mut postgres = self.store.pool().acquire().await?;
        if finding == Finding::Unclear && !is_last {
            let wait = patience::between_uninstall_checks(check.attempts + 1, rand::random());
            let wait = TimeDelta::from_std(wait).unwrap_or(ASK_EVERY);
            uninstall_checks::postpone(&mut postgres, &check, now + wait).await?;
        } else {
            uninstall_checks::settle(&mut postgres, &check).await?;
        }
        Ok(true)
    }

    async fn ask_about(&self, check: &UninstallCheck) -> Result<Finding, CallError> {
        let mut postgres = self.store.pool().acquire().await?;
        let known = connections::of_workspace(&mut postgres, &check.workspace_id).await?;
        drop(postgres);
        let Some(connection) = known else {
            return Ok(Finding::NothingToAsk);
        };
        let purpose = "uninstall check";
        let line = match self
            .line(connection.organization, connection.id, purpose)
            .await
        {
            Ok(line) => line,
            Err(error @ (LineError::Store(_) | LineError::Seal(_))) => return Err(error.into()),
            Err(_) => return Ok(Finding::NothingToAsk),
        };
        match self.identify(&line.line).await {
            Ok(Identity::Of(_)) | Err(ProveError::Nameless(_)) => Ok(Finding::Installed),
            Ok(Identity::Refused(evidence)) => {
                match self.mark_broken(&line, Death::Uninstalled(evidence)).await {
                    CallError::Broken(_) => Ok(Finding::Uninstalled),
                    error => Err(error),
                }
            }
            Ok(Identity::NotPermitted(_)) | Err(_) => Ok(Finding::Unclear),
        }
    }
}
