use std::collections::BTreeSet;

use anyhow::Result;
use harken_contracts::wire::directory::v1::{ExportBatch, ExportKind, ExportRequest};
use harken_contracts::wire::events::v1::ConversationStatus;
use harken_domain::ConnectionId;

use crate::deployment::Tenant;
use crate::traffic::Truth;

/// A workspace as the mirror shows it: one line per record, comparable with the truth.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mirror {
    lines: BTreeSet<String>,
}

impl Mirror {
    /// Reads it over `directory.v1`.
    pub async fn read(tenant: &Tenant, connection: ConnectionId) -> Result<Self> {
        let mut lines = BTreeSet::new();
        for kind in [
            ExportKind::Contacts,
            ExportKind::Conversations,
            ExportKind::Parts,
        ] {
            let request = ExportRequest {
                connection_id: connection.to_string(),
                kind: kind.into(),
            };
            let mut batches = tenant.directory().export(request).await?.into_inner();
            while let Some(batch) = batches.message().await? {
                lines.extend(lines_of(batch));
            }
        }
        Ok(Self { lines })
    }

    /// As it has to be.
    pub fn of(truth: &Truth) -> Self {
        let contacts = truth
            .contacts
            .iter()
            .map(|(id, contact)| contact_line(id, Some(&contact.name), Some(&contact.email)));
        let conversations = truth.conversations.iter().map(|(id, conversation)| {
            conversation_line(
                id,
                conversation.is_open,
                conversation.updated_at,
                (conversation.reopens, conversation.assignments),
            )
        });
        let parts = truth.conversations.iter().flat_map(|(id, conversation)| {
            let parts = conversation.parts.iter();
            parts.map(move |part| part_line(id, &part.external_id, part.body.as_deref()))
        });
        Self {
            lines: contacts.chain(conversations).chain(parts).collect(),
        }
    }

    /// Some of what one has and the other has not; empty when they are alike.
    pub fn differences(&self, truth: &Self) -> Vec<String> {
        const SHOWN: usize = 3;
        let missing = truth.lines.difference(&self.lines);
        let extra = self.lines.difference(&truth.lines);
        let missing = missing.take(SHOWN).map(|line| format!("missing: {line}"));
        let extra = extra.take(SHOWN).map(|line| format!("unexpected: {line}"));
        missing.chain(extra).collect()
    }

    /// Records and parts.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether nothing is there.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

fn lines_of(batch: ExportBatch) -> Vec<String> {
    let ExportBatch {
        contacts,
        companies: _,
        conversations,
        parts,
    } = batch;
    let contacts = contacts
        .into_iter()
        .map(|it| contact_line(&it.external_id, it.name.as_deref(), it.email.as_deref()));
    let conversations = conversations.into_iter().map(|it| {
        let updated_at = it.updated_at.map_or(0, |at| at.seconds);
        let is_open = it.status() == ConversationStatus::Open;
        let counts = (it.reopen_count, it.assignment_count);
        conversation_line(&it.external_id, is_open, updated_at, counts)
    });
    let parts = parts.into_iter().filter_map(|it| {
        let part = it
            .part
            .filter(|part| !part.external_id.starts_with("source:"))?;
        Some(part_line(
            &it.conversation_external_id,
            &part.external_id,
            part.text.as_deref(),
        ))
    });
    contacts.chain(conversations).chain(parts).collect()
}

fn contact_line(id: &str, name: Option<&str>, email: Option<&str>) -> String {
    let words = [name, email].map(Option::unwrap_or_default);
    format!("contact {id} {} {}", words[0], words[1])
}

fn conversation_line(id: &str, is_open: bool, updated_at: i64, counts: (u32, u32)) -> String {
    let state = if is_open { "open" } else { "closed" };
    let (reopens, assignments) = counts;
    format!(
        "conversation {id} {state} updated {updated_at} reopened {reopens} assigned {assignments}"
    )
}

fn part_line(conversation: &str, id: &str, text: Option<&str>) -> String {
    format!("part {id} of {conversation}: {}", text.unwrap_or_default())
}
