use std::{str::FromStr, time::Duration};

use chrono::TimeDelta;
use harken_runtime::{ConfigError, Environment, ServiceSecret};

use crate::app::Limits;

/// The settings of sync. Nothing happens before `build`.
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) vault_endpoint: String,
    pub(crate) service_secret: ServiceSecret,
    pub(crate) limits: Limits,
    pub(crate) runs_at_once: usize,
}

impl Config {
    /// Reads `HARKEN_VAULT_ENDPOINT`, `HARKEN_SERVICE_SECRET` and, where the usual does not fit:
    /// `HARKEN_SYNC_BACKFILL_DAYS` (90), `HARKEN_SYNC_IN_FLIGHT` (256 conversations at once at most), `HARKEN_SYNC_BUFFER_MIB` (32),
    /// `HARKEN_SYNC_PATIENCE_SECS` (600), `HARKEN_SYNC_LEASE_SECS` (5), `HARKEN_SYNC_RUNS_AT_ONCE` (4),
    /// `HARKEN_SYNC_DRIFT_GRACE_SECS` (120: how long a notification may be on its way).
    pub fn from_environment(environment: &Environment) -> Result<Self, ConfigError> {
        let in_flight = within(environment, "HARKEN_SYNC_IN_FLIGHT", 256, 1, 512)?;
        let buffer_mib: usize = within(environment, "HARKEN_SYNC_BUFFER_MIB", 32, 1, 4096)?;
        Ok(Self {
            vault_endpoint: environment.required("HARKEN_VAULT_ENDPOINT")?.to_owned(),
            service_secret: ServiceSecret::read(environment)?,
            limits: Limits {
                backfill: TimeDelta::days(within(
                    environment,
                    "HARKEN_SYNC_BACKFILL_DAYS",
                    90,
                    1,
                    3650,
                )?),
                in_flight,
                buffer_bytes: buffer_mib * 1024 * 1024,
                patience: secs(environment, "HARKEN_SYNC_PATIENCE_SECS", 600)?,
                drift_grace: TimeDelta::seconds(within(
                    environment,
                    "HARKEN_SYNC_DRIFT_GRACE_SECS",
                    120,
                    0,
                    86_400,
                )?),
                lease: secs(environment, "HARKEN_SYNC_LEASE_SECS", 5)?,
            },
            runs_at_once: within(environment, "HARKEN_SYNC_RUNS_AT_ONCE", 4, 1, 64)?,
        })
    }
}

fn secs(environment: &Environment, variable: &str, usual: u64) -> Result<Duration, ConfigError> {
    within(environment, variable, usual, 1, 86_400).map(Duration::from_secs)
}

fn within<N>(
    environment: &Environment,
    variable: &str,
    usual: N,
    least: N,
    most: N,
) -> Result<N, ConfigError>
where
    N: Copy + PartialOrd + std::fmt::Display + FromStr<Err: std::fmt::Display>,
{
    let given = environment.parsed(variable, usual)?;
    if given < least || given > most {
        let remedy = format!("set it to {least} to {most}, or remove it for {usual}");
        return Err(ConfigError::new(variable, "is out of range", remedy));
    }
    Ok(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let given = [
            ("HARKEN_VAULT_ENDPOINT", "http://vault:7401"),
            ("HARKEN_SERVICE_SECRET", "0123456789abcdef0123456789abcdef"),
        ];
        Config::from_environment(&Environment::from_pairs(given.iter().chain(pairs).copied()))
    }

    #[test]
    fn the_usual_needs_no_setting() {
        let limits = read(&[]).unwrap().limits;
        assert_eq!(limits.backfill, TimeDelta::days(90));
        assert_eq!(
            (limits.in_flight, limits.buffer_bytes),
            (256, 32 * 1024 * 1024)
        );
    }

    #[test]
    fn a_setting_out_of_range_is_told_with_the_range() {
        let error = read(&[("HARKEN_SYNC_IN_FLIGHT", "0")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "HARKEN_SYNC_IN_FLIGHT is out of range; set it to 1 to 512, or remove it for 256"
        );
    }
}
