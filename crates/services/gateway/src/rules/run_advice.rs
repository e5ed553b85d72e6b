//! What a person makes of a run that did not bring what they expected.

use super::numbers;

/// Most workspaces are read within this time.
const LONG_SECS: u64 = 8 * 60;

/// What is odd about a run, why, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Advice {
    pub(crate) what: String,
    pub(crate) why: String,
    pub(crate) remedy: &'static str,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It does not move.
    #[default]
    Waiting,
    GoingOn {
        secs: u64,
    },
    Complete,
    Failed,
}

/// What matters of a run.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RunFacts {
    /// Whether it read everything rather than what changed.
    pub(crate) is_full: bool,
    pub(crate) stage: Stage,
    /// Whether a run of the connection got to its end before.
    pub(crate) worked_before: bool,
    pub(crate) contacts_seen: u64,
    pub(crate) contacts_left_out: u64,
    pub(crate) parts_held: u64,
    pub(crate) parts_counted: u64,
}

/// What to say about a run.
pub(crate) fn advise(run: RunFacts) -> Vec<Advice> {
    let mut advice = Vec::new();
    if matches!(run.stage, Stage::GoingOn { secs } if secs > LONG_SECS) {
        advice.push(Advice {
            what: "This sync takes longer than 8 minutes.".to_owned(),
            why: "Large workspaces do: Intercom permits only so many requests a minute, and other apps of the workspace use up the same limit.".to_owned(),
            remedy: "You can leave this page; it goes on by itself, and customers with their scores appear meanwhile. If the numbers stand still for minutes, the log below says what it waits for.",
        });
    }
    if run.stage == Stage::Failed && run.worked_before {
        advice.push(Advice {
            what: "It worked before and fails now.".to_owned(),
            why: "Most often the token was regenerated, a permission was taken away, or the app was made inactive in Intercom since.".to_owned(),
            remedy: "Press Test connection under Integrations: it shows which call is refused. What was read before is kept.",
        });
    }
    if run.is_full && run.stage == Stage::Complete {
        advice.extend(none_imported(run));
    }
    let lacking = run.parts_counted.saturating_sub(run.parts_held);
    if run.stage == Stage::Complete && lacking > 0 {
        advice.push(Advice {
            what: format!(
                "{} missing.",
                numbers::counted(lacking, "message or event is", "messages and events are")
            ),
            why: "Intercom counts more parts in these conversations than it gives: the latest 500 of each at most.".to_owned(),
            remedy: "Completeness lists each conversation with what is lacking and what can be done.",
        });
    }
    advice
}

fn none_imported(run: RunFacts) -> Option<Advice> {
    if run.contacts_seen > run.contacts_left_out {
        return None;
    }
    let what = "0 contacts imported.".to_owned();
    Some(if run.contacts_seen == 0 {
        Advice {
            what,
            why: "Intercom gave no contact at all: the workspace is empty, it is another one than you meant, or the permission to list contacts is missing.".to_owned(),
            remedy: "Compare the workspace id under Integrations with the one in Intercom's address bar, and press Test connection.",
        }
    } else {
        let contacts = numbers::counted(run.contacts_seen, "contact", "contacts");
        Advice {
            what,
            why: format!("Intercom gave {contacts}, and none has a valid e-mail address."),
            remedy: "A customer is recognised by its address: give the contacts one in Intercom, then retry the sync.",
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: RunFacts = RunFacts {
        is_full: true,
        stage: Stage::Complete,
        worked_before: true,
        contacts_seen: 512,
        contacts_left_out: 12,
        parts_held: 900,
        parts_counted: 900,
    };

    #[test]
    fn a_run_that_brought_what_was_expected_needs_no_words() {
        assert_eq!(advise(GOOD), []);
        let early = RunFacts {
            stage: Stage::GoingOn { secs: 480 },
            ..GOOD
        };
        assert_eq!(advise(early), []);
    }

    #[test]
    fn what_is_odd_is_explained_with_a_remedy() {
        for (run, what, why) in [
            (
                RunFacts {
                    stage: Stage::GoingOn { secs: 481 },
                    ..GOOD
                },
                "longer than 8 minutes",
                "so many requests a minute",
            ),
            (
                RunFacts {
                    contacts_seen: 0,
                    contacts_left_out: 0,
                    ..GOOD
                },
                "0 contacts imported",
                "another one than you meant",
            ),
            (
                RunFacts {
                    contacts_seen: 12,
                    ..GOOD
                },
                "0 contacts imported",
                "12 contacts, and none has a valid",
            ),
            (
                RunFacts {
                    parts_held: 899,
                    ..GOOD
                },
                "1 message or event is missing",
                "latest 500",
            ),
            (
                RunFacts {
                    stage: Stage::Failed,
                    ..GOOD
                },
                "worked before",
                "regenerated",
            ),
        ] {
            let advice = advise(run);
            assert_eq!(advice.len(), 1, "{run:?}");
            assert!(advice[0].what.contains(what), "{advice:?}");
            assert!(advice[0].why.contains(why), "{advice:?}");
            assert!(advice[0].remedy.ends_with('.'));
        }
    }

    #[test]
    fn an_incremental_run_without_contacts_is_nothing_odd() {
        let quiet = RunFacts {
            is_full: false,
            contacts_seen: 0,
            contacts_left_out: 0,
            ..GOOD
        };
        assert_eq!(advise(quiet), []);
    }
}
