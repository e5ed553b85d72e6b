use harken_contracts::wire::types::v1::{DataPolicy, OnDisconnect};

use crate::views::policy;

/// The choices made before a workspace is connected.
#[derive(Clone, Debug)]
pub(crate) struct ConnectForm {
    pub(crate) policies: [PolicyChoice; 2],
    pub(crate) ends: [EndChoice; 2],
}

/// A data policy to choose, with what it means.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PolicyChoice {
    pub(crate) slug: &'static str,
    pub(crate) title: &'static str,
    pub(crate) collected: &'static [&'static str],
    pub(crate) never: &'static [&'static str],
    pub(crate) is_chosen: bool,
}

/// What happens at the end, to choose.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EndChoice {
    pub(crate) slug: &'static str,
    pub(crate) title: &'static str,
    pub(crate) words: &'static str,
    pub(crate) is_chosen: bool,
}

impl Default for ConnectForm {
    fn default() -> Self {
        Self::choosing(DataPolicy::Full, OnDisconnect::Retain)
    }
}

impl ConnectForm {
    pub(crate) fn choosing(chosen: DataPolicy, end: OnDisconnect) -> Self {
        let policy = |policy: DataPolicy, title| PolicyChoice {
            slug: policy::slug(policy),
            title,
            collected: policy::collected(policy),
            never: policy::never_collected(policy),
            is_chosen: policy::slug(policy) == policy::slug(chosen),
        };
        let at_the_end = |one: OnDisconnect, title, words| EndChoice {
            slug: policy::end_slug(one),
            title,
            words,
            is_chosen: policy::end_slug(one) == policy::end_slug(end),
        };
        Self {
            policies: [
                policy(DataPolicy::Full, "Content and people"),
                policy(DataPolicy::MetadataOnly, "Structure only"),
            ],
            ends: [
                at_the_end(
                    OnDisconnect::Retain,
                    "Keep it",
                    "Records and scores stay, no longer updated, until you remove them.",
                ),
                at_the_end(
                    OnDisconnect::Purge,
                    "Erase it",
                    "Everything is erased within 24 hours, with a receipt from each part of Harken.",
                ),
            ],
        }
    }
}
