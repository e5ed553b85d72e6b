//! Short-lived tokens by which the services of a deployment know each other:
//! `hs1.<service>.<unix seconds>.<hex HMAC-SHA256 of what stands before>`.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use harken_domain::{Clock, Secret};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::{ConfigError, Environment};

/// How far the clocks of two services may be apart, and how long a token lives, in seconds.
const VALID_SECS: u64 = 300;
/// Fewest bytes of a service secret.
const FEWEST_BYTES: usize = 32;
const PREFIX: &str = "hs1.";

/// The secret that all services of a deployment share.
#[derive(Clone, Debug)]
pub struct ServiceSecret {
    secret: Arc<Secret>,
}

/// A service secret that could be guessed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a service secret has at least {FEWEST_BYTES} characters")]
pub struct SecretTooShort;

/// Why a service token is not accepted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ServiceTokenError {
    /// It is not signed with this deployment's secret.
    Forged,
    /// It was made too long ago, or by a clock that is off.
    Stale,
}

impl ServiceSecret {
    /// Name of the setting that holds it.
    pub const VARIABLE: &'static str = "HARKEN_SERVICE_SECRET";

    /// Takes the secret of the deployment.
    pub fn new(secret: Secret) -> Result<Self, SecretTooShort> {
        if secret.expose().len() < FEWEST_BYTES {
            return Err(SecretTooShort);
        }
        Ok(Self {
            secret: Arc::new(secret),
        })
    }

    /// Reads it from `HARKEN_SERVICE_SECRET`, or the file that `HARKEN_SERVICE_SECRET_FILE` names.
    pub fn read(environment: &Environment) -> Result<Self, ConfigError> {
        Self::new(environment.required_secret(Self::VARIABLE)?).map_err(|cause| {
            ConfigError::new(
                Self::VARIABLE,
                format!("is too short: {cause}"),
                "make one with `openssl rand -hex 32`",
            )
        })
    }

    fn sign(&self, service: &str, now: DateTime<Utc>) -> Secret {
        let claim = format!("{PREFIX}{service}.{}", now.timestamp());
        let signature = hex::encode(self.mac(&claim).finalize().into_bytes());
        Secret::new(format!("{claim}.{signature}"))
    }

    /// The name of the service that made `token`.
    pub(crate) fn verify(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<Arc<str>, ServiceTokenError> {
        let (claim, signature) = token.rsplit_once('.').ok_or(ServiceTokenError::Forged)?;
        let signature = hex::decode(signature).map_err(|_| ServiceTokenError::Forged)?;
        self.mac(claim)
            .verify_slice(&signature)
            .map_err(|_| ServiceTokenError::Forged)?;
        let (service, made) = claim
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.rsplit_once('.'))
            .ok_or(ServiceTokenError::Forged)?;
        let made: i64 = made.parse().map_err(|_| ServiceTokenError::Forged)?;
        if now.timestamp().abs_diff(made) > VALID_SECS {
            return Err(ServiceTokenError::Stale);
        }
        Ok(service.into())
    }

    fn mac(&self, claim: &str) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.expose().as_bytes())
            .expect("HMAC takes keys of any length");
        mac.update(claim.as_bytes());
        mac
    }
}

/// Whether a bearer token is meant to be a service's.
pub(crate) fn is_service_token(token: &str) -> bool {
    token.starts_with(PREFIX)
}

/// By what name and secret a service calls others.
#[derive(Clone, Debug)]
pub struct ServiceIdentity {
    name: Arc<str>,
    secret: ServiceSecret,
    clock: Clock,
}

impl ServiceIdentity {
    /// The identity of the service `name`.
    pub fn new(name: &str, secret: ServiceSecret, clock: Clock) -> Self {
        Self {
            name: name.into(),
            secret,
            clock,
        }
    }

    /// The name of the service.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A token that proves the identity for five minutes.
    pub fn token(&self) -> Secret {
        self.secret.sign(&self.name, self.clock.now())
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn secret(text: &str) -> ServiceSecret {
        ServiceSecret::new(Secret::new(text.repeat(32))).unwrap()
    }

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000, 0).unwrap()
    }

    #[test]
    fn a_token_names_the_service_that_made_it() {
        let token = secret("s").sign("sync", noon());
        assert_eq!(
            &*secret("s").verify(token.expose(), noon()).unwrap(),
            "sync"
        );
    }

    #[test]
    fn a_token_lives_five_minutes_in_both_directions() {
        let token = secret("s").sign("sync", noon());
        let verify = |at| secret("s").verify(token.expose(), at);
        for secs in [300, -300] {
            assert!(verify(noon() + TimeDelta::seconds(secs)).is_ok(), "{secs}");
        }
        for secs in [301, -301] {
            let refused = verify(noon() + TimeDelta::seconds(secs));
            assert_eq!(refused.unwrap_err(), ServiceTokenError::Stale, "{secs}");
        }
    }

    #[test]
    fn a_changed_name_time_or_signature_is_forged() {
        let token = secret("s").sign("sync", noon());
        let genuine = token.expose();
        let forged = [
            genuine.replace("sync", "vault"),
            genuine.replace("1790000000", "1790000001"),
            genuine[..genuine.len() - 2].to_owned(),
            secret("t").sign("sync", noon()).expose().to_owned(),
            "hs1.".to_owned(),
            "hs1...".to_owned(),
        ];
        for token in forged {
            let refused = secret("s").verify(&token, noon()).unwrap_err();
            assert_eq!(refused, ServiceTokenError::Forged);
        }
    }

    #[test]
    fn a_short_secret_is_refused_and_none_is_printed() {
        assert_eq!(
            ServiceSecret::new(Secret::new("short")).unwrap_err(),
            SecretTooShort
        );
        assert!(!format!("{:?}", secret("s")).contains("ssss"));
    }
}
