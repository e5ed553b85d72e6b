use harken_runtime::Shutdown;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

/// Most rows that wait; beyond, a writer is told at once that nothing was written.
const MOST_WAITING: usize = 1024;
/// Most rows written at once.
const AT_ONCE: usize = 256;

/// Writes rows of requests that wait at the same time in one statement.
#[derive(Debug)]
pub(super) struct GroupWriter<Row> {
    send: mpsc::Sender<Waiting<Row>>,
    receive: Mutex<mpsc::Receiver<Waiting<Row>>>,
}

#[derive(Debug)]
struct Waiting<Row> {
    row: Row,
    /// When nobody waits for it any more.
    by: Instant,
    written: oneshot::Sender<bool>,
}

impl<Row: Send> GroupWriter<Row> {
    pub(super) fn new() -> Self {
        let (send, receive) = mpsc::channel(MOST_WAITING);
        Self {
            send,
            receive: Mutex::new(receive),
        }
    }

    /// Whether the row was written by then. If not, it may yet be.
    pub(super) async fn write(&self, row: Row, by: Instant) -> bool {
        let (written, answer) = oneshot::channel();
        if self.send.try_send(Waiting { row, by, written }).is_err() {
            return false;
        }
        matches!(timeout_at(by, answer).await, Ok(Ok(true)))
    }

    /// Writes what is waiting, again and again, until `shutdown` and until nothing waits.
    pub(super) async fn run<E, F>(&self, write: impl Fn(Vec<Row>) -> F, shutdown: &Shutdown)
    where
        E: std::error::Error + 'static,
        F: Future<Output = Result<(), E>>,
    {
        let mut receive = self.receive.lock().await;
        let mut waiting = Vec::with_capacity(AT_ONCE);
        loop {
            tokio::select! {
                biased;
                _ = receive.recv_many(&mut waiting, AT_ONCE) => {}
                () = shutdown.requested() => return,
            }
            // Whoever gave up has answered that nothing was kept.
            waiting.retain(|one| !one.written.is_closed());
            let Some(by) = waiting.iter().map(|one| one.by).max() else {
                continue;
            };
            let (rows, answers): (Vec<Row>, Vec<_>) =
                waiting.drain(..).map(|one| (one.row, one.written)).unzip();
            let kept = match timeout_at(by, write(rows)).await {
                Ok(Ok(())) => true,
                Ok(Err(error)) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "rows were not written"
                    );
                    false
                }
                Err(_) => {
                    tracing::warn!("rows were not written in time");
                    false
                }
            };
            for answer in answers {
                let _ = answer.send(kept);
            }
        }
    }
}
