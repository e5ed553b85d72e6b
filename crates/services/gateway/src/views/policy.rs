//! Data policies in plain words.

use harken_contracts::wire::types::v1::{DataPolicy, OnDisconnect};

/// What may be kept, in a line.
pub(crate) const fn kept(policy: DataPolicy) -> &'static str {
    match policy {
        DataPolicy::MetadataOnly => "Structure only, no content and nobody's name",
        DataPolicy::Full | DataPolicy::Unspecified => "Content and people",
    }
}

/// What happens at the end, in a line.
pub(crate) const fn at_the_end(end: OnDisconnect) -> &'static str {
    match end {
        OnDisconnect::Purge => "Everything is erased when disconnected",
        OnDisconnect::Retain | OnDisconnect::Unspecified => {
            "Records and scores stay when disconnected"
        }
    }
}

/// The policy's word in forms and addresses.
pub(crate) const fn slug(policy: DataPolicy) -> &'static str {
    match policy {
        DataPolicy::MetadataOnly => "metadata_only",
        DataPolicy::Full | DataPolicy::Unspecified => "full",
    }
}

/// The word for the end in forms and addresses.
pub(crate) const fn end_slug(end: OnDisconnect) -> &'static str {
    match end {
        OnDisconnect::Purge => "purge",
        OnDisconnect::Retain | OnDisconnect::Unspecified => "retain",
    }
}

/// What is collected under a policy.
pub(crate) const fn collected(policy: DataPolicy) -> &'static [&'static str] {
    match policy {
        DataPolicy::MetadataOnly => &[
            "When conversations begin, wait, are answered, closed and opened again",
            "Response and resolution times, and how often a conversation is assigned",
            "Which teammate has it, as a pseudonym, and which team",
            "Tags and topics",
            "Whether a bot or a human answers",
            "People as pseudonyms: a code that only this connection's key can make",
        ],
        DataPolicy::Full | DataPolicy::Unspecified => &[
            "Contacts with name, e-mail address, role, tags and custom attributes",
            "Companies, tags, segments, teammates and teams",
            "Conversations with their messages and notes",
            "What Intercom adds to these later, as it sends it",
        ],
    }
}

/// What is never collected under a policy.
pub(crate) const fn never_collected(policy: DataPolicy) -> &'static [&'static str] {
    match policy {
        DataPolicy::MetadataOnly => &[
            "Text of messages, notes, subjects or titles",
            "Names, e-mail addresses, phone numbers or places of anybody",
            "Attachments, and links to them",
            "Configuration of bots",
            "Billing",
        ],
        DataPolicy::Full | DataPolicy::Unspecified => &[
            "The files behind attachments",
            "Configuration of bots",
            "Billing of your Intercom account",
        ],
    }
}
