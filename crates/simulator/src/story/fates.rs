//! What happens to people of each character, and when.

use super::cast::{Character, Plot};

/// Conversations of one person: age in days, and how it goes. `shade`, from 0 to 1, sets apart those who
/// share a character; `which` counts them.
pub(super) fn plots(character: Character, which: u64, shade: f64) -> Vec<(f64, Plot)> {
    let late = shade > 0.5;
    let latest = if shade > 0.7 {
        Plot::WaitsForUs
    } else {
        Plot::Answered
    };
    let longest = if which == 0 {
        Plot::Marathon
    } else {
        Plot::HandedOver
    };
    match character {
        Character::Champion => vec![
            (1.5 + 3.0 * shade, latest),
            (9.0 + 5.0 * shade, Plot::Answered),
            (24.0 + 6.0 * shade, longest),
            (55.0 + 10.0 * shade, Plot::Answered),
            (100.0 + 8.0 * shade, Plot::BotSolved),
        ],
        Character::Steady => vec![
            (5.0 + 6.0 * shade, steady_plot(which)),
            (18.0 + 8.0 * shade, Plot::Answered),
            (46.0 + 8.0 * shade, Plot::HandedOver),
            (80.0 + 15.0 * shade, Plot::Answered),
        ],
        Character::Newcomer => vec![
            (
                2.4 + 0.4 * shade,
                if late {
                    Plot::WaitsForUs
                } else {
                    Plot::Answered
                },
            ),
            (9.0 + 2.0 * shade, Plot::HandedOver),
        ],
        Character::SelfServed => vec![
            (6.0 + 3.0 * shade, Plot::BotSolved),
            (20.0 + 5.0 * shade, Plot::BotSolved),
            (41.0 + 5.0 * shade, Plot::BotSolved),
            (66.0 + 10.0 * shade, Plot::BotSolved),
        ],
        Character::Occasional => {
            vec![
                (38.0 + 8.0 * shade, Plot::Answered),
                (104.0 + shade, Plot::Answered),
            ]
        }
        _ => uneasy(character, shade),
    }
}

/// Who waits, or drifts away.
fn uneasy(character: Character, shade: f64) -> Vec<(f64, Plot)> {
    let late = shade > 0.5;
    match character {
        Character::Waiting => vec![
            (4.7 + 3.0 * shade, Plot::WaitsForCustomer),
            (6.2 + 4.0 * shade, Plot::WaitsForUs),
            (
                8.1 + 3.0 * shade,
                if late {
                    Plot::WaitsForCustomer
                } else {
                    Plot::Answered
                },
            ),
            (30.0 + 5.0 * shade, Plot::Answered),
            (70.0 + 8.0 * shade, Plot::Answered),
        ],
        Character::Fading => vec![
            (
                33.0 + 6.0 * shade,
                if late {
                    Plot::WaitsForCustomer
                } else {
                    Plot::Answered
                },
            ),
            (60.0 + 10.0 * shade, Plot::Answered),
            (95.0 + 10.0 * shade, Plot::Answered),
        ],
        Character::Bouncing => vec![
            (
                2.5 + shade,
                Plot::Reopened {
                    times: 1,
                    closed: false,
                },
            ),
            (
                8.0 + 4.0 * shade,
                Plot::Reopened {
                    times: if late { 2 } else { 1 },
                    closed: true,
                },
            ),
            (13.0 + 3.0 * shade, Plot::Answered),
            (35.0 + 4.0 * shade, Plot::Answered),
            (75.0 + 4.0 * shade, Plot::Answered),
        ],
        _ => unhappy(character, shade),
    }
}

/// Who is about to leave.
fn unhappy(character: Character, shade: f64) -> Vec<(f64, Plot)> {
    match character {
        Character::Burning => vec![
            (1.2 + shade, Plot::WaitsForUs),
            (2.5 + 0.8 * shade, Plot::WaitsForUs),
            (
                4.5 + shade,
                Plot::Reopened {
                    times: 2,
                    closed: false,
                },
            ),
            (9.0 + 2.0 * shade, Plot::WaitsForCustomer),
            (
                12.0 + 3.0 * shade,
                Plot::Reopened {
                    times: 1,
                    closed: true,
                },
            ),
            (40.0 + 5.0 * shade, Plot::Answered),
            (75.0 + 8.0 * shade, Plot::Answered),
        ],
        Character::Leaving => vec![
            (12.5 + 2.0 * shade, Plot::WaitsForCustomer),
            (14.1 + 2.0 * shade, Plot::WaitsForUs),
            (19.0 + 3.0 * shade, Plot::WaitsForCustomer),
            (
                24.2 + shade,
                Plot::Reopened {
                    times: 1,
                    closed: true,
                },
            ),
            (60.4 + shade, Plot::Answered),
        ],
        _ => vec![],
    }
}

fn steady_plot(which: u64) -> Plot {
    match which {
        3 => Plot::Snoozed,
        6 => Plot::WaitsForCustomer,
        8 => Plot::WaitsForUs,
        _ => Plot::Answered,
    }
}

impl Character {
    /// Hours from the first question to the last close, least and most.
    pub(crate) fn resolution_hours(self) -> (f64, f64) {
        match self {
            Self::Champion => (0.4, 6.0),
            Self::Steady => (3.0, 20.0),
            Self::Newcomer => (1.0, 9.0),
            Self::SelfServed | Self::Silent => (0.05, 0.6),
            Self::Occasional => (5.0, 18.0),
            Self::Waiting => (26.0, 58.0),
            Self::Fading => (60.0, 105.0),
            Self::Bouncing => (36.0, 80.0),
            Self::Burning => (84.0, 150.0),
            Self::Leaving => (72.0, 130.0),
        }
    }

    pub(crate) fn is_unhappy(self) -> bool {
        matches!(self, Self::Burning | Self::Leaving | Self::Bouncing)
    }
}
