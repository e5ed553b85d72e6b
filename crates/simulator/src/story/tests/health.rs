//! A story must have something to show at every level of health.

use super::super::{Deed, Person, State, Voice};
use super::story;

type Knots = &'static [(f64, f64)];

const RECENCY: Knots = &[
    (0., 100.),
    (2., 100.),
    (7., 85.),
    (14., 60.),
    (30., 15.),
    (60., 0.),
];
const OPEN: Knots = &[
    (0., 100.),
    (1., 80.),
    (2., 55.),
    (3., 35.),
    (4., 15.),
    (6., 0.),
];
const RESOLUTION: Knots = &[
    (0., 100.),
    (4., 95.),
    (24., 60.),
    (48., 35.),
    (72., 15.),
    (168., 0.),
];
const REOPENS: Knots = &[(0., 100.), (1., 60.), (2., 30.), (3., 10.), (5., 0.)];
const RESPONSE: Knots = &[
    (24., 100.),
    (72., 70.),
    (168., 40.),
    (336., 15.),
    (720., 0.),
];

fn curve(knots: Knots, x: f64) -> f64 {
    let (first, last) = (knots[0], knots[knots.len() - 1]);
    if x <= first.0 {
        return first.1;
    }
    let pair = knots.windows(2).find(|pair| x <= pair[1].0);
    pair.map_or(last.1, |pair| {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    })
}

#[derive(Debug, Default)]
struct Signals {
    conversation_days: Option<f64>,
    open: f64,
    resolutions: Vec<f64>,
    reopens: f64,
    recent: f64,
    unanswered: Option<f64>,
}

#[expect(clippy::cast_precision_loss, reason = "ages of some months")]
fn signals(person: &Person<'_>) -> Signals {
    let epoch = person.story.premise.epoch;
    let days = |at: i64| (epoch - at) as f64 / 86_400.0;
    let mut signals = Signals::default();
    for number in person.story.conversations_of(person.number) {
        let conversation = person.story.conversation(number);
        let standing = conversation.standing();
        let age = days(conversation.updated_at);
        signals.conversation_days = Some(
            signals
                .conversation_days
                .map_or(age, |least| least.min(age)),
        );
        signals.open += f64::from(u8::from(standing.state == State::Open));
        let closed = standing.state == State::Closed;
        if closed
            && standing
                .statistics
                .last_close_at
                .is_some_and(|at| days(at) <= 90.0)
        {
            signals.resolutions.extend(
                standing
                    .statistics
                    .time_to_last_close
                    .map(|secs| secs as f64 / 3600.0),
            );
        }
        let events = &conversation.timeline.events;
        signals.reopens += events
            .iter()
            .filter(|event| event.deed.reopens() && days(event.at) <= 30.0)
            .count() as f64;
        let spoke = |at: i64| days(at) <= 30.0;
        let recent = spoke(conversation.timeline.starts_at)
            || events
                .iter()
                .any(|event| event.deed.is_visible_message() && spoke(event.at));
        signals.recent += f64::from(u8::from(recent));
        let human = events.iter().rfind(|event| {
            event.deed.is_visible_message()
                && matches!(event.by, Voice::Admin(_))
                && !matches!(event.deed, Deed::Rate { .. })
        });
        if let Some(human) = human.filter(|human| days(human.at) <= 90.0) {
            let answered = closed || standing.customer_spoke_last;
            let hours = if answered { 0.0 } else { days(human.at) * 24.0 };
            signals.unanswered = Some(signals.unanswered.unwrap_or(0.0).max(hours));
        }
    }
    signals
}

#[expect(clippy::cast_precision_loss, reason = "ages of some months")]
fn score(person: &Person<'_>) -> Option<f64> {
    let signals = signals(person);
    let epoch = person.story.premise.epoch;
    let seen = person
        .last_seen_at()
        .map(|at| (epoch - at) as f64 / 86_400.0);
    let recency: Vec<f64> = [seen, signals.conversation_days]
        .into_iter()
        .flatten()
        .map(|days| curve(RECENCY, days))
        .collect();
    signals.conversation_days?;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let in_logarithm: Vec<(f64, f64)> = RESOLUTION
        .iter()
        .map(|(hours, y)| (hours.ln_1p(), *y))
        .collect();
    let resolution = (!signals.resolutions.is_empty()).then(|| {
        let x = mean(&signals.resolutions).ln_1p();
        let pair = in_logarithm.windows(2).find(|pair| x <= pair[1].0);
        pair.map_or(0.0, |pair| {
            pair[0].1 + (pair[1].1 - pair[0].1) * (x - pair[0].0) / (pair[1].0 - pair[0].0)
        })
    });
    let reopens = signals.reopens * (20.0 / signals.recent.max(1.0)).min(1.0);
    let factors = [
        (20.0, Some(mean(&recency))),
        (25.0, Some(curve(OPEN, signals.open))),
        (20.0, resolution),
        (20.0, Some(curve(REOPENS, reopens))),
        (15.0, signals.unanswered.map(|hours| curve(RESPONSE, hours))),
    ];
    let present = factors
        .iter()
        .filter_map(|(weight, factor)| Some((weight, (*factor)?)));
    let (weights, points) = present.fold((0.0, 0.0), |(weights, points), (weight, factor)| {
        (weights + weight, points + weight * factor)
    });
    Some(points / weights)
}

#[test]
fn every_level_of_health_is_clearly_there() {
    for seed in [1, 2, 77] {
        let story = story(seed, 500, 2000);
        let scores: Vec<_> = (0..500)
            .map(|number| score(&Person::new(&story, number)))
            .collect();
        let share = |fits: &dyn Fn(f64) -> bool| {
            scores
                .iter()
                .flatten()
                .filter(|score| fits(**score))
                .count()
                * 100
                / scores.len()
        };
        let healthy = share(&|score| score >= 69.5);
        let critical = share(&|score| score < 39.5);
        let at_risk = share(&|score| (39.5..69.5).contains(&score));
        let unknown = scores.iter().filter(|score| score.is_none()).count() * 100 / scores.len();
        let found = format!(
            "seed {seed}: {healthy} healthy, {at_risk} at risk, {critical} critical, {unknown} N/A"
        );
        assert!((50..=62).contains(&healthy), "{found}");
        assert!((19..=29).contains(&at_risk), "{found}");
        assert!((10..=15).contains(&critical), "{found}");
        assert!((5..=10).contains(&unknown), "{found}");
    }
}
