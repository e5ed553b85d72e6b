//! Ids as Intercom gives them, made so that one tells whose it is.

use std::fmt;
use std::str::FromStr;

/// A contact, by its customer's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::drill) struct ContactName(pub(in crate::drill) u32);

/// A conversation of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::drill) struct ConversationName {
    pub(in crate::drill) customer: u32,
    pub(in crate::drill) ordinal: u8,
}

/// A part of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::drill) struct PartName {
    pub(in crate::drill) conversation: ConversationName,
    pub(in crate::drill) number: u8,
}

impl fmt::Display for ContactName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "d0{:022x}", self.0)
    }
}

impl fmt::Display for ConversationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "7{:010}{}", self.customer, self.ordinal)
    }
}

impl fmt::Display for PartName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ConversationName { customer, ordinal } = self.conversation;
        write!(f, "8{customer:010}{ordinal}{:03}", self.number)
    }
}

/// A text that is no id of a drill.
#[derive(Debug)]
pub(in crate::drill) struct Foreign;

impl FromStr for ContactName {
    type Err = Foreign;

    fn from_str(text: &str) -> Result<Self, Foreign> {
        let digits = text.strip_prefix("d0").ok_or(Foreign)?;
        let name = u32::from_str_radix(digits, 16).map(Self);
        name.ok()
            .filter(|name| name.to_string() == text)
            .ok_or(Foreign)
    }
}

impl FromStr for ConversationName {
    type Err = Foreign;

    fn from_str(text: &str) -> Result<Self, Foreign> {
        let digits = text.strip_prefix('7').ok_or(Foreign)?;
        let number: u64 = digits.parse().map_err(|_| Foreign)?;
        let name = Self {
            customer: u32::try_from(number / 10).map_err(|_| Foreign)?,
            ordinal: u8::try_from(number % 10).map_err(|_| Foreign)?,
        };
        Some(name)
            .filter(|name| name.to_string() == text)
            .ok_or(Foreign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_whose_it_is() {
        for customer in [0, 7, 123_456, u32::MAX] {
            let contact = ContactName(customer);
            assert_eq!(contact.to_string().len(), 24);
            assert_eq!(contact.to_string().parse::<ContactName>().unwrap(), contact);
            for ordinal in 0..10 {
                let name = ConversationName { customer, ordinal };
                assert_eq!(name.to_string().parse::<ConversationName>().unwrap(), name);
            }
        }
    }

    #[test]
    fn an_id_of_somebody_else_is_told_apart() {
        for foreign in ["", "7", "7123", "215471000000101", "70000000001x", "d0"] {
            assert!(foreign.parse::<ConversationName>().is_err(), "{foreign}");
            assert!(foreign.parse::<ContactName>().is_err(), "{foreign}");
        }
    }
}
