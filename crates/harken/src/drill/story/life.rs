//! A customer writes, is answered or not, comes back, leaves.

use rand::RngExt as _;
use rand::rngs::StdRng;

use super::state::{Author, Contact, Head, Said, Status};
use super::words::{AGENT_COUNT, COUNT};
use super::{Change, Step};

const DAY: i64 = 86_400;
/// A story ends at least this long before the drill begins.
const LATEST: i64 = 3 * DAY;
const EARLIEST: i64 = 25 * DAY;
const MOST_CONVERSATIONS: u8 = 3;
const MOST_TURNS: u8 = 14;

struct Teller {
    chance: StdRng,
    now: i64,
    contact: Contact,
    steps: Vec<Step>,
}

pub(super) fn live(mut chance: StdRng, epoch: i64, customer: u32) -> Vec<Step> {
    let begins = epoch - chance.random_range(LATEST..EARLIEST);
    let contact = Contact {
        created_at: begins,
        updated_at: begins,
        last_seen_at: begins,
        seats: customer % 40 + 1,
    };
    let mut teller = Teller {
        chance,
        now: begins,
        contact,
        steps: Vec::with_capacity(32),
    };
    teller.tell("contact.user.created", Change::Contact(contact));
    if teller.happens(3) {
        teller.update_contact();
        teller.pass();
        teller.tell("contact.deleted", Change::ContactDeleted);
        return teller.steps;
    }
    for ordinal in 0..teller.chance.random_range(1..=MOST_CONVERSATIONS) {
        teller.converse(ordinal);
        if teller.happens(40) {
            teller.update_contact();
        }
    }
    teller.steps
}

impl Teller {
    fn tell(&mut self, topic: &'static str, change: Change) {
        self.steps.push(Step {
            topic,
            at: self.now,
            change,
        });
    }

    fn happens(&mut self, percent: u32) -> bool {
        self.chance.random_range(0..100) < percent
    }

    /// Something between seconds and an hour.
    fn pass(&mut self) {
        self.now += self.chance.random_range(5..3_600);
    }

    fn agent(&mut self) -> u8 {
        self.chance.random_range(0..AGENT_COUNT)
    }

    fn words(&mut self) -> u8 {
        self.chance.random_range(0..COUNT)
    }

    fn update_contact(&mut self) {
        self.pass();
        self.contact.updated_at = self.now;
        self.contact.last_seen_at = self.now;
        self.contact.seats += 1;
        self.tell("contact.user.updated", Change::Contact(self.contact));
    }

    fn converse(&mut self, ordinal: u8) {
        self.pass();
        let mut head = Head {
            status: Status::Open,
            opening: self.words(),
            is_urgent: false,
            rating: None,
            assignee: None,
            created_at: self.now,
            updated_at: self.now,
            first_assigned_at: None,
            first_answered_at: None,
            last_answered_at: None,
            last_asked_at: self.now,
            first_closed_at: None,
            last_closed_at: None,
            reopens: 0,
            assignments: 0,
            parts: 0,
        };
        let begun = Change::Conversation {
            ordinal,
            head,
            said: None,
        };
        self.tell("conversation.user.created", begun);
        let mut spoken = Vec::new();
        for _ in 0..self.chance.random_range(2..=MOST_TURNS) {
            self.pass();
            head.updated_at = self.now;
            let (topic, said) = self.turn(&mut head);
            if said.words.is_some() {
                spoken.push(said);
            }
            let change = Change::Conversation {
                ordinal,
                head,
                said: Some(said),
            };
            if said.author == Author::Bot {
                // What a bot says is told twice.
                self.tell("conversation.operator.replied", change);
            }
            self.tell(topic, change);
        }
        self.end(ordinal, head, &spoken);
    }

    /// Some conversations lose a part, some are deleted.
    fn end(&mut self, ordinal: u8, mut head: Head, spoken: &[Said]) {
        if !spoken.is_empty() && self.happens(12) {
            self.pass();
            let mut said = spoken[self.chance.random_range(0..spoken.len())];
            head.updated_at = self.now;
            said.updated_at = self.now;
            said.redacted = true;
            let change = Change::Conversation {
                ordinal,
                head,
                said: Some(said),
            };
            self.tell("conversation_part.redacted", change);
        }
        if self.happens(5) {
            self.pass();
            self.tell(
                "conversation.deleted",
                Change::ConversationDeleted { ordinal },
            );
        }
    }

    fn turn(&mut self, head: &mut Head) -> (&'static str, Said) {
        match (head.status, self.chance.random_range(0..100)) {
            (Status::Open, 0..26) => self.ask(head),
            (Status::Open, 26..54) => self.answer(head),
            (Status::Open, 54..62) => self.say("conversation.admin.replied", head, Author::Bot),
            (Status::Open, 62..80) => self.close(head),
            (Status::Open, 80..90) => self.assign(head),
            (Status::Open, 90..94) => self.press(head),
            (Status::Closed, 0..35) => self.come_back(head),
            (Status::Closed, 35..50) => self.open_again(head),
            (Status::Closed, 50..75) => self.rate(head),
            _ => self.note(head),
        }
    }

    fn part(&self, head: &mut Head, part_type: &'static str, author: Author) -> Said {
        head.parts += 1;
        Said {
            number: head.parts,
            part_type,
            author,
            words: None,
            created_at: self.now,
            updated_at: self.now,
            redacted: false,
            status: head.status,
        }
    }

    fn say(
        &mut self,
        topic: &'static str,
        head: &mut Head,
        author: Author,
    ) -> (&'static str, Said) {
        let words = Some(self.words());
        let said = self.part(head, "comment", author);
        (topic, Said { words, ..said })
    }

    fn ask(&mut self, head: &mut Head) -> (&'static str, Said) {
        head.last_asked_at = self.now;
        self.say("conversation.user.replied", head, Author::Customer)
    }

    fn answer(&mut self, head: &mut Head) -> (&'static str, Said) {
        head.first_answered_at.get_or_insert(self.now);
        head.last_answered_at = Some(self.now);
        let agent = Author::Agent(self.agent());
        self.say("conversation.admin.replied", head, agent)
    }

    fn note(&mut self, head: &mut Head) -> (&'static str, Said) {
        let words = Some(self.words());
        let agent = Author::Agent(self.agent());
        let said = self.part(head, "note", agent);
        ("conversation.admin.noted", Said { words, ..said })
    }

    fn assign(&mut self, head: &mut Head) -> (&'static str, Said) {
        let agent = self.agent();
        head.assignee = Some(agent);
        head.assignments += 1;
        head.first_assigned_at.get_or_insert(self.now);
        let said = self.part(head, "assignment", Author::Agent(agent));
        ("conversation.admin.assigned", said)
    }

    fn close(&mut self, head: &mut Head) -> (&'static str, Said) {
        head.status = Status::Closed;
        head.first_closed_at.get_or_insert(self.now);
        head.last_closed_at = Some(self.now);
        let agent = Author::Agent(self.agent());
        let words = self.happens(30).then(|| self.words());
        let said = self.part(head, "close", agent);
        ("conversation.admin.closed", Said { words, ..said })
    }

    fn press(&mut self, head: &mut Head) -> (&'static str, Said) {
        head.is_urgent = !head.is_urgent;
        let agent = Author::Agent(self.agent());
        let said = self.part(head, "priority_changed", agent);
        ("conversation.priority.updated", said)
    }

    /// The customer writes into a closed conversation.
    fn come_back(&mut self, head: &mut Head) -> (&'static str, Said) {
        head.status = Status::Open;
        head.reopens += 1;
        head.last_asked_at = self.now;
        let words = Some(self.words());
        let said = self.part(head, "open", Author::Customer);
        ("conversation.user.replied", Said { words, ..said })
    }

    fn open_again(&mut self, head: &mut Head) -> (&'static str, Said) {
        head.status = Status::Open;
        head.reopens += 1;
        let agent = Author::Agent(self.agent());
        let said = self.part(head, "open", agent);
        ("conversation.admin.opened", said)
    }

    fn rate(&mut self, head: &mut Head) -> (&'static str, Said) {
        head.rating = Some(self.chance.random_range(1..=5));
        let said = self.part(head, "conversation_rating_changed", Author::Customer);
        ("conversation.rating.added", said)
    }
}
