use std::fmt;

use harken_domain::Secret;
use harken_intercom::{Hosts, OAuthApp, Patience};
use harken_runtime::{ConfigError, Environment};
use url::Url;

use crate::app::OAuthSettings;
use crate::outbound::key_encryption_key::FileKey;

const CALLBACK: &str = "oauth/intercom/callback";

/// The vault's settings. Nothing happens before `build`.
pub struct Config {
    pub(crate) key_encryption_key: FileKey,
    pub(crate) hosts: Hosts,
    /// Whether the environment's proxy is used on the way to Intercom.
    pub(crate) through_proxy: bool,
    pub(crate) patience: Patience,
    pub(crate) oauth: Option<OAuthSettings>,
}

impl Config {
    /// Reads the settings, and the file with the key-encryption key.
    pub fn from_environment(environment: &Environment) -> Result<Self, ConfigError> {
        let stand_in = stand_in(environment)?;
        let through_proxy = stand_in.is_none();
        let hosts = match stand_in {
            Some(hosts) => hosts,
            None => Hosts::intercom().map_err(|error| {
                ConfigError::new("Intercom's hosts", error.to_string(), "report this")
            })?,
        };
        Ok(Self {
            key_encryption_key: FileKey::read(environment)?,
            hosts,
            through_proxy,
            patience: Patience::default(),
            oauth: oauth(environment)?,
        })
    }

    /// The same settings with another patience towards Intercom.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }
}

/// The keys stay unseen.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("hosts", &self.hosts)
            .finish_non_exhaustive()
    }
}

/// The simulator in Intercom's place, on one machine alone: a caller must never choose where tokens go.
fn stand_in(environment: &Environment) -> Result<Option<Hosts>, ConfigError> {
    const API: &str = "HARKEN_INTERCOM_API_URL";
    const AUTHORIZE: &str = "HARKEN_INTERCOM_AUTHORIZE_URL";
    let Some(api) = environment.optional(API) else {
        return Ok(None);
    };
    if environment.optional("HARKEN_PROFILE") != Some("local") {
        return Err(ConfigError::new(
            API,
            "is set, which the production profile does not permit",
            "remove it, or set HARKEN_PROFILE=local",
        ));
    }
    let authorize = match environment.optional(AUTHORIZE) {
        Some(authorize) => authorize.to_owned(),
        None => format!("{}/oauth", api.trim_end_matches('/')),
    };
    let hosts = Hosts::stand_in(api, &authorize).map_err(|error| {
        ConfigError::new(
            API,
            format!("or {AUTHORIZE} cannot be used: {error}"),
            "correct it",
        )
    })?;
    Ok(Some(hosts))
}

fn oauth(environment: &Environment) -> Result<Option<OAuthSettings>, ConfigError> {
    const CLIENT_ID: &str = "HARKEN_INTERCOM_CLIENT_ID";
    const CLIENT_SECRET: &str = "HARKEN_INTERCOM_CLIENT_SECRET";
    const PREVIOUS_SECRET: &str = "HARKEN_INTERCOM_PREVIOUS_CLIENT_SECRET";
    let secret = environment.secret(CLIENT_SECRET)?;
    let previous_client_secret = environment.secret(PREVIOUS_SECRET)?;
    let (client_id, client_secret): (&str, Secret) = match (environment.optional(CLIENT_ID), secret)
    {
        (None, None) if previous_client_secret.is_some() => {
            let problem = "is set without the app whose secret it was";
            let remedy = format!("set {CLIENT_ID} and {CLIENT_SECRET}, or remove it");
            return Err(ConfigError::new(PREVIOUS_SECRET, problem, remedy));
        }
        (None, None) => return Ok(None),
        (Some(id), Some(secret)) => (id, secret),
        (Some(_), None) => {
            let remedy = "take it from the app's page in Intercom's Developer Hub";
            return Err(ConfigError::new(CLIENT_SECRET, "is not set", remedy));
        }
        (None, Some(_)) => {
            let remedy = "take it from the app's page in Intercom's Developer Hub";
            return Err(ConfigError::new(CLIENT_ID, "is not set", remedy));
        }
    };
    Ok(Some(OAuthSettings {
        app: OAuthApp {
            client_id: client_id.to_owned(),
            client_secret,
        },
        previous_client_secret,
        redirect_uri: redirect_uri(environment)?,
    }))
}

fn redirect_uri(environment: &Environment) -> Result<Url, ConfigError> {
    const PUBLIC_URL: &str = "HARKEN_PUBLIC_URL";
    let public = environment.required(PUBLIC_URL)?;
    let address = format!("{}/{CALLBACK}", public.trim_end_matches('/'));
    let usable = |url: &Url| matches!(url.scheme(), "http" | "https") && url.query().is_none();
    Url::parse(&address).ok().filter(usable).ok_or_else(|| {
        ConfigError::new(
            PUBLIC_URL,
            "is not a web address",
            "write the console's address as people's browsers see it, like https://harken.example.com",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let key = "07".repeat(32);
        let given = [("HARKEN_KEY_ENCRYPTION_KEY", key.as_str())];
        let pairs = given.iter().chain(pairs).copied();
        Config::from_environment(&Environment::from_pairs(pairs))
    }

    #[test]
    fn the_redirect_uri_follows_the_public_address() {
        for public in ["https://harken.example.com", "https://harken.example.com/"] {
            let config = read(&[
                ("HARKEN_INTERCOM_CLIENT_ID", "id"),
                ("HARKEN_INTERCOM_CLIENT_SECRET", "secret"),
                ("HARKEN_PUBLIC_URL", public),
            ]);
            let oauth = config.unwrap().oauth.unwrap();
            let expected = "https://harken.example.com/oauth/intercom/callback";
            assert_eq!(oauth.redirect_uri.as_str(), expected);
        }
    }

    #[test]
    fn a_stand_in_for_intercom_is_permitted_on_one_machine_alone() {
        let api = ("HARKEN_INTERCOM_API_URL", "http://127.0.0.1:7403");
        let refused = read(&[api]).unwrap_err();
        assert_eq!(refused.variable, "HARKEN_INTERCOM_API_URL");
        let config = read(&[api, ("HARKEN_PROFILE", "local")]).unwrap();
        assert_eq!(
            config.hosts.authorize().as_str(),
            "http://127.0.0.1:7403/oauth"
        );
        assert!(!config.through_proxy);
    }

    #[test]
    fn half_an_app_is_refused_with_the_missing_half() {
        let no_secret = read(&[("HARKEN_INTERCOM_CLIENT_ID", "id")]).unwrap_err();
        assert_eq!(no_secret.variable, "HARKEN_INTERCOM_CLIENT_SECRET");
        let no_id = read(&[("HARKEN_INTERCOM_CLIENT_SECRET", "s3cret")]).unwrap_err();
        assert_eq!(no_id.variable, "HARKEN_INTERCOM_CLIENT_ID");
        assert!(!no_id.to_string().contains("s3cret"));
    }

    #[test]
    fn the_secret_before_this_one_is_kept_beside_it_and_not_without_it() {
        let previous = ("HARKEN_INTERCOM_PREVIOUS_CLIENT_SECRET", "before");
        let alone = read(&[previous]).unwrap_err();
        assert_eq!(alone.variable, previous.0);
        let config = read(&[
            ("HARKEN_INTERCOM_CLIENT_ID", "id"),
            ("HARKEN_INTERCOM_CLIENT_SECRET", "now"),
            previous,
            ("HARKEN_PUBLIC_URL", "https://h.example"),
        ]);
        let oauth = config.unwrap().oauth.unwrap();
        let kept = oauth.previous_client_secret.unwrap();
        assert_eq!(
            (oauth.app.client_secret.expose(), kept.expose()),
            ("now", "before")
        );
    }

    #[test]
    fn secrets_are_not_printed() {
        let config = read(&[
            ("HARKEN_INTERCOM_CLIENT_ID", "id"),
            ("HARKEN_INTERCOM_CLIENT_SECRET", "s3cret"),
            ("HARKEN_PUBLIC_URL", "https://h.example"),
        ]);
        let printed = format!("{:?}", config.unwrap());
        assert!(!printed.contains("s3cret") && !printed.contains("0707"));
    }
}
