//! How steps that go on side by side wait for one another.

use tokio::sync::watch;

use super::Halt;

/// Held by a step that others wait for. Dropped before it is opened, it tells them that the step failed.
#[derive(Debug)]
pub(super) struct Gate(watch::Sender<bool>);

/// The other side of a gate. Clones wait for the same.
#[derive(Clone, Debug)]
pub(super) struct Beyond(watch::Receiver<bool>);

pub(super) fn gate() -> (Gate, Beyond) {
    let (gate, beyond) = watch::channel(false);
    (Gate(gate), Beyond(beyond))
}

impl Gate {
    /// Tells that the step came a little further.
    pub(super) fn stir(&self) {
        self.0.send_modify(|_| {});
    }

    /// Tells that the step is over.
    pub(super) fn open(self) {
        self.0.send_replace(true);
    }
}

impl Beyond {
    pub(super) fn is_open(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the step is over.
    pub(super) async fn passed(&mut self) -> Result<(), Halt> {
        let passed = self.0.wait_for(|is_open| *is_open).await;
        passed.map(|_| ()).map_err(|_| Halt::Blocked)
    }

    /// Waits until the step came further than when this was last asked.
    pub(super) async fn stirred(&mut self) -> Result<(), Halt> {
        if self.0.has_changed().is_err() && self.is_open() {
            return Ok(());
        }
        self.0.changed().await.map_err(|_| Halt::Blocked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_open_gate_stays_open() {
        let (gate, mut beyond) = gate();
        gate.stir();
        beyond.stirred().await.unwrap();
        assert!(!beyond.is_open());
        gate.open();
        beyond.passed().await.unwrap();
        beyond.clone().passed().await.unwrap();
        beyond.stirred().await.unwrap();
    }

    #[tokio::test]
    async fn a_step_that_fails_lets_nobody_wait_for_ever() {
        let (gate, mut beyond) = gate();
        drop(gate);
        assert!(matches!(beyond.passed().await, Err(Halt::Blocked)));
        assert!(matches!(beyond.stirred().await, Err(Halt::Blocked)));
    }
}
