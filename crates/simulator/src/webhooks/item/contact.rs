use serde_json::{Value, json};

use super::iso_offset;
use crate::http::{ContactBody, Version};
use crate::story::escape_html;
use crate::story::staff::tag_by_id;
use crate::world::{Contact, View};

/// A contact; `at_ms` tells apart what happens within one second, as the API's seconds cannot.
pub(crate) fn contact(contact: &Contact<'_>, version: Version, at_ms: i64) -> Value {
    let body = ContactBody::new(contact, contact.workspace_id(), version, false);
    let mut item = json!(body);
    if let Some(fields) = item.as_object_mut() {
        fields.remove("email_domain");
        for (name, value) in fields.iter_mut() {
            if let (true, Some(at)) = (name.ends_with("_at"), value.as_i64()) {
                let millis = if name == "updated_at" {
                    at_ms.rem_euclid(1000)
                } else {
                    0
                };
                *value = json!(iso_offset(at * 1000 + millis));
            }
        }
    }
    item
}

/// A contact that was `archived` or `deleted`.
pub(crate) fn gone_contact(view: &View<'_>, number: u64, what: &str) -> Value {
    let contact = view.remembered(number);
    json!({
        "id": contact.id(),
        "external_id": contact.external_id(),
        "type": "contact",
        what: true,
    })
}

/// The survivor of a merge and, where it is told, the id of the lead it absorbed.
pub(crate) fn merged(mut survivor: Value, lead: Option<String>) -> Value {
    if let Some(id) = lead {
        survivor["merged_from"] = json!({ "type": "contact", "id": id });
    }
    survivor
}

pub(crate) fn tagged(contact: &Value, tag: u64) -> Value {
    let name = tag_by_id(tag).map_or("", |tag| tag.name);
    json!({
        "type": "contact_tag",
        "tag": { "type": "tag", "id": tag.to_string(), "name": name },
        "contact": contact,
    })
}

pub(crate) fn unsubscribed(contact: &Value, at: i64) -> Value {
    json!({
        "type": "contact_unsubscribe",
        "contact": contact,
        "subscription_types": { "type": "list", "data": [] },
        "created_at": at,
    })
}

/// A contact and the company it came to or left, which is written in an older shape.
pub(crate) fn employed(view: &View<'_>, company: u64, mut contact: Value) -> Value {
    contact["formatted_phone"] = contact["phone"].clone();
    json!({ "company": employer(view, company), "contact": contact })
}

/// A company as it is told by itself; null where there is none of this number.
pub(crate) fn company(view: &View<'_>, number: u64) -> Value {
    let mut told = employer(view, number);
    if let (Some(fields), Some(company)) = (told.as_object_mut(), view.story().company(number)) {
        fields.remove("plan_id");
        fields.insert("plan".to_owned(), Value::Null);
        fields.insert("size".to_owned(), json!(company.size()));
        fields.insert("website".to_owned(), Value::Null);
        fields.insert("industry".to_owned(), json!(company.industry()));
    }
    told
}

/// A company in its older shape; null where there is none of this number.
fn employer(view: &View<'_>, number: u64) -> Value {
    let Some(company) = view.story().company(number) else {
        return Value::Null;
    };
    let iso = |at: i64| iso_offset(at * 1000);
    json!({
        "type": "company",
        "id": company.id(),
        "company_id": company.external_id(),
        "app_id": view.workspace.id,
        "name": escape_html(&view.company_name(&company)),
        "plan_id": null,
        "remote_created_at": iso(company.created_at()),
        "created_at": iso(company.created_at()),
        "updated_at": iso(view.company_updated_at(&company)),
        "last_request_at": company.last_request_at().map(iso),
        "monthly_spend": company.monthly_spend(),
        "session_count": company.session_count(),
        "user_count": view.user_count(company),
        "tag_ids": [],
        "custom_attributes": {},
    })
}
