use harken_intercom::{Cursor, Page, SearchWindow, SortOrder, models::FoundConversation};

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

impl Found for FoundConversation {
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
    pub(super) page: Page<FoundConversation>,
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

/// A conversation that the search shows and that is to be fetched.
#[derive(Debug)]
pub(super) struct Unread {
    pub(super) conversation: FoundConversation,
    /// False where it was read as it seems to be, but too soon after its change to be sure.
    pub(super) is_news: bool,
}

impl Unread {
    pub(super) const fn news(conversation: FoundConversation) -> Self {
        Self {
            conversation,
            is_news: true,
        }
    }
}

/// Later rounds overlap with earlier ones: what was read whole as it is now is not fetched again.
pub(super) async fn unread(
    desk: &Desk,
    found: Vec<FoundConversation>,
) -> Result<Vec<Unread>, Halt> {
    let ids: Vec<&str> = found
        .iter()
        .map(|conversation| conversation.id.as_str())
        .collect();
    let mut store = desk.sync.store.begin().await?;
    let read = conversations::last_read(&mut store, desk.connection, &ids).await?;
    let unread = found.into_iter().filter_map(|conversation| {
        let Some(read) = read.get(&conversation.id) else {
            return Some(Unread::news(conversation));
        };
        (!read.is_still(conversation.updated_at)).then(|| Unread {
            is_news: Some(read.updated_at) != conversation.updated_at,
            conversation,
        })
    });
    Ok(unread.collect())
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
