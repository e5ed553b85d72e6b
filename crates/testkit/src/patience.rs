//! Waiting for conditions instead of for a time.

use std::time::Duration;

use tokio::time::{Instant, sleep};

const AT_MOST: Duration = Duration::from_secs(30);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Waits until `condition` holds; panics with `what` after half a minute.
pub async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    eventually_some(what, async || condition().await.then_some(())).await;
}

/// Waits until `look` finds something; panics with `what` after half a minute.
pub async fn eventually_some<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    within(AT_MOST, what, look).await
}

/// Waits until `look` finds something; panics with `what` after `at_most`.
pub(crate) async fn within<T>(
    at_most: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> T {
    let until = Instant::now() + at_most;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < until, "waited in vain for: {what}");
        sleep(BETWEEN_LOOKS).await;
    }
}
