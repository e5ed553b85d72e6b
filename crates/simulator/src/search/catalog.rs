//! Which fields can be searched, of what kind they are, and what they hold.

use std::cell::OnceCell;

use serde_json::Value as Json;

use crate::story::{Conversation, Standing, State};
use crate::world::{Contact, View};

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    /// A text compared word by word.
    Words,
    /// A list of ids; one that fits is enough.
    Names,
    TagId,
    Number,
    Flag,
    /// A date compared by calendar day.
    Day,
    /// A date compared by second.
    Second,
}

/// A value in a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operand {
    Text(String),
    Number(i64),
    Flag(bool),
    Nothing,
}

impl Operand {
    pub(super) fn read(kind: Kind, json: &Json) -> Option<Self> {
        match (kind, json) {
            (_, Json::Null) => Some(Self::Nothing),
            (Kind::Text | Kind::Words | Kind::Names | Kind::TagId, Json::String(text)) => {
                Some(Self::Text(text.clone()))
            }
            (Kind::Text | Kind::Names | Kind::TagId, Json::Number(number)) => {
                Some(Self::Text(number.to_string()))
            }
            (Kind::Number | Kind::Day | Kind::Second, Json::Number(number)) => {
                number.as_i64().map(Self::Number)
            }
            (Kind::Number | Kind::Day | Kind::Second, Json::String(text)) => {
                text.parse().ok().map(Self::Number)
            }
            (Kind::Flag, Json::Bool(flag)) => Some(Self::Flag(*flag)),
            (Kind::Flag, Json::String(text)) => text.parse().ok().map(Self::Flag),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<i64> {
        if let Self::Number(number) = self {
            Some(*number)
        } else {
            None
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self {
            Some(text)
        } else {
            None
        }
    }
}

/// What a record holds in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Nothing,
    Text(String),
    Names(Vec<String>),
    Number(i64),
    Flag(bool),
    Time(i64),
}

impl Value {
    fn text(text: Option<String>) -> Self {
        text.map_or(Self::Nothing, Self::Text)
    }

    fn time(time: Option<i64>) -> Self {
        time.map_or(Self::Nothing, Self::Time)
    }

    fn number(number: Option<i64>) -> Self {
        number.map_or(Self::Nothing, Self::Number)
    }
}

/// The fields of one kind of record.
pub(crate) trait Catalog {
    type Field: Copy + PartialEq;

    fn field(name: &str) -> Option<(Self::Field, Kind)>;
}

macro_rules! fields {
    ($catalog:ident, $field:ident: $($variant:ident $name:literal $kind:ident),+ $(,)?) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum $field { $($variant),+ }

        #[derive(Debug)]
        pub(crate) struct $catalog;

        impl Catalog for $catalog {
            type Field = $field;

            fn field(name: &str) -> Option<($field, Kind)> {
                Some(match name {
                    $($name => ($field::$variant, Kind::$kind),)+
                    _ => return None,
                })
            }
        }
    };
}

fields! { Contacts, ContactField:
    Id "id" Text, Role "role" Text, Name "name" Text, Email "email" Text,
    EmailDomain "email_domain" Text, Phone "phone" Text, FormattedPhone "formatted_phone" Text,
    ExternalId "external_id" Text, OwnerId "owner_id" Text,
    CreatedAt "created_at" Day, SignedUpAt "signed_up_at" Day, UpdatedAt "updated_at" Day,
    LastSeenAt "last_seen_at" Day, LastContactedAt "last_contacted_at" Day,
    LastRepliedAt "last_replied_at" Day,
    Browser "browser" Text, Os "os" Text, Country "location.country" Text,
    Region "location.region" Text, City "location.city" Text,
    Unsubscribed "unsubscribed_from_emails" Flag, Spam "marked_email_as_spam" Flag,
    HardBounced "has_hard_bounced" Flag, SegmentId "segment_id" Names, TagId "tag_id" TagId,
}

fields! { Conversations, ConversationField:
    Id "id" Text, CreatedAt "created_at" Second, UpdatedAt "updated_at" Second,
    SourceType "source.type" Text, DeliveredAs "source.delivered_as" Text,
    SourceSubject "source.subject" Text, SourceBody "source.body" Words,
    AuthorId "source.author.id" Text, AuthorType "source.author.type" Text,
    AuthorName "source.author.name" Text, AuthorEmail "source.author.email" Text,
    ContactIds "contact_ids" Names, TeammateIds "teammate_ids" Names,
    AdminAssignee "admin_assignee_id" Number, TeamAssignee "team_assignee_id" Number,
    ChannelInitiated "channel_initiated" Text, Open "open" Flag, Read "read" Flag,
    State "state" Text, WaitingSince "waiting_since" Second,
    SnoozedUntil "snoozed_until" Second, TagIds "tag_ids" Names, Priority "priority" Text,
    TimeToAssignment "statistics.time_to_assignment" Number,
    TimeToAdminReply "statistics.time_to_admin_reply" Number,
    TimeToFirstClose "statistics.time_to_first_close" Number,
    TimeToLastClose "statistics.time_to_last_close" Number,
    MedianTimeToReply "statistics.median_time_to_reply" Number,
    FirstContactReplyAt "statistics.first_contact_reply_at" Second,
    FirstAssignmentAt "statistics.first_assignment_at" Second,
    FirstAdminReplyAt "statistics.first_admin_reply_at" Second,
    FirstCloseAt "statistics.first_close_at" Second,
    LastAssignmentAt "statistics.last_assignment_at" Second,
    LastAssignmentAdminReplyAt "statistics.last_assignment_admin_reply_at" Second,
    LastContactReplyAt "statistics.last_contact_reply_at" Second,
    LastAdminReplyAt "statistics.last_admin_reply_at" Second,
    LastCloseAt "statistics.last_close_at" Second,
    LastClosedById "statistics.last_closed_by_id" Text,
    CountReopens "statistics.count_reopens" Number,
    CountAssignments "statistics.count_assignments" Number,
    CountParts "statistics.count_conversation_parts" Number,
    RatingRequestedAt "conversation_rating.requested_at" Second,
    RatingRepliedAt "conversation_rating.replied_at" Second,
    RatingScore "conversation_rating.score" Number,
    RatingRemark "conversation_rating.remark" Text,
    AiParticipated "ai_agent_participated" Flag,
}

/// A contact whose values are worked out once, when first asked for.
#[derive(Debug)]
pub(super) struct ContactRecord<'a>(pub(super) Contact<'a>);

impl ContactRecord<'_> {
    pub(super) fn value(&self, field: ContactField) -> Value {
        use ContactField as F;
        let contact = &self.0;
        let person = &contact.person;
        match field {
            F::Id => Value::Text(contact.id()),
            F::Role => Value::Text(if contact.is_lead() { "lead" } else { "user" }.to_owned()),
            F::Name => Value::text(contact.name()),
            F::Email => Value::text(contact.email()),
            F::EmailDomain => {
                let domain = |email: String| Some(email.split_once('@')?.1.to_owned());
                Value::text(contact.email().and_then(domain))
            }
            F::Phone | F::FormattedPhone => Value::text(contact.phone()),
            F::ExternalId => Value::text(contact.external_id()),
            F::OwnerId => Value::text(person.owner().map(|id| id.to_string())),
            F::CreatedAt => Value::Time(contact.created_at()),
            F::SignedUpAt => Value::time(contact.signed_up_at()),
            F::UpdatedAt => Value::Time(contact.updated_at()),
            F::LastSeenAt => Value::time(contact.last_seen_at()),
            F::LastRepliedAt => Value::time(contact.last_words().0),
            F::LastContactedAt => Value::time(contact.last_words().1),
            F::Browser => Value::Text(person.browser()[0].to_owned()),
            F::Os => Value::Text(person.browser()[2].to_owned()),
            F::Country => Value::Text(person.place()[0].to_owned()),
            F::Region => Value::Text(person.place()[1].to_owned()),
            F::City => Value::Text(person.place()[2].to_owned()),
            F::Unsubscribed => Value::Flag(contact.is_unsubscribed()),
            F::Spam | F::HardBounced => Value::Flag(false),
            F::SegmentId => Value::Names(
                person
                    .segments()
                    .iter()
                    .map(|segment| segment.id())
                    .collect(),
            ),
            F::TagId => Value::Names(
                contact
                    .tags()
                    .iter()
                    .map(|tag| tag.id.to_string())
                    .collect(),
            ),
        }
    }
}

/// A conversation told only as far as the fields asked for need.
#[derive(Debug)]
pub(super) struct ConversationRecord<'a> {
    pub(super) view: &'a View<'a>,
    pub(super) number: u64,
    told: OnceCell<Option<(Conversation<'a>, Standing)>>,
}

impl<'a> ConversationRecord<'a> {
    pub(super) fn new(view: &'a View<'a>, number: u64) -> Self {
        Self {
            view,
            number,
            told: OnceCell::new(),
        }
    }

    pub(super) fn value(&self, field: ConversationField) -> Value {
        if field == ConversationField::UpdatedAt {
            return Value::Time(self.view.conversation_updated_at(self.number));
        }
        let told = self.told.get_or_init(|| {
            let conversation = self.view.conversation(self.number)?;
            let standing = conversation.standing();
            Some((conversation, standing))
        });
        let Some((conversation, standing)) = told else {
            return Value::Nothing;
        };
        conversation_value(self.view, conversation, standing, field)
    }
}

fn conversation_value(
    view: &View<'_>,
    conversation: &Conversation<'_>,
    standing: &Standing,
    field: ConversationField,
) -> Value {
    use ConversationField as F;
    let statistics = &standing.statistics;
    let opened_by = || conversation.author(conversation.timeline.opened_by);
    let whole = |number: u64| Value::Number(i64::try_from(number).unwrap_or(i64::MAX));
    match field {
        F::Id => Value::Text(conversation.id().to_string()),
        F::CreatedAt => Value::Time(conversation.timeline.starts_at),
        F::UpdatedAt => Value::Time(conversation.updated_at),
        F::SourceType => Value::Text(conversation.channel.source_type().to_owned()),
        F::ChannelInitiated => Value::Text(conversation.channel.name().to_owned()),
        F::DeliveredAs => Value::Text(conversation.delivered_as().to_owned()),
        F::SourceSubject => Value::Text(conversation.subject().to_owned()),
        F::SourceBody => Value::Text(conversation.html(&conversation.timeline.opener)),
        F::AuthorId => Value::Text(opened_by().id),
        F::AuthorType => Value::Text(opened_by().kind.to_owned()),
        F::AuthorName => Value::text(opened_by().name),
        F::AuthorEmail => Value::text(opened_by().email),
        F::ContactIds => {
            let ids = conversation.customers.iter();
            Value::Names(
                ids.map(|customer| view.story().ids.subject(customer.subject))
                    .collect(),
            )
        }
        F::TeammateIds => Value::Names(standing.teammates.iter().map(u64::to_string).collect()),
        F::AdminAssignee => whole(standing.admin.unwrap_or(0)),
        F::TeamAssignee => whole(standing.team.unwrap_or(0)),
        F::Open => Value::Flag(standing.state != State::Closed),
        F::Read => Value::Flag(!standing.customer_spoke_last),
        F::State => Value::Text(standing.state.word().to_owned()),
        F::WaitingSince => Value::time(standing.waiting_since),
        F::SnoozedUntil => Value::time(standing.snoozed_until),
        F::TagIds => Value::Names(
            standing
                .tags
                .iter()
                .map(|(id, ..)| id.to_string())
                .collect(),
        ),
        F::Priority => Value::Text(standing.priority.word().to_owned()),
        F::TimeToAssignment => Value::number(statistics.time_to_assignment),
        F::TimeToAdminReply => Value::number(statistics.time_to_admin_reply),
        F::TimeToFirstClose => Value::number(statistics.time_to_first_close),
        F::TimeToLastClose => Value::number(statistics.time_to_last_close),
        F::MedianTimeToReply => Value::number(statistics.median_time_to_reply),
        F::FirstContactReplyAt => Value::time(statistics.first_contact_reply_at),
        F::FirstAssignmentAt => Value::time(statistics.first_assignment_at),
        F::FirstAdminReplyAt => Value::time(statistics.first_admin_reply_at),
        F::FirstCloseAt => Value::time(statistics.first_close_at),
        F::LastAssignmentAt => Value::time(statistics.last_assignment_at),
        F::LastAssignmentAdminReplyAt => Value::time(statistics.last_assignment_admin_reply_at),
        F::LastContactReplyAt => Value::time(statistics.last_contact_reply_at),
        F::LastAdminReplyAt => Value::time(statistics.last_admin_reply_at),
        F::LastCloseAt => Value::time(statistics.last_close_at),
        F::LastClosedById => Value::text(statistics.last_closed_by_id.map(|id| id.to_string())),
        F::CountReopens => whole(statistics.count_reopens),
        F::CountAssignments => whole(statistics.count_assignments),
        F::CountParts => whole(statistics.count_conversation_parts),
        F::RatingRequestedAt => Value::time(standing.rating.as_ref().map(|rating| rating.asked_at)),
        F::RatingRepliedAt => Value::time(standing.rating.as_ref().map(|rating| rating.given_at)),
        F::RatingScore => {
            let rating = standing.rating.as_ref();
            Value::number(rating.map(|rating| i64::from(rating.score)))
        }
        F::RatingRemark => {
            let rating = standing.rating.as_ref();
            let remark = rating.and_then(|rating| rating.remark.as_ref());
            Value::text(remark.map(|words| conversation.plain(words)))
        }
        F::AiParticipated => Value::Flag(standing.bot_spoke.is_some()),
    }
}
