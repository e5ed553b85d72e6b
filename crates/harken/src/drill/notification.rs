//! Notifications as Intercom 2.16 sends them.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat};

use super::story::{
    Author, Change, Contact, ContactName, ConversationName, Head, PartName, Said, Status, Step,
    Story, agent_name, sentence,
};

/// The place of a notification in its drill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotificationName {
    /// Tells drills apart.
    pub(super) drill: u64,
    pub(super) number: u32,
}

impl NotificationName {
    /// Intercom's id of it.
    pub(super) fn id(self) -> String {
        let Self { drill, number } = self;
        let [high, low] = [drill >> 32, drill & 0xffff_ffff];
        format!(
            "notif_{high:08x}-{:04x}-4{:03x}-8000-{number:012x}",
            low >> 16,
            low & 0xfff
        )
    }
}

/// The body of one attempt to tell a step.
pub(super) fn body(
    workspace_id: &str,
    name: NotificationName,
    story: &Story,
    step: &Step,
    attempt: u8,
) -> String {
    let mut body = String::with_capacity(3_584);
    let at = step.at;
    let _ = write!(
        body,
        r#"{{"type":"notification_event","app_id":"{workspace_id}","data":{{"type":"notification_event_data","item":"#
    );
    item(&mut body, workspace_id, story.customer, step);
    let _ = write!(
        body,
        r#"}},"links":{{}},"id":"{}","topic":"{}","delivery_status":"pending","delivery_attempts":{attempt},"#,
        name.id(),
        step.topic
    );
    let first_sent_at = at + 1;
    let _ = write!(
        body,
        r#""delivered_at":0,"first_sent_at":{first_sent_at},"created_at":{at},"self":null}}"#
    );
    body
}

fn item(body: &mut String, workspace_id: &str, customer: u32, step: &Step) {
    match &step.change {
        Change::Contact(contact) => contact_item(body, workspace_id, customer, contact),
        Change::ContactDeleted => {
            let _ = write!(
                body,
                r#"{{"id":"{}","external_id":"drill-{customer}","type":"contact","deleted":true}}"#,
                ContactName(customer)
            );
        }
        Change::Conversation {
            ordinal,
            head,
            said,
        } => {
            let name = ConversationName {
                customer,
                ordinal: *ordinal,
            };
            conversation_item(body, name, head, said.as_ref());
        }
        Change::ConversationDeleted { ordinal } => {
            let name = ConversationName {
                customer,
                ordinal: *ordinal,
            };
            let _ = write!(
                body,
                r#"{{"type":"conversation","conversation_id":"{name}"}}"#
            );
        }
    }
}

/// The name of a customer of a drill.
pub(super) fn customer_name(customer: u32) -> String {
    format!("Customer {customer} of the drill")
}

/// The address of a customer of a drill.
pub(super) fn customer_email(customer: u32) -> String {
    format!("customer-{customer}@drill.example")
}

fn contact_item(body: &mut String, workspace_id: &str, customer: u32, contact: &Contact) {
    let id = ContactName(customer);
    let Contact {
        created_at,
        updated_at,
        last_seen_at,
        seats,
    } = *contact;
    let list = |name: &str| {
        format!(
            r#"{{"type":"list","data":[],"url":"/contacts/{id}/{name}","total_count":0,"has_more":false}}"#
        )
    };
    let _ = write!(
        body,
        r#"{{"type":"contact","id":"{id}","workspace_id":"{workspace_id}","external_id":"drill-{customer}","role":"user","email":"{email}","phone":null,"name":"{name}","avatar":null,"owner_id":null,"social_profiles":{{"type":"list","data":[]}},"has_hard_bounced":false,"marked_email_as_spam":false,"unsubscribed_from_emails":false,"created_at":"{created}","updated_at":"{updated}","signed_up_at":null,"last_seen_at":"{seen}","last_replied_at":null,"last_contacted_at":null,"last_email_opened_at":null,"last_email_clicked_at":null,"language_override":null,"browser":null,"browser_version":null,"browser_language":null,"os":null,"location":{{"type":"location","country":null,"region":null,"city":null,"country_code":null,"continent_code":null}},"custom_attributes":{{"plan_tier":"growth","seats":{seats}}},"tags":{tags},"notes":{notes},"companies":{companies},"utm_campaign":null,"utm_source":null,"referrer":null,"sms_consent":false,"unsubscribed_from_sms":false}}"#,
        email = customer_email(customer),
        name = customer_name(customer),
        created = iso(created_at),
        updated = iso(updated_at),
        seen = iso(last_seen_at),
        tags = list("tags"),
        notes = list("notes"),
        companies = list("companies"),
    );
}

fn conversation_item(body: &mut String, name: ConversationName, head: &Head, said: Option<&Said>) {
    let contact = ContactName(name.customer);
    let ConversationName { customer, .. } = name;
    let _ = write!(
        body,
        r#"{{"type":"conversation","id":"{name}","created_at":{created},"updated_at":{updated},"waiting_since":null,"snoozed_until":null,"source":{{"type":"conversation","id":"3{customer:09}","delivered_as":"customer_initiated","subject":"","body":"{opening}","author":{author},"attachments":[],"url":"https://app.drill.example/settings","redacted":false}},"contacts":{{"type":"contact.list","contacts":[{{"type":"contact","id":"{contact}","external_id":"drill-{customer}"}}]}},"first_contact_reply":{{"created_at":{created},"type":"conversation","url":"https://app.drill.example/settings"}},"admin_assignee_id":{assignee},"team_assignee_id":0,"open":{open},"state":"{state}","read":true,"tags":{{"type":"tag.list","tags":[]}},"priority":"{priority}","sla_applied":null,"statistics":"#,
        created = head.created_at,
        updated = head.updated_at,
        opening = sentence(head.opening, 0),
        author = author(customer, Author::Customer),
        assignee = head
            .assignee
            .and_then(|agent| Author::Agent(agent).teammate_id())
            .unwrap_or(0),
        open = head.status == Status::Open,
        state = head.status.as_str(),
        priority = if head.is_urgent { "urgent" } else { "none" },
    );
    statistics(body, head);
    rating(body, customer, head);
    let _ = write!(
        body,
        r#","teammates":{{"type":"admin.list","admins":[]}},"title":"","custom_attributes":{{"Has attachments":false,"Copilot used":false}},"topics":{{"type":"topic.list","topics":[],"total_count":0}},"ticket":null,"linked_objects":{{"type":"list","data":[],"total_count":0,"has_more":false}},"ai_agent":null,"ai_agent_participated":false,"company":null,"sales_agent_participated":false,"sales_agent":null,"channel":{{"initial":"messenger","current":"messenger"}},"external_references":[],"conversation_parts":{{"type":"conversation_part.list","conversation_parts":["#
    );
    if let Some(said) = said {
        part(body, name, said);
    }
    let _ = write!(body, r#"],"total_count":{}}}}}"#, u8::from(said.is_some()));
}

fn statistics(body: &mut String, head: &Head) {
    let since = |at: Option<i64>| or_null(at.map(|at| at - head.created_at));
    let _ = write!(
        body,
        r#"{{"type":"conversation_statistics","time_to_assignment":{to_assignment},"time_to_admin_reply":{to_reply},"time_to_first_close":{to_first_close},"time_to_last_close":{to_last_close},"median_time_to_reply":{to_reply},"first_contact_reply_at":{created},"first_assignment_at":{assigned},"first_admin_reply_at":{answered},"first_close_at":{closed},"last_assignment_at":{assigned},"last_assignment_admin_reply_at":null,"last_contact_reply_at":{asked},"last_admin_reply_at":{last_answered},"last_close_at":{last_closed},"last_closed_by_id":null,"count_reopens":{reopens},"count_assignments":{assignments},"count_conversation_parts":{parts},"assigned_team_first_response_time":[],"assigned_team_first_response_time_in_office_hours":[],"handling_time":null,"adjusted_handling_time":null}}"#,
        to_assignment = since(head.first_assigned_at),
        to_reply = since(head.first_answered_at),
        to_first_close = since(head.first_closed_at),
        to_last_close = since(head.last_closed_at),
        created = head.created_at,
        assigned = or_null(head.first_assigned_at),
        answered = or_null(head.first_answered_at),
        closed = or_null(head.first_closed_at),
        asked = head.last_asked_at,
        last_answered = or_null(head.last_answered_at),
        last_closed = or_null(head.last_closed_at),
        reopens = head.reopens,
        assignments = head.assignments,
        parts = head.parts,
    );
}

fn rating(body: &mut String, customer: u32, head: &Head) {
    let Some(rating) = head.rating else {
        body.push_str(r#","conversation_rating":null"#);
        return;
    };
    let _ = write!(
        body,
        r#","conversation_rating":{{"rating":{rating},"remark":null,"created_at":{at},"updated_at":{at},"contact":{{"type":"contact","id":"{contact}","external_id":"drill-{customer}"}},"teammate":null}}"#,
        at = head.updated_at,
        contact = ContactName(customer),
    );
}

fn part(body: &mut String, conversation: ConversationName, said: &Said) {
    let name = PartName {
        conversation,
        number: said.number,
    };
    let words = match said.words {
        None => "null".to_owned(),
        Some(_) if said.redacted => "\"This message was deleted\"".to_owned(),
        Some(words) => format!("\"{}\"", sentence(words, said.number)),
    };
    let assigned_to = match (said.part_type, said.author.teammate_id()) {
        ("assignment", Some(agent)) => format!(r#"{{"type":"admin","id":"{agent}"}}"#),
        _ => "null".to_owned(),
    };
    let _ = write!(
        body,
        r#"{{"type":"conversation_part","id":"{name}","part_type":"{part_type}","body":{words},"created_at":{created},"updated_at":{updated},"notified_at":{created},"assigned_to":{assigned_to},"author":{author},"attachments":[],"external_id":null,"redacted":{redacted},"metadata":{{}},"email_message_metadata":null,"state":"{state}","tags":[],"event_details":{{}},"app_package_code":null}}"#,
        part_type = said.part_type,
        created = said.created_at,
        updated = said.updated_at,
        author = author(conversation.customer, said.author),
        redacted = said.redacted,
        state = said.status.as_str(),
    );
}

fn author(customer: u32, author: Author) -> String {
    let (id, kind, name, email) = match author {
        Author::Customer => (
            ContactName(customer).to_string(),
            "user",
            customer_name(customer),
            customer_email(customer),
        ),
        Author::Agent(which) => (
            or_null(author.teammate_id()),
            "admin",
            agent_name(which).to_owned(),
            format!("agent-{which}@drill.example"),
        ),
        Author::Bot => (
            or_null(author.teammate_id()),
            "bot",
            "Fin".to_owned(),
            "operator@drill.example".to_owned(),
        ),
    };
    format!(
        r#"{{"id":"{id}","type":"{kind}","name":"{name}","email":"{email}","from_ai_agent":false,"is_ai_answer":false}}"#
    )
}

fn or_null(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "null".to_owned(), |value| value.to_string())
}

fn iso(seconds: i64) -> String {
    DateTime::from_timestamp(seconds, 0)
        .unwrap_or_default()
        .to_rfc3339_opts(SecondsFormat::Millis, false)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::drill::story::World;

    #[test]
    fn every_notification_is_json_and_says_what_happened() {
        let world = World {
            seed: 3,
            epoch: 1_790_000_000,
        };
        for customer in 0..200 {
            let story = Story::of(world, customer);
            for (number, step) in (0..).zip(&story.steps) {
                let name = NotificationName { drill: 9, number };
                let text = body("drill-1", name, &story, step, 1);
                let told: Value = serde_json::from_str(&text).unwrap();
                assert_eq!(told["id"], name.id());
                assert_eq!(told["topic"], step.topic);
                assert_eq!(told["app_id"], "drill-1");
                let item = &told["data"]["item"];
                match step.change {
                    Change::Conversation { head, said, .. } => {
                        assert_eq!(item["updated_at"], head.updated_at);
                        let parts = item["conversation_parts"]["conversation_parts"]
                            .as_array()
                            .unwrap();
                        assert_eq!(parts.len(), usize::from(said.is_some()));
                    }
                    Change::Contact(contact) => {
                        assert_eq!(item["custom_attributes"]["seats"], contact.seats);
                    }
                    Change::ContactDeleted => assert_eq!(item["deleted"], true),
                    Change::ConversationDeleted { .. } => assert!(item["id"].is_null()),
                }
            }
        }
    }

    #[test]
    fn ids_of_notifications_look_like_those_of_intercom_and_differ() {
        let name = NotificationName {
            drill: u64::MAX,
            number: u32::MAX,
        };
        assert_eq!(
            name.id().len(),
            "notif_5fdbcb0b-140b-5371-9c41-b7d7ecc1635d".len()
        );
        let other = NotificationName { number: 1, ..name };
        assert_ne!(name.id(), other.id());
    }
}
