//! A customer and their conversations.

use chrono::TimeDelta;
use harken_contracts::wire::directory::v1::{
    CompanyRef, Conversation, ConversationWithParts, Customer,
};
use harken_contracts::wire::events::v1::{AuthorKind, ConversationStatus, Part};
use harken_contracts::wire::scoring::v1::ScoreExplanation;
use harken_contracts::wire::types::v1::RiskLevel;
use prost_types::value::Kind;
use prost_types::{Struct, Value};

use crate::views::conversation::{ConversationPage, Participant};
use crate::views::customer::{ConversationRow, CustomerPage, Details, Ended, Health};
use crate::views::frame::Section;
use crate::views::pager::Pager;

use super::*;

pub(super) fn text(value: &str) -> Value {
    Value {
        kind: Some(Kind::StringValue(value.to_owned())),
    }
}

pub(super) fn annie() -> Customer {
    Customer {
        customer_id: "cus_01900000000070008000000000000003".to_owned(),
        external_id: "65f1c0de9a3b7c0012345678".to_owned(),
        contact_role: "user".to_owned(),
        email: Some("annie@nasa.example".to_owned()),
        name: Some("Annie Easley".to_owned()),
        first_seen_at: ago(TimeDelta::days(420)),
        last_seen_at: ago(TimeDelta::hours(111)),
        last_replied_at: ago(TimeDelta::days(61)),
        tags: vec![
            "enterprise".to_owned(),
            "beta <b>bold</b>".to_owned(),
            "billing".to_owned(),
        ],
        metadata: Some(Struct {
            fields: [
                ("plan".to_owned(), text("Scale")),
                ("signup_source".to_owned(), text("webinar")),
                (
                    "seats".to_owned(),
                    Value {
                        kind: Some(Kind::NumberValue(42.0)),
                    },
                ),
                (
                    "is_admin".to_owned(),
                    Value {
                        kind: Some(Kind::BoolValue(true)),
                    },
                ),
            ]
            .into(),
        }),
        companies: vec![CompanyRef {
            external_id: "77".to_owned(),
            name: "Orbital Dynamics".to_owned(),
            plan: "Scale".to_owned(),
        }],
        mirrored_at: ago(TimeDelta::minutes(12)),
        ..Customer::default()
    }
}

pub(super) fn conversation_of(
    title: Option<&str>,
    status: ConversationStatus,
    days: i64,
) -> Conversation {
    Conversation {
        conversation_id: format!("cnv_{days:032x}"),
        external_id: format!("2100{days}"),
        status: status.into(),
        title: title.map(str::to_owned),
        created_at: ago(TimeDelta::days(days + 2)),
        updated_at: ago(TimeDelta::days(days)),
        first_response_secs: Some(1_260 * days.max(1)),
        resolution_secs: (status == ConversationStatus::Closed).then_some(92_000),
        reopen_count: u32::from(days > 5),
        assignment_count: 2,
        tags: vec!["billing".to_owned()],
        parts_held: 14,
        parts_counted: Some(if days > 9 { 512 } else { 14 }),
        ..Conversation::default()
    }
}

pub(in crate::views) fn customer() -> CustomerPage {
    let conversations = [
        conversation_of(
            Some("Invoice shows the wrong seat count"),
            ConversationStatus::Open,
            1,
        ),
        conversation_of(
            Some("Export never finishes <b>bold</b>"),
            ConversationStatus::Snoozed,
            6,
        ),
        conversation_of(None, ConversationStatus::Closed, 12),
    ];
    CustomerPage {
        frame: frame(Section::Customers),
        id: "cus_01900000000070008000000000000001".to_owned(),
        feed: feed(),
        ended: None,
        details: Details::new(&annie(), now()),
        health: Health::new(&explanation(), now()),
        conversations: conversations
            .iter()
            .map(|one| ConversationRow::new(one, now()))
            .collect(),
        pager: Pager {
            shown: "3 conversations".to_owned(),
            ..Pager::default()
        },
    }
}

pub(in crate::views) fn customer_na() -> CustomerPage {
    let explanation = ScoreExplanation {
        score: Some(score(
            "Radia Perlman",
            "radia@mst.example",
            None,
            RiskLevel::Unspecified,
        )),
        summary: "N/A: there is no conversation to judge by.".to_owned(),
        factors: Vec::new(),
    };
    CustomerPage {
        ended: Some(Ended::new(&connection())),
        health: Health::new(&explanation, now()),
        conversations: Vec::new(),
        ..customer()
    }
}

pub(super) fn part(part_type: &str, author: AuthorKind, minutes: i64, text: Option<&str>) -> Part {
    Part {
        external_id: minutes.to_string(),
        part_type: part_type.to_owned(),
        author_kind: author.into(),
        author_external_id: Some("991267".to_owned()),
        created_at: ago(TimeDelta::minutes(3_000 - minutes)),
        is_visible_message: text.is_some() && part_type != "note",
        is_reopening: part_type == "open",
        text: text.map(str::to_owned),
        ..Part::default()
    }
}

pub(in crate::views) fn conversation() -> ConversationPage {
    let held = ConversationWithParts {
        conversation: Some(conversation_of(
            Some("Invoice shows the wrong seat count"),
            ConversationStatus::Open,
            12,
        )),
        parts: vec![
            part(
                "source",
                AuthorKind::Contact,
                0,
                Some(
                    "Hi, our invoice for November lists 52 seats.\n\nWe have 42. Can you correct it before Friday? <script>alert(1)</script>",
                ),
            ),
            part(
                "comment",
                AuthorKind::Bot,
                1,
                Some("Thanks for writing in. A teammate will look at this shortly."),
            ),
            part("assignment", AuthorKind::Admin, 21, None),
            part(
                "note",
                AuthorKind::Admin,
                30,
                Some("Their SCIM sync doubled ten users, see the ticket of last week."),
            ),
            part(
                "comment",
                AuthorKind::Admin,
                44,
                Some(
                    "You are right, and I am sorry: ten users were counted twice. I have sent a corrected invoice.",
                ),
            ),
            part("close", AuthorKind::Admin, 45, None),
            part(
                "open",
                AuthorKind::Contact,
                2_000,
                Some("It still says 52 on the portal?"),
            ),
        ],
    };
    let customers = vec![Participant {
        id: "cus_01900000000070008000000000000003".to_owned(),
        name: "Annie Easley".to_owned(),
    }];
    ConversationPage::new(frame(Section::Customers), &held, customers, now())
}
