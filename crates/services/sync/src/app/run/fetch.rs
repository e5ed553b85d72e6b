//! Reads that several steps make in the same way.

use harken_intercom::{ReadError, models::Contact};

use super::{Desk, Halt, without};
use crate::{
    outbound::postgres::gaps::{Gap, GapKind},
    rules::{
        ContactRecord, TagNames, counts::Kind, fold::WholeSight, lacking::Lack, needs_tag_list,
    },
};

/// Completes a contact: asks for the sub-lists that its own answer cuts, and maps it. A sub-list that cannot be read is a
/// gap, and the contact is kept with what its answer shows.
pub(super) async fn complete(
    desk: &Desk,
    names: &TagNames,
    contact: Contact,
    gaps: &mut Vec<Gap>,
) -> Result<WholeSight<ContactRecord>, Halt> {
    let reading = desk.reading();
    let updated_at = contact.updated_at;
    let id = contact.id.as_str();
    let tags = if needs_tag_list(&contact, names) && !desk.is_denied(Kind::Tags) {
        let asked = desk
            .ask(Kind::Contacts, || desk.reader.tags_of_contact(id))
            .await;
        match asked {
            // Every other contact's would be refused, too.
            Err(error @ ReadError::Denied { .. }) => {
                if desk.deny(Kind::Tags) {
                    gaps.push(without(desk, Kind::Tags, "", &error));
                }
                None
            }
            asked => or_gap(desk, asked, id, "tags", gaps)?,
        }
    } else {
        None
    };
    let companies = if contact.has_more_companies() {
        let asked = desk
            .ask(Kind::Contacts, || desk.reader.companies_of_contact(id))
            .await;
        or_gap(desk, asked, id, "companies", gaps)?
            .map(|companies| companies.into_iter().map(|company| company.id).collect())
    } else {
        None
    };
    let record = ContactRecord::new(desk.connection, contact, names, tags.as_deref(), companies);
    Ok(WholeSight::new(record, updated_at, reading))
}

fn or_gap<A>(
    desk: &Desk,
    asked: Result<A, ReadError>,
    id: &str,
    what: &str,
    gaps: &mut Vec<Gap>,
) -> Result<Option<A>, Halt> {
    match asked {
        Ok(all) => Ok(Some(all)),
        Err(error) if concerns_one_record(&error) => {
            gaps.push(Gap {
                kind: GapKind::Contact,
                external_id: id.to_owned(),
                lack: Lack::Cut,
                reason: format!("Only its first {what} are known: {error}"),
                request_id: error.request_id().map(str::to_owned),
            });
            desk.notes.warning(
                format!("The {what} of a contact: {error}"),
                error.request_id(),
            );
            Ok(None)
        }
        Err(error) => Err(desk.fatal(Kind::Contacts, &error)),
    }
}

/// Whether an error speaks about the record that was asked for, and not about the connection as a whole.
pub(super) fn concerns_one_record(error: &ReadError) -> bool {
    match error {
        ReadError::Transport(cause) => {
            matches!(cause, harken_intercom::TransportError::TooLarge { .. })
        }
        _ => true,
    }
}
