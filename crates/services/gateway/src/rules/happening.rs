//! What happened in a conversation, in words.

use std::borrow::Cow;

/// The kinds of part that are known; Intercom adds to them without notice.
const WORDS: [(&str, &str); 33] = [
    ("comment", "wrote without text"),
    ("source", "wrote without text"),
    ("open", "opened the conversation"),
    ("close", "closed the conversation"),
    ("snoozed", "snoozed the conversation"),
    ("unsnoozed", "ended the snooze"),
    ("timer_unsnooze", "ended the snooze, as its time was over"),
    ("assignment", "assigned the conversation"),
    (
        "assign_and_reopen",
        "assigned and reopened the conversation",
    ),
    (
        "assign_and_unsnooze",
        "assigned the conversation and ended the snooze",
    ),
    ("default_assignment", "assigned the conversation by default"),
    (
        "away_mode_assignment",
        "assigned the conversation, as its owner was away",
    ),
    ("balanced_assignment", "assigned the conversation by load"),
    (
        "message_strategy_assignment",
        "assigned the conversation by its message",
    ),
    ("participant_added", "added a participant"),
    ("participant_removed", "removed a participant"),
    ("conversation_rating_changed", "rated the conversation"),
    ("conversation_rating_remark_added", "remarked on the rating"),
    ("priority_changed", "changed the priority"),
    ("title_changed", "changed the title"),
    ("conversation_tags_updated", "changed the tags"),
    (
        "conversation_attribute_updated_by_admin",
        "changed an attribute",
    ),
    (
        "conversation_attribute_updated_by_workflow",
        "changed an attribute",
    ),
    (
        "conversation_attribute_updated_by_user",
        "changed an attribute",
    ),
    ("operator_workflow_event", "went on with a workflow"),
    ("language_detection_details", "noticed the language"),
    (
        "channel_and_reply_time_expectation",
        "told when to expect a reply",
    ),
    ("quick_reply", "offered quick replies"),
    ("attribute_collector", "asked for details"),
    ("attribute_collected", "gave details"),
    (
        "merged_primary_conversation",
        "merged another conversation into this one",
    ),
    (
        "ticket_state_updated_by_admin",
        "changed the state of the ticket",
    ),
    (
        "ticket_attribute_updated_by_admin",
        "changed an attribute of the ticket",
    ),
];

/// What a part without text tells; a kind that is new is told by its own name.
pub(crate) fn in_words(part_type: &str) -> Cow<'static, str> {
    match WORDS.iter().find(|(known, _)| *known == part_type) {
        Some((_, words)) => Cow::Borrowed(words),
        None => Cow::Owned(part_type.replace('_', " ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_that_is_new_is_told_by_its_own_name() {
        assert_eq!(in_words("close"), "closed the conversation");
        assert_eq!(in_words("brand_new_kind"), "brand new kind");
    }
}
