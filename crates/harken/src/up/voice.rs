use serde::Serialize;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::output::{Cell, Output, Table};

/// Tells whoever started us how it goes: calm words, or an object per line for a program.
#[derive(Clone)]
pub(super) struct Voice {
    output: Output,
}

/// Where everything is.
#[derive(Debug, Serialize)]
pub(super) struct Ready {
    /// Address of the console.
    pub(super) console: String,
    /// Address of gRPC.
    pub(super) grpc: String,
    /// Where Intercom's notifications come in.
    pub(super) ingress: String,
    /// A link that signs the owner in, once.
    pub(super) sign_in: String,
    /// Address of the simulated Intercom; none where the real one is used.
    pub(super) simulator: Option<String>,
    /// Address of health and metrics.
    pub(super) ops: String,
    /// Folder with data, secrets and logs.
    pub(super) state_dir: String,
}

impl Voice {
    pub(super) const fn new(output: Output) -> Self {
        Self { output }
    }

    /// Says what is being done, before it is.
    pub(super) fn starting(&self, step: &str) {
        if self.output.is_json() {
            // Whoever does not listen now may listen to the end.
            let _ = self
                .output
                .object(&json!({"event": "starting", "step": step}));
        } else {
            self.output.note(&format!("  … {step}"));
        }
    }

    pub(super) fn ready(&self, ready: &Ready) {
        // Who does not listen any more does not stop us.
        let _ = self.tell_ready(ready);
    }

    fn tell_ready(&self, ready: &Ready) -> Result<(), Failure> {
        if self.output.is_json() {
            let mut event = json!({"event": "ready"});
            if let (Some(event), Ok(Value::Object(fields))) =
                (event.as_object_mut(), serde_json::to_value(ready))
            {
                event.extend(fields);
            }
            return self.output.object(&event);
        }
        self.output.line("\nHarken is up.\n")?;
        self.output.table(&summary(ready))?;
        self.output.line("\nCtrl-C stops everything.")
    }

    pub(super) fn stopping(&self) {
        self.output.note("\nStopping …");
    }

    pub(super) fn stopped(&self) {
        let _ = if self.output.is_json() {
            self.output.object(&json!({"event": "stopped"}))
        } else {
            self.output.line("Everything has stopped.")
        };
    }

    /// Tells a program what a person reads on standard error.
    pub(super) fn failed(&self, failure: &Failure) {
        if self.output.is_json() {
            let reason = failure.to_string();
            let _ = self
                .output
                .object(&json!({"event": "failed", "reason": reason}));
        }
    }
}

fn summary(ready: &Ready) -> Table {
    let mut facts = Table::facts();
    facts.fact("  Sign in", Cell::text(&ready.sign_in));
    facts.fact(
        "",
        Cell::text("works once; for another: harken sign-in-link"),
    );
    facts.fact("  Console", Cell::text(&ready.console));
    facts.fact("  gRPC", Cell::text(&ready.grpc));
    facts.fact("  Webhooks", Cell::text(&ready.ingress));
    match &ready.simulator {
        Some(simulator) => facts.fact("  Intercom", Cell::text(format!("{simulator} (simulated)"))),
        None => facts.fact("  Intercom", Cell::text("the real one")),
    }
    facts.fact(
        "  Health",
        Cell::text(format!("{}/readyz, {}/metrics", ready.ops, ready.ops)),
    );
    facts.fact("  Logs", Cell::text(format!("{}/logs", ready.state_dir)));
    facts
}
