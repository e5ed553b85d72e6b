use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::{Instant, sleep};

/// How long anything may take on a busy machine before it counts as never.
const LONG: Duration = Duration::from_mins(4);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Waits until `look` finds something; fails with `what` after four minutes.
pub async fn until<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> Result<T> {
    until_within(LONG, what, look).await
}

/// Waits until `look` finds something; fails with `what` after `at_most`.
pub async fn until_within<T>(
    at_most: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> Result<T> {
    let end = Instant::now() + at_most;
    loop {
        if let Some(found) = look().await {
            return Ok(found);
        }
        if Instant::now() > end {
            bail!(
                "in {} s it never came to pass that {what}",
                at_most.as_secs()
            );
        }
        sleep(BETWEEN_LOOKS).await;
    }
}
