//! Processes that share a budget against a server that counts in fixed windows, over any network.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const WINDOW_MS: i64 = 10_000;
/// As long as nothing is known, requests go one by one; that many may be lost in one window.
const FEWEST: u32 = 11;

#[derive(Clone, Debug)]
struct Network {
    /// Milliseconds there, milliseconds back, and whether the answer is lost; taken in turn.
    ways: Vec<(u16, u16, bool)>,
    sends_date: bool,
    /// Server's clock minus ours.
    skew_ms: i64,
    /// How far the clock that writes `Date` is ahead of the one that counts.
    date_ahead_ms: i64,
}

#[derive(Default)]
struct Outcome {
    /// Requests counted per server window.
    counted: BTreeMap<i64, u32>,
    refused: u32,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    Arrives(usize),
    Returns(usize),
    Wakes,
}

/// A process: what it decides by, and how many of its clients do nothing at the moment.
struct Process {
    member: Member,
    free: u32,
}

/// How many processes there are, and how many clients each has.
#[derive(Clone, Copy)]
struct Crowd {
    processes: u32,
    clients: u32,
}

/// Processes, a server, and the requests between them. Times are milliseconds since the start.
struct Play<'a> {
    limit: u32,
    network: &'a Network,
    priority: Priority,
    start: Instant,
    processes: Vec<Process>,
    shared: SharedWindow,
    agenda: BinaryHeap<Reverse<(i64, Happening)>>,
    /// By request; none until it arrived, and if it was lost.
    answers: Vec<Option<(u16, BudgetHeaders)>>,
    /// By request; whose it is.
    owners: Vec<usize>,
    wakes_at: Option<i64>,
    outcome: Outcome,
}

/// Lets the clients of one process ask without pause for `seconds`.
fn play(limit: u32, network: &Network, clients: u32, seconds: i64, priority: Priority) -> Outcome {
    let crowd = Crowd {
        processes: 1,
        clients,
    };
    play_among(crowd, limit, network, seconds, priority)
}

/// Lets all clients ask without pause for `seconds`.
fn play_among(
    crowd: Crowd,
    limit: u32,
    network: &Network,
    seconds: i64,
    priority: Priority,
) -> Outcome {
    let start = Instant::now();
    let process = |_| Process {
        member: Member::new(start),
        free: crowd.clients,
    };
    let mut play = Play {
        limit,
        network,
        priority,
        start,
        processes: (0..crowd.processes).map(process).collect(),
        shared: SharedWindow::default(),
        agenda: BinaryHeap::from([Reverse((0, Happening::Wakes))]),
        answers: Vec::new(),
        owners: Vec::new(),
        wakes_at: Some(0),
        outcome: Outcome::default(),
    };
    while let Some(Reverse((now, happening))) = play.agenda.pop() {
        if now > seconds * 1000 {
            break;
        }
        match happening {
            // One that was set for earlier has taken its place.
            Happening::Wakes if play.wakes_at != Some(now) => continue,
            Happening::Wakes => play.wakes_at = None,
            Happening::Arrives(request) => play.arrive(now, request),
            Happening::Returns(request) => play.come_back(now, request),
        }
        for process in 0..play.processes.len() {
            play.ask(now, process);
        }
    }
    play.outcome
}

impl Play<'_> {
    fn way(&self, request: usize) -> (u16, u16, bool) {
        self.network.ways[request % self.network.ways.len()]
    }

    fn arrive(&mut self, now: i64, request: usize) {
        let (_, back, lost) = self.way(request);
        let server_ms = now + self.network.skew_ms + 1_790_000_000_000;
        let window = server_ms.div_euclid(WINDOW_MS);
        let counted = self.outcome.counted.entry(window).or_default();
        let status = if *counted < self.limit {
            *counted += 1;
            200
        } else {
            self.outcome.refused += 1;
            429
        };
        let told = WindowHeaders {
            limit: self.limit,
            remaining: self.limit - *counted,
            reset: (window + 1) * WINDOW_MS / 1000,
        };
        let date = self
            .network
            .sends_date
            .then(|| (server_ms + self.network.date_ahead_ms).div_euclid(1000));
        let headers = BudgetHeaders {
            window: Some(told),
            date,
        };
        self.answers[request] = (!lost).then_some((status, headers));
        self.agenda.push(Reverse((
            now + i64::from(back),
            Happening::Returns(request),
        )));
    }

    fn come_back(&mut self, now: i64, request: usize) {
        let at = self.at(now);
        let process = &mut self.processes[self.owners[request]];
        process.free += 1;
        match self.answers[request].take() {
            Some((status, headers)) => process.member.answered(at, status, &headers),
            None => process.member.lost(at),
        }
    }

    fn ask(&mut self, now: i64, number: usize) {
        let at = self.at(now);
        loop {
            let process = &mut self.processes[number];
            if process.free == 0 {
                return;
            }
            match process.member.ask(at, self.priority) {
                Decision::Reserve => {
                    let claim = process.member.claim(self.priority, process.free);
                    let id = Uuid::from_u128(number as u128);
                    let grant = self.shared.reserve(id, &claim, now);
                    process.member.granted(at, &grant);
                }
                Decision::Permit => {
                    process.free -= 1;
                    let request = self.answers.len();
                    self.answers.push(None);
                    self.owners.push(number);
                    let arrival = now + i64::from(self.way(request).0);
                    self.agenda
                        .push(Reverse((arrival, Happening::Arrives(request))));
                }
                Decision::Until(until) => return self.wake(now, until),
                Decision::OnAnswer => return,
            }
        }
    }

    fn wake(&mut self, now: i64, until: Instant) {
        let ms = until.saturating_duration_since(self.start).as_millis();
        let ms = i64::try_from(ms).unwrap().max(now) + 1;
        if self.wakes_at.is_none_or(|at| ms < at) {
            self.wakes_at = Some(ms);
            self.agenda.push(Reverse((ms, Happening::Wakes)));
        }
    }

    fn at(&self, ms: i64) -> Instant {
        self.start + Duration::from_millis(u64::try_from(ms).unwrap())
    }
}

fn networks() -> impl Strategy<Value = Network> {
    let way = prop_oneof![
        9 => (0..3_000_u16, 0..3_000_u16, Just(false)),
        // Nobody is told of a loss at once.
        1 => (0..3_000_u16, 1_000..3_000_u16, Just(true)),
    ];
    (
        prop::collection::vec(way, 1..40),
        any::<bool>(),
        -100_000..100_000_i64,
    )
        .prop_map(|(ways, sends_date, skew_ms)| Network {
            ways,
            sends_date,
            skew_ms,
            date_ahead_ms: 0,
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_window_is_ever_asked_for_more_than_its_limit(
        limit in FEWEST..60_u32, network in networks(), clients in 1..100_u32,
    ) {
        let outcome = play(limit, &network, clients, 120, Priority::Interactive);
        prop_assert_eq!(outcome.refused, 0);
    }

    #[test]
    fn whatever_the_network_requests_keep_flowing(
        limit in FEWEST..60_u32, network in networks(), clients in 1..100_u32,
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
        let network = Network { ways: vec![(there, back, false)], sends_date, skew_ms, date_ahead_ms: 0 };
        let outcome = play(limit, &network, 100, 100, Priority::Backfill);
        prop_assert_eq!(outcome.refused, 0);
        // The first and the last window are not whole; without `Date`, the second is where their rhythm is learned.
        let first = outcome.counted.keys().next().copied().unwrap() + 2;
        let last = outcome.counted.keys().last().copied().unwrap();
        let counted: u32 = outcome.counted.range(first..last).map(|(_, count)| count).sum();
        let permitted = limit * u32::try_from(last - first).unwrap();
        prop_assert!(counted * 10 >= permitted * 9, "{counted} of {permitted}");
    }

    #[test]
    fn processes_that_share_never_ask_for_more_than_the_limit(
        limit in FEWEST..60_u32, network in networks(), processes in 2..5_u32, clients in 1..60_u32,
    ) {
        let crowd = Crowd { processes, clients };
        let outcome = play_among(crowd, limit, &network, 120, Priority::Interactive);
        prop_assert_eq!(outcome.refused, 0);
        prop_assert!(outcome.counted.len() >= 9, "{} windows", outcome.counted.len());
    }

    #[test]
    fn processes_that_share_use_what_is_permitted(
        limit in 200..2_000_u32, there in 1..100_u16, back in 1..100_u16, processes in 1..4_u32,
        skew_ms in -100_000..100_000_i64,
    ) {
        let network =
            Network { ways: vec![(there, back, false)], sends_date: true, skew_ms, date_ahead_ms: 0 };
        let crowd = Crowd { processes, clients: 100 };
        let outcome = play_among(crowd, limit, &network, 100, Priority::Interactive);
        prop_assert_eq!(outcome.refused, 0);
        let first = outcome.counted.keys().next().copied().unwrap() + 2;
        let last = outcome.counted.keys().last().copied().unwrap();
        let counted: u32 = outcome.counted.range(first..last).map(|(_, count)| count).sum();
        let permitted = limit * u32::try_from(last - first).unwrap();
        prop_assert!(counted * 100 >= permitted * 95, "{counted} of {permitted}");
    }

    #[test]
    fn a_clock_that_runs_ahead_costs_a_few_refusals_and_then_none(
        limit in 10..60_u32, ahead_ms in 0..1_500_i64, there in 0..100_u16, back in 1..100_u16,
    ) {
        let network = Network {
            ways: vec![(there, back, false)],
            sends_date: true,
            skew_ms: 0,
            date_ahead_ms: ahead_ms,
        };
        let outcome = play(limit, &network, 20, 300, Priority::Interactive);
        prop_assert!(outcome.refused <= 6 * 20, "{} refusals", outcome.refused);
        prop_assert!(outcome.counted.len() >= 29, "{} windows", outcome.counted.len());
    }
}
