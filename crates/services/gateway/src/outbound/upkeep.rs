//! How a mirror is kept: schedule, completeness, drift, what is stored.

use harken_contracts::wire::sync::v1::{
    Completeness, Drift, GetCompletenessRequest, GetDriftRequest, GetSampleRequest,
    GetSettingsRequest, IncompleteReason, ListIncompleteRequest, ListIncompleteResponse,
    PauseSyncRequest, ResumeSyncRequest, Sample, SyncSettings, UpdateSettingsRequest,
};
use harken_contracts::wire::types::v1::PageRequest;
use harken_domain::ConnectionId;

use super::{Answer, Asking};

/// Which incomplete records to list.
#[derive(Clone, Debug, Default)]
pub(crate) struct IncompleteList {
    /// Unspecified for all.
    pub(crate) reason: IncompleteReason,
    /// What Intercom's id begins with; empty for all.
    pub(crate) query: String,
    pub(crate) page: PageRequest,
}

impl Asking {
    pub(crate) async fn pause_sync(&self, connection: ConnectionId) -> Answer<SyncSettings> {
        let request = PauseSyncRequest {
            connection_id: connection.to_string(),
        };
        Ok(self.sync().pause_sync(request).await?.into_inner())
    }

    pub(crate) async fn resume_sync(&self, connection: ConnectionId) -> Answer<SyncSettings> {
        let request = ResumeSyncRequest {
            connection_id: connection.to_string(),
        };
        Ok(self.sync().resume_sync(request).await?.into_inner())
    }

    pub(crate) async fn sync_settings(&self, connection: ConnectionId) -> Answer<SyncSettings> {
        let request = GetSettingsRequest {
            connection_id: connection.to_string(),
        };
        Ok(self.sync().get_settings(request).await?.into_inner())
    }

    /// Changes schedule or window; what is absent stays.
    pub(crate) async fn update_sync_settings(
        &self,
        connection: ConnectionId,
        interval_secs: Option<u32>,
        backfill_days: Option<u32>,
    ) -> Answer<SyncSettings> {
        let request = UpdateSettingsRequest {
            connection_id: connection.to_string(),
            interval_secs,
            backfill_days,
        };
        Ok(self.sync().update_settings(request).await?.into_inner())
    }

    pub(crate) async fn completeness(&self, connection: ConnectionId) -> Answer<Completeness> {
        let request = GetCompletenessRequest {
            connection_id: connection.to_string(),
        };
        Ok(self.sync().get_completeness(request).await?.into_inner())
    }

    pub(crate) async fn incomplete(
        &self,
        connection: ConnectionId,
        list: IncompleteList,
    ) -> Answer<ListIncompleteResponse> {
        let request = ListIncompleteRequest {
            connection_id: connection.to_string(),
            reason: list.reason.into(),
            query: list.query,
            page: Some(list.page),
        };
        Ok(self.sync().list_incomplete(request).await?.into_inner())
    }

    /// What runs had to correct over the last `days`.
    pub(crate) async fn drift(&self, connection: ConnectionId, days: u32) -> Answer<Drift> {
        let request = GetDriftRequest {
            connection_id: connection.to_string(),
            days,
        };
        Ok(self.sync().get_drift(request).await?.into_inner())
    }

    pub(crate) async fn sample(&self, connection: ConnectionId) -> Answer<Sample> {
        let request = GetSampleRequest {
            connection_id: connection.to_string(),
        };
        Ok(self.sync().get_sample(request).await?.into_inner())
    }
}
