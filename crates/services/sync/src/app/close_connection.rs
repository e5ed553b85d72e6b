use harken_domain::{ConnectionId, OrganizationId, Revision};
use harken_store::erasure::{self, Asked};
use sqlx::PgConnection;

use super::Sync;
use crate::outbound::{
    events::{Concerned, run_ended},
    postgres::{
        StoreError, connections, repairs,
        run_log::{self, Line, Severity},
        runs::{self, RunState},
    },
};

/// What is told when a connection closes.
#[derive(Clone, Debug)]
pub(crate) struct Closing<'a> {
    pub(crate) connection: ConnectionId,
    pub(crate) organization: OrganizationId,
    /// In words a member understands.
    pub(crate) reason: &'a str,
    pub(crate) revision: Revision,
    pub(crate) is_synthetic: bool,
    /// Every row of it is to go.
    pub(crate) is_erased: bool,
}

impl Sync {
    /// Takes in that a connection closed, in the transaction of its message: its run ends with the reason. Whoever works on
    /// it finds its lease gone.
    pub(crate) async fn close_connection(
        &self,
        store: &mut PgConnection,
        closing: &Closing<'_>,
    ) -> Result<(), StoreError> {
        let Closing {
            connection,
            organization,
            reason,
            revision,
            is_synthetic,
            is_erased,
        } = *closing;
        let why = (reason, is_synthetic);
        if !connections::close(store, connection, organization, why, revision).await? {
            return Ok(());
        }
        if is_erased {
            let asked = Asked {
                connection,
                organization,
                revision,
            };
            erasure::ask(store, asked).await?;
        }
        repairs::drop_all(store, connection).await?;
        let Some(run) = runs::going_on(store, connection).await? else {
            return Ok(());
        };
        let now = self.clock.now();
        let reason = format!("The connection was closed: {reason}");
        if !runs::end(store, run, RunState::Failed, &reason, now).await? {
            return Ok(());
        }
        let line = Line {
            at: now,
            severity: Severity::Error,
            message: reason.clone(),
            request_id: None,
        };
        run_log::append(store, run, &[line]).await?;
        if let Some(ended) = runs::find(store, organization, run).await? {
            let concerned = Concerned {
                organization,
                connection,
            };
            let verdict = (RunState::Failed, reason.as_str());
            run_ended::post(store, concerned, run, verdict, &ended.counts, now).await?;
        }
        Ok(())
    }
}
