//! Whether a change can be made, and what exactly it comes to.

use super::change::{Change, Started};
use super::{Refused, View};
use crate::story::staff::{admin_by_id, tag_by_id, team_by_id};
use crate::story::{Conversation, Deed, Event, PARTS_EACH, State, Voice};

impl View<'_> {
    /// The change as it happens: at its time, or later where its subject has already moved on.
    pub(super) fn settle(&self, change: Change) -> Result<Change, Refused> {
        match change {
            Change::ConversationStarted(started) => self.start(started),
            Change::Happened {
                conversation,
                event,
            } => self.go_on(conversation, event),
            Change::Redacted {
                conversation,
                part,
                at,
            } => {
                let found = self.existing(conversation)?;
                check_redaction(&found, part)?;
                let redacted = Change::Redacted {
                    conversation,
                    part,
                    at,
                };
                Ok(redacted.not_before(found.updated_at))
            }
            Change::ConversationDeleted { conversation, .. } => {
                self.existing(conversation)?;
                Ok(change)
            }
            Change::ContactAdded(_) => Ok(change),
            Change::CompanyRenamed { company, .. } => {
                let found = self.story().company(company);
                let found = found.ok_or(Refused::NoSuch("company"))?;
                Ok(change.not_before(self.company_updated_at(&found)))
            }
            _ => self.settle_contact(change),
        }
    }

    fn start(&self, started: Started) -> Result<Change, Refused> {
        let contact = self.contact(started.contact);
        let contact = contact.ok_or(Refused::NoSuch("contact"))?;
        if contact.is_archived() {
            return Err(Refused::Unfit("the contact is archived"));
        }
        check_voice(started.by, 1)?;
        Ok(Change::ConversationStarted(started).not_before(contact.created_at()))
    }

    fn go_on(&self, conversation: u64, mut event: Event) -> Result<Change, Refused> {
        let found = self.existing(conversation)?;
        if found.timeline.events.len() as u64 + 1 >= PARTS_EACH {
            return Err(Refused::Unfit(
                "the conversation has no room for more parts",
            ));
        }
        check_voice(event.by, found.customers.len())?;
        event.at = event.at.max(found.updated_at);
        let standing = found.standing();
        let closed = standing.state == State::Closed;
        event.deed = match event.deed {
            Deed::Comment(words) if closed && matches!(event.by, Voice::Customer(_)) => {
                Deed::Reopen(words)
            }
            deed => deed,
        };
        let unfit = match &event.deed {
            Deed::Close(_) if closed => Some("the conversation is closed already"),
            Deed::Snooze { .. } if closed => Some("the conversation is closed"),
            Deed::Open if !closed => Some("the conversation is not closed"),
            Deed::Unsnooze | Deed::TimerUnsnooze if standing.state != State::Snoozed => {
                Some("the conversation is not snoozed")
            }
            Deed::Rate { score, .. } if !(1..=5).contains(score) => {
                Some("a rating goes from 1 to 5")
            }
            Deed::Untag(tag) if !standing.tags.iter().any(|(id, ..)| id == tag) => {
                Some("the conversation has no such tag")
            }
            _ => None,
        };
        if let Some(reason) = unfit {
            return Err(Refused::Unfit(reason));
        }
        self.check_subjects(&found, &event.deed)?;
        Ok(Change::Happened {
            conversation,
            event,
        })
    }

    /// Whoever and whatever a deed names has to exist.
    fn check_subjects(&self, conversation: &Conversation<'_>, deed: &Deed) -> Result<(), Refused> {
        let missing = match deed {
            Deed::Assign { admin, team } => {
                let admin = admin.is_some_and(|id| admin_by_id(id).is_none());
                let team = team.is_some_and(|id| team_by_id(id).is_none());
                match (admin, team) {
                    (true, _) => Some("teammate"),
                    (_, true) => Some("team"),
                    _ => None,
                }
            }
            Deed::ReplyAndAssign { admin, .. } | Deed::AssignAndReopen { admin, .. } => {
                admin_by_id(*admin).is_none().then_some("teammate")
            }
            Deed::Tag(id) => tag_by_id(*id).is_none().then_some("tag"),
            Deed::AddParticipant(number) => {
                let id = self.contact(*number).map(|contact| contact.id());
                let ids = &self.story().ids;
                let mut customers = conversation.customers.iter();
                if customers.any(|customer| Some(ids.subject(customer.subject)) == id) {
                    return Err(Refused::Unfit("the contact takes part already"));
                }
                id.is_none().then_some("contact")
            }
            _ => None,
        };
        missing.map_or(Ok(()), |what| Err(Refused::NoSuch(what)))
    }

    fn existing(&self, conversation: u64) -> Result<Conversation<'_>, Refused> {
        self.conversation(conversation)
            .ok_or(Refused::NoSuch("conversation"))
    }

    fn settle_contact(&self, change: Change) -> Result<Change, Refused> {
        let contact = change.contact().and_then(|number| self.contact(number));
        let contact = contact.ok_or(Refused::NoSuch("contact"))?;
        let unless = |fits: bool, reason| {
            if fits {
                Ok(())
            } else {
                Err(Refused::Unfit(reason))
            }
        };
        match &change {
            Change::ContactArchived { .. } => {
                unless(!contact.is_archived(), "the contact is archived already")?;
            }
            Change::ContactUnarchived { .. } => {
                unless(contact.is_archived(), "the contact is not archived")?;
            }
            Change::LeadSignedUp { .. } => {
                unless(contact.is_lead(), "only a lead can sign up")?;
            }
            Change::LeadMerged { into, .. } => {
                let into = self.contact(*into).ok_or(Refused::NoSuch("contact"))?;
                unless(contact.is_lead(), "only a lead can be merged")?;
                unless(!into.is_lead(), "a lead can only be merged into a user")?;
            }
            Change::ContactTagged { tag, .. } => {
                let tag = tag_by_id(*tag).ok_or(Refused::NoSuch("tag"))?;
                let has = contact.tags().iter().any(|other| other.id == tag.id);
                unless(!has, "the contact has this tag already")?;
            }
            Change::ContactUntagged { tag, .. } => {
                let has = contact.tags().iter().any(|other| other.id == *tag);
                unless(has, "the contact has no such tag")?;
            }
            Change::CompanyAttached { company, .. } => {
                let company = self.story().company(*company);
                let company = company.ok_or(Refused::NoSuch("company"))?;
                let belongs = contact.belongs_to(company.number);
                unless(!belongs, "the contact belongs to this company already")?;
            }
            Change::CompanyDetached { company, .. } => {
                unless(
                    contact.belongs_to(*company),
                    "the contact does not belong to this company",
                )?;
            }
            _ => {}
        }
        Ok(change.not_before(contact.updated_at()))
    }
}

fn check_voice(voice: Voice, customers: usize) -> Result<(), Refused> {
    match voice {
        Voice::Admin(id) if admin_by_id(id).is_none() => Err(Refused::NoSuch("teammate")),
        Voice::Customer(which) if usize::from(which) >= customers => {
            Err(Refused::NoSuch("participant"))
        }
        _ => Ok(()),
    }
}

fn check_redaction(conversation: &Conversation<'_>, part: Option<u64>) -> Result<(), Refused> {
    if conversation.redacted_at(part).is_some() {
        return Err(Refused::Unfit("the part is redacted already"));
    }
    let Some(index) = part else {
        return Ok(());
    };
    let index = usize::try_from(index).unwrap_or(usize::MAX);
    match conversation.timeline.events.get(index) {
        None => Err(Refused::NoSuch("part")),
        Some(event) if event.deed.words().is_none() => Err(Refused::Unfit("the part has no words")),
        Some(_) => Ok(()),
    }
}
