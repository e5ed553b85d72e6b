//! Row 13.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use harken_contracts::wire::vault::v1::SetWebhookSecretRequest;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use super::{Scale, Verdict};
use crate::deployment::{Deployment, Workspace};
use crate::ledger::untraced;
use crate::traffic::{Poster, Story, request};

/// Around the end of the grace period.
const MARGIN: Duration = Duration::from_secs(2);
const BEFORE: Duration = Duration::from_secs(3);
const AFTER: Duration = Duration::from_secs(5);
const SENDERS: u32 = 4;
const PER_SENDER_PER_SEC: u32 = 10;

/// Which secret signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signed {
    Old,
    New,
}

struct Sending {
    at: Instant,
    signed: Signed,
    status: Option<u16>,
    id: String,
}

pub(super) async fn run(deployment: &mut Deployment, scale: Scale) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let grace = Duration::from_secs(scale.pick(8, 15, 90).into());
    let old = deployment.tenant().open_workspace("row 13").await?;
    let new = Workspace {
        secret: hex::encode(rand::random::<[u8; 24]>()),
        ..old.clone()
    };
    let sent = Arc::new(Mutex::new(Vec::new()));
    let story = Arc::new(Mutex::new(Story::of(&old, rand::random())));
    let rotates_at = Instant::now() + BEFORE;
    let ends_at = rotates_at + grace + AFTER;
    let mut running = JoinSet::new();
    for _ in 0..SENDERS {
        let sender = Sender {
            poster: Poster::new(deployment.edge()),
            old: old.clone(),
            new: new.clone(),
            sent: Arc::clone(&sent),
            story: Arc::clone(&story),
        };
        running.spawn(sender.send(rotates_at, ends_at));
    }
    sleep_until(rotates_at - Duration::from_millis(500)).await;
    let rotation = SetWebhookSecretRequest {
        connection_id: old.connection.to_string(),
        secret: new.secret.clone(),
        grace_secs: Some(grace.as_secs()),
    };
    deployment
        .tenant()
        .vault()
        .set_webhook_secret(rotation)
        .await?;
    let set_at = Instant::now();
    running.join_all().await;

    let sent = std::mem::take(&mut *sent.lock().unwrap_or_else(PoisonError::into_inner));
    judge(&mut verdict, &sent, set_at + grace);
    let taken = sent.iter().filter(|sending| sending.status == Some(200));
    let ids: Vec<&str> = taken.map(|sending| sending.id.as_str()).collect();
    let lost = untraced(deployment.tenant(), old.connection, &ids).await?;
    let words = format!("{} of {} taken notifications lost", lost.len(), ids.len());
    verdict.expect(lost.is_empty(), words);
    Ok(verdict)
}

/// Within the margin around the end of the grace period either answer is right.
fn judge(verdict: &mut Verdict, sent: &[Sending], lapses_at: Instant) {
    let rows = [
        (
            "old secret in grace",
            Signed::Old,
            200,
            None,
            Some(lapses_at - MARGIN),
        ),
        (
            "new secret from the first moment",
            Signed::New,
            200,
            None,
            None,
        ),
        (
            "old secret after",
            Signed::Old,
            401,
            Some(lapses_at + MARGIN),
            None,
        ),
    ];
    for (words, signed, status, from, to) in rows {
        let some = sent.iter().filter(|sending| {
            sending.signed == signed
                && from.is_none_or(|from| sending.at >= from)
                && to.is_none_or(|to| sending.at < to)
        });
        let (right, all) = some.fold((0, 0), |(right, all), sending| {
            (right + usize::from(sending.status == Some(status)), all + 1)
        });
        let words = format!("{words}: {right} of {all} answered {status}");
        verdict.expect(right == all && all > 0, words);
    }
}

struct Sender {
    poster: Poster,
    old: Workspace,
    new: Workspace,
    sent: Arc<Mutex<Vec<Sending>>>,
    story: Arc<Mutex<Story>>,
}

impl Sender {
    /// Signs with the old secret, and from the rotation on with both in turn.
    async fn send(mut self, rotates_at: Instant, ends_at: Instant) {
        let mut turn = 0_u32;
        while Instant::now() < ends_at {
            let is_new = Instant::now() >= rotates_at && turn.is_multiple_of(2);
            let (signed, workspace) = if is_new {
                (Signed::New, &self.new)
            } else {
                (Signed::Old, &self.old)
            };
            let notification = self
                .story
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .tell();
            let bytes = request(&workspace.path(), &workspace.secret, &notification.body);
            let at = Instant::now();
            let (answer, _) = self.poster.send(&bytes).await;
            let sending = Sending {
                at,
                signed,
                status: answer.ok().map(|answer| answer.status),
                id: notification.id,
            };
            self.sent
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(sending);
            turn += 1;
            sleep(Duration::from_secs(1) / PER_SENDER_PER_SEC).await;
        }
    }
}
