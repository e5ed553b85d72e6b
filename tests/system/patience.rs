use std::time::{Duration, Instant};

/// How long anything may take on a busy machine before it counts as never.
pub(crate) const LONG: Duration = Duration::from_mins(4);
const POLL: Duration = Duration::from_millis(100);

/// Asks again until the answer is there.
pub(crate) async fn eventually<T, F>(what: &str, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let since = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(
            since.elapsed() < LONG,
            "in {} s it never came to pass that {what}",
            LONG.as_secs()
        );
        tokio::time::sleep(POLL).await;
    }
}
