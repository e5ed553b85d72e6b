use std::time::Duration;

use harken_runtime::{ConfigError, Environment};

/// Settings of scoring. Nothing happens before [`crate::build`].
#[derive(Clone, Debug)]
pub struct Config {
    /// How often to look for scores that time has moved. They are stored at most this much late.
    pub sweep_every: Duration,
}

impl Config {
    /// Reads `HARKEN_SCORING_SWEEP_SECS` (30 by default).
    pub fn from_environment(environment: &Environment) -> Result<Self, ConfigError> {
        const VARIABLE: &str = "HARKEN_SCORING_SWEEP_SECS";
        match environment.parsed(VARIABLE, 30_u64)? {
            0 => Err(ConfigError::new(VARIABLE, "is 0", "give 1 or more seconds")),
            secs => Ok(Self {
                sweep_every: Duration::from_secs(secs),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_without_a_pause_is_refused() {
        let environment = Environment::from_pairs([("HARKEN_SCORING_SWEEP_SECS", "0")]);
        let error = Config::from_environment(&environment).unwrap_err();
        assert!(error.to_string().contains("give 1 or more"), "{error}");
    }
}
