//! Wire words as JSON has them: the product's own, in snake case.

use harken_contracts::wire::events::v1::{ConversationStatus, RecordCause};
use harken_contracts::wire::scoring::v1::Factor;
use harken_contracts::wire::sync::v1::{
    DriftCause, IncompleteReason, RunKind, RunState, RunTrigger,
};
use harken_contracts::wire::types::v1::RiskLevel as WireLevel;
use harken_domain::RiskLevel;
use prost_types::value::Kind;
use prost_types::{Struct, Value as WireValue};
use serde_json::Value;

const FACTORS: [(Factor, &str); 5] = [
    (Factor::SupportRecency, "support_recency"),
    (Factor::OpenVolume, "open_volume"),
    (Factor::ResolutionTime, "resolution_time"),
    (Factor::ReopenRate, "reopen_rate"),
    (Factor::ResponseRate, "response_rate"),
];

/// Words for the values of one kind.
pub(crate) type Words<T> = &'static [(T, &'static str)];

pub(crate) const RUN_KINDS: Words<RunKind> = &[
    (RunKind::Full, "full"),
    (RunKind::Incremental, "incremental"),
];

pub(crate) const RUN_STATES: Words<RunState> = &[
    (RunState::Queued, "queued"),
    (RunState::Running, "running"),
    (RunState::Paused, "paused"),
    (RunState::Complete, "complete"),
    (RunState::CompleteWithGaps, "complete_with_gaps"),
    (RunState::Failed, "failed"),
];

pub(crate) const RUN_TRIGGERS: Words<RunTrigger> = &[
    (RunTrigger::Connected, "connected"),
    (RunTrigger::Requested, "requested"),
    (RunTrigger::Scheduled, "scheduled"),
    (RunTrigger::Silence, "silence"),
];

pub(crate) const INCOMPLETE_REASONS: Words<IncompleteReason> = &[
    (IncompleteReason::Truncated, "truncated"),
    (IncompleteReason::Waiting, "waiting"),
    (IncompleteReason::Unreadable, "unreadable"),
    (IncompleteReason::Refused, "refused"),
    (IncompleteReason::NotFound, "not_found"),
    (IncompleteReason::Cut, "cut"),
];

pub(crate) const DRIFT_CAUSES: Words<DriftCause> = &[
    (DriftCause::Missing, "missing"),
    (DriftCause::Stale, "stale"),
    (DriftCause::Gone, "gone"),
    (DriftCause::Untold, "untold"),
];

/// The word of a value; none for those that have none.
pub(crate) fn word<T: PartialEq>(words: Words<T>, value: &T) -> Option<&'static str> {
    words
        .iter()
        .find(|(known, _)| known == value)
        .map(|(_, word)| *word)
}

/// The value of a word; none for words that are not known.
pub(crate) fn named<T: Copy>(words: Words<T>, word: &str) -> Option<T> {
    words
        .iter()
        .find(|(_, known)| *known == word)
        .map(|(value, _)| *value)
}

/// The words there are, as a person is told of them: `full, incremental`.
pub(crate) fn listed<T>(words: Words<T>) -> String {
    let all: Vec<_> = words.iter().map(|(_, word)| *word).collect();
    all.join(", ")
}

/// A level; none for N/A.
pub(crate) fn level(level: WireLevel) -> Option<&'static str> {
    RiskLevel::try_from(level).ok().map(RiskLevel::as_str)
}

pub(crate) fn factor(factor: Factor) -> &'static str {
    let known = FACTORS.iter().find(|(known, _)| *known == factor);
    known.map_or("unknown", |(_, word)| word)
}

pub(crate) fn factor_named(word: &str) -> Option<Factor> {
    FACTORS
        .iter()
        .find(|(_, known)| *known == word)
        .map(|(factor, _)| *factor)
}

/// Why a record changed; none for what a run read, and for causes newer than this reader.
pub(crate) const fn cause(cause: RecordCause) -> Option<&'static str> {
    Some(match cause {
        RecordCause::Unspecified | RecordCause::Imported => return None,
        RecordCause::ContactCreated => "contact.created",
        RecordCause::ContactUpdated => "contact.updated",
        RecordCause::ContactDeleted => "contact.deleted",
        RecordCause::ConversationCreated => "conversation.created",
        RecordCause::ConversationUpdated => "conversation.updated",
        RecordCause::ConversationClosed => "conversation.closed",
        RecordCause::ConversationReopened => "conversation.reopened",
        RecordCause::ConversationAssigned => "conversation.assigned",
        RecordCause::ConversationDeleted => "conversation.deleted",
        RecordCause::ConversationPartCreated => "conversation_part.created",
        RecordCause::ConversationPartRedacted => "conversation_part.redacted",
    })
}

/// The state of a conversation.
pub(crate) const fn status(status: ConversationStatus) -> Option<&'static str> {
    Some(match status {
        ConversationStatus::Unspecified => return None,
        ConversationStatus::Open => "open",
        ConversationStatus::Closed => "closed",
        ConversationStatus::Snoozed => "snoozed",
    })
}

/// A free-form object.
pub(crate) fn object(object: Struct) -> Value {
    let fields = object
        .fields
        .into_iter()
        .map(|(name, value)| (name, self::value(value)));
    Value::Object(fields.collect())
}

fn value(value: WireValue) -> Value {
    match value.kind {
        None | Some(Kind::NullValue(_)) => Value::Null,
        Some(Kind::BoolValue(value)) => value.into(),
        Some(Kind::NumberValue(number)) => whole(number).map_or_else(|| number.into(), Value::from),
        Some(Kind::StringValue(text)) => text.into(),
        Some(Kind::ListValue(list)) => list.values.into_iter().map(self::value).collect(),
        Some(Kind::StructValue(inner)) => object(inner),
    }
}

/// A number without a fraction, as people wrote it: the wire knows only fractions.
#[expect(
    clippy::cast_possible_truncation,
    reason = "bounded by what a fraction holds exactly"
)]
fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}
