//! Faults on order: the next requests on a path go wrong in a chosen way.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// A fault to come.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Fault {
    /// A path in which `*` stands for any text, such as `/conversations/*`.
    path: String,
    /// Any method when missing.
    #[serde(default)]
    method: Option<String>,
    /// Requests that go wrong.
    #[serde(default = "once")]
    times: u64,
    /// Requests that still go well before.
    #[serde(default)]
    skip: u64,
    #[serde(flatten)]
    pub(crate) harm: Harm,
}

/// What goes wrong.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(tag = "harm", rename_all = "snake_case")]
pub(crate) enum Harm {
    /// An `error.list` with this status.
    Status {
        status: u16,
        #[serde(default)]
        code: Option<String>,
        #[serde(default)]
        message: Option<String>,
        /// Sent as `Retry-After`.
        #[serde(default)]
        retry_after_secs: Option<u64>,
    },
    /// The answer comes this much later.
    Delay { millis: u64 },
    /// No answer until the caller gives up.
    Hang,
    /// 200 without a body.
    EmptyBody,
    /// 200 with a body that is no JSON.
    BrokenJson,
    /// 200 with an `error.list` as its body.
    ErrorWithOk,
    /// 200 with a body of this many bytes.
    HugeBody { bytes: u64 },
    /// The connection closes without an answer.
    Close,
    /// The connection closes in the middle of the body.
    CloseMidway,
}

fn once() -> u64 {
    1
}

#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    pub(crate) fn order(&self, fault: Fault) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(fault);
    }

    pub(crate) fn list(&self) -> Vec<Fault> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn clear(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// The harm this request comes to, used up by that.
    pub(crate) fn strike(&self, method: &str, path: &str) -> Option<Harm> {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let index = faults.iter().position(|fault| fault.fits(method, path))?;
        let fault = &mut faults[index];
        if fault.skip > 0 {
            fault.skip -= 1;
            return None;
        }
        let harm = fault.harm.clone();
        fault.times -= 1;
        if fault.times == 0 {
            faults.remove(index);
        }
        Some(harm)
    }
}

impl Fault {
    fn fits(&self, method: &str, path: &str) -> bool {
        self.times > 0
            && self
                .method
                .as_deref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && fits(&self.path, path)
    }
}

/// Whether `text` fits `pattern`, in which `*` stands for any text.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            (0..=text.len())
                .filter(|at| text.is_char_boundary(*at))
                .any(|at| fits(rest, &text[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_whole_paths() {
        let rows = [
            ("/contacts", "/contacts", true),
            ("/contacts", "/contacts/1", false),
            ("/contacts/*", "/contacts/1", true),
            ("/contacts/*/tags", "/contacts/1/tags", true),
            ("/contacts/*/tags", "/contacts/1/notes", false),
            ("*", "/anything", true),
        ];
        for (pattern, path, expected) in rows {
            assert_eq!(fits(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn a_fault_waits_strikes_and_is_gone() {
        let faults = Faults::default();
        let json = r#"{"path": "/me", "times": 2, "skip": 1, "harm": "status", "status": 503}"#;
        faults.order(serde_json::from_str(json).unwrap());
        let struck: Vec<_> = (0..5)
            .map(|_| faults.strike("GET", "/me").is_some())
            .collect();
        assert_eq!(struck, [false, true, true, false, false]);
        assert!(faults.list().is_empty());
    }
}
