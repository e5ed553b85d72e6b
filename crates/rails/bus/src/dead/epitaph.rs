//! What stands in the headers of a dead letter beside those of its message.

use crate::delivery::header;
use crate::headers::DEAD_CONSUMER as CONSUMER;

const MARK: &str = "harken-dead-";
const SUBJECT: &str = "harken-dead-subject";
const MESSAGE: &str = "harken-dead-message";
const SEQUENCE: &str = "harken-dead-sequence";
const DELIVERIES: &str = "harken-dead-deliveries";
const REASON: &str = "harken-dead-reason";
const ERROR: &str = "harken-dead-error";

/// Longest error that is kept, in bytes.
const LONGEST_ERROR: usize = 1024;

/// Who could not take a message, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Epitaph {
    /// Where the message was told.
    pub(super) subject: String,
    /// Its id, as its readers know it.
    pub(super) message_id: String,
    pub(super) deliveries: u64,
    pub(super) consumer: String,
    pub(super) reason: String,
    pub(super) error: String,
}

impl Epitaph {
    /// As headers; `sequence` is the place of the message in its stream, for people.
    pub(super) fn into_headers(self, sequence: u64) -> Vec<(String, String)> {
        [
            (SUBJECT, self.subject),
            (MESSAGE, self.message_id),
            (SEQUENCE, sequence.to_string()),
            (DELIVERIES, self.deliveries.to_string()),
            (CONSUMER, self.consumer),
            (REASON, self.reason),
            (ERROR, one_line(&self.error)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    pub(super) fn read(headers: &[(String, String)]) -> Option<Self> {
        let text = |name| header(headers, name).map(str::to_owned);
        Some(Self {
            subject: text(SUBJECT)?,
            message_id: text(MESSAGE)?,
            deliveries: text(DELIVERIES)?.parse().ok()?,
            consumer: text(CONSUMER)?,
            reason: text(REASON)?,
            error: text(ERROR)?,
        })
    }

    /// Whether a header is ours or the server's: those of the message itself are neither.
    pub(super) fn owns(name: &str) -> bool {
        let begins = |with: &str| {
            let start = name.get(..with.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(with))
        };
        begins(MARK) || begins("Nats-")
    }
}

/// A header holds one line.
fn one_line(error: &str) -> String {
    let line = error.replace(['\r', '\n'], " ");
    let end = (0..=LONGEST_ERROR.min(line.len()))
        .rev()
        .find(|end| line.is_char_boundary(*end));
    line[..end.unwrap_or(0)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_fits_a_header_whatever_it_says() {
        assert_eq!(one_line("a\r\nb"), "a  b");
        let long = one_line(&"ä".repeat(2000));
        assert!(long.len() <= LONGEST_ERROR);
        assert!(long.chars().all(|letter| letter == 'ä'));
    }

    #[test]
    fn what_was_written_reads_back_and_comes_off_again() {
        let epitaph = Epitaph {
            subject: "harken.record.v1.x.contact".to_owned(),
            message_id: "m1".to_owned(),
            deliveries: 3,
            consumer: "scoring-records".to_owned(),
            reason: "panic".to_owned(),
            error: "the handler panicked".to_owned(),
        };
        let headers = epitaph.clone().into_headers(7);
        assert_eq!(Epitaph::read(&headers), Some(epitaph));
        assert!(headers.iter().all(|(name, _)| Epitaph::owns(name)));
        assert!(Epitaph::owns("Nats-Msg-Id"));
        assert!(!Epitaph::owns("harken-event") && !Epitaph::owns("traceparent"));
    }
}
