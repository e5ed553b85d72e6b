//! How long a run waits for Intercom.

use std::time::Duration;

use harken_intercom::ReadError;
use tokio::time::{Instant, sleep};

use super::notes::Notes;

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// How much patience a question deserves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// How long Intercom may be away.
    pub(super) away: Duration,
    /// How often an answer is asked for that cannot be read.
    pub(super) unreadable: u32,
}

/// Asks again as long as asking again may help: for a while for Intercom or the vault to come back, a few times for an
/// answer that can be read. Tells the notes what it waits for.
pub(super) async fn patiently<A, F>(
    notes: &Notes,
    patience: Patience,
    what: &str,
    ask: impl Fn() -> F,
) -> Result<A, ReadError>
where
    F: Future<Output = Result<A, ReadError>>,
{
    let mut away_since: Option<Instant> = None;
    let mut unreadable = 0;
    let mut pause = FIRST_PAUSE;
    loop {
        let error = match ask().await {
            Ok(answer) => {
                if away_since.is_some() {
                    notes.waits_for("");
                    notes.info(format!("Goes on with {what}"));
                }
                return Ok(answer);
            }
            Err(error) => error,
        };
        match &error {
            ReadError::Transport(cause) if cause.is_transient() => {
                let since = *away_since.get_or_insert_with(Instant::now);
                if since.elapsed() >= patience.away {
                    return Err(error);
                }
                if since.elapsed() < FIRST_PAUSE {
                    notes.warning(format!("Waits with {what}: {cause}"), None);
                }
                notes.waits_for(&format!("Waits: {cause}"));
            }
            ReadError::Malformed {
                problem,
                request_id,
            } => {
                unreadable += 1;
                notes.warning(
                    format!("The answer about {what} cannot be read: it {problem}"),
                    request_id.as_deref(),
                );
                if unreadable >= patience.unreadable {
                    return Err(error);
                }
            }
            _ => return Err(error),
        }
        metrics::counter!("harken_sync_repeats_total").increment(1);
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use harken_domain::Clock;
    use harken_intercom::TransportError;

    use super::*;

    fn away() -> ReadError {
        ReadError::Transport(TransportError::Unreachable {
            reason: "refused".to_owned(),
        })
    }

    fn unreadable() -> ReadError {
        ReadError::Malformed {
            problem: "is empty".to_owned(),
            request_id: None,
        }
    }

    async fn tries(
        limit_secs: u64,
        answers: impl Fn(u32) -> Result<u32, ReadError> + Send + Sync,
    ) -> (u32, Result<u32, ReadError>) {
        let notes = Notes::new(Clock::system());
        let tries = AtomicU32::new(0);
        let patience = Patience {
            away: Duration::from_secs(limit_secs),
            unreadable: 4,
        };
        let outcome = patiently(&notes, patience, "contacts", async || {
            answers(tries.fetch_add(1, Ordering::Relaxed))
        })
        .await;
        (tries.into_inner(), outcome)
    }

    #[tokio::test(start_paused = true)]
    async fn it_waits_until_intercom_is_back() {
        let (tries, outcome) = tries(600, |n| if n < 9 { Err(away()) } else { Ok(n) }).await;
        assert_eq!((tries, outcome), (10, Ok(9)));
    }

    #[tokio::test(start_paused = true)]
    async fn it_does_not_wait_for_ever() {
        let began = Instant::now();
        let (_, outcome) = tries(600, |_| Err(away())).await;
        assert_eq!(outcome, Err(away()));
        assert!((600..630).contains(&began.elapsed().as_secs()));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_stays_unreadable_is_given_up_soon() {
        let (tries, outcome) = tries(600, |_| Err(unreadable())).await;
        assert_eq!((tries, outcome), (4, Err(unreadable())));
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_change_is_not_asked_again() {
        let gone = || ReadError::NotFound { request_id: None };
        let (tries, outcome) = tries(600, |_| Err(gone())).await;
        assert_eq!((tries, outcome), (1, Err(gone())));
    }
}
