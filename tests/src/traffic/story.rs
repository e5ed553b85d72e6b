use harken_domain::Clock;
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::json;

use super::truth::Author;
use super::{Contact, Conversation, Kind, Notification, Part, Record, Truth};
use crate::deployment::Workspace;

/// Everything happens within the day before the story is told, so that nothing lies in the future.
const BEGAN_AGO_SECS: i64 = 24 * 60 * 60;
/// Records begin within this time of the beginning.
const BEGIN_WITHIN_SECS: i64 = 60 * 60;
/// At most this long after what came before in the same record.
const STEP_SECS: i64 = 60;

/// What happens in a made-up workspace, one notification at a time.
#[derive(Debug)]
pub struct Story {
    workspace_id: String,
    random: SmallRng,
    began_at: i64,
    truth: Truth,
    contacts: Vec<String>,
    /// Those that were not deleted.
    living: Vec<String>,
    told: u64,
}

impl Story {
    /// Begins one; the same seed tells the same.
    pub fn of(workspace: &Workspace, seed: u64) -> Self {
        Self {
            workspace_id: workspace.workspace_id.clone(),
            random: SmallRng::seed_from_u64(seed),
            began_at: Clock::system().now().timestamp() - BEGAN_AGO_SECS,
            truth: Truth::default(),
            contacts: Vec::new(),
            living: Vec::new(),
            told: 0,
        }
    }

    /// What the workspace holds after all that was told.
    pub const fn truth(&self) -> &Truth {
        &self.truth
    }

    /// Tells what happens next.
    pub fn tell(&mut self) -> Notification {
        self.told += 1;
        if self.contacts.is_empty() {
            return self.contact_appears();
        }
        match self.random.random_range(0..100) {
            0..8 => self.contact_appears(),
            8..14 => self.contact_changes(),
            14..40 => self.conversation_begins(),
            _ if self.living.is_empty() => self.conversation_begins(),
            40 => self.conversation_is_deleted(),
            _ => self.conversation_goes_on(),
        }
    }

    /// Tells of a new contact.
    pub fn contact_appears(&mut self) -> Notification {
        let external_id = format!("{:024x}", self.random.random::<u128>() >> 32);
        let at = self.beginning();
        let contact = Contact {
            name: "Customer as it came".to_owned(),
            email: format!("{external_id}@customer.example"),
            external_id: external_id.clone(),
            created_at: at,
            updated_at: at,
        };
        self.contacts.push(external_id.clone());
        let told = self.about_contact("contact.user.created", &contact);
        self.truth.contacts.insert(external_id, contact);
        told
    }

    fn contact_changes(&mut self) -> Notification {
        let external_id = self.some_contact();
        let later = self.random.random_range(1..=STEP_SECS);
        let name = format!("Customer as of {}", self.told);
        let contact = self.truth.contacts.get_mut(&external_id).unwrap();
        contact.updated_at += later;
        contact.name = name;
        let contact = contact.clone();
        self.about_contact("contact.user.updated", &contact)
    }

    fn conversation_begins(&mut self) -> Notification {
        let contact = self.some_contact();
        self.conversation_of(&contact)
    }

    /// Tells of a new conversation of this contact.
    pub fn conversation_of(&mut self, contact: &str) -> Notification {
        let external_id = format!(
            "2{:014}",
            self.random.random_range(0..100_000_000_000_000_u64)
        );
        let at = self.beginning();
        let conversation = Conversation {
            external_id: external_id.clone(),
            contact: self.truth.contacts[contact].author(),
            created_at: at,
            updated_at: at,
            is_open: true,
            reopens: 0,
            assignments: 0,
            parts: Vec::new(),
            last_contact_reply_at: at,
            first_admin_reply_at: None,
            last_admin_reply_at: None,
            last_close_at: None,
        };
        self.living.push(external_id.clone());
        let told = self.about_conversation("conversation.user.created", &conversation, None);
        self.truth.conversations.insert(external_id, conversation);
        told
    }

    fn conversation_goes_on(&mut self) -> Notification {
        let place = self.random.random_range(0..self.living.len());
        let id = self.living[place].clone();
        let later = self.random.random_range(1..=STEP_SECS);
        let choice = self.random.random_range(0..10);
        let mut conversation = self.truth.conversations[&id].clone();
        let topic = go_on(&mut conversation, later, choice);
        let told = self.about_conversation(topic, &conversation, conversation.parts.last());
        self.truth.conversations.insert(id, conversation);
        told
    }

    fn conversation_is_deleted(&mut self) -> Notification {
        let place = self.random.random_range(0..self.living.len());
        let external_id = self.living.swap_remove(place);
        let conversation = self.truth.conversations.remove(&external_id).unwrap();
        let item = json!({"type": "conversation", "conversation_id": external_id});
        let record = Record {
            kind: Kind::Conversation,
            external_id,
        };
        let at = conversation.updated_at + 1;
        Notification::new(
            &self.workspace_id,
            "conversation.deleted",
            record,
            at,
            &item,
        )
    }

    fn about_contact(&self, topic: &str, contact: &Contact) -> Notification {
        let record = Record {
            kind: Kind::Contact,
            external_id: contact.external_id.clone(),
        };
        let (at, item) = (contact.updated_at, contact.item());
        Notification::new(&self.workspace_id, topic, record, at, &item)
    }

    fn about_conversation(
        &self,
        topic: &str,
        conversation: &Conversation,
        part: Option<&Part>,
    ) -> Notification {
        let record = Record {
            kind: Kind::Conversation,
            external_id: conversation.external_id.clone(),
        };
        let (at, item) = (conversation.updated_at, conversation.item(part));
        Notification::new(&self.workspace_id, topic, record, at, &item)
    }

    fn some_contact(&mut self) -> String {
        let place = self.random.random_range(0..self.contacts.len());
        self.contacts[place].clone()
    }

    fn beginning(&mut self) -> i64 {
        self.began_at + self.random.random_range(0..BEGIN_WITHIN_SECS)
    }
}

/// Moves a conversation on by one part; answers the topic under which that is told.
fn go_on(conversation: &mut Conversation, later: i64, choice: u32) -> &'static str {
    let at = conversation.updated_at + later;
    conversation.updated_at = at;
    let admin = Author {
        kind: "admin",
        id: "493881".to_owned(),
        name: "Ada Agent".to_owned(),
        email: "ada@agents.example".to_owned(),
    };
    let (topic, part_type, author) = match (choice, conversation.is_open) {
        (0..2, true) => {
            conversation.is_open = false;
            conversation.last_close_at = Some(at);
            ("conversation.admin.closed", "close", admin)
        }
        (2..4, _) => {
            conversation.assignments += 1;
            ("conversation.admin.assigned", "assignment", admin)
        }
        (4..7, true) => {
            conversation.first_admin_reply_at.get_or_insert(at);
            conversation.last_admin_reply_at = Some(at);
            ("conversation.admin.replied", "comment", admin)
        }
        (_, is_open) => {
            conversation.last_contact_reply_at = at;
            conversation.is_open = true;
            conversation.reopens += u32::from(!is_open);
            let part_type = if is_open { "comment" } else { "open" };
            (
                "conversation.user.replied",
                part_type,
                conversation.contact.clone(),
            )
        }
    };
    let written = matches!(part_type, "comment" | "open");
    let number = conversation.parts.len();
    conversation.parts.push(Part {
        external_id: format!("{}{number:04}", &conversation.external_id[1..]),
        kind: part_type,
        body: written.then(|| format!("Message {number} of {}", conversation.external_id)),
        author,
        created_at: at,
    });
    topic
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::ledger::Mirror;

    fn story(seed: u64) -> Story {
        let workspace = Workspace {
            connection: harken_domain::ConnectionId::generate(&Clock::system()),
            workspace_id: "drill-1".to_owned(),
            secret: String::new(),
        };
        Story::of(&workspace, seed)
    }

    #[test]
    fn each_notification_tells_more_of_its_record_than_the_one_before() {
        let mut story = story(7);
        let mut last = std::collections::HashMap::new();
        for _ in 0..2_000 {
            let told = story.tell();
            let body: Value = serde_json::from_slice(&told.body).unwrap();
            let at = body["created_at"].as_i64().unwrap();
            assert!(
                last.insert(told.record, at)
                    .is_none_or(|before| before < at)
            );
            assert!(at <= Clock::system().now().timestamp());
        }
    }

    #[test]
    fn another_truth_is_another_mirror() {
        let (mut one, mut other) = (story(7), story(7));
        for _ in 0..500 {
            one.tell();
            other.tell();
        }
        let mirror = Mirror::of(one.truth());
        assert!(mirror.len() > 300);
        assert!(mirror.differences(&Mirror::of(other.truth())).is_empty());
        other.conversation_goes_on();
        let differences = mirror.differences(&Mirror::of(other.truth()));
        assert!(
            differences
                .iter()
                .any(|line| line.starts_with("missing: part")),
            "{differences:?}"
        );
    }
}
