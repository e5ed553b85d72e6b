//! When the mirror lacks something of a record, and in which words that is told.
//!
//! The rule for parts: Intercom gives the latest 500 parts of a conversation and no page before them. Below that cap an answer
//! is the whole, for `statistics.count_conversation_parts` also counts what Intercom never shows (3 right after a first
//! automatic reply, where one part is visible): counted alone proves no loss. At the cap, or where the list says that it is
//! longer than what was given, it is a tail, unless at least as many parts are held as Intercom counts: older ones that were
//! seen before stay. Both numbers are shown either way.

use harken_intercom::ReadError;

/// Why something is lacking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Lack {
    /// Intercom gives a tail of the parts only.
    Truncated,
    /// It waits to be fetched.
    Waiting,
    /// Its answer could not be read.
    Unreadable,
    /// Intercom refused it.
    Refused,
    /// Intercom did not find it.
    NotFound,
    /// A list inside it goes on.
    Cut,
}

impl Lack {
    const ALL: [Self; 6] = [
        Self::Truncated,
        Self::Waiting,
        Self::Unreadable,
        Self::Refused,
        Self::NotFound,
        Self::Cut,
    ];

    /// As the store writes it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::Waiting => "waiting",
            Self::Unreadable => "unreadable",
            Self::Refused => "refused",
            Self::NotFound => "not_found",
            Self::Cut => "cut",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lack| lack.as_str() == word)
    }

    /// Why a record is lacking that was asked for in vain.
    pub(crate) const fn of(error: &ReadError) -> Self {
        match error {
            ReadError::Denied { .. } => Self::Refused,
            ReadError::NotFound { .. } | ReadError::Merged { .. } => Self::NotFound,
            ReadError::NotRemembered
            | ReadError::Rejected { .. }
            | ReadError::Malformed { .. }
            | ReadError::Transport(_) => Self::Unreadable,
        }
    }
}

/// What is known of a record that lacks something.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lacking<'a> {
    pub(crate) lack: Lack,
    /// What was written down when it was noted; empty if nothing was.
    pub(crate) detail: &'a str,
    /// The opening message included; none where nothing is held.
    pub(crate) parts_held: Option<u32>,
    pub(crate) parts_counted: Option<u32>,
    pub(crate) permission: &'static str,
}

impl Lacking<'_> {
    /// What is lacking, with numbers.
    pub(crate) fn detail(&self) -> String {
        let counted = match self.parts_counted {
            Some(counted) => format!("Intercom counts {counted} parts"),
            None => "Intercom does not say how many parts there are".to_owned(),
        };
        let held = match self.parts_held {
            Some(held) => format!("{held} are held, the opening message included"),
            None => "none are held".to_owned(),
        };
        match self.lack {
            Lack::Truncated => format!(
                "Intercom gives the latest 500 parts of a conversation and no older ones. {counted}; {held}."
            ),
            Lack::Waiting if self.parts_held.is_some() => {
                format!("Notifications told of it; it waits to be fetched. {counted}; {held}.")
            }
            Lack::Waiting => "Notifications told of it; it waits to be fetched.".to_owned(),
            Lack::Unreadable | Lack::Refused | Lack::NotFound | Lack::Cut => self.detail.to_owned(),
        }
    }

    /// What can be done.
    pub(crate) fn remedy(&self) -> String {
        match self.lack {
            Lack::Truncated => "Nothing brings the older parts back. What comes from now on is kept, also beyond 500.",
            Lack::Waiting => "Nothing: it is fetched within minutes as long as Intercom answers.",
            Lack::Unreadable => {
                "Each sync asks for it again. If it stays, quote the request id to Intercom."
            }
            Lack::NotFound => {
                "Nothing if it was deleted. A ticket needs the permission \u{201c}Read tickets\u{201d} in Intercom's Developer Hub."
            }
            Lack::Cut => "Each sync asks for the rest again. If it stays, quote the request id to Intercom.",
            Lack::Refused => {
                return format!(
                    "Grant the permission \u{201c}{}\u{201d} in Intercom's Developer Hub, then start the sync again.",
                    self.permission
                );
            }
        }
        .to_owned()
    }
}

/// Why the last run did not get everything: gaps by kind with their numbers, and the permissions that are missing.
pub(crate) fn summary(gaps: &[(String, i64)], missing: &[String]) -> String {
    let mut sentences: Vec<String> = gaps.iter().map(|(kind, n)| sentence(kind, *n)).collect();
    for permission in missing {
        sentences.push(format!(
            "Grant the permission \u{201c}{permission}\u{201d} in Intercom's Developer Hub, then start the sync again."
        ));
    }
    if !sentences.is_empty() && missing.is_empty() {
        sentences.push("Completeness lists each with what can be done.".to_owned());
    }
    sentences.join(" ")
}

fn sentence(kind: &str, n: i64) -> String {
    let s = if n == 1 { "" } else { "s" };
    match kind {
        "conversation" => format!("{n} conversation{s} could not be read."),
        "contact" => format!("{n} contact{s} could not be read whole."),
        "parts" if n == 1 => "1 conversation has more parts than Intercom gives.".to_owned(),
        "parts" => format!("{n} conversations have more parts than Intercom gives."),
        "company" if n == 1 => "1 company could not be read.".to_owned(),
        "company" => format!("{n} companies could not be read."),
        list => format!("The {list} could not be read."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lacking(lack: Lack) -> Lacking<'static> {
        Lacking {
            lack,
            detail: "Intercom's answer cannot be read: it is empty",
            parts_held: Some(501),
            parts_counted: Some(731),
            permission: "Read conversations",
        }
    }

    #[test]
    fn what_is_lacking_is_told_with_numbers_and_a_remedy() {
        for (lack, detail, remedy) in [
            (
                Lack::Truncated,
                "731 parts; 501 are held",
                "also beyond 500",
            ),
            (Lack::Waiting, "731 parts; 501 are held", "within minutes"),
            (Lack::Unreadable, "it is empty", "request id"),
            (
                Lack::Refused,
                "it is empty",
                "\u{201c}Read conversations\u{201d}",
            ),
            (Lack::NotFound, "it is empty", "Read tickets"),
            (Lack::Cut, "it is empty", "asks for the rest"),
        ] {
            let lacking = lacking(lack);
            assert!(lacking.detail().contains(detail), "{}", lacking.detail());
            assert!(lacking.remedy().contains(remedy), "{}", lacking.remedy());
            assert_eq!(Lack::parse(lack.as_str()), Some(lack));
        }
        assert_eq!(Lack::parse("lost"), None);
    }

    #[test]
    fn the_last_error_names_what_is_missing_and_the_remedy() {
        let gaps = |gaps: &[(&str, i64)]| -> Vec<(String, i64)> {
            gaps.iter()
                .map(|(kind, n)| ((*kind).to_owned(), *n))
                .collect()
        };
        assert_eq!(summary(&[], &[]), "");
        let words = summary(&gaps(&[("conversation", 2), ("parts", 1)]), &[]);
        assert_eq!(
            words,
            "2 conversations could not be read. 1 conversation has more parts than Intercom gives. \
             Completeness lists each with what can be done."
        );
        let words = summary(&gaps(&[("tags", 1)]), &["Read tags".to_owned()]);
        assert!(words.starts_with(
            "The tags could not be read. Grant the permission \u{201c}Read tags\u{201d}"
        ));
    }
}
