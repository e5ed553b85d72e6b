use harken_contracts::wire::directory::v1::{ExportBatch, ExportCompany, ExportKind, ExportPart};
use harken_contracts::wire::scoring::v1 as scoring;
use serde::Serialize;
use serde_json::{Value, json};

use super::Record;
use crate::inbound::http::api::body::moment;
use crate::inbound::http::api::conversations::{Conversation, Part};
use crate::inbound::http::api::customers::Customer;
use crate::inbound::http::api::scores::Score;

/// What can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Contacts,
    Companies,
    Conversations,
    Parts,
    Scores,
}

impl Kind {
    pub(super) fn named(word: &str) -> Option<Self> {
        let all = [
            Self::Contacts,
            Self::Companies,
            Self::Conversations,
            Self::Parts,
            Self::Scores,
        ];
        all.into_iter().find(|kind| kind.as_str() == word)
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Contacts => "contacts",
            Self::Companies => "companies",
            Self::Conversations => "conversations",
            Self::Parts => "parts",
            Self::Scores => "scores",
        }
    }

    /// How the mirror calls it; none for what is not in the mirror.
    pub(super) const fn mirrored(self) -> Option<ExportKind> {
        match self {
            Self::Contacts => Some(ExportKind::Contacts),
            Self::Companies => Some(ExportKind::Companies),
            Self::Conversations => Some(ExportKind::Conversations),
            Self::Parts => Some(ExportKind::Parts),
            Self::Scores => None,
        }
    }

    /// Columns of a table of it.
    pub(super) const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Contacts => &[
                "customer_id",
                "connection_id",
                "external_id",
                "contact_role",
                "email",
                "name",
                "first_seen_at",
                "last_seen_at",
                "last_replied_at",
                "tags",
                "metadata",
                "companies",
                "mirrored_at",
            ],
            Self::Companies => &[
                "connection_id",
                "external_id",
                "name",
                "plan",
                "monthly_spend",
                "size",
                "created_at",
            ],
            Self::Conversations => &[
                "conversation_id",
                "connection_id",
                "external_id",
                "customer_ids",
                "contact_external_ids",
                "status",
                "title",
                "created_at",
                "updated_at",
                "first_response_secs",
                "resolution_secs",
                "reopen_count",
                "assignment_count",
                "tags",
                "parts_held",
                "parts_counted",
            ],
            Self::Parts => &[
                "connection_id",
                "conversation_external_id",
                "external_id",
                "part_type",
                "author_kind",
                "author_external_id",
                "created_at",
                "is_visible_message",
                "is_reopening",
                "text",
            ],
            Self::Scores => &[
                "customer_id",
                "connection_id",
                "external_id",
                "email",
                "name",
                "contact_role",
                "last_seen_at",
                "points",
                "level",
                "raw",
                "coverage",
                "inputs",
                "factors",
                "configuration_version",
                "as_of",
                "trigger",
                "revision",
            ],
        }
    }
}

/// The records of a batch, whatever their kind.
pub(super) fn of_batch(batch: ExportBatch) -> Vec<Record> {
    let contacts = batch
        .contacts
        .into_iter()
        .map(|one| record(&Customer::from(one)));
    let companies = batch.companies.into_iter().map(company);
    let conversations = batch
        .conversations
        .into_iter()
        .map(|one| record(&Conversation::from(one)));
    let parts = batch.parts.into_iter().map(part);
    contacts
        .chain(companies)
        .chain(conversations)
        .chain(parts)
        .collect()
}

pub(super) fn of_score(score: scoring::Score) -> Record {
    record(&Score::from(score))
}

fn company(exported: ExportCompany) -> Record {
    let company = exported.company.unwrap_or_default();
    record(&json!({
        "connection_id": exported.connection_id,
        "external_id": company.external_id,
        "name": company.name,
        "plan": company.plan,
        "monthly_spend": company.monthly_spend,
        "size": company.size,
        "created_at": moment(company.created_at.as_ref()),
    }))
}

fn part(exported: ExportPart) -> Record {
    let mut part = record(&Part::from(exported.part.unwrap_or_default()));
    part.insert("connection_id".to_owned(), exported.connection_id.into());
    part.insert(
        "conversation_external_id".to_owned(),
        exported.conversation_external_id.into(),
    );
    part
}

fn record(body: &impl Serialize) -> Record {
    match serde_json::to_value(body) {
        Ok(Value::Object(record)) => record,
        // Bodies are structs.
        _ => Record::new(),
    }
}

#[cfg(test)]
mod tests {
    use harken_contracts::wire::directory::v1 as directory;

    use super::*;

    #[test]
    fn a_table_has_a_column_for_each_field() {
        let batch = ExportBatch {
            contacts: vec![directory::Customer::default()],
            companies: vec![ExportCompany::default()],
            conversations: vec![directory::Conversation::default()],
            parts: vec![ExportPart::default()],
        };
        let mut records = of_batch(batch);
        records.push(of_score(scoring::Score::default()));
        let kinds = [
            Kind::Contacts,
            Kind::Companies,
            Kind::Conversations,
            Kind::Parts,
            Kind::Scores,
        ];
        for (kind, record) in kinds.into_iter().zip(records) {
            let mut columns = kind.columns().to_vec();
            columns.sort_unstable();
            let mut fields: Vec<_> = record.keys().map(String::as_str).collect();
            fields.sort_unstable();
            assert_eq!(columns, fields, "{kind:?}");
        }
    }
}
