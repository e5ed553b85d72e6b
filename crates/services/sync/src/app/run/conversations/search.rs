use harken_intercom::{Cursor, Page, SearchWindow, SortOrder, models::Conversation};

use crate::{
    app::run::{
        Desk, Halt,
        customers::{Customers, Learned},
        gate::Beyond,
    },
    outbound::postgres::conversations,
    rules::{
        counts::Kind,
        search::{Found, Question, RangeId},
    },
};

impl Found for Conversation {
    fn id(&self) -> &str {
        &self.id
    }

    fn updated_at(&self) -> Option<i64> {
        self.updated_at.map(|at| at.timestamp())
    }
}

/// A page of a range.
#[derive(Debug)]
pub(super) struct Searched {
    pub(super) range: RangeId,
    pub(super) page: Page<Conversation>,
}

/// Asks the search, newest first.
pub(super) async fn search(
    desk: &Desk,
    (range, question): (RangeId, Question),
) -> Result<Searched, Halt> {
    let window = SearchWindow {
        after: question.after,
        before: question.before,
    };
    let cursor = question.cursor.map(Cursor::from_stored);
    let page = desk
        .need(Kind::Conversations, || {
            desk.reader
                .search_conversations(window, SortOrder::Descending, cursor.as_ref())
        })
        .await?;
    Ok(Searched { range, page })
}

/// Later rounds overlap with earlier ones: what was read whole as it is now is not fetched again.
pub(super) async fn without_held(
    desk: &Desk,
    found: Vec<Conversation>,
) -> Result<Vec<Conversation>, Halt> {
    let ids: Vec<&str> = found
        .iter()
        .map(|conversation| conversation.id.as_str())
        .collect();
    let mut store = desk.sync.store.begin().await?;
    let read = conversations::last_read(&mut store, desk.connection, &ids).await?;
    let is_new = |conversation: &Conversation| {
        read.get(&conversation.id)
            .is_none_or(|read| !read.is_still(conversation.updated_at))
    };
    Ok(found.into_iter().filter(is_new).collect())
}

/// Finds out who these contacts are: from the mirror alone as long as their list is being read, and then by asking for those
/// that it did not show.
pub(super) async fn meet(
    customers: &Customers<'_>,
    mut before: (Beyond, Beyond),
    contact_ids: Vec<String>,
) -> Result<Learned, Halt> {
    let (tags, contacts) = &mut before;
    // Who absorbed whom is forgotten before the tags are known.
    tags.passed().await?;
    if contacts.is_open() {
        return customers.meet(contact_ids).await;
    }
    customers.recognize(&contact_ids).await?;
    Ok(Learned::default())
}
