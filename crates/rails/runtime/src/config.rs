//! The only reader of the environment.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::fs;
use std::str::FromStr;

use harken_domain::Secret;

/// A setting that is missing or cannot be used. The process exits with 64.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} {problem}; {remedy}")]
pub struct ConfigError {
    /// Name of the variable.
    pub variable: String,
    /// What is wrong with it, without its value.
    pub problem: String,
    /// What to do about it.
    pub remedy: String,
}

impl ConfigError {
    /// Reports that `variable` has `problem` and what would cure it.
    pub fn new(
        variable: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            variable: variable.into(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
}

/// The settings of a process by name. An empty value counts as unset.
#[derive(Clone, Default)]
pub struct Environment {
    values: BTreeMap<String, String>,
}

impl Environment {
    /// Takes what this process was started with.
    pub fn from_process() -> Self {
        Self::from_pairs(std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }))
    }

    /// Takes these settings, as tests and `harken up` do.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let pairs = pairs
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        Self {
            values: pairs
                .filter(|(_, value): &(String, String)| !value.is_empty())
                .collect(),
        }
    }

    /// The same settings with `variable` set to `value`.
    #[must_use]
    pub fn with(mut self, variable: impl Into<String>, value: impl Into<String>) -> Self {
        self.values.insert(variable.into(), value.into());
        self
    }

    /// The value of `variable`, if set.
    pub fn optional(&self, variable: &str) -> Option<&str> {
        self.values.get(variable).map(String::as_str)
    }

    /// The value of `variable`, which must be set.
    pub fn required(&self, variable: &str) -> Result<&str, ConfigError> {
        self.optional(variable).ok_or_else(|| not_set(variable))
    }

    /// The value of `variable` as a `T`, or `default` if unset.
    pub fn parsed<T>(&self, variable: &str, default: T) -> Result<T, ConfigError>
    where
        T: FromStr<Err: Display>,
    {
        Ok(self.optional_parsed(variable)?.unwrap_or(default))
    }

    /// The value of `variable` as a `T`, if set.
    pub fn optional_parsed<T>(&self, variable: &str) -> Result<Option<T>, ConfigError>
    where
        T: FromStr<Err: Display>,
    {
        let Some(text) = self.optional(variable) else {
            return Ok(None);
        };
        let parsed = text.parse().map_err(|cause| {
            ConfigError::new(
                variable,
                format!("cannot be read: {cause}"),
                "correct its value",
            )
        });
        parsed.map(Some)
    }

    /// The secret in `variable`, or in the file that `<variable>_FILE` names, if either is set.
    pub fn secret(&self, variable: &str) -> Result<Option<Secret>, ConfigError> {
        let file_variable = format!("{variable}_FILE");
        match (self.optional(variable), self.optional(&file_variable)) {
            (None, None) => Ok(None),
            (Some(text), None) => Ok(Some(Secret::new(text))),
            (None, Some(path)) => secret_from(path, file_variable.clone()).map(Some),
            (Some(_), Some(_)) => Err(ConfigError::new(
                variable,
                format!("and {file_variable} are both set"),
                "keep one of them",
            )),
        }
    }

    /// The secret in `variable` or its file, one of which must be set.
    pub fn required_secret(&self, variable: &str) -> Result<Secret, ConfigError> {
        self.secret(variable)?.ok_or_else(|| {
            ConfigError::new(
                variable,
                "is not set",
                format!("set it, or {variable}_FILE to the path of a file that holds it"),
            )
        })
    }
}

/// Names only: a value may be a secret.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

fn not_set(variable: &str) -> ConfigError {
    ConfigError::new(variable, "is not set", "set it")
}

fn secret_from(path: &str, variable: String) -> Result<Secret, ConfigError> {
    let text = fs::read_to_string(path).map_err(|cause| {
        ConfigError::new(
            variable.clone(),
            format!("names {path}, which cannot be read: {cause}"),
            "name a file that holds the secret and that this process may read",
        )
    })?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err(ConfigError::new(
            variable,
            format!("names {path}, which is empty"),
            "write the secret into it",
        ));
    }
    Ok(Secret::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        Environment::from_pairs(pairs.iter().copied())
    }

    #[test]
    fn an_empty_value_is_unset() {
        let environment = environment(&[("HARKEN_A", "")]);
        assert_eq!(environment.optional("HARKEN_A"), None);
        let error = environment.required("HARKEN_A").unwrap_err();
        assert_eq!(error.to_string(), "HARKEN_A is not set; set it");
    }

    #[test]
    fn a_value_that_does_not_parse_is_named_but_not_shown() {
        let environment = environment(&[("HARKEN_PORT", "hunter2")]);
        let error = environment.parsed::<u16>("HARKEN_PORT", 7400).unwrap_err();
        assert!(error.to_string().starts_with("HARKEN_PORT cannot be read"));
        assert!(!error.to_string().contains("hunter2"));
    }

    #[test]
    fn a_secret_comes_from_a_file_without_its_line_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        fs::write(&path, "s3cret\n").unwrap();
        let environment = environment(&[("HARKEN_KEY_FILE", path.to_str().unwrap())]);
        let secret = environment.secret("HARKEN_KEY").unwrap().unwrap();
        assert_eq!(secret.expose(), "s3cret");
    }

    #[test]
    fn a_missing_secret_file_is_told_with_its_path() {
        let environment = environment(&[("HARKEN_KEY_FILE", "/nowhere/key")]);
        let error = environment.secret("HARKEN_KEY").unwrap_err();
        assert_eq!(error.variable, "HARKEN_KEY_FILE");
        assert!(error.problem.contains("/nowhere/key"), "{error}");
    }

    #[test]
    fn two_sources_of_one_secret_are_refused() {
        let environment = environment(&[("HARKEN_KEY", "a"), ("HARKEN_KEY_FILE", "/x")]);
        assert!(environment.secret("HARKEN_KEY").is_err());
    }

    #[test]
    fn values_are_not_printed() {
        let environment = environment(&[("HARKEN_KEY", "s3cret")]);
        assert!(!format!("{environment:?}").contains("s3cret"));
    }
}
