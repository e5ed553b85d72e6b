//! What closes a full run, asked for while it still looks for conversations that changed meanwhile. Where those are none, the
//! answers are as good as new; else they are dropped, and asked for again.

use harken_intercom::{DeletedPage, Page, models::Contact};

use crate::{
    app::run::{Desk, gate::Beyond},
    rules::incremental::Days,
};

/// First pages. What is not there is asked for when it is its turn.
#[derive(Debug, Default)]
pub(in crate::app::run) struct Ahead {
    /// Of the search for contacts that changed.
    pub(super) changed: Option<Page<Contact>>,
    /// Of the conversations that were deleted.
    pub(super) deleted: Option<DeletedPage>,
    /// Of all contacts.
    pub(super) listed: Option<Page<Contact>>,
}

impl Ahead {
    /// Asks once a run looks for the first time for what changed meanwhile; `quiet` tells that it found nothing.
    pub(in crate::app::run) async fn ask(
        desk: &Desk,
        mut begun: Beyond,
        mut quiet: Beyond,
    ) -> Self {
        if begun.passed().await.is_err() {
            return Self::default();
        }
        let days = Days::covering(desk.bound_at, desk.zone);
        let (changed, deleted, listed) = tokio::join!(
            desk.reader.search_contacts(days.first(), None),
            desk.reader.deleted_conversations(1),
            desk.reader.contacts(None),
        );
        if quiet.passed().await.is_err() {
            return Self::default();
        }
        // Whoever asks again is patient, and tells what went wrong.
        Self {
            changed: changed.ok(),
            deleted: deleted.ok(),
            listed: listed.ok(),
        }
    }
}
