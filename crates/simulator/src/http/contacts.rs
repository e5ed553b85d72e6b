use axum::Json;
use axum::body::Bytes;
use axum::extract::Path;
use serde::Serialize;
use serde_json::{Value, json};

use super::answer::{Answer, ApiError};
use super::caller::Caller;
use super::paging::{CONTACTS, CursorPages, NumberedPage, SUB_LISTS, cursor};
use super::params::{Params, body};
use super::segments::segment_body;
use super::tags::tag_body;
use super::version::Version;
use super::wire::{AdminBody, CompanyBody, ContactBody, merge_history};
use crate::access::Permission;
use crate::search::{self, Contacts, Filter, Records as _, Sort, Wanted};
use crate::story::number_of_external_id;
use crate::world::{Contact, ContactLookup, View};

#[derive(Debug, Serialize)]
pub(super) struct ContactList {
    r#type: &'static str,
    data: Vec<ContactBody>,
    total_count: u64,
    pages: CursorPages,
}

type Query = Wanted<<Contacts as search::Catalog>::Field>;

/// All contacts, the most recently active first.
pub(super) async fn list(caller: Caller, params: Params) -> Answer<ContactList> {
    caller.needs(Permission::ReadUsersCompanies)?;
    let per_page = CONTACTS.of(&caller, params.number("per_page")?)?;
    let after = cursor(params.text("starting_after"))?;
    let sort = Sort {
        field: Contacts::MAIN,
        ascending: false,
    };
    let wanted = Wanted {
        filter: None,
        sort,
        after,
        per_page,
    };
    let with_history = params.flag("include_merge_history");
    Ok(Json(answer(&caller, &wanted, with_history, i64::MAX)))
}

pub(super) async fn search(caller: Caller, params: Params, bytes: Bytes) -> Answer<ContactList> {
    caller.needs(Permission::ReadUsersCompanies)?;
    let body = body(&bytes)?;
    let asked = &body["pagination"];
    let per_page = CONTACTS.of(&caller, search::whole(&asked["per_page"])?)?;
    let sort = Sort::read::<Contacts>(body.get("sort"))?;
    let wanted = Wanted {
        filter: Some(Filter::read::<Contacts>(&body["query"])?),
        sort: sort.unwrap_or(Sort {
            field: Contacts::MAIN,
            ascending: false,
        }),
        after: cursor(asked["starting_after"].as_str())?,
        per_page,
    };
    let with_history = params.flag("include_merge_history");
    let app = &caller.app;
    let indexed_until = app.now_secs() - app.config.search_lag_secs;
    Ok(Json(answer(&caller, &wanted, with_history, indexed_until)))
}

/// A page; contacts of the story's future that came after `indexed_until` are in no index yet.
fn answer(caller: &Caller, wanted: &Query, with_history: bool, indexed_until: i64) -> ContactList {
    let view = caller.workspace().look();
    let found = search::run::<Contacts>(&view, wanted, &caller.app.counts);
    let contacts = found
        .numbers
        .iter()
        .filter_map(|&number| view.contact(number))
        .filter(|contact| contact.created_at() <= indexed_until.max(caller.app.epoch));
    ContactList {
        r#type: "list",
        data: contacts
            .map(|contact| contact_body(caller, &view, &contact, with_history))
            .collect(),
        total_count: found.total,
        pages: CursorPages::of(&found, wanted.after.as_ref(), wanted.per_page),
    }
}

fn contact_body(
    caller: &Caller,
    view: &View<'_>,
    contact: &Contact<'_>,
    with_history: bool,
) -> ContactBody {
    ContactBody::new(contact, view.workspace.id, caller.version, with_history)
}

pub(super) async fn retrieve(
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Answer<ContactBody> {
    caller.needs_one_of(&[Permission::ReadSingleUser, Permission::ReadUsersCompanies])?;
    let view = caller.workspace().look();
    let contact = find(&caller, &view, &id)?;
    Ok(Json(contact_body(
        &caller,
        &view,
        &contact,
        params.flag("include_merge_history"),
    )))
}

/// Users only; leads are not found by the id they were given.
pub(super) async fn find_by_external_id(
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<ContactBody> {
    caller.needs_one_of(&[Permission::ReadSingleUser, Permission::ReadUsersCompanies])?;
    let view = caller.workspace().look();
    let number = number_of_external_id(&id);
    let contact = number.and_then(|number| view.contact(number));
    let contact = contact.filter(|contact| contact.external_id().as_deref() == Some(&id));
    Ok(Json(contact_body(
        &caller,
        &view,
        &contact.ok_or_else(unknown)?,
        false,
    )))
}

pub(super) async fn tags(caller: Caller, Path(id): Path<String>) -> Answer<Value> {
    caller.needs_one_of(&[Permission::ReadSingleUser, Permission::ReadUsersCompanies])?;
    let view = caller.workspace().look();
    let contact = find(&caller, &view, &id)?;
    let tags: Vec<Value> = contact.tags().into_iter().map(tag_body).collect();
    Ok(Json(json!({ "type": "list", "data": tags })))
}

pub(super) async fn companies(
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Answer<Value> {
    caller.needs_one_of(&[Permission::ReadSingleUser, Permission::ReadUsersCompanies])?;
    let page = NumberedPage::read(&caller, &params, SUB_LISTS)?;
    let view = caller.workspace().look();
    let contact = find(&caller, &view, &id)?;
    let companies = contact.companies();
    let data: Vec<_> = companies
        .iter()
        .map(|company| CompanyBody::new(&view, company, caller.version))
        .collect();
    Ok(Json(sub_list(
        page,
        &format!("/contacts/{id}/companies"),
        data,
    )))
}

pub(super) async fn notes(caller: Caller, Path(id): Path<String>, params: Params) -> Answer<Value> {
    caller.needs_one_of(&[Permission::ReadSingleUser, Permission::ReadUsersCompanies])?;
    let page = NumberedPage::read(&caller, &params, SUB_LISTS)?;
    let view = caller.workspace().look();
    let contact = find(&caller, &view, &id)?;
    let note = |note: crate::story::Note| {
        json!({
            "type": "note",
            "id": note.id.to_string(),
            "created_at": note.at,
            "contact": { "type": "contact", "id": id },
            "author": AdminBody::new(note.admin, caller.version, false),
            "body": format!("<p>{}</p>", note.body),
        })
    };
    let data: Vec<Value> = contact.notes().into_iter().map(note).collect();
    Ok(Json(sub_list(page, &format!("/contacts/{id}/notes"), data)))
}

pub(super) async fn segments(caller: Caller, Path(id): Path<String>) -> Answer<Value> {
    caller.needs_one_of(&[Permission::ReadSingleUser, Permission::ReadUsersCompanies])?;
    let view = caller.workspace().look();
    let contact = find(&caller, &view, &id)?;
    let segments = contact.person.segments().into_iter();
    let data: Vec<Value> = segments
        .map(|segment| segment_body(segment, caller.app.epoch))
        .collect();
    Ok(Json(json!({ "type": "list", "data": data })))
}

pub(super) async fn history(caller: Caller, Path(id): Path<String>) -> Answer<Value> {
    caller.needs_one_of(&[Permission::ReadSingleUser, Permission::ReadUsersCompanies])?;
    if caller.version < Version::V2_16 {
        return Err(super::attributes::not_in_this_version());
    }
    let view = caller.workspace().look();
    let contact = find(&caller, &view, &id)?;
    let data = merge_history(&contact);
    Ok(Json(
        json!({ "type": "list", "data": data, "next_cursor": null, "has_more": false }),
    ))
}

fn sub_list<T: Serialize>(page: NumberedPage, path: &str, data: Vec<T>) -> Value {
    let total = data.len();
    let skip = usize::try_from(page.skip()).unwrap_or(usize::MAX);
    let most = usize::try_from(page.per_page).unwrap_or(0);
    let data: Vec<T> = data.into_iter().skip(skip).take(most).collect();
    let pages = page.pages(&format!("https://api.intercom.io{path}"), total as u64);
    json!({ "type": "list", "data": data, "total_count": total, "pages": pages })
}

fn find<'a>(caller: &Caller, view: &'a View<'_>, id: &str) -> Result<Contact<'a>, ApiError> {
    match view.find_contact(id) {
        ContactLookup::Found(contact) => Ok(contact),
        ContactLookup::Merged(survivor) if caller.version >= Version::V2_16 => {
            Err(ApiError::merged(&survivor))
        }
        ContactLookup::Merged(_) | ContactLookup::Unknown => Err(unknown()),
    }
}

fn unknown() -> ApiError {
    ApiError::not_found("User Not Found")
}
