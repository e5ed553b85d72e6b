use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use harken_domain::Secret;
use harken_runtime::Environment;
use serde::{Deserialize, Serialize};

use crate::cli::Access;
use crate::failure::Failure;

/// Where `up` leaves what a command needs, under its state folder.
pub(crate) const CLIENT_FILE: &str = "client.json";
const STATE_DIR: &str = ".harken";
const KEY_PREFIX: &str = "hk_";

/// Where a deployment is and what opens it.
#[derive(Debug)]
pub(crate) struct Credentials {
    /// gRPC address.
    pub(crate) endpoint: String,
    /// The API key.
    pub(crate) api_key: Secret,
    /// Address of the console, where known.
    pub(crate) console: Option<String>,
}

/// The content of `client.json`.
#[derive(Serialize, Deserialize)]
pub(crate) struct ClientFile {
    pub(crate) endpoint: String,
    pub(crate) console: String,
    pub(crate) api_key: String,
}

impl Credentials {
    /// Takes what the command line says, else the environment, else the nearest `client.json` at or above the working
    /// folder.
    pub(crate) fn discover(access: &Access, environment: &Environment) -> Result<Self, Failure> {
        let here =
            env::current_dir().map_err(|cause| Failure::file("read", Path::new("."), &cause))?;
        Self::discover_from(&here, access, environment)
    }

    fn discover_from(
        here: &Path,
        access: &Access,
        environment: &Environment,
    ) -> Result<Self, Failure> {
        let console = environment.optional("HARKEN_PUBLIC_URL").map(str::to_owned);
        let endpoint = access
            .endpoint
            .as_deref()
            .or_else(|| environment.optional("HARKEN_ENDPOINT"));
        let api_key = match &access.api_key_file {
            Some(file) => Some(key_in(file)?),
            None => environment
                .secret("HARKEN_API_KEY")?
                .map(checked)
                .transpose()?,
        };
        if let (Some(endpoint), Some(api_key)) = (endpoint, &api_key) {
            return Ok(Self {
                endpoint: endpoint.to_owned(),
                api_key: api_key.clone(),
                console,
            });
        }
        let Some((file, found)) = nearest(here)? else {
            return Err(missing(endpoint.is_some(), api_key.is_some()));
        };
        // The key of a file opens the deployment of that file and is shown to no other.
        if api_key.is_none() && endpoint.is_some_and(|endpoint| endpoint != found.endpoint) {
            return Err(missing(true, false));
        }
        Ok(Self {
            endpoint: endpoint.map_or(found.endpoint, str::to_owned),
            api_key: match api_key {
                Some(key) => key,
                None => checked(Secret::new(found.api_key)).map_err(|_| broken(&file))?,
            },
            console: console.or(Some(found.console)),
        })
    }
}

fn nearest(here: &Path) -> Result<Option<(PathBuf, ClientFile)>, Failure> {
    let file = here
        .ancestors()
        .map(|folder| folder.join(STATE_DIR).join(CLIENT_FILE))
        .find(|file| file.is_file());
    let Some(file) = file else {
        return Ok(None);
    };
    let text = fs::read_to_string(&file).map_err(|cause| Failure::file("read", &file, &cause))?;
    let found = serde_json::from_str(&text).map_err(|_| broken(&file))?;
    Ok(Some((file, found)))
}

fn key_in(file: &Path) -> Result<Secret, Failure> {
    let text = fs::read_to_string(file).map_err(|cause| match cause.kind() {
        io::ErrorKind::NotFound => Failure::input(format!(
            "the API key file {} does not exist; name one by --api-key-file, or make a key with `harken key create`",
            file.display()
        )),
        _ => Failure::file("read the API key file", file, &cause),
    })?;
    checked(Secret::new(text.trim()))
}

/// A key that cannot be one is refused before it is sent anywhere.
fn checked(key: Secret) -> Result<Secret, Failure> {
    let text = key.expose();
    if text.starts_with(KEY_PREFIX) && text.chars().all(|letter| letter.is_ascii_graphic()) {
        Ok(key)
    } else {
        Err(Failure::input(
            "that is not an API key: it is one word that begins with hk_; make one with `harken key create`",
        ))
    }
}

fn broken(file: &Path) -> Failure {
    Failure::input(format!(
        "{} cannot be read as what `harken up` writes; remove it and start `harken up` again",
        file.display()
    ))
}

fn missing(endpoint: bool, api_key: bool) -> Failure {
    Failure::input(match (endpoint, api_key) {
        (true, false) => {
            "no API key for that address; name a file with one by --api-key-file or HARKEN_API_KEY_FILE"
        }
        (false, true) => "no address; name one by --endpoint or HARKEN_ENDPOINT",
        _ => {
            "no deployment found; run this below a folder where `harken up` runs, or name one by --endpoint and \
             --api-key-file"
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::FailureKind;

    fn access(endpoint: Option<&str>, api_key_file: Option<PathBuf>) -> Access {
        Access {
            endpoint: endpoint.map(str::to_owned),
            api_key_file,
            json: false,
        }
    }

    fn folder_with_client_file() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join(STATE_DIR);
        fs::create_dir_all(&state).unwrap();
        let file = ClientFile {
            endpoint: "http://127.0.0.1:7401".to_owned(),
            console: "http://127.0.0.1:7400".to_owned(),
            api_key: "hk_file".to_owned(),
        };
        fs::write(
            state.join(CLIENT_FILE),
            serde_json::to_string(&file).unwrap(),
        )
        .unwrap();
        folder
    }

    fn found(
        here: &Path,
        access: &Access,
        pairs: &[(&str, &str)],
    ) -> Result<(String, String), Failure> {
        let environment = Environment::from_pairs(pairs.iter().copied());
        let credentials = Credentials::discover_from(here, access, &environment)?;
        Ok((
            credentials.endpoint,
            credentials.api_key.expose().to_owned(),
        ))
    }

    #[test]
    fn the_nearest_file_above_is_used_where_nothing_else_is_said() {
        let folder = folder_with_client_file();
        let below = folder.path().join("a/b");
        fs::create_dir_all(&below).unwrap();
        let (endpoint, key) = found(&below, &access(None, None), &[]).unwrap();
        assert_eq!(
            (endpoint.as_str(), key.as_str()),
            ("http://127.0.0.1:7401", "hk_file")
        );
    }

    #[test]
    fn the_command_line_wins_over_the_environment() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        fs::write(&file, "hk_line\n").unwrap();
        let pairs = [
            ("HARKEN_ENDPOINT", "http://b:1"),
            ("HARKEN_API_KEY", "hk_env"),
        ];
        let (endpoint, key) = found(
            folder.path(),
            &access(Some("http://a:1"), Some(file)),
            &pairs,
        )
        .unwrap();
        assert_eq!((endpoint.as_str(), key.as_str()), ("http://a:1", "hk_line"));
    }

    #[test]
    fn the_key_of_a_file_is_shown_to_no_other_deployment() {
        let folder = folder_with_client_file();
        let failure = found(
            folder.path(),
            &access(Some("http://elsewhere:1"), None),
            &[],
        )
        .unwrap_err();
        assert!(
            failure
                .to_string()
                .starts_with("no API key for that address"),
            "{failure}"
        );
    }

    #[test]
    fn what_is_no_key_is_refused_without_being_repeated() {
        for key in ["dG9rOnNlY3JldA", "hk_a b", "hk_\u{1b}"] {
            let folder = folder_with_client_file();
            let failure = found(
                folder.path(),
                &access(None, None),
                &[("HARKEN_API_KEY", key)],
            )
            .unwrap_err();
            assert_eq!(failure.kind, FailureKind::Input);
            assert!(!failure.to_string().contains(key), "{failure}");
        }
    }

    #[test]
    fn a_broken_file_is_named() {
        let folder = folder_with_client_file();
        fs::write(folder.path().join(STATE_DIR).join(CLIENT_FILE), "{").unwrap();
        let failure = found(folder.path(), &access(None, None), &[]).unwrap_err();
        assert!(failure.to_string().contains("client.json"), "{failure}");
    }
}
