//! Choices that an address, a form or a body makes by a word.

use harken_domain::{DataPolicy, OnDisconnect};

use super::refusal::{Refusal, Refused};
use crate::outbound::Terms;
use crate::words::{self, Words};

/// A value by its word; the default where none is asked for.
pub(crate) fn value<T: Copy + Default>(
    field: &str,
    known: Words<T>,
    word: Option<&str>,
) -> Refused<T> {
    let Some(word) = word.filter(|word| !word.is_empty()) else {
        return Ok(T::default());
    };
    words::named(known, word)
        .ok_or_else(|| Refusal::field(field, format!("is none of {}", words::listed(known))))
}

/// On which terms a workspace is to be connected; what is not chosen is as it is by default.
pub(crate) fn terms(data_policy: &str, on_disconnect: &str) -> Refused<Terms> {
    let mut terms = Terms::default();
    if !data_policy.is_empty() {
        let read: Result<DataPolicy, _> = data_policy.parse();
        terms.data_policy =
            read.map_err(|_| Refusal::field("data_policy", "is neither full nor metadata_only"))?;
    }
    if !on_disconnect.is_empty() {
        let read: Result<OnDisconnect, _> = on_disconnect.parse();
        terms.on_disconnect =
            read.map_err(|_| Refusal::field("on_disconnect", "is neither retain nor purge"))?;
    }
    Ok(terms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_chosen_is_the_default_and_what_is_not_known_is_refused() {
        assert_eq!(terms("", "").unwrap(), Terms::default());
        let chosen = terms("metadata_only", "purge").unwrap();
        assert_eq!(chosen.data_policy, DataPolicy::MetadataOnly);
        assert_eq!(chosen.on_disconnect, OnDisconnect::Purge);
        for (policy, end, field) in [
            ("some", "", "data_policy"),
            ("full", "burn", "on_disconnect"),
        ] {
            let refused = terms(policy, end).unwrap_err();
            assert_eq!(refused.field.as_deref(), Some(field));
        }
    }
}
