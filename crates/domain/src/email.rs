use std::fmt;

/// An e-mail address that a message could be sent to. Prints as `***`; read it with [`EmailAddress::as_str`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

/// A text that is no e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an e-mail address like `name@example.com` is expected")]
pub struct InvalidEmail;

impl EmailAddress {
    /// The longest address that mail can carry (RFC 5321).
    const MAX_BYTES: usize = 254;

    /// Reads an address, white space around it removed.
    ///
    /// Asks for what every deliverable address has: one `@`, something before it, and a domain with a dot, without white
    /// space or control characters. A stricter grammar would refuse addresses that receive mail.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(InvalidEmail)?;
        let labels_are_sound = domain.contains('.')
            && domain.split('.').all(|label| {
                !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            });
        let local_is_sound = !local.is_empty()
            && !local.contains(['@', '<', '>', '(', ')', ',', ';', ':', '"'])
            && !local.chars().any(|c| c.is_whitespace() || c.is_control());
        if text.len() <= Self::MAX_BYTES && labels_are_sound && local_is_sound {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidEmail)
        }
    }

    /// The address as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_receive_mail_are_read() {
        for text in [
            "a@b.co",
            "o'brien+x@mail.example.org",
            " padded@example.com ",
            "ü@münchen.de",
        ] {
            assert!(EmailAddress::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "@",
            "a@",
            "@b.co",
            "a@b",
            "a b@c.de",
            "a@b..co",
            "a@@b.co",
            "a@b.co,c@d.co",
        ] {
            assert_eq!(EmailAddress::parse(text), Err(InvalidEmail), "{text}");
        }
    }

    #[test]
    fn an_address_is_not_printed() {
        let address = EmailAddress::parse("a@b.co").unwrap();
        assert_eq!(format!("{address:?}"), "EmailAddress(***)");
    }
}
