use serde::{Deserialize, Serialize};

/// What a score is computed from, as of a moment. `None` is unknown or not applicable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Inputs {
    /// Days since the customer was last seen.
    pub(crate) seen_days: Option<f64>,
    /// Days since the newest change of any conversation.
    pub(crate) conv_days: Option<f64>,
    /// Conversations in state open.
    pub(crate) open: u32,
    /// Mean hours to the last close.
    pub(crate) resolution_hours: Option<f64>,
    /// Reopenings in the last 30 days.
    pub(crate) reopens_30d: u32,
    /// Conversations with a visible message in the last 30 days.
    pub(crate) conversations_30d: u32,
    /// Hours that the oldest message of an admin waits for an answer; 0: answered.
    pub(crate) unanswered_hours: Option<f64>,
    /// Conversations ever mirrored; 0 makes the score N/A.
    pub(crate) conversations: u32,
}

/// Inputs that contradict themselves or are no measure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub(crate) struct InvalidInputs {
    pub(crate) field: &'static str,
    pub(crate) problem: String,
}

impl Inputs {
    /// Lets through what could have been measured.
    pub(crate) fn checked(self) -> Result<Self, InvalidInputs> {
        let measures = [
            ("seen_days", self.seen_days),
            ("conv_days", self.conv_days),
            ("resolution_hours", self.resolution_hours),
            ("unanswered_hours", self.unanswered_hours),
        ];
        for (field, measure) in measures {
            if let Some(value) = measure.filter(|value| !value.is_finite() || *value < 0.0) {
                let problem = format!("is {value}; give 0 or more, or leave it out if not known");
                return Err(InvalidInputs { field, problem });
            }
        }
        for (field, count) in [
            ("open", self.open),
            ("conversations_30d", self.conversations_30d),
        ] {
            if count > self.conversations {
                let problem = format!(
                    "is {}, but {field} is {count}; count every conversation ever had",
                    self.conversations
                );
                return Err(InvalidInputs {
                    field: "conversations",
                    problem,
                });
            }
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_that_no_measure_could_give_are_refused_by_name() {
        let sound = Inputs {
            conversations: 3,
            conversations_30d: 3,
            open: 1,
            ..Inputs::default()
        };
        assert_eq!(sound.checked(), Ok(sound));
        for (field, inputs) in [
            (
                "seen_days",
                Inputs {
                    seen_days: Some(-0.1),
                    ..sound
                },
            ),
            (
                "conv_days",
                Inputs {
                    conv_days: Some(f64::NAN),
                    ..sound
                },
            ),
            (
                "resolution_hours",
                Inputs {
                    resolution_hours: Some(f64::INFINITY),
                    ..sound
                },
            ),
            (
                "unanswered_hours",
                Inputs {
                    unanswered_hours: Some(-1.0),
                    ..sound
                },
            ),
            ("conversations", Inputs { open: 4, ..sound }),
            (
                "conversations",
                Inputs {
                    conversations: 0,
                    ..sound
                },
            ),
        ] {
            assert_eq!(inputs.checked().unwrap_err().field, field);
        }
    }
}
