//! The customers: who they are and how they fare.

use super::cast::{Character, Email};
use super::chance::Chance;
use super::companies::Company;
use super::ladder::DAY;
use super::names;
use super::staff::{self, CONTACT_TAGS, TAGS};
use super::{Story, Subject};

const FIRST_CUSTOMER: u64 = 10_001;

/// A contact, told from its number. Cheap to make; every answer is worked out when asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Person<'a> {
    pub(super) story: &'a Story,
    pub(crate) number: u64,
}

/// A note on a contact.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    pub(crate) id: u64,
    pub(crate) at: i64,
    pub(crate) admin: &'static staff::Admin,
    pub(crate) body: &'static str,
}

/// The number of the contact an `external_id` of the workspace's own would be.
pub(crate) fn number_of_external_id(id: &str) -> Option<u64> {
    id.strip_prefix("cust-")?
        .parse::<u64>()
        .ok()?
        .checked_sub(FIRST_CUSTOMER)
}

impl<'a> Person<'a> {
    pub(crate) fn new(story: &'a Story, number: u64) -> Self {
        Self { story, number }
    }

    pub(crate) fn id(&self) -> String {
        self.story.ids.subject(Subject::Contact(self.number))
    }

    pub(crate) fn is_lead(&self) -> bool {
        match self.story.role(self.number) {
            Some(role) => role.lead,
            None => self.story.chance("lead", self.number).one_in(6),
        }
    }

    /// The id the workspace's own systems give it; a made-up one for leads.
    pub(crate) fn external_id(&self) -> String {
        if self.is_lead() {
            let mut chance = self.story.chance("lead id", self.number);
            uuid_of(chance.next(), chance.next())
        } else {
            format!("cust-{}", FIRST_CUSTOMER + self.number)
        }
    }

    /// As people write it, not escaped; most leads have none.
    pub(crate) fn name(&self) -> Option<String> {
        let mut chance = self.story.chance("person name", self.number);
        let (first, last) = (
            chance.pick(names::FIRST_NAMES),
            chance.pick(names::LAST_NAMES),
        );
        (!self.is_lead() || chance.one_in(3)).then(|| format!("{first} {last}"))
    }

    /// None and empty occur, and so does what is not an address.
    pub(crate) fn email(&self) -> Option<String> {
        let kind = match self.story.role(self.number) {
            Some(role) => role.email,
            None if self.is_lead() => match self.story.chance("e-mail", self.number).below(6) {
                0 => Email::Missing,
                1 => Email::Empty,
                2 => Email::Broken,
                _ => Email::Valid,
            },
            None => Email::Valid,
        };
        match kind {
            Email::Valid => Some(self.address()),
            Email::Missing => None,
            Email::Empty => Some(String::new()),
            Email::Broken => Some(format!("no-reply{}(at)invalid", self.number)),
        }
    }

    fn address(&self) -> String {
        let mut chance = self.story.chance("person name", self.number);
        let first = names::slug(chance.pick(names::FIRST_NAMES));
        let last = names::slug(chance.pick(names::LAST_NAMES));
        let domain = match self.companies().first() {
            Some(company) => company.domain(),
            None => "mail.example".to_owned(),
        };
        if self.story.premise.contacts > 5_000 {
            format!("{first}.{last}.{}@{domain}", self.number)
        } else {
            format!("{first}.{last}@{domain}")
        }
    }

    pub(crate) fn companies(&self) -> Vec<Company<'a>> {
        self.story.companies_of(self.number)
    }

    /// The epoch for somebody the story does not know.
    pub(crate) fn created_at(&self) -> i64 {
        if self.is_told() {
            self.story.contacts_by_creation.time_of(self.number)
        } else {
            self.story.premise.epoch
        }
    }

    pub(crate) fn updated_at(&self) -> i64 {
        if self.is_told() {
            self.story.contacts_by_update.time_of(self.number)
        } else {
            self.story.premise.epoch
        }
    }

    fn is_told(&self) -> bool {
        self.number < self.story.premise.contacts
    }

    /// None for leads who only ever wrote e-mail.
    pub(crate) fn last_seen_at(&self) -> Option<i64> {
        let mut chance = self.story.chance("seen", self.number);
        let Some(role) = self.story.role(self.number) else {
            let never = self.is_lead() && chance.one_in(2);
            return (!never).then(|| self.updated_at() - chance.between(0, DAY));
        };
        if role.lead && role.character == Character::Silent {
            return None;
        }
        let away = (role.seen_days - role.moved_days).max(0.0) * about_one(&mut chance);
        Some((self.updated_at() - seconds(away) - chance.between(5, 400)).max(self.created_at()))
    }

    pub(super) fn character(&self) -> Character {
        self.story
            .role(self.number)
            .map_or(Character::Occasional, |role| role.character)
    }

    pub(crate) fn tags(&self) -> Vec<&'static staff::Tag> {
        let mut chance = self.story.chance("person tags", self.number);
        let many = match self.story.role(self.number) {
            Some(role) => role.many_tags,
            None => chance.one_in(400),
        };
        let wanted = if many {
            chance.between(11, 15)
        } else {
            chance.between(0, 3)
        };
        let first = chance.index(CONTACT_TAGS);
        let wanted = usize::try_from(wanted).unwrap_or(0);
        (0..wanted)
            .map(|step| &TAGS[(first + step) % CONTACT_TAGS])
            .collect()
    }

    pub(crate) fn notes(&self) -> Vec<Note> {
        let mut chance = self.story.chance("person notes", self.number);
        let wanted = if chance.one_in(5) {
            chance.between(1, 3)
        } else {
            0
        };
        let from = self.created_at();
        let note = |step: i64| Note {
            id: 26_000_000 + self.number * 4 + step.unsigned_abs(),
            at: from + chance.between(DAY, 10 * DAY) * (step + 1),
            admin: &staff::ADMINS[chance.index(staff::ADMINS.len())],
            body: super::topics::NOTES[chance.index(super::topics::NOTES.len())],
        };
        (0..wanted).map(note).collect()
    }

    pub(crate) fn owner(&self) -> Option<u64> {
        let mut chance = self.story.chance("owner", self.number);
        chance
            .one_in(3)
            .then(|| staff::ADMINS[chance.index(staff::ADMINS.len())].id)
    }

    pub(crate) fn phone(&self) -> Option<String> {
        let mut chance = self.story.chance("phone", self.number);
        chance
            .one_in(4)
            .then(|| format!("+1555{:07}", chance.below(10_000_000)))
    }

    pub(crate) fn place(&self) -> &'static [&'static str; 5] {
        let index = self
            .story
            .chance("place", self.number)
            .index(names::PLACES.len());
        &names::PLACES[index]
    }

    /// Name, version, operating system.
    pub(crate) fn browser(&self) -> &'static [&'static str; 3] {
        let index = self
            .story
            .chance("browser", self.number)
            .index(names::BROWSERS.len());
        &names::BROWSERS[index]
    }

    pub(crate) fn segments(&self) -> Vec<&'static staff::Segment> {
        let recent =
            |at: Option<i64>, days| at.is_some_and(|at| at > self.story.premise.epoch - days * DAY);
        let fits = |segment: &&staff::Segment| match segment.number {
            0 => !self.is_lead() && recent(self.last_seen_at(), 14),
            1 => !self.is_lead() && !recent(self.last_seen_at(), 30),
            2 => recent(Some(self.created_at()), 30),
            _ => self.is_lead(),
        };
        staff::SEGMENTS.iter().filter(fits).collect()
    }

    /// Plan, seats, title and renewal date, as the workspace's systems report them.
    pub(crate) fn attributes(&self) -> Attributes {
        let mut chance = self.story.chance("attributes", self.number);
        Attributes {
            plan_tier: chance.pick(&["starter", "growth", "business", "enterprise"]),
            seats: chance.between(1, 120),
            job_title: chance.pick(&[
                "CTO",
                "Office manager",
                "Head of Ops",
                "Support lead",
                "Founder",
            ]),
            renewal_date: self.story.premise.epoch + chance.between(-30, 330) * DAY,
            onboarded: !matches!(self.character(), Character::Newcomer | Character::Silent),
        }
    }
}

#[derive(Debug, Clone, serde::Serialize)]
pub(crate) struct Attributes {
    plan_tier: &'static str,
    seats: i64,
    #[serde(rename = "Job title")]
    job_title: &'static str,
    /// Unix seconds, as Intercom gives date attributes.
    renewal_date: i64,
    onboarded: bool,
}

/// A factor from 0.9 to 1.09.
#[expect(clippy::cast_precision_loss, reason = "below 20")]
fn about_one(chance: &mut Chance) -> f64 {
    0.9 + chance.below(20) as f64 / 100.0
}

#[expect(clippy::cast_possible_truncation, reason = "some weeks")]
fn seconds(days: f64) -> i64 {
    (days * 86_400.0) as i64
}

/// 128 bits in the form of a UUID.
pub(crate) fn uuid_of(high: u64, low: u64) -> String {
    let digits = format!("{high:016x}{low:016x}");
    format!(
        "{}-{}-4{}-a{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[13..16],
        &digits[17..20],
        &digits[20..]
    )
}
