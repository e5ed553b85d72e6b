use serde::Serialize;
use serde_json::{Value as Json, json};

use super::{InlinedList, escaped};
use crate::http::version::Version;
use crate::story::Person;
use crate::world::Contact;

/// A contact. Fields that no contact of the story has are null together in `unused`.
#[derive(Debug, Serialize)]
pub(crate) struct ContactBody {
    r#type: &'static str,
    id: String,
    workspace_id: &'static str,
    external_id: Option<String>,
    role: &'static str,
    email: Option<String>,
    email_domain: Option<String>,
    phone: Option<String>,
    name: Option<String>,
    avatar: Option<Json>,
    owner_id: Option<Json>,
    social_profiles: Json,
    has_hard_bounced: bool,
    marked_email_as_spam: bool,
    unsubscribed_from_emails: bool,
    created_at: i64,
    updated_at: i64,
    signed_up_at: Option<i64>,
    last_seen_at: Option<i64>,
    last_replied_at: Option<i64>,
    last_contacted_at: Option<i64>,
    last_email_opened_at: Option<i64>,
    last_email_clicked_at: Option<i64>,
    language_override: Option<String>,
    #[serde(flatten)]
    device: Device,
    location: Location,
    custom_attributes: Json,
    tags: InlinedList,
    notes: InlinedList,
    companies: InlinedList,
    opted_out_subscription_types: InlinedList,
    opted_in_subscription_types: InlinedList,
    #[serde(flatten)]
    unused: Unused,
    #[serde(skip_serializing_if = "Option::is_none")]
    merge_history: Option<Vec<Json>>,
}

/// All null for somebody never seen.
#[derive(Debug, Default, Serialize)]
struct Device {
    browser: Option<&'static str>,
    browser_version: Option<&'static str>,
    browser_language: Option<&'static str>,
    os: Option<&'static str>,
}

/// All null for somebody never seen.
#[derive(Debug, Serialize)]
struct Location {
    r#type: &'static str,
    country: Option<&'static str>,
    region: Option<&'static str>,
    city: Option<&'static str>,
    country_code: Option<&'static str>,
    continent_code: Option<&'static str>,
}

macro_rules! unused {
    ($($field:ident),+) => {
        #[derive(Debug, Default, Serialize)]
        struct Unused {
            $($field: Option<()>,)+
            sms_consent: bool,
            unsubscribed_from_sms: bool,
        }
    };
}

unused! {
    android_app_name, android_app_version, android_device, android_os_version, android_sdk_version,
    android_last_seen_at, ios_app_name, ios_app_version, ios_device, ios_os_version,
    ios_sdk_version, ios_last_seen_at, utm_campaign, utm_content, utm_medium, utm_source, utm_term,
    referrer, enabled_push_messaging
}

impl ContactBody {
    pub(crate) fn new(
        contact: &Contact<'_>,
        workspace_id: &'static str,
        version: Version,
        with_history: bool,
    ) -> Self {
        let person = &contact.person;
        let id = contact.id();
        let lead = contact.is_lead();
        let email = contact.email();
        let domain = email
            .as_deref()
            .and_then(|email| Some(email.split_once('@')?.1.to_owned()));
        let (last_replied_at, last_contacted_at) = contact.last_words();
        let last_seen_at = contact.last_seen_at();
        let seen = last_seen_at.is_some();
        let list = |kind, path, ids, last| {
            InlinedList::new(kind, path, ids, format!("/contacts/{id}/{last}"))
        };
        let tags = contact
            .tags()
            .iter()
            .map(|tag| tag.id.to_string())
            .collect();
        let notes = contact
            .notes()
            .iter()
            .map(|note| note.id.to_string())
            .collect();
        let companies = contact
            .companies()
            .iter()
            .map(crate::story::Company::id)
            .collect();
        Self {
            r#type: "contact",
            workspace_id,
            external_id: contact.external_id(),
            role: if lead { "lead" } else { "user" },
            email: escaped(email),
            email_domain: domain,
            phone: contact.phone(),
            name: escaped(contact.name()),
            avatar: None,
            owner_id: person.owner().map(|owner| owner_id(owner, version)),
            social_profiles: json!({ "type": "list", "data": [] }),
            has_hard_bounced: false,
            marked_email_as_spam: false,
            unsubscribed_from_emails: contact.is_unsubscribed(),
            created_at: contact.created_at(),
            updated_at: contact.updated_at(),
            signed_up_at: contact.signed_up_at(),
            last_seen_at,
            last_replied_at,
            last_contacted_at,
            last_email_opened_at: None,
            last_email_clicked_at: None,
            language_override: None,
            device: if seen {
                Device::of(person)
            } else {
                Device::default()
            },
            location: Location::of(seen.then_some(person)),
            custom_attributes: contact
                .attributes()
                .map_or_else(|| json!({}), |attributes| json!(attributes)),
            tags: list("tag", "tags", tags, "tags"),
            notes: list("note", "notes", notes, "notes"),
            companies: list("company", "companies", companies, "companies"),
            opted_out_subscription_types: list(
                "subscription",
                "subscription_types",
                vec![],
                "subscriptions",
            ),
            opted_in_subscription_types: list(
                "subscription",
                "subscription_types",
                vec![],
                "subscriptions",
            ),
            unused: Unused::default(),
            merge_history: (with_history && !lead).then(|| merge_history(contact)),
            id,
        }
    }
}

impl Device {
    fn of(person: &Person<'_>) -> Self {
        let [browser, version, os] = *person.browser();
        Self {
            browser: Some(browser),
            browser_version: Some(version),
            browser_language: Some("en"),
            os: Some(os),
        }
    }
}

impl Location {
    fn of(person: Option<&Person<'_>>) -> Self {
        let place = person.map(|person| *person.place());
        let part = |index: usize| place.map(|place| place[index]);
        Self {
            r#type: "location",
            country: part(0),
            region: part(1),
            city: part(2),
            country_code: part(3),
            continent_code: part(4),
        }
    }
}

/// The merges that made this contact.
pub(in crate::http) fn merge_history(contact: &Contact<'_>) -> Vec<Json> {
    let merge = |(id, at)| {
        json!({
            "type": "merge_history",
            "source_contact_id": id,
            "source_contact_role": "lead",
            "merged_at": at,
        })
    };
    contact.merge().map(merge).into_iter().collect()
}

/// A string from 2.16 on, a number before.
fn owner_id(id: u64, version: Version) -> Json {
    if version >= Version::V2_16 {
        json!(id.to_string())
    } else {
        json!(id)
    }
}
