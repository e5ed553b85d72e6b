use chrono::{DateTime, Utc};
use harken_contracts::subjects::RecordKind;
use harken_domain::ConnectionId;
use harken_intercom::{ReadError, Reader, TransportError, models::Contact};

use super::MOST_ATTEMPTS;
use crate::{
    app::Sync,
    outbound::{
        postgres::{
            StoreError,
            aliases::Alias,
            lacks::Vain,
            repairs::{Claimed, RepairKind},
            routing,
        },
        vault::VaultTransport,
    },
    rules::{
        CompanyRecord, ContactRecord, TagNames,
        fold::{ConversationSight, Origin, WholeSight},
        lacking::Lack,
        needs_tag_list,
    },
};

/// What Intercom said about a record.
pub(super) enum Found {
    Conversation(Box<ConversationSight>),
    Contact(Box<WholeSight<ContactRecord>>, Option<Alias>),
    Company(Box<WholeSight<CompanyRecord>>),
    /// These were absorbed by the contact.
    Absorbed(Vec<String>),
    Merged(Alias),
    /// Conversations that the mirror does not hold and should.
    LeftOut(Vec<String>),
    Gone(RecordKind),
    /// It is asked for no more, and this is why.
    Vain(Vain),
    /// There is nothing to be had.
    Nothing,
    /// It cannot be told before something else is known.
    NotYet,
}

/// Why nothing was found.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for FetchError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Sync {
    /// Asks Intercom for a record.
    pub(super) async fn fetch(
        &self,
        reader: &Reader<VaultTransport>,
        claimed: &Claimed,
    ) -> Result<Found, FetchError> {
        let id = claimed.wanted.external_id.as_str();
        let reading = (Origin::Fetched, self.clock.now());
        Ok(match claimed.wanted.kind {
            RepairKind::Conversation => {
                let conversation = reader.conversation(id).await?;
                Found::Conversation(Box::new(ConversationSight::new(conversation, reading)))
            }
            RepairKind::Contact => {
                let contact = reader.contact(id).await?;
                // Intercom may answer with the survivor itself.
                let alias = (contact.id != id).then(|| Alias {
                    external_id: id.to_owned(),
                    survivor: Some(contact.id.clone()),
                });
                let sight = self.complete(reader, claimed, contact, reading).await?;
                Found::Contact(Box::new(sight), alias)
            }
            RepairKind::Company => {
                let company = reader.company(id).await?;
                let updated_at = company.updated_at;
                let record = CompanyRecord::from(company);
                Found::Company(Box::new(WholeSight::new(record, updated_at, reading)))
            }
            RepairKind::MergeHistory => Found::Absorbed(reader.absorbed_contacts(id).await?),
            RepairKind::ConversationsOf => self.left_out(reader, claimed).await?,
        })
    }

    /// Asks for the sub-lists that a contact's own answer cuts.
    async fn complete(
        &self,
        reader: &Reader<VaultTransport>,
        claimed: &Claimed,
        contact: Contact,
        reading: (Origin, DateTime<Utc>),
    ) -> Result<WholeSight<ContactRecord>, ReadError> {
        let connection = claimed.wanted.connection;
        let names = self.tag_names(connection).await;
        let tags = if needs_tag_list(&contact, &names) {
            Some(reader.tags_of_contact(&contact.id).await?)
        } else {
            None
        };
        let companies = if contact.has_more_companies() {
            let companies = reader.companies_of_contact(&contact.id).await?;
            Some(companies.into_iter().map(|company| company.id).collect())
        } else {
            None
        };
        let updated_at = contact.updated_at;
        let record = ContactRecord::new(connection, contact, &names, tags.as_deref(), companies);
        Ok(WholeSight::new(record, updated_at, reading))
    }

    /// Names that cannot be had make a contact's tags be asked for.
    async fn tag_names(&self, connection: ConnectionId) -> TagNames {
        let Ok(mut store) = self.store.pool().acquire().await else {
            return TagNames::new();
        };
        routing::tag_names(&mut store, connection)
            .await
            .unwrap_or_default()
    }
}

/// What an error says about the record; none if it has to be asked for again.
pub(super) fn outcome(error: &ReadError, claimed: &Claimed) -> Option<Found> {
    let wanted = &claimed.wanted;
    match error {
        // A record that was just made may not be found at once: it is asked for twice before it counts as gone.
        ReadError::NotFound { .. } if claimed.attempts == 0 => None,
        ReadError::NotFound { .. } => Some(match wanted.kind {
            RepairKind::Conversation => Found::Gone(RecordKind::Conversation),
            RepairKind::Contact => Found::Gone(RecordKind::Contact),
            RepairKind::Company => Found::Gone(RecordKind::Company),
            RepairKind::MergeHistory | RepairKind::ConversationsOf => Found::Nothing,
        }),
        ReadError::Merged { into, .. } => Some(match (wanted.kind, into) {
            (RepairKind::Contact | RepairKind::MergeHistory, Some(into)) => Found::Merged(Alias {
                external_id: wanted.external_id.clone(),
                survivor: Some(into.clone()),
            }),
            _ => Found::Gone(RecordKind::Contact),
        }),
        // Nobody will ever know again whose pseudonym it is.
        ReadError::NotRemembered => Some(Found::Nothing),
        ReadError::Transport(TransportError::TooLarge { .. })
        | ReadError::Denied { .. }
        | ReadError::Rejected { .. }
        | ReadError::Malformed { .. }
            if claimed.attempts >= MOST_ATTEMPTS =>
        {
            tracing::warn!(connection.id = %wanted.connection, kind = wanted.kind.as_str(), error = %error, "a repair was given up");
            metrics::counter!("harken_sync_repairs_given_up_total").increment(1);
            Some(vain(error, claimed))
        }
        _ => None,
    }
}

fn vain(error: &ReadError, claimed: &Claimed) -> Found {
    let wanted = &claimed.wanted;
    let kind = match wanted.kind {
        RepairKind::Conversation => RecordKind::Conversation,
        RepairKind::Contact => RecordKind::Contact,
        RepairKind::Company => RecordKind::Company,
        // Neither is a record.
        RepairKind::MergeHistory | RepairKind::ConversationsOf => return Found::Nothing,
    };
    Found::Vain(Vain {
        connection: wanted.connection,
        kind,
        external_id: wanted.external_id.clone(),
        lack: Lack::of(error),
        detail: error.to_string(),
        request_id: error.request_id().map(str::to_owned),
    })
}
