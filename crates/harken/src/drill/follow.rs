//! Follows notifications behind the edge, to the mirror or to the dead letters.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use harken_contracts::convert::datetime;
use harken_contracts::wire::dead::v1::{DeadLetterSelection, ListDeadLettersRequest};
use harken_contracts::wire::ingress::v1::{EdgeStatus, GetEdgeStatusRequest};
use harken_contracts::wire::sync::v1::{
    NotificationOutcome, NotificationTrace, TraceNotificationsRequest,
};
use harken_contracts::wire::types::v1::PageRequest;
use tokio::time::{Instant, sleep};

use super::ledger::{Entry, Fate, Kept, Ledger};
use super::notification::NotificationName;
use super::patient::Patient;
use crate::failure::Failure;
use crate::output::{Pulse, count};

/// Notifications that are asked for at once.
const AT_ONCE: usize = 1_000;
const ASK_AGAIN_AFTER: Duration = Duration::from_millis(250);
const PAGE: u32 = 500;

/// Whose notifications are followed.
pub(super) struct Trail<'d> {
    pub(super) patient: &'d Patient,
    pub(super) connection_id: &'d str,
    pub(super) drill: u64,
    pub(super) began_at: DateTime<Utc>,
}

impl Trail<'_> {
    /// Follows until everything that was accepted is settled, or nothing has moved for as long as patience lasts.
    pub(super) async fn settle(&self, ledger: &mut Ledger, pulse: &Pulse) -> Result<(), Failure> {
        let mut waiting = ledger.numbers(Entry::is_accepted);
        let mut moved_at = Instant::now();
        loop {
            let before = waiting.len();
            for chunk in waiting.chunks(AT_ONCE) {
                if self.trace(chunk, ledger).await? == 0 {
                    break;
                }
            }
            self.bury(ledger).await?;
            waiting.retain(|number| {
                let entry = ledger.get(*number);
                // What is in quarantine comes when its workspace is known, as ids alone.
                entry.fate == Fate::Unknown && entry.kept > Kept::Quarantine
            });
            if waiting.is_empty() {
                return Ok(());
            }
            if waiting.len() < before {
                moved_at = Instant::now();
            } else if moved_at.elapsed() > self.patient.patience() {
                return Ok(());
            }
            pulse.say(&format!(
                "following: {} not settled yet",
                count(waiting.len() as u64)
            ));
            sleep(ASK_AGAIN_AFTER).await;
        }
    }

    /// Looks for notifications that arrived although nobody said so: their answer was lost. Answers how many were found
    /// anew.
    pub(super) async fn look_for_unanswered(&self, ledger: &mut Ledger) -> Result<usize, Failure> {
        let unanswered =
            ledger.numbers(|entry| !entry.is_accepted() && entry.fate == Fate::Unknown);
        let mut found = 0;
        for chunk in unanswered.chunks(AT_ONCE) {
            found += self.trace(chunk, ledger).await?;
        }
        Ok(found)
    }

    /// Waits until the edge holds nothing back, as long as patience lasts. Answers what it still holds.
    pub(super) async fn drained(&self, pulse: &Pulse) -> Result<EdgeStatus, Failure> {
        let since = Instant::now();
        loop {
            let ask = async || {
                let mut edge = self.patient.harken.edge();
                edge.get_edge_status(GetEdgeStatusRequest {}).await
            };
            let status = self.patient.ask(ask).await?;
            if status.spooled == 0 || since.elapsed() > self.patient.patience() {
                return Ok(status);
            }
            pulse.say(&format!("{} in the spool", count(status.spooled)));
            sleep(ASK_AGAIN_AFTER).await;
        }
    }

    /// Asks what became of these. Answers how many are settled.
    async fn trace(&self, numbers: &[u32], ledger: &mut Ledger) -> Result<usize, Failure> {
        let name = |number: &u32| {
            NotificationName {
                drill: self.drill,
                number: *number,
            }
            .id()
        };
        let request = TraceNotificationsRequest {
            connection_id: self.connection_id.to_owned(),
            notification_ids: numbers.iter().map(name).collect(),
        };
        let ask = async || {
            let mut sync = self.patient.harken.sync();
            sync.trace_notifications(request.clone()).await
        };
        let traces = self.patient.ask(ask).await?.notifications;
        let mut settled = 0;
        for (number, trace) in numbers.iter().zip(&traces) {
            if let Some(fate) = fate(trace) {
                ledger.settled(*number, fate, self.applied_at(trace));
                settled += 1;
            }
        }
        Ok(settled)
    }

    fn applied_at(&self, trace: &NotificationTrace) -> Option<Duration> {
        let at = trace.applied_at.as_ref().map(datetime)?.ok()?;
        Some((at - self.began_at).to_std().unwrap_or_default())
    }

    /// Settles what lies among the dead letters.
    async fn bury(&self, ledger: &mut Ledger) -> Result<(), Failure> {
        let mut by_id: HashMap<String, u32> = HashMap::new();
        let mut page_token = String::new();
        loop {
            let request = ListDeadLettersRequest {
                selection: Some(DeadLetterSelection {
                    connection_id: self.connection_id.to_owned(),
                    ..DeadLetterSelection::default()
                }),
                page: Some(PageRequest {
                    page_size: PAGE,
                    page_token,
                }),
            };
            let ask = async || {
                let mut dead = self.patient.harken.dead();
                dead.list_dead_letters(request.clone()).await
            };
            let answer = self.patient.ask(ask).await?;
            if by_id.is_empty() && !answer.dead_letters.is_empty() {
                by_id = self.unsettled_by_id(ledger);
            }
            for letter in answer.dead_letters {
                let id = letter.message_id.rsplit(':').next().unwrap_or_default();
                if let Some(number) = by_id.get(id) {
                    ledger.settled(*number, Fate::Dead, None);
                }
            }
            page_token = answer.page.unwrap_or_default().next_page_token;
            if page_token.is_empty() {
                return Ok(());
            }
        }
    }

    fn unsettled_by_id(&self, ledger: &Ledger) -> HashMap<String, u32> {
        let unsettled = ledger.numbers(|entry| entry.fate == Fate::Unknown);
        let named = unsettled.into_iter().map(|number| {
            let drill = self.drill;
            (NotificationName { drill, number }.id(), number)
        });
        named.collect()
    }
}

fn fate(trace: &NotificationTrace) -> Option<Fate> {
    match trace.outcome() {
        NotificationOutcome::Unspecified => None,
        NotificationOutcome::Applied => Some(Fate::Applied),
        NotificationOutcome::Superseded => Some(Fate::Superseded),
        NotificationOutcome::Refetched => Some(Fate::Refetched),
        NotificationOutcome::Ignored | NotificationOutcome::UnknownTopic => Some(Fate::Ignored),
        NotificationOutcome::Dead => Some(Fate::Dead),
    }
}
