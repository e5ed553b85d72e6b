use std::collections::BTreeSet;
use std::fs;

/// A process and when it began, so that another one under the same number is not taken for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    started: u64,
}

/// A process and all that came from it.
pub(crate) fn family(root: u32) -> BTreeSet<Process> {
    let all: Vec<(Process, u32)> = everybody();
    let mut family: BTreeSet<Process> = all
        .iter()
        .map(|(process, _)| *process)
        .filter(|process| process.pid == root)
        .collect();
    loop {
        let before = family.len();
        for (process, parent) in &all {
            if family.iter().any(|member| member.pid == *parent) {
                family.insert(*process);
            }
        }
        if family.len() == before {
            return family;
        }
    }
}

/// Those of `family` that still live, with their names.
pub(crate) fn living(family: &BTreeSet<Process>) -> Vec<String> {
    let living = everybody()
        .into_iter()
        .filter(|(process, _)| family.contains(process));
    living.map(|(process, _)| name(process.pid)).collect()
}

fn name(pid: u32) -> String {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    format!(
        "{pid} {}",
        String::from_utf8_lossy(&line).replace('\0', " ")
    )
}

fn everybody() -> Vec<(Process, u32)> {
    let pids = fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter_map(look_up).collect()
}

/// The process and its parent; none for one that has ended and only waits to be collected.
fn look_up(pid: u32) -> Option<(Process, u32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let (state, parent, started) = (fields.first()?, fields.get(1)?, fields.get(19)?);
    let process = Process {
        pid,
        started: started.parse().ok()?,
    };
    (*state != "Z").then_some((process, parent.parse().ok()?))
}
