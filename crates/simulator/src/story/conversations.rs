//! Conversations: who takes part, about what, and all that happened.

use serde::{Deserialize, Serialize};

use super::cast::{Character, DECK, Plot, TALKS};
use super::companies::Company;
use super::ladder::DAY;
use super::names;
use super::people::Person;
use super::plots::{self, Scene};
use super::staff::{self, BOT_ID};
use super::statistics::{self, Standing};
use super::timeline::{Event, Timeline, Voice};
use super::topics::topics_of;
use super::{Story, Subject};

/// A customer as a conversation remembers them.
#[derive(Debug, Clone)]
pub(crate) struct Participant {
    pub(crate) subject: Subject,
    pub(crate) external_id: Option<String>,
    /// As people write it, not escaped.
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) lead: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Channel {
    Messenger,
    Email,
    Whatsapp,
}

impl Channel {
    /// Intercom's `source.type`.
    pub(crate) fn source_type(self) -> &'static str {
        match self {
            Self::Messenger => "conversation",
            Self::Email => "email",
            Self::Whatsapp => "whatsapp",
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Messenger => "messenger",
            Self::Email => "email",
            Self::Whatsapp => "whatsapp",
        }
    }
}

/// Who said something, as a message shows it.
#[derive(Debug, Clone)]
pub(crate) struct Author {
    /// `admin`, `bot`, `user` or `lead`.
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    /// As people write it, not escaped.
    pub(crate) name: Option<String>,
    /// None for the bot, whose address depends on the workspace.
    pub(crate) email: Option<String>,
}

/// A conversation, told from its number.
#[derive(Debug, Clone)]
pub(crate) struct Conversation<'a> {
    story: &'a Story,
    pub(crate) number: u64,
    pub(crate) updated_at: i64,
    pub(crate) topic: u8,
    pub(crate) channel: Channel,
    /// At least one.
    pub(crate) customers: Vec<Participant>,
    pub(crate) timeline: Timeline,
    /// Parts whose words were taken away, by index, with when; none is the first message.
    pub(crate) redacted: Vec<(Option<u64>, i64)>,
}

impl Story {
    /// Conversation `number`, below the premise's count, as it was at the epoch.
    pub(crate) fn conversation(&self, number: u64) -> Conversation<'_> {
        let (customer, second) = self.customers_of(number);
        let person = match customer {
            Subject::Contact(contact) => Some(Person::new(self, contact)),
            _ => None,
        };
        let character = person.map_or(Character::Occasional, |person| person.character());
        let mut chance = self.chance("conversation", number);
        let topics = topics_of(character);
        let topic = topics[chance.index(topics.len())];
        let updated_at = self.conversations_by_update.time_of(number);
        let not_before = person.map_or(updated_at - 30 * DAY, |person| person.created_at());
        let timeline = plots::play(&Scene {
            plot: self.plot_of(number),
            character,
            topic,
            ends_at: updated_at,
            not_before,
            epoch: self.premise.epoch,
            group: second.is_some(),
            chance: chance.clone(),
        });
        let seen = person.and_then(|person| person.last_seen_at());
        let channel = self.channel(number, &timeline, seen);
        let second = second.map(Subject::Contact);
        let customers = [Some(customer), second].into_iter().flatten();
        let customers = customers.map(|subject| self.participant(subject)).collect();
        Conversation {
            story: self,
            number,
            updated_at,
            topic,
            channel,
            customers,
            timeline,
            redacted: Vec::new(),
        }
    }

    fn plot_of(&self, number: u64) -> Plot {
        if number >= self.decks * TALKS {
            let mut chance = self.chance("tail plot", number);
            return [Plot::Answered, Plot::HandedOver, Plot::BotSolved][chance.index(3)];
        }
        let talk = &DECK.talks[usize::try_from(number % TALKS).unwrap_or(0)];
        match talk.plot {
            // One is enough to show what happens beyond 500 parts.
            Plot::Marathon if number >= TALKS => Plot::HandedOver,
            plot => plot,
        }
    }

    /// Who was last seen before they last wrote must have written from elsewhere.
    fn channel(&self, number: u64, timeline: &Timeline, seen: Option<i64>) -> Channel {
        let by_customer = |event: &&Event| matches!(event.by, Voice::Customer(_));
        let wrote = timeline
            .events
            .iter()
            .rev()
            .find(by_customer)
            .map(|event| event.at);
        let wrote = wrote.unwrap_or(timeline.starts_at);
        match self.chance("channel", number).below(20) {
            _ if seen.is_none_or(|seen| seen < wrote) => Channel::Email,
            0..=2 => Channel::Email,
            3 => Channel::Whatsapp,
            _ => Channel::Messenger,
        }
    }

    pub(crate) fn participant(&self, subject: Subject) -> Participant {
        match subject {
            Subject::Contact(contact) => {
                let person = Person::new(self, contact);
                Participant {
                    subject,
                    external_id: Some(person.external_id()),
                    name: person.name(),
                    email: person.email(),
                    lead: person.is_lead(),
                }
            }
            Subject::Merged(number) | Subject::Ghost(number) | Subject::Company(number) => {
                let mut chance = self.chance("stranger", number);
                let name = chance.pick(names::FIRST_NAMES);
                let email = format!("{}.{number}@gone.example", names::slug(name));
                Participant {
                    subject,
                    external_id: None,
                    name: Some(name.to_owned()),
                    email: Some(email),
                    lead: matches!(subject, Subject::Merged(_)),
                }
            }
        }
    }
}

impl<'a> Conversation<'a> {
    pub(crate) fn id(&self) -> u64 {
        self.story.ids.conversation(self.number)
    }

    /// A conversation that began after the epoch.
    pub(crate) fn begun(
        story: &'a Story,
        number: u64,
        topic: u8,
        channel: Channel,
        timeline: Timeline,
    ) -> Self {
        Self {
            story,
            number,
            updated_at: timeline.starts_at,
            topic,
            channel,
            customers: Vec::new(),
            timeline,
            redacted: Vec::new(),
        }
    }

    /// When the words of a part, or of the first message, were taken away.
    pub(crate) fn redacted_at(&self, part: Option<u64>) -> Option<i64> {
        let found = self.redacted.iter().find(|(index, _)| *index == part);
        found.map(|(_, at)| *at)
    }

    /// Lets more happen after the epoch.
    pub(crate) fn extend(&mut self, events: &[Event]) {
        self.timeline.events.extend_from_slice(events);
        if let Some(last) = events.last() {
            self.updated_at = self.updated_at.max(last.at);
        }
    }

    pub(crate) fn standing(&self) -> Standing {
        statistics::standing(&self.timeline)
    }

    /// The main company of the customer.
    pub(crate) fn company(&self) -> Option<Company<'a>> {
        let Subject::Contact(contact) = self.customers[0].subject else {
            return None;
        };
        self.story.companies_of(contact).first().copied()
    }

    /// Given by hand, else the subject of an e-mail.
    pub(crate) fn title(&self, standing: &Standing) -> Option<&'static str> {
        let told = || (!self.subject().is_empty()).then_some(self.topic);
        standing.title.or_else(told).map(super::title)
    }

    /// Empty but for e-mail.
    pub(crate) fn subject(&self) -> &'static str {
        if self.channel == Channel::Email {
            super::title(self.topic)
        } else {
            ""
        }
    }

    pub(crate) fn delivered_as(&self) -> &'static str {
        match self.timeline.opened_by {
            Voice::Customer(_) => "customer_initiated",
            Voice::Admin(_) => "admin_initiated",
            Voice::Bot => "operator_initiated",
        }
    }

    pub(crate) fn author(&self, voice: Voice) -> Author {
        match voice {
            Voice::Bot => Author {
                kind: "bot",
                id: BOT_ID.to_string(),
                name: Some("Fin".to_owned()),
                email: None,
            },
            Voice::Admin(id) => Author {
                kind: "admin",
                id: id.to_string(),
                name: staff::admin_by_id(id).map(|admin| admin.name.to_owned()),
                email: staff::admin_by_id(id).map(staff::Admin::email),
            },
            Voice::Customer(which) => {
                let customer = self
                    .customers
                    .get(usize::from(which))
                    .unwrap_or(&self.customers[0]);
                Author {
                    kind: if customer.lead { "lead" } else { "user" },
                    id: self.story.ids.subject(customer.subject),
                    name: customer.name.clone(),
                    email: Some(customer.email.clone().unwrap_or_default()),
                }
            }
        }
    }
}
