use serde_json::{Value, json};

use super::notifications::{Conversation, Told, contact, part, told};

pub(super) fn conversation(
    state: &str,
    updated_at: i64,
    counted: u32,
    parts: Vec<Value>,
) -> Conversation<'_> {
    Conversation {
        id: "700",
        contact: "lead",
        state,
        updated_at,
        counted,
        parts,
        is_old_form: updated_at % 2 == 1,
    }
}

/// The life of a conversation and of those in it, with everything that makes order matter.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn a_life() -> Vec<Told> {
    let talk =
        |id: &str, topic: &str, at: i64, talk: &Conversation<'_>| told(id, topic, at, &talk.item());
    let mut redacted = part(
        "72",
        "comment",
        1200,
        "open",
        Some("This message was deleted"),
    );
    redacted["redacted"] = json!(true);
    redacted["updated_at"] = json!(1900);
    let mut merged = contact("user", Some("dana@example.com"), "Dana", 1700);
    merged["merged_from"] = json!({"type": "contact", "id": "lead"});
    let mut gone = conversation(
        "open",
        1100,
        2,
        vec![part("91", "comment", 1100, "open", Some("bye"))],
    );
    gone.id = "900";
    let bot = vec![part(
        "71",
        "comment",
        1100,
        "open",
        Some("Hello, I am a bot"),
    )];
    vec![
        told(
            "n1",
            "contact.lead.created",
            900,
            &contact("lead", None, "Visitor", 900),
        ),
        talk(
            "n2",
            "conversation.user.created",
            1000,
            &conversation("open", 1000, 1, vec![]),
        ),
        talk(
            "n3",
            "conversation.operator.replied",
            1100,
            &conversation("open", 1101, 2, bot.clone()),
        ),
        talk(
            "n4",
            "conversation.admin.replied",
            1100,
            &conversation("open", 1101, 2, bot),
        ),
        talk(
            "n5",
            "conversation.admin.replied",
            1200,
            &conversation(
                "open",
                1200,
                3,
                vec![part("72", "comment", 1200, "open", Some("a secret"))],
            ),
        ),
        talk(
            "n6",
            "conversation.admin.closed",
            1300,
            &conversation(
                "closed",
                1300,
                4,
                vec![part("73", "close", 1300, "closed", None)],
            ),
        ),
        talk(
            "n7",
            "conversation.user.replied",
            1400,
            &conversation(
                "open",
                1400,
                5,
                vec![part("74", "open", 1400, "open", Some("Still broken"))],
            ),
        ),
        // The same second as the one before, the same count, another content.
        talk(
            "n8",
            "conversation.admin.snoozed",
            1400,
            &conversation(
                "snoozed",
                1400,
                5,
                vec![part("75", "snoozed", 1400, "snoozed", None)],
            ),
        ),
        told(
            "n9",
            "contact.lead.added_email",
            1500,
            &contact("lead", Some("d@example.com"), "Visitor", 1500),
        ),
        told(
            "n10",
            "contact.user.created",
            1600,
            &contact("user", Some("dana@example.com"), "D", 1600),
        ),
        told("n11", "contact.merged", 1700, &merged),
        told(
            "n12",
            "contact.user.updated",
            1800,
            &contact("user", Some("dana@example.com"), "Dana W", 1800),
        ),
        told(
            "n13",
            "contact.email.updated",
            1800,
            &contact("user", Some("dw@example.com"), "Dana W", 1800),
        ),
        talk(
            "n14",
            "conversation_part.redacted",
            1900,
            &conversation("closed", 1900, 6, vec![redacted]),
        ),
        talk("n15", "conversation.admin.noted", 1150, &gone),
        told(
            "n16",
            "conversation.deleted",
            1500,
            &json!({"type": "conversation", "conversation_id": "900"}),
        ),
        told(
            "n17",
            "contact.user.created",
            800,
            &contact("other", Some("o@example.com"), "Other", 800),
        ),
        told(
            "n18",
            "contact.deleted",
            1850,
            &json!({"type": "contact", "id": "other", "deleted": true}),
        ),
        told(
            "n19",
            "contact.archived",
            1860,
            &json!({"type": "contact", "id": "user", "archived": true}),
        ),
        told(
            "n20",
            "contact.unarchived",
            1870,
            &contact("user", Some("dw@example.com"), "Dana W", 1870),
        ),
        told(
            "n21",
            "company.updated",
            1000,
            &json!({"type": "company", "id": "o", "name": "Old",
            "updated_at": "2026-01-10T07:56:29.000+00:00"}),
        ),
        told(
            "n22",
            "company.updated",
            1001,
            &json!({"type": "company", "id": "o", "name": "New",
            "updated_at": "2026-01-10T07:56:31.000Z"}),
        ),
        told("n23", "something.new", 1000, &json!({"id": "x"})),
        told("n24", "ticket.created", 1000, &json!({"id": "t"})),
    ]
}
