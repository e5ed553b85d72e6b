use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Control, WORKSPACE};

const DAY_SECS: i64 = 86_400;

/// Everything that is true of a simulated workspace.
#[derive(Clone, Debug, Default)]
pub struct Told {
    pub(super) contacts: BTreeMap<String, Contact>,
    pub(super) conversations: BTreeMap<String, Conversation>,
    pub(super) companies: BTreeMap<String, Company>,
    /// What is in no list any more.
    pub(super) gone: BTreeMap<String, Gone>,
    /// The second that the story had reached when it began.
    epoch: i64,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Contact {
    id: String,
    pub(super) role: String,
    pub(super) email: Option<String>,
    pub(super) valid_email: bool,
    pub(super) name: Option<String>,
    pub(super) created_at: Option<i64>,
    pub(super) last_seen_at: Option<i64>,
    pub(super) last_replied_at: Option<i64>,
    pub(super) tags: BTreeSet<String>,
    pub(super) companies: BTreeSet<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Conversation {
    id: String,
    /// Who takes part and can be read; of merged leads, who they became.
    pub(super) customers: BTreeSet<String>,
    pub(super) state: String,
    pub(super) title: Option<String>,
    pub(super) created_at: Option<i64>,
    pub(super) updated_at: i64,
    pub(super) parts: usize,
    /// The latest 500.
    pub(super) part_ids: BTreeSet<String>,
    pub(super) redacted_part_ids: BTreeSet<String>,
    pub(super) time_to_admin_reply: Option<i64>,
    pub(super) time_to_last_close: Option<i64>,
    pub(super) count_reopens: u32,
    pub(super) count_assignments: u32,
    pub(super) tag_names: BTreeSet<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Company {
    id: String,
    pub(super) name: Option<String>,
    pub(super) plan: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Gone {
    id: String,
    /// `deleted`, `merged` or `archived`.
    how: String,
}

impl Gone {
    /// An archived contact can still be read by its id.
    pub(super) fn for_good(&self) -> bool {
        self.how != "archived"
    }
}

impl Told {
    /// Asks the simulator about everything.
    pub async fn read(control: &Control) -> Result<Self> {
        #[derive(Deserialize)]
        struct About {
            epoch: i64,
        }
        let gone: Vec<Gone> =
            serde_json::from_str(&control.read(&format!("truth/{WORKSPACE}/gone")).await?)?;
        let about: About = serde_json::from_str(&control.read("").await?)?;
        Ok(Self {
            contacts: by_id(lines(control, "contacts").await?, |line: &Contact| &line.id),
            conversations: by_id(
                lines(control, "conversations").await?,
                |line: &Conversation| &line.id,
            ),
            companies: by_id(lines(control, "companies").await?, |line: &Company| {
                &line.id
            }),
            gone: by_id(gone, |line| &line.id),
            epoch: about.epoch,
        })
    }

    /// Conversations, oldest id first.
    pub fn conversation_ids(&self) -> Vec<String> {
        self.conversations.keys().cloned().collect()
    }

    /// Conversations with a customer that a full import reads whatever the hour.
    pub fn wanted_conversation_ids(&self) -> Vec<String> {
        let wanted = self.conversations.iter();
        let wanted = wanted.filter(|(_, it)| self.is_wanted(it, 90) == Some(true));
        wanted.map(|(id, _)| id.clone()).collect()
    }

    /// Contacts with an e-mail address.
    pub fn customer_ids(&self) -> Vec<String> {
        let customers = self.contacts.iter().filter(|(_, it)| it.valid_email);
        customers.map(|(id, _)| id.clone()).collect()
    }

    /// A lead with conversations, and a user whom it can be merged into.
    pub fn lead_and_user(&self) -> Option<(&str, &str)> {
        let takes_part = |id: &str| {
            let mut all = self.conversations.values();
            all.any(|it| it.customers.contains(id))
        };
        let of = |role| {
            let contacts = self.contacts.iter().filter(move |(_, it)| it.role == role);
            contacts.map(|(id, _)| id.as_str())
        };
        let lead = of("lead").find(|id| takes_part(id))?;
        Some((lead, of("user").next()?))
    }

    /// Contacts in Intercom's list.
    pub fn contact_count(&self) -> usize {
        self.contacts.len()
    }

    /// The customers among who takes part.
    pub(super) fn customers_of<'a>(
        &'a self,
        conversation: &'a Conversation,
    ) -> impl Iterator<Item = &'a String> {
        let is_customer = |id: &&String| self.contacts.get(*id).is_some_and(|it| it.valid_email);
        conversation.customers.iter().filter(is_customer)
    }

    /// Whether a mirror of the last `days` has to hold it; none where it may. The window's edge moves while it is
    /// read, and who has no customer any more may stay.
    pub(super) fn is_wanted(&self, conversation: &Conversation, days: i64) -> Option<bool> {
        let edge = self.epoch - days * DAY_SECS;
        let is_known = self.customers_of(conversation).next().is_some();
        (is_known && conversation.updated_at > edge + DAY_SECS).then_some(true)
    }
}

async fn lines<T: DeserializeOwned>(control: &Control, kind: &str) -> Result<Vec<T>> {
    let text = control.read(&format!("truth/{WORKSPACE}/{kind}")).await?;
    Ok(text
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?)
}

fn by_id<T>(rows: Vec<T>, id: impl Fn(&T) -> &String) -> BTreeMap<String, T> {
    let rows = rows.into_iter();
    rows.map(|row| (id(&row).clone(), row)).collect()
}
