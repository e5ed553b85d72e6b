use serde::Serialize;
use serde_json::{Value as Json, json};

use super::part::{AuthorBody, Parts, REDACTED};
use super::statistics::StatisticsBody;
use super::{CompanyBody, Reference};
use crate::http::version::Version;
use crate::story::staff::{BOT_ID, tag_by_id};
use crate::story::{Conversation, Priority, Standing, State, article, plain_text, title};
use crate::world::View;

/// A conversation; parts only when one is read by itself.
#[derive(Debug, Serialize)]
pub(crate) struct ConversationBody {
    r#type: &'static str,
    id: String,
    title: Option<&'static str>,
    created_at: i64,
    updated_at: i64,
    waiting_since: Option<i64>,
    snoozed_until: Option<i64>,
    source: Json,
    contacts: Json,
    first_contact_reply: Option<Json>,
    admin_assignee_id: Option<u64>,
    team_assignee_id: Option<u64>,
    open: bool,
    state: &'static str,
    read: bool,
    tags: Json,
    priority: &'static str,
    sla_applied: Option<Json>,
    statistics: Option<StatisticsBody>,
    conversation_rating: Option<Json>,
    teammates: Option<Json>,
    custom_attributes: Json,
    topics: Json,
    ticket: Option<Json>,
    linked_objects: Json,
    ai_agent: Option<Json>,
    ai_agent_participated: bool,
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    since_2_15: Option<Since215>,
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    since_2_16: Option<Since216>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_parts: Option<Parts>,
}

#[derive(Debug, Serialize)]
struct Since215 {
    company: Option<CompanyBody>,
}

#[derive(Debug, Serialize)]
struct Since216 {
    sales_agent_participated: bool,
    sales_agent: Option<Json>,
    channel: Json,
    external_references: [Json; 0],
}

impl ConversationBody {
    /// As lists and searches give it.
    pub(crate) fn new(view: &View<'_>, conversation: &Conversation<'_>, version: Version) -> Self {
        let standing = conversation.standing();
        let ids = &view.story().ids;
        let source = source(view, conversation, false);
        let contacts: Vec<Json> = conversation
            .customers
            .iter()
            .map(|customer| {
                json!({
                    "type": "contact",
                    "id": ids.subject(customer.subject),
                    "external_id": customer.external_id,
                })
            })
            .collect();
        let channel = conversation.channel.name();
        let company = view.company_of(conversation);
        let company = company.map(|company| CompanyBody::new(view, &company, version));
        Self {
            r#type: "conversation",
            id: conversation.id().to_string(),
            title: conversation.title(&standing),
            created_at: conversation.timeline.starts_at,
            updated_at: conversation.updated_at,
            waiting_since: standing.waiting_since,
            snoozed_until: standing.snoozed_until,
            first_contact_reply: first_reply(&standing, &source),
            source,
            contacts: json!({ "type": "contact.list", "contacts": contacts }),
            admin_assignee_id: assignee(standing.admin, version),
            team_assignee_id: assignee(standing.team, version),
            open: standing.state != State::Closed,
            state: standing.state.word(),
            read: !standing.customer_spoke_last,
            tags: tags(&standing),
            priority: priority(standing.priority, version),
            sla_applied: None,
            conversation_rating: rating(view, conversation, &standing),
            teammates: Some(teammates(&standing)),
            custom_attributes: json!({
                "Has attachments": false,
                "Copilot used": false,
                "Topic": title(standing.category.unwrap_or(conversation.topic)),
            }),
            topics: json!({ "type": "topic.list", "topics": [], "total_count": 0 }),
            ticket: None,
            linked_objects: json!({ "type": "list", "data": [], "total_count": 0, "has_more": false }),
            ai_agent: ai_agent(conversation, &standing, version),
            ai_agent_participated: standing.bot_spoke.is_some(),
            since_2_15: (version >= Version::V2_15).then_some(Since215 { company }),
            since_2_16: (version >= Version::V2_16).then(|| Since216 {
                sales_agent_participated: false,
                sales_agent: None,
                channel: json!({ "initial": channel, "current": channel }),
                external_references: [],
            }),
            statistics: StatisticsBody::new(&standing),
            conversation_parts: None,
        }
    }

    /// As it is read by itself, with its parts.
    pub(crate) fn whole(
        view: &View<'_>,
        conversation: &Conversation<'_>,
        version: Version,
        plain: bool,
        uncapped_total: bool,
    ) -> Self {
        let parts = Parts::new(conversation, view.workspace, plain, uncapped_total);
        Self::with_parts(view, conversation, version, plain, parts)
    }

    /// As a webhook carries it: with the parts that are the reason for it, by index.
    pub(crate) fn notified(
        view: &View<'_>,
        conversation: &Conversation<'_>,
        version: Version,
        part: Option<u64>,
    ) -> Self {
        let plain = version >= Version::V2_15;
        let parts = Parts::only(conversation, view.workspace, plain, part);
        Self::with_parts(view, conversation, version, plain, parts)
    }

    fn with_parts(
        view: &View<'_>,
        conversation: &Conversation<'_>,
        version: Version,
        plain: bool,
        parts: Parts,
    ) -> Self {
        let mut whole = Self::new(view, conversation, version);
        if plain {
            whole.source = source(view, conversation, true);
        }
        whole.conversation_parts = Some(parts);
        whole
    }
}

fn source(view: &View<'_>, conversation: &Conversation<'_>, plain: bool) -> Json {
    let timeline = &conversation.timeline;
    let author = AuthorBody::of_source(conversation.author(timeline.opened_by), view.workspace);
    let redacted = conversation.redacted_at(None).is_some();
    let html = if redacted {
        REDACTED.to_owned()
    } else {
        conversation.html(&timeline.opener)
    };
    let subject = conversation.subject();
    let subject = if plain || subject.is_empty() {
        subject.to_owned()
    } else {
        format!("<p>{subject}</p>")
    };
    let messenger = conversation.channel.source_type() == "conversation";
    json!({
        "type": conversation.channel.source_type(),
        "id": (3_381_000_000 + conversation.number).to_string(),
        "delivered_as": conversation.delivered_as(),
        "subject": subject,
        "body": if plain { plain_text(&html) } else { html },
        "author": author,
        "attachments": [],
        "url": messenger.then_some("https://app.northwind.example/settings"),
        "redacted": redacted,
    })
}

fn first_reply(standing: &Standing, source: &Json) -> Option<Json> {
    let at = standing.statistics.first_contact_reply_at?;
    Some(json!({ "created_at": at, "type": source["type"], "url": source["url"] }))
}

/// 0 from 2.16 on when nobody is assigned, null before.
fn assignee(id: Option<u64>, version: Version) -> Option<u64> {
    if version >= Version::V2_16 {
        Some(id.unwrap_or(0))
    } else {
        id
    }
}

fn priority(priority: Priority, version: Version) -> &'static str {
    match priority {
        priority if version >= Version::V2_16 => priority.word(),
        Priority::None => "not_priority",
        _ => "priority",
    }
}

fn tags(standing: &Standing) -> Json {
    let tag = |(id, at, by): &(u64, i64, Option<u64>)| {
        let by = by.map(|id| Reference {
            r#type: "admin",
            id: id.to_string(),
        });
        let name = tag_by_id(*id).map_or("", |tag| tag.name);
        json!({ "type": "tag", "id": id.to_string(), "name": name, "applied_at": at, "applied_by": by })
    };
    let tags: Vec<Json> = standing.tags.iter().map(tag).collect();
    json!({ "type": "tag.list", "tags": tags })
}

/// `admins`, though the description says `teammates`.
fn teammates(standing: &Standing) -> Json {
    let admins: Vec<Reference> = standing
        .teammates
        .iter()
        .map(|id| Reference {
            r#type: "admin",
            id: id.to_string(),
        })
        .collect();
    json!({ "type": "admin.list", "admins": admins })
}

fn rating(view: &View<'_>, conversation: &Conversation<'_>, standing: &Standing) -> Option<Json> {
    let rating = standing.rating.as_ref()?;
    let customer = &conversation.customers[0];
    let teammate = standing.admin.unwrap_or(BOT_ID).to_string();
    Some(json!({
        "rating": rating.score,
        "remark": rating
            .remark
            .as_ref()
            .map_or_else(String::new, |words| conversation.plain(words)),
        "created_at": rating.asked_at,
        "updated_at": rating.given_at,
        "contact": {
            "type": "contact",
            "id": view.story().ids.subject(customer.subject),
            "external_id": customer.external_id,
        },
        "teammate": Reference { r#type: "admin", id: teammate },
    }))
}

fn ai_agent(
    conversation: &Conversation<'_>,
    standing: &Standing,
    version: Version,
) -> Option<Json> {
    let (first, last) = standing.bot_spoke?;
    let closed_by_bot = standing.statistics.last_closed_by_id == Some(BOT_ID);
    let thanked = standing.statistics.last_contact_reply_at > Some(last);
    let resolution = match (closed_by_bot, thanked) {
        (true, true) => "confirmed_resolution",
        (true, false) => "assumed_resolution",
        (false, _) if version >= Version::V2_15 => "escalated",
        (false, _) => "routed_to_team",
    };
    Some(json!({
        "source_type": "workflow",
        "source_title": "Greet and answer",
        "last_answer_type": "ai_answer",
        "resolution_state": resolution,
        "rating": null,
        "rating_remark": null,
        "created_at": first,
        "updated_at": last,
        "content_sources": {
            "type": "content_source.list",
            "total_count": 1,
            "content_sources": [{
                "content_type": "article",
                "url": format!("/articles/{}", 5_000 + u64::from(conversation.topic)),
                "title": article(conversation.topic),
                "locale": "en",
            }],
        },
    }))
}
