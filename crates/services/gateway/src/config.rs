use std::net::SocketAddr;

use harken_domain::Secret;
use harken_runtime::{ConfigError, Environment, ServiceSecret};
use url::{Origin, Url};

/// Where Intercom asks its users for consent.
const INTERCOM_CONSENT: [&str; 3] = [
    "https://app.intercom.com",
    "https://app.eu.intercom.com",
    "https://app.au.intercom.com",
];

/// Settings of the gateway. Nothing happens before [`crate::build`].
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the console and the API are served; port 0 takes a free one.
    pub http_listen: SocketAddr,
    /// The console's address as browsers see it.
    pub public_url: Url,
    /// Address of the vault, such as `http://vault:7401`.
    pub vault_endpoint: String,
    /// Address of sync.
    pub sync_endpoint: String,
    /// Address of scoring.
    pub scoring_endpoint: String,
    /// Address of the edge; without one, the console cannot tell how notifications arrive.
    pub ingress_endpoint: Option<String>,
    /// What form tokens are derived from; the same in every process of the gateway.
    pub form_secret: Secret,
    /// Origins to which *Connect* may lead a browser.
    pub consent_origins: Vec<String>,
}

impl Config {
    /// Reads `HARKEN_HTTP_LISTEN`, `HARKEN_PUBLIC_URL`, `HARKEN_{VAULT,SYNC,SCORING,INGRESS}_ENDPOINT`,
    /// `HARKEN_SERVICE_SECRET` and, in the local profile, `HARKEN_INTERCOM_AUTHORIZE_URL`.
    pub fn from_environment(environment: &Environment) -> Result<Self, ConfigError> {
        let http_listen =
            environment.parsed("HARKEN_HTTP_LISTEN", ([127, 0, 0, 1], 7400).into())?;
        Ok(Self {
            http_listen,
            public_url: public_url(environment)?,
            vault_endpoint: environment.required("HARKEN_VAULT_ENDPOINT")?.to_owned(),
            sync_endpoint: environment.required("HARKEN_SYNC_ENDPOINT")?.to_owned(),
            scoring_endpoint: environment.required("HARKEN_SCORING_ENDPOINT")?.to_owned(),
            ingress_endpoint: environment
                .optional("HARKEN_INGRESS_ENDPOINT")
                .map(str::to_owned),
            form_secret: environment.required_secret(ServiceSecret::VARIABLE)?,
            consent_origins: consent_origins(environment)?,
        })
    }
}

fn public_url(environment: &Environment) -> Result<Url, ConfigError> {
    const VARIABLE: &str = "HARKEN_PUBLIC_URL";
    let text = environment.required(VARIABLE)?;
    let url = Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https") && url.path() == "/" && url.query().is_none()
    });
    url.ok_or_else(|| {
        ConfigError::new(
            VARIABLE,
            "is not an address without a path",
            "write it like https://harken.example.com",
        )
    })
}

fn consent_origins(environment: &Environment) -> Result<Vec<String>, ConfigError> {
    const VARIABLE: &str = "HARKEN_INTERCOM_AUTHORIZE_URL";
    let mut origins = INTERCOM_CONSENT.map(str::to_owned).to_vec();
    let is_local = environment.optional("HARKEN_PROFILE") == Some("local");
    if let Some(text) = environment.optional(VARIABLE).filter(|_| is_local) {
        let origin = Url::parse(text).map_or_else(|_| Origin::new_opaque(), |url| url.origin());
        if !origin.is_tuple() {
            return Err(ConfigError::new(
                VARIABLE,
                "is not an address",
                "correct its value",
            ));
        }
        origins.push(origin.ascii_serialization());
    }
    Ok(origins)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(more: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let least = [
            ("HARKEN_PUBLIC_URL", "http://127.0.0.1:7400"),
            ("HARKEN_VAULT_ENDPOINT", "http://v"),
            ("HARKEN_SYNC_ENDPOINT", "http://s"),
            ("HARKEN_SCORING_ENDPOINT", "http://s"),
            ("HARKEN_SERVICE_SECRET", "0123456789abcdef0123456789abcdef"),
            (
                "HARKEN_INTERCOM_AUTHORIZE_URL",
                "http://127.0.0.1:7403/oauth",
            ),
        ];
        Config::from_environment(&Environment::from_pairs(least.iter().chain(more).copied()))
    }

    #[test]
    fn only_the_local_profile_lets_connect_lead_elsewhere() {
        assert_eq!(read(&[]).unwrap().consent_origins.len(), 3);
        let local = read(&[("HARKEN_PROFILE", "local")]).unwrap();
        assert_eq!(local.consent_origins[3], "http://127.0.0.1:7403");
    }

    #[test]
    fn a_public_address_with_a_path_is_refused() {
        for wrong in ["harken.example.com", "ftp://x", "https://x/console"] {
            let error = read(&[("HARKEN_PUBLIC_URL", wrong)]).unwrap_err();
            assert_eq!(error.variable, "HARKEN_PUBLIC_URL");
        }
    }
}
