//! What the kernel counts of a house's processes.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context as _, Result};
use sqlx::PgConnection;

use crate::house::House;

/// Linux counts processors' time for programs in hundredths of a second.
const TICK_MS: u64 = 10;

/// Processor time so far, in milliseconds by program. What a dead child used counts for its parent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Work(BTreeMap<String, u64>);

impl Work {
    /// Postgres's, for whom it worked: its backends say which service they serve.
    pub(crate) async fn so_far(house: &House, db: &mut PgConnection) -> Result<Self> {
        let serving: Vec<(i32, String)> = sqlx::query_as(
            "SELECT pid, replace(application_name, 'harken-', '') FROM pg_stat_activity
             WHERE application_name LIKE 'harken-%'",
        )
        .fetch_all(db)
        .await?;
        let serving: BTreeMap<u32, String> = serving
            .into_iter()
            .map(|(pid, service)| (pid.unsigned_abs(), service))
            .collect();
        let mut by_program = BTreeMap::new();
        for process in house.family() {
            let Some((mut program, ms)) = used(process.pid) else {
                continue;
            };
            if let Some(service) = serving.get(&process.pid) {
                program = format!("{program} for {service}");
            }
            *by_program.entry(program).or_default() += ms;
        }
        Ok(Self(by_program))
    }

    /// What `program` used since `before`.
    pub(crate) fn since(&self, before: &Self, program: &str) -> f64 {
        let ms = |work: &Self| work.0.get(program).copied().unwrap_or(0);
        ms(self).saturating_sub(ms(before)) as f64
    }

    /// Of what `cores` processors could have done in `secs` seconds since `before`, from 0 to 1.
    pub(crate) fn share_of(&self, cores: usize, secs: f64, before: &Self) -> f64 {
        let programs = self.0.keys();
        let ms: f64 = programs.map(|program| self.since(before, program)).sum();
        ms / 1000.0 / (cores as f64 * secs)
    }

    /// One line for people: who used how much since `before`.
    pub(crate) fn shares_since(&self, before: &Self) -> String {
        let parts = self
            .0
            .keys()
            .map(|program| format!("{program} {:.1}", self.since(before, program) / 1000.0));
        parts.collect::<Vec<_>>().join(", ")
    }
}

/// Most memory that harken itself ever held, in MiB.
pub(crate) fn peak_memory_mib(house: &House) -> Result<f64> {
    let pid = house_pid(house)?;
    let status =
        fs::read_to_string(format!("/proc/{pid}/status")).context("harken does not live")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: f64 = line
        .and_then(|text| text.split_whitespace().next()?.parse().ok())
        .context("the kernel does not tell peak memory")?;
    Ok(kib / 1024.0)
}

/// The lock of the state folder carries it.
fn house_pid(house: &House) -> Result<u32> {
    let lock = house.folder().join(".harken/up.lock");
    let text =
        fs::read_to_string(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    Ok(text.trim().parse()?)
}

/// The program of a process, and the milliseconds that it and its dead children used.
pub(crate) fn used(pid: u32) -> Option<(String, u64)> {
    let program = fs::read_link(format!("/proc/{pid}/exe")).ok()?;
    let program = program.file_name()?.to_string_lossy().into_owned();
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks = fields
        .split_whitespace()
        .skip(11)
        .take(4)
        .filter_map(|text| text.parse::<u64>().ok());
    Some((program, ticks.sum::<u64>() * TICK_MS))
}
