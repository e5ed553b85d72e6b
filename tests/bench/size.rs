use std::env;

/// A size that the environment may change.
pub(crate) fn size(variable: &str, usual: usize) -> usize {
    env::var_os(variable)
        .and_then(|said| said.to_str()?.parse().ok())
        .unwrap_or(usual)
}
