//! Row 7.

use anyhow::Result;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};

use super::{Scale, Verdict};
use crate::deployment::Deployment;
use crate::ledger::{Ledger, audit, untraced};
use crate::traffic::{Story, post_all};

const SENDERS: u32 = 16;
/// One in so many comes when all others have been applied: a day late, by its own time.
const LATE_ONE_IN: usize = 10;
/// As often as a notification comes at most.
const TIMES: usize = 3;

pub(super) async fn run(deployment: &mut Deployment, scale: Scale) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let workspace = deployment.tenant().open_workspace("row 7").await?;
    let mut story = Story::of(&workspace, rand::random());
    let mut ledger = Ledger::default();
    for _ in 0..scale.pick(300, 1_500, 20_000) {
        ledger.open(story.tell());
    }
    let mut random = SmallRng::seed_from_u64(rand::random());
    let mut in_time = Vec::new();
    let mut late = Vec::new();
    for place in 0..ledger.entries().len() {
        let times = random.random_range(1..=TIMES);
        let when = if random.random_range(0..LATE_ONE_IN) == 0 {
            &mut late
        } else {
            &mut in_time
        };
        when.extend(std::iter::repeat_n(place, times));
    }
    in_time.shuffle(&mut random);
    late.shuffle(&mut random);
    let counts = (in_time.len(), late.len());
    let edge = deployment.edge();
    ledger = post_all(edge, &workspace, ledger, in_time, SENDERS).await?;
    let taken = ledger.entries().iter().filter(|entry| entry.is_taken());
    let ids: Vec<&str> = taken.map(|entry| entry.notification.id.as_str()).collect();
    untraced(deployment.tenant(), workspace.connection, &ids).await?;
    ledger = post_all(edge, &workspace, ledger, late, SENDERS).await?;

    verdict.expect(
        true,
        format!("{} shuffled, then {} late ones", counts.0, counts.1),
    );
    let audit = audit(deployment, &workspace, &ledger, story.truth()).await?;
    verdict.expect_sound(&audit);
    verdict.expect(audit.dead == 0, format!("{} dead letters", audit.dead));
    Ok(verdict)
}
