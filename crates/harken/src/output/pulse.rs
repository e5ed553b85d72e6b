use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::Instant;

use super::Output;

/// Least time between two lines where no terminal redraws them.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Says that something long is still going on, and how it stands: in place at a terminal, else a line now and then, on
/// standard error.
pub(crate) struct Pulse {
    output: Output,
    bar: Option<ProgressBar>,
    last_line: Mutex<Option<Instant>>,
}

impl Pulse {
    pub(crate) fn new(output: &Output) -> Self {
        let bar = (output.is_terminal() && !output.is_json()).then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(5));
            let style = ProgressStyle::with_template("{spinner:.cyan} {msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self {
            output: output.clone(),
            bar,
            last_line: Mutex::new(None),
        }
    }

    pub(crate) fn say(&self, text: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(text.to_owned());
            return;
        }
        let mut last = self
            .last_line
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|last| last.elapsed() >= LINE_EVERY) {
            *last = Some(Instant::now());
            self.output.note(text);
        }
    }

    /// Leaves the terminal to what is printed next.
    pub(crate) fn end(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}
