//! `conversation.contact.attached` shows Intercom's own records by accident.

use serde_json::{Value, json};

use super::{contact, iso_zulu};
use crate::http::Version;
use crate::story::{Conversation, Event, Ids, Subject, Voice};
use crate::world::View;

/// Some number Intercom knows the workspace by.
const APP_NUMBER: u64 = 3_239_765;

/// The contact of this number came into a conversation. None for a contact that is gone.
pub(crate) fn joined(
    view: &View<'_>,
    conversation: &Conversation<'_>,
    event: &Event,
    number: u64,
    version: Version,
) -> Option<Value> {
    let guest = view.contact(number)?;
    let mut item = contact(&guest, version, event.at * 1000);
    item["formatted_phone"] = item["phone"].clone();
    let by = conversation.author(event.by);
    let admin = match event.by {
        Voice::Admin(id) => json!(id),
        Voice::Bot | Voice::Customer(_) => Value::Null,
    };
    let part = conversation.timeline.events.len() as u64 - 1;
    let at = iso_zulu(event.at);
    let data = json!({
        "added_by": {
            "type": "admin", "id": admin, "label": by.name, "name": by.name, "email": by.email,
        },
        "participant": {
            "type": if guest.is_lead() { "lead" } else { "user" },
            "id": guest.id(), "label": guest.name(), "name": guest.name(), "email": guest.email(),
        },
        "previous_state": "state_open",
        "state": "state_open",
        "created_at_with_precision": at.replace('Z', "+00:00"),
        "admin": { "type": "admin", "id": admin, "label": by.name },
    });
    let part = json!({
        "id": Ids::part(conversation.number, part), "app_id": APP_NUMBER,
        "conversation_id": conversation.id(), "body": "", "created_at": at, "updated_at": at,
        "owner_id": admin, "closer": false, "admin_only": false, "user_id": null, "url": null,
        "ua": null, "emailed": false, "markdown": true, "assignee_id": null, "opener": false,
        "channel": -1, "deleted": false, "json_blocks": "[]", "rule_id": null,
        "data": data.to_string(), "unauthenticated": null, "facebook_message_id": null,
        "client_assigned_uuid": null, "external_source_id": null, "identity_verified": null,
    });
    Some(json!({
        "conversation": {
            "parts": [part],
            "options": { "expand_for_notification": true },
            "model": model(view, conversation, event.at),
        },
        "contact": item,
    }))
}

fn model(view: &View<'_>, conversation: &Conversation<'_>, now: i64) -> Value {
    let ids = &view.story().ids;
    let customer: Subject = conversation.customers[0].subject;
    let (began, now) = (iso_zulu(conversation.timeline.starts_at), iso_zulu(now));
    json!({
        "app_id": APP_NUMBER, "id": conversation.id(), "user_id": ids.subject(customer),
        "message_id": 3_381_000_000 + conversation.number, "created_at": began,
        "updated_at": now, "company_id": "-1", "message_version_id": null,
        "message_variation_id": 0, "message_type": "conversation", "read": false,
        "read_at": began, "latest_user_visible_comment_at": now,
        "latest_admin_visible_comment_at": now, "first_opened_at": began,
        "first_user_comment_at": began, "message_subclass_type": 3, "deleted": false,
        "original_user_id": "-1", "dismissed": false, "delivery_state": "delivered",
        "sent_at": began, "initiator_id": null, "initiator_type": null, "initial_channel": 2,
        "current_channel": 2,
    })
}
