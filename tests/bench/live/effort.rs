use std::collections::BTreeMap;
use std::fs;
use std::process;

use crate::gauge::used;
use crate::processes;

/// Processor time so far of everything that this program started, and of itself, in milliseconds by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Effort(BTreeMap<String, u64>);

impl Effort {
    pub(super) fn so_far() -> Self {
        let mut by_name = BTreeMap::new();
        for process in processes::family(process::id()) {
            let Some((program, ms)) = used(process.pid) else {
                continue;
            };
            let name = match program.as_str() {
                "harken" => service(process.pid).unwrap_or(program),
                _ if process.pid == process::id() => "client".to_owned(),
                _ => program,
            };
            *by_name.entry(name).or_default() += ms;
        }
        Self(by_name)
    }

    /// One line for people: who used how many seconds since `before`.
    pub(super) fn since(&self, before: &Self) -> String {
        let spent = self.0.iter().filter_map(|(name, ms)| {
            let spent = ms.saturating_sub(before.0.get(name).copied().unwrap_or(0));
            (spent >= 50).then(|| format!("{name} {:.1}", spent as f64 / 1000.0))
        });
        spent.collect::<Vec<_>>().join(", ")
    }
}

/// The subcommand that a process of ours runs.
fn service(pid: u32) -> Option<String> {
    let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let word = line.split(|byte| *byte == 0).nth(1)?;
    Some(String::from_utf8_lossy(word).into_owned())
}
