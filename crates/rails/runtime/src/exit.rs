use crate::ConfigError;

/// What a process that ends with `error` tells its parent: 64 for a bad setting, 1 for anything else.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    if error
        .chain()
        .any(<dyn std::error::Error>::is::<ConfigError>)
    {
        64
    } else {
        1
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn a_bad_setting_is_told_apart_however_deep_it_lies() {
        let bad: Result<(), _> = Err(ConfigError::new("HARKEN_X", "is not set", "set it"));
        let wrapped = bad.context("starting sync").unwrap_err();
        assert_eq!(exit_code(&wrapped), 64);
        assert_eq!(exit_code(&anyhow::anyhow!("port taken")), 1);
    }
}
