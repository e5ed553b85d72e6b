use harken_contracts::subjects::RecordKind;
use harken_intercom::models::{Company, Contact};

use super::{
    Heard, UnknownTopics,
    reading::{Meaning, Reading},
};
use crate::{
    app::mirror::{Burial, By, Merge, Page, Seen, SeenCompany, SeenContact, SeenConversation},
    outbound::postgres::{
        aliases::Alias,
        archivals::Archival,
        notifications::{Outcome, shortened},
        repairs::RepairKind,
        routing::TagNamesOf,
    },
    rules::{
        Cause, CompanyRecord, ContactRecord, Kept, TagNames,
        fold::{Origin, WholeSight},
        needs_tag_list,
    },
};

/// What a batch of notifications brings, sorted by what is done with it.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) burials: Vec<Burial>,
    pub(super) merges: Vec<Merge>,
    pub(super) archivals: Vec<Archival>,
    pub(super) contacts: Vec<SeenContact>,
    pub(super) companies: Vec<SeenCompany>,
    pub(super) conversations: Vec<SeenConversation>,
    pub(super) unknown: UnknownTopics,
    /// What becomes of each notification if it does not change the mirror.
    pub(super) outcomes: Vec<(usize, Outcome)>,
}

impl Gathered {
    /// Adds what one notification brings.
    pub(super) fn add(
        &mut self,
        n: usize,
        one: &Heard,
        reading: Reading,
        names: &TagNamesOf,
        page: &mut Page,
    ) {
        let Reading {
            meaning,
            about,
            told_at,
        } = reading;
        let none = TagNames::new();
        let mut context = Context {
            one,
            told_at,
            page,
            names: names.get(&one.connection).unwrap_or(&none),
            by: By {
                cause: Cause::Updated,
                heard_at: Some(one.received_at),
                notification: Some(n),
                is_cut: false,
            },
        };
        let outcome = self.add_meaning(&mut context, meaning, about.as_ref());
        self.outcomes.push((n, outcome));
    }

    fn add_meaning(
        &mut self,
        context: &mut Context<'_>,
        meaning: Meaning,
        about: Option<&(RepairKind, String)>,
    ) -> Outcome {
        match meaning {
            Meaning::Conversation(sight, cause) => {
                let by = By {
                    cause,
                    ..context.by
                };
                self.conversations.push(Seen {
                    connection: context.one.connection,
                    sight: *sight,
                    by,
                });
                Outcome::Superseded
            }
            Meaning::Contact(contact, cause) => {
                self.contacts.push(context.contact(*contact, cause));
                Outcome::Superseded
            }
            Meaning::RetaggedContact(contact) => {
                let outcome = context.want(RepairKind::Contact, &contact.id);
                self.contacts
                    .push(context.contact(*contact, Cause::Updated));
                outcome
            }
            Meaning::UnarchivedContact(contact) => {
                self.archivals.push(context.archival(&contact.id, false));
                self.contacts
                    .push(context.contact(*contact, Cause::Updated));
                Outcome::Applied
            }
            Meaning::ArchivedContact(id) => {
                self.archivals.push(context.archival(&id, true));
                Outcome::Applied
            }
            Meaning::Merged { survivor, absorbed } => self.merge(context, *survivor, absorbed),
            Meaning::ConversationContact {
                conversation_id,
                contact,
            } => {
                context.want(RepairKind::Conversation, &conversation_id);
                self.contacts
                    .push(context.contact(*contact, Cause::Updated));
                Outcome::Refetched
            }
            Meaning::CompanyContact(contact, company_id) => {
                context.want(RepairKind::Company, &company_id);
                self.contacts
                    .push(context.contact(*contact, Cause::Updated));
                Outcome::Refetched
            }
            Meaning::Company(company) => {
                context.want(RepairKind::Company, &company.id);
                // What a notification says of a company lacks its plan; without a workspace there is nothing better.
                if context.is_synthetic() {
                    self.companies.push(context.company(*company));
                    return Outcome::Superseded;
                }
                Outcome::Refetched
            }
            Meaning::GoneConversation(id) => self.bury(context, RecordKind::Conversation, id),
            Meaning::GoneContact(id) => self.bury(context, RecordKind::Contact, id),
            Meaning::GoneCompany(id) => self.bury(context, RecordKind::Company, id),
            Meaning::Fetch => {
                context.want_all(about);
                Outcome::Refetched
            }
            Meaning::Unknown => {
                self.count_unknown(context.one);
                Outcome::UnknownTopic
            }
            Meaning::Nothing(outcome) => outcome,
            Meaning::Unreadable { .. } => Outcome::Dead,
        }
    }

    fn count_unknown(&mut self, one: &Heard) {
        let key = (one.connection, shortened(&one.topic));
        let (count, last) = self.unknown.entry(key).or_insert((0, one.received_at));
        *count += 1;
        *last = one.received_at.max(*last);
    }

    fn bury(&mut self, context: &Context<'_>, kind: RecordKind, external_id: String) -> Outcome {
        self.burials.push(Burial {
            connection: context.one.connection,
            kind,
            external_id,
            by: context.by,
        });
        Outcome::Superseded
    }

    /// Who was absorbed is told, or has to be asked for.
    fn merge(
        &mut self,
        context: &mut Context<'_>,
        survivor: Contact,
        absorbed: Option<String>,
    ) -> Outcome {
        let outcome = if let Some(absorbed) = absorbed {
            self.merges.push(Merge {
                connection: context.one.connection,
                alias: Alias {
                    external_id: absorbed,
                    survivor: Some(survivor.id.clone()),
                },
                told_at: Some(context.told_at),
                by: context.by,
            });
            Outcome::Superseded
        } else {
            context.want(RepairKind::MergeHistory, &survivor.id)
        };
        self.contacts
            .push(context.contact(survivor, Cause::Updated));
        outcome
    }
}

/// What is known around one notification.
struct Context<'a> {
    one: &'a Heard,
    told_at: chrono::DateTime<chrono::Utc>,
    page: &'a mut Page,
    names: &'a TagNames,
    by: By,
}

impl Context<'_> {
    /// Asks for a record to be fetched; what becomes of the notification if nothing else does.
    fn want(&mut self, kind: RepairKind, external_id: &str) -> Outcome {
        if self.page.want(self.one.connection, kind, external_id) {
            Outcome::Refetched
        } else {
            Outcome::Superseded
        }
    }

    fn want_all(&mut self, about: Option<&(RepairKind, String)>) {
        if let Some((kind, id)) = about {
            self.want(*kind, id);
        }
    }

    fn is_synthetic(&self) -> bool {
        self.page
            .connection(self.one.connection)
            .is_some_and(|connection| connection.is_synthetic)
    }

    fn contact(&self, contact: Contact, cause: Cause) -> SeenContact {
        let is_cut = needs_tag_list(&contact, self.names) || contact.has_more_companies();
        let updated_at = contact.updated_at;
        let connection = self.one.connection;
        let mut record = ContactRecord::new(connection, contact, self.names, None, None);
        if record.is_customer {
            record.extra = Kept::default();
        }
        Seen {
            connection,
            sight: WholeSight::new(record, updated_at, (Origin::Notified, self.told_at)),
            by: By {
                cause,
                is_cut,
                ..self.by
            },
        }
    }

    fn company(&self, company: Company) -> SeenCompany {
        let updated_at = company.updated_at;
        let mut record = CompanyRecord::from(company);
        record.extra = Kept::default();
        Seen {
            connection: self.one.connection,
            sight: WholeSight::new(record, updated_at, (Origin::Notified, self.told_at)),
            by: self.by,
        }
    }

    fn archival(&self, external_id: &str, is_archived: bool) -> Archival {
        Archival {
            connection: self.one.connection,
            external_id: external_id.to_owned(),
            told_at: self.told_at,
            is_archived,
        }
    }
}
