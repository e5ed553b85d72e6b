use std::net::SocketAddr;
use std::time::Duration;

use harken_runtime::{ConfigError, Environment};
use url::Url;

/// How long a production process still takes notifications after it was told to stop, so that nobody is sent to a door
/// that has closed.
const LINGER: Duration = Duration::from_secs(5);

const CONNECTIONS: usize = 4096;

/// How long an answer may take. Intercom prefers endpoints that answer within half a second.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// With keeping a notification, in all.
    pub keep: Duration,
    /// With the bus, before the spool is tried.
    pub publish: Duration,
    /// With the vault, where nothing at hand would serve; half of it where something would.
    pub ask: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            // What is left of 450 ms is for the way of the answer.
            keep: Duration::from_millis(400),
            publish: Duration::from_millis(200),
            ask: Duration::from_millis(200),
        }
    }
}

/// Settings of the edge. Nothing happens before [`crate::build`].
#[derive(Clone, Debug)]
pub struct Config {
    /// Where notifications are taken; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The edge's address as Intercom reaches it.
    pub public_url: Url,
    /// Address of the vault, such as `http://vault:7401`.
    pub vault_endpoint: String,
    /// Most connections at once; fewer where the process may not have as many files.
    pub connections: usize,
    /// How long an answer may take.
    pub patience: Patience,
    /// How long it still takes notifications after it was told to stop.
    pub linger: Duration,
}

impl Config {
    /// Reads `HARKEN_INGRESS_LISTEN`, `HARKEN_INGRESS_PUBLIC_URL`, `HARKEN_VAULT_ENDPOINT` and `HARKEN_PROFILE`.
    pub fn from_environment(environment: &Environment) -> Result<Self, ConfigError> {
        let listen = environment.parsed("HARKEN_INGRESS_LISTEN", ([127, 0, 0, 1], 7402).into())?;
        let is_local = environment.optional("HARKEN_PROFILE") == Some("local");
        Ok(Self {
            listen,
            public_url: public_url(environment, listen, is_local)?,
            vault_endpoint: environment.required("HARKEN_VAULT_ENDPOINT")?.to_owned(),
            connections: CONNECTIONS,
            patience: Patience::default(),
            linger: if is_local { Duration::ZERO } else { LINGER },
        })
    }
}

/// On one machine, the address that is listened on will do.
fn public_url(
    environment: &Environment,
    listen: SocketAddr,
    is_local: bool,
) -> Result<Url, ConfigError> {
    const VARIABLE: &str = "HARKEN_INGRESS_PUBLIC_URL";
    let listened = format!("http://{listen}");
    let text = match environment.optional(VARIABLE) {
        None if is_local => &listened,
        _ => environment.required(VARIABLE)?,
    };
    let usable = |url: &Url| {
        matches!(url.scheme(), "http" | "https") && url.path() == "/" && url.query().is_none()
    };
    Url::parse(text).ok().filter(usable).ok_or_else(|| {
        ConfigError::new(
            VARIABLE,
            "is not an address without a path",
            "write the edge's address as Intercom reaches it, like https://hooks.harken.example.com",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(more: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let least = [("HARKEN_VAULT_ENDPOINT", "http://vault:7401")];
        let pairs = least.iter().chain(more).copied();
        Config::from_environment(&Environment::from_pairs(pairs))
    }

    #[test]
    fn on_one_machine_the_address_that_is_listened_on_will_do() {
        let config = read(&[("HARKEN_PROFILE", "local")]).unwrap();
        assert_eq!(config.public_url.as_str(), "http://127.0.0.1:7402/");
        assert_eq!(config.linger, Duration::ZERO);
    }

    #[test]
    fn a_deployment_says_how_intercom_reaches_it() {
        let refused = read(&[]).unwrap_err();
        assert_eq!(refused.variable, "HARKEN_INGRESS_PUBLIC_URL");
        let config = read(&[("HARKEN_INGRESS_PUBLIC_URL", "https://hooks.example.com")]).unwrap();
        assert_eq!(config.linger, LINGER);
        let path = [("HARKEN_INGRESS_PUBLIC_URL", "https://hooks.example.com/x")];
        assert!(
            read(&path)
                .unwrap_err()
                .to_string()
                .contains("without a path")
        );
    }
}
