//! The governor against a server that counts in fixed windows, over any network.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use proptest::prelude::*;

use super::*;

const WINDOW_MS: i64 = 10_000;

#[derive(Clone, Debug)]
struct Network {
    /// Milliseconds there, milliseconds back, and whether the answer is lost; taken in turn.
    ways: Vec<(u16, u16, bool)>,
    sends_date: bool,
    /// Server's clock minus ours.
    skew_ms: i64,
}

struct Outcome {
    /// Requests counted per server window.
    counted: BTreeMap<i64, u32>,
    refused: u32,
}

/// Lets `clients` ask without pause for `seconds`.
fn play(limit: u32, network: &Network, clients: u32, seconds: i64, priority: Priority) -> Outcome {
    #[derive(PartialEq, Eq, PartialOrd, Ord)]
    enum Happening {
        Arrives(usize),
        Returns(usize),
        Wakes,
    }
    let start = Instant::now();
    let at = |ms: i64| start + Duration::from_millis(u64::try_from(ms).unwrap());
    let server_ms = |ms: i64| ms + network.skew_ms + 1_790_000_000_000;
    let mut governor = Governor::new(start);
    let mut agenda = BinaryHeap::from([Reverse((0_i64, Happening::Wakes))]);
    let mut answers: Vec<Option<(u16, BudgetHeaders)>> = Vec::new();
    let mut free = clients;
    let mut wakes_at = None;
    let mut outcome = Outcome {
        counted: BTreeMap::new(),
        refused: 0,
    };
    while let Some(Reverse((now, happening))) = agenda.pop() {
        if now > seconds * 1000 {
            break;
        }
        match happening {
            Happening::Wakes => wakes_at = None,
            Happening::Arrives(request) => {
                let (_, back, lost) = network.ways[request % network.ways.len()];
                let window = server_ms(now).div_euclid(WINDOW_MS);
                let counted = outcome.counted.entry(window).or_default();
                let status = if *counted < limit {
                    *counted += 1;
                    200
                } else {
                    outcome.refused += 1;
                    429
                };
                let told = WindowHeaders {
                    limit,
                    remaining: limit - *counted,
                    reset: (window + 1) * WINDOW_MS / 1000,
                };
                let date = network.sends_date.then(|| server_ms(now).div_euclid(1000));
                let headers = BudgetHeaders {
                    window: Some(told),
                    date,
                };
                answers[request] = (!lost).then_some((status, headers));
                agenda.push(Reverse((
                    now + i64::from(back),
                    Happening::Returns(request),
                )));
            }
            Happening::Returns(request) => {
                free += 1;
                match answers[request].take() {
                    Some((status, headers)) => governor.answered(at(now), status, &headers),
                    None => governor.lost(at(now)),
                }
            }
        }
        while free > 0 {
            match governor.ask(at(now), priority) {
                Decision::Permit => {
                    free -= 1;
                    let request = answers.len();
                    answers.push(None);
                    let (there, ..) = network.ways[request % network.ways.len()];
                    let arrival = now + i64::from(there);
                    agenda.push(Reverse((arrival, Happening::Arrives(request))));
                }
                Decision::Until(until) => {
                    let ms = until.saturating_duration_since(start).as_millis();
                    let ms = i64::try_from(ms).unwrap().max(now) + 1;
                    if wakes_at.is_none_or(|at| ms < at) {
                        wakes_at = Some(ms);
                        agenda.push(Reverse((ms, Happening::Wakes)));
                    }
                    break;
                }
                Decision::OnAnswer => break,
            }
        }
    }
    outcome
}

fn networks() -> impl Strategy<Value = Network> {
    let way = (0..3_000_u16, 0..3_000_u16, prop::bool::weighted(0.1));
    (
        prop::collection::vec(way, 1..40),
        any::<bool>(),
        -100_000..100_000_i64,
    )
        .prop_map(|(ways, sends_date, skew_ms)| Network {
            ways,
            sends_date,
            skew_ms,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_window_is_ever_asked_for_more_than_its_limit(
        limit in 1..60_u32, network in networks(), clients in 1..100_u32,
    ) {
        let outcome = play(limit, &network, clients, 120, Priority::Interactive);
        prop_assert_eq!(outcome.refused, 0);
    }

    #[test]
    fn whatever_the_network_requests_keep_flowing(
        limit in 1..60_u32, network in networks(), clients in 1..100_u32,
    ) {
        let outcome = play(limit, &network, clients, 300, Priority::Interactive);
        let recent = outcome.counted.keys().last().copied().unwrap_or_default();
        let first = outcome.counted.keys().next().copied().unwrap_or_default();
        prop_assert!(recent - first >= 27, "the last request was counted in window {}", recent - first);
    }

    #[test]
    fn a_quick_network_gets_nine_tenths_of_what_is_permitted(
        limit in 100..2_000_u32, there in 1..100_u16, back in 1..100_u16, sends_date: bool,
        skew_ms in -100_000..100_000_i64,
    ) {
        let network = Network { ways: vec![(there, back, false)], sends_date, skew_ms };
        let outcome = play(limit, &network, 100, 100, Priority::Backfill);
        prop_assert_eq!(outcome.refused, 0);
        // The first and the last window are not whole.
        let first = outcome.counted.keys().next().copied().unwrap();
        let last = outcome.counted.keys().last().copied().unwrap();
        let counted: u32 = outcome.counted.range(first + 1..last).map(|(_, count)| count).sum();
        let permitted = limit * u32::try_from(last - first - 1).unwrap();
        prop_assert!(counted * 10 >= permitted * 9, "{counted} of {permitted}");
    }
}
