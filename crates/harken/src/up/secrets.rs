use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::PathBuf;

use harken_runtime::Environment;

use super::state_dir::{StateDir, write_private};
use crate::failure::Failure;

/// Settings that hold a secret of the deployment; each may also be given by who starts us.
const SECRETS: [(&str, &str); 2] = [
    ("HARKEN_SERVICE_SECRET", "service-secret"),
    ("HARKEN_KEY_ENCRYPTION_KEY", "key-encryption-key"),
];

/// `environment` with a file for each secret that it does not name; made at the first start and kept.
pub(super) fn complete(environment: Environment, state: &StateDir) -> Result<Environment, Failure> {
    let folder = state.private_folder("secrets")?;
    SECRETS
        .iter()
        .try_fold(environment, |environment, (variable, name)| {
            let file_variable = format!("{variable}_FILE");
            if environment
                .optional(variable)
                .or_else(|| environment.optional(&file_variable))
                .is_some()
            {
                return Ok(environment);
            }
            let path = kept(folder.join(name))?;
            Ok(environment.with(file_variable, path.to_string_lossy()))
        })
}

fn kept(path: PathBuf) -> Result<PathBuf, Failure> {
    match fs::metadata(&path) {
        Ok(file) if file.len() > 0 => Ok(path),
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
            Err(Failure::file("read", &path, &cause))
        }
        _ => {
            write_private(&path, &random_hex())?;
            Ok(path)
        }
    }
}

/// 256 bits of the system's chance in hexadecimal.
fn random_hex() -> String {
    let bytes: [u8; 32] = rand::random();
    bytes
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_made_once_and_given_ones_respected() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::claim(folder.path()).unwrap();
        let given = Environment::from_pairs([("HARKEN_SERVICE_SECRET", "given")]);
        let first = complete(given.clone(), &state).unwrap();
        let key = first.secret("HARKEN_KEY_ENCRYPTION_KEY").unwrap().unwrap();
        assert_eq!(key.expose().len(), 64);
        assert_eq!(
            first
                .secret("HARKEN_SERVICE_SECRET")
                .unwrap()
                .unwrap()
                .expose(),
            "given"
        );
        let second = complete(given, &state).unwrap();
        assert_eq!(
            second
                .secret("HARKEN_KEY_ENCRYPTION_KEY")
                .unwrap()
                .unwrap()
                .expose(),
            key.expose()
        );
    }
}
