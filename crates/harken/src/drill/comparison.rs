use std::collections::BTreeMap;
use std::fmt;

use harken_contracts::wire::directory::v1::{Conversation, Customer, ExportBatch, ExportPart};
use harken_contracts::wire::events::v1::{AuthorKind, ConversationStatus, Part};
use prost_types::Timestamp;

use super::complaints::Complaints;
use super::ledger::ByCustomer;
use super::model::{self, Known, Model};
use super::notification::{customer_email, customer_name};
use super::story::{
    Author, Contact, ContactName, ConversationName, Head, PartName, Said, Status, Story, World,
    sentence,
};

/// How the mirror differs from the reference.
#[derive(Debug, Default)]
pub(super) struct Differences {
    pub(super) customers: u64,
    pub(super) conversations: u64,
    pub(super) parts: u64,
    /// There twice, or more of it than was told.
    pub(super) doubled: Complaints,
    pub(super) missing: Complaints,
    /// There though deleted, or never told.
    pub(super) unexpected: Complaints,
    pub(super) differing: Complaints,
}

/// Compares row by row, in the order in which the mirror gives them: by conversation, one kind after the other.
pub(super) struct Comparison<'l> {
    world: World,
    told: &'l ByCustomer<'l>,
    found: Differences,
    contacts: Met,
    conversations: Met,
    /// The conversation whose parts are being read, and its parts so far.
    reading: Option<(ConversationName, Vec<Part>)>,
    /// Whose parts were read.
    with_parts: Met,
}

/// What was met already: a bit per conversation of each customer, the lowest for those who are no conversation.
#[derive(Debug, Default)]
struct Met(Vec<u8>);

impl Met {
    /// Notes one. Answers whether it was met before.
    fn again(&mut self, customer: u32, ordinal: u8) -> bool {
        let place = customer as usize;
        if self.0.len() <= place {
            self.0.resize(place + 1, 0);
        }
        let bit = 1 << ordinal.min(7);
        let was_met = self.0[place] & bit != 0;
        self.0[place] |= bit;
        was_met
    }

    fn has(&self, customer: u32, ordinal: u8) -> bool {
        self.0
            .get(customer as usize)
            .is_some_and(|met| met & (1 << ordinal.min(7)) != 0)
    }
}

impl<'l> Comparison<'l> {
    pub(super) fn new(world: World, told: &'l ByCustomer<'l>) -> Self {
        Self {
            world,
            told,
            found: Differences::default(),
            contacts: Met::default(),
            conversations: Met::default(),
            reading: None,
            with_parts: Met::default(),
        }
    }

    /// Answers how many rows the batch had.
    pub(super) fn take(&mut self, batch: ExportBatch) -> u64 {
        let rows = batch.contacts.len() + batch.conversations.len() + batch.parts.len();
        for contact in &batch.contacts {
            self.contact(contact);
        }
        for conversation in &batch.conversations {
            self.conversation(conversation);
        }
        for part in batch.parts {
            self.part(part);
        }
        rows as u64
    }

    /// Looks for what never came.
    pub(super) fn end(mut self) -> Differences {
        self.end_parts();
        for customer in self.told.customers() {
            let model = self.model(customer);
            if let Known::There(_) = model.contact
                && !self.contacts.has(customer, 0)
            {
                self.found
                    .missing
                    .add(|| format!("contact {}", ContactName(customer)));
            }
            for (ordinal, known) in &model.conversations {
                let Known::There(_) = known else {
                    continue;
                };
                let name = ConversationName {
                    customer,
                    ordinal: *ordinal,
                };
                if !self.conversations.has(customer, *ordinal) {
                    self.found.missing.add(|| format!("conversation {name}"));
                } else if !self.with_parts.has(customer, *ordinal) {
                    self.found
                        .missing
                        .add(|| format!("all parts of conversation {name}"));
                }
            }
        }
        self.found
    }

    /// What the mirror has to hold of a customer.
    fn model(&self, customer: u32) -> Model {
        let story = Story::of(self.world, customer);
        let told = self.told.told(customer).filter(|entry| entry.has_effect());
        Model::fold(told.filter_map(|entry| story.steps.get(usize::from(entry.step))))
    }

    fn contact(&mut self, row: &Customer) {
        self.found.customers += 1;
        let Some(ContactName(customer)) = known(&row.external_id, self.told) else {
            let id = row.external_id.clone();
            self.found
                .unexpected
                .add(|| format!("contact {id} was never told of"));
            return;
        };
        if self.contacts.again(customer, 0) {
            self.found
                .doubled
                .add(|| format!("contact {} is there twice", row.external_id));
        }
        match self.model(customer).contact {
            Known::There(contact) => contact_differs(row, customer, &contact, &mut self.found),
            // Made from what its conversations say of it.
            Known::Untold => {}
            Known::Gone => self
                .found
                .unexpected
                .add(|| format!("contact {} was deleted", row.external_id)),
        }
    }

    fn conversation(&mut self, row: &Conversation) {
        self.found.conversations += 1;
        let name = row.external_id.parse::<ConversationName>().ok();
        let Some(name) = name.filter(|name| self.told.customers().contains(&name.customer)) else {
            self.found
                .unexpected
                .add(|| format!("conversation {} was never told of", row.external_id));
            return;
        };
        if self.conversations.again(name.customer, name.ordinal) {
            self.found
                .doubled
                .add(|| format!("conversation {name} is there twice"));
        }
        let mut model = self.model(name.customer);
        match model.conversations.remove(&name.ordinal) {
            Some(Known::There(conversation)) => {
                conversation_differs(row, name, &conversation, &mut self.found);
            }
            Some(Known::Gone) => self
                .found
                .unexpected
                .add(|| format!("conversation {name} was deleted")),
            Some(Known::Untold) | None => self
                .found
                .unexpected
                .add(|| format!("conversation {name} was never told of")),
        }
    }

    fn part(&mut self, row: ExportPart) {
        self.found.parts += 1;
        let Some(part) = row.part else {
            return;
        };
        let Ok(name) = row.conversation_external_id.parse::<ConversationName>() else {
            self.found
                .unexpected
                .add(|| format!("part {} of nobody", part.external_id));
            return;
        };
        match &mut self.reading {
            Some((reading, parts)) if *reading == name => parts.push(part),
            _ => {
                self.end_parts();
                self.reading = Some((name, vec![part]));
            }
        }
    }

    /// Compares the parts of one conversation, all of them read.
    fn end_parts(&mut self) {
        let Some((name, rows)) = self.reading.take() else {
            return;
        };
        self.with_parts.again(name.customer, name.ordinal);
        let mut model = self.model(name.customer);
        let Some(Known::There(conversation)) = model.conversations.remove(&name.ordinal) else {
            let many = rows.len();
            self.found
                .unexpected
                .add(|| format!("{many} parts of conversation {name}, which is not there"));
            return;
        };
        parts_differ(&rows, name, &conversation, &mut self.found);
    }
}

fn known(external_id: &str, told: &ByCustomer<'_>) -> Option<ContactName> {
    let name: ContactName = external_id.parse().ok()?;
    told.customers().contains(&name.0).then_some(name)
}

/// Notes each field that is not as it has to be.
struct Fields<'f> {
    what: String,
    found: &'f mut Differences,
}

impl Fields<'_> {
    fn hold<T: PartialEq + fmt::Debug>(&mut self, field: &str, (found, expected): (T, T)) {
        if found != expected {
            let what = &self.what;
            self.found
                .differing
                .add(|| format!("{field} of {what} is {found:?}, not {expected:?}"));
        }
    }
}

fn contact_differs(row: &Customer, customer: u32, expected: &Contact, found: &mut Differences) {
    let mut fields = Fields {
        what: format!("contact {}", row.external_id),
        found,
    };
    let Contact {
        created_at,
        updated_at: _,
        last_seen_at,
        seats,
    } = *expected;
    fields.hold("role", (row.contact_role.as_str(), "user"));
    fields.hold(
        "e-mail",
        (row.email.clone(), Some(customer_email(customer))),
    );
    fields.hold("name", (row.name.clone(), Some(customer_name(customer))));
    fields.hold("first seen", (secs(row.first_seen_at), Some(created_at)));
    fields.hold("last seen", (secs(row.last_seen_at), Some(last_seen_at)));
    fields.hold("seats", (attribute(row, "seats"), Some(f64::from(seats))));
}

fn attribute(row: &Customer, name: &str) -> Option<f64> {
    match row.metadata.as_ref()?.fields.get(name)?.kind.as_ref()? {
        prost_types::value::Kind::NumberValue(number) => Some(*number),
        _ => None,
    }
}

fn conversation_differs(
    row: &Conversation,
    name: ConversationName,
    expected: &model::Conversation,
    found: &mut Differences,
) {
    let head: &Head = &expected.head;
    let parts_expected = u32::try_from(expected.parts.len() + 1).unwrap_or(u32::MAX);
    if row.parts_held > parts_expected {
        let counted = row.parts_held;
        found.doubled.add(|| {
            format!("conversation {name} counts {counted} parts, {parts_expected} were told")
        });
    }
    let mut fields = Fields {
        what: format!("conversation {name}"),
        found,
    };
    let status = match head.status {
        Status::Open => ConversationStatus::Open,
        Status::Closed => ConversationStatus::Closed,
    };
    let since_begin = |at: Option<i64>| at.map(|at| at - head.created_at);
    fields.hold("status", (row.status(), status));
    fields.hold(
        "title",
        (row.title.clone(), Some(sentence(head.opening, 0))),
    );
    fields.hold("beginning", (secs(row.created_at), Some(head.created_at)));
    fields.hold("last change", (secs(row.updated_at), Some(head.updated_at)));
    fields.hold(
        "time to first response",
        (row.first_response_secs, since_begin(head.first_answered_at)),
    );
    fields.hold(
        "time to resolution",
        (row.resolution_secs, since_begin(head.last_closed_at)),
    );
    fields.hold("reopenings", (row.reopen_count, head.reopens));
    fields.hold("assignments", (row.assignment_count, head.assignments));
    fields.hold("parts held", (row.parts_held, parts_expected));
    fields.hold(
        "contacts",
        (
            row.contact_external_ids.clone(),
            vec![ContactName(name.customer).to_string()],
        ),
    );
}

fn parts_differ(
    rows: &[Part],
    name: ConversationName,
    expected: &model::Conversation,
    found: &mut Differences,
) {
    let mut by_id: BTreeMap<&str, &Part> = BTreeMap::new();
    for row in rows {
        if by_id.insert(&row.external_id, row).is_some() {
            found
                .doubled
                .add(|| format!("part {} is there twice", row.external_id));
        }
    }
    let opening = format!("source:{name}");
    match by_id.remove(opening.as_str()) {
        Some(row) => {
            let said = opening_message(&expected.head);
            part_differs(row, name, &said, "source", found);
        }
        None => found
            .missing
            .add(|| format!("opening message of conversation {name}")),
    }
    for (number, said) in &expected.parts {
        let part = PartName {
            conversation: name,
            number: *number,
        };
        match by_id.remove(part.to_string().as_str()) {
            Some(row) => part_differs(row, name, said, said.part_type, found),
            None => found.missing.add(|| format!("part {part}")),
        }
    }
    for row in by_id.into_values() {
        found
            .doubled
            .add(|| format!("part {} was never told of", row.external_id));
    }
}

const fn opening_message(head: &Head) -> Said {
    Said {
        number: 0,
        part_type: "source",
        author: Author::Customer,
        words: Some(head.opening),
        created_at: head.created_at,
        updated_at: head.created_at,
        redacted: false,
        status: Status::Open,
    }
}

fn part_differs(
    row: &Part,
    name: ConversationName,
    said: &Said,
    part_type: &str,
    found: &mut Differences,
) {
    let mut fields = Fields {
        what: format!("part {}", row.external_id),
        found,
    };
    let (kind, author) = match said.author {
        Author::Customer => (
            AuthorKind::Contact,
            Some(ContactName(name.customer).to_string()),
        ),
        Author::Agent(_) => (AuthorKind::Admin, None),
        Author::Bot => (AuthorKind::Bot, None),
    };
    let author = author.or_else(|| said.author.teammate_id().map(|id| id.to_string()));
    let text = said.words.filter(|_| !said.redacted);
    fields.hold("type", (row.part_type.as_str(), part_type));
    fields.hold("author's kind", (row.author_kind(), kind));
    fields.hold("author", (row.author_external_id.clone(), author));
    fields.hold("moment", (secs(row.created_at), Some(said.created_at)));
    fields.hold(
        "text",
        (
            row.text.clone(),
            text.map(|words| sentence(words, said.number)),
        ),
    );
    fields.hold("redaction", (row.is_redacted, said.redacted));
}

fn secs(at: Option<Timestamp>) -> Option<i64> {
    at.map(|at| at.seconds)
}
