use std::time::Duration;

use harken_contracts::wire::auth::v1::auth_client::AuthClient;
use harken_contracts::wire::dead::v1::dead_letters_client::DeadLettersClient;
use harken_contracts::wire::directory::v1::directory_client::DirectoryClient;
use harken_contracts::wire::ingress::v1::edge_client::EdgeClient;
use harken_contracts::wire::scoring::v1::scoring_client::ScoringClient;
use harken_contracts::wire::sync::v1::sync_client::SyncClient;
use harken_contracts::wire::vault::v1::vault_client::VaultClient;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};

use super::Credentials;
use super::refusal::Refused;
use crate::failure::Failure;

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// How often a silent stream is checked to be alive.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// Largest answer that is read.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

type Authorized = InterceptedService<Channel, Bearer>;

/// A deployment as its API key's holder sees it.
#[derive(Clone)]
pub(crate) struct Harken {
    channel: Authorized,
    endpoint: String,
    console: Option<String>,
}

/// Adds the API key to each request.
#[derive(Clone)]
pub(crate) struct Bearer(MetadataValue<Ascii>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request
            .metadata_mut()
            .insert("authorization", self.0.clone());
        Ok(request)
    }
}

macro_rules! clients {
    ($($name:ident: $client:ident),+ $(,)?) => {$(
        pub(crate) fn $name(&self) -> $client<Authorized> {
            $client::new(self.channel.clone()).max_decoding_message_size(MAX_ANSWER_BYTES)
        }
    )+};
}

impl Harken {
    /// Connects with the first question.
    pub(crate) fn at(credentials: Credentials) -> Result<Self, Failure> {
        let Credentials {
            endpoint,
            api_key,
            console,
        } = credentials;
        let unusable = || {
            Failure::input(format!(
                "{endpoint} is not an address this command can use; give one like http://127.0.0.1:7401"
            ))
        };
        if !endpoint.starts_with("http://") {
            return Err(unusable());
        }
        let channel = Endpoint::from_shared(endpoint.clone())
            .map_err(|_| unusable())?
            .connect_timeout(CONNECT_WITHIN)
            .http2_keep_alive_interval(KEEP_ALIVE)
            .connect_lazy();
        let mut bearer: MetadataValue<Ascii> = format!("Bearer {}", api_key.expose())
            .parse()
            .map_err(|_| Failure::input("that is not an API key"))?;
        bearer.set_sensitive(true);
        Ok(Self {
            channel: InterceptedService::new(channel, Bearer(bearer)),
            endpoint,
            console,
        })
    }

    clients! {
        auth: AuthClient,
        vault: VaultClient,
        sync: SyncClient,
        directory: DirectoryClient,
        scoring: ScoringClient,
        edge: EdgeClient,
        dead: DeadLettersClient,
    }

    pub(crate) fn console(&self) -> Option<&str> {
        self.console.as_deref()
    }

    /// What this deployment answered; its refusal in words.
    pub(crate) fn answered<T>(&self, answer: Result<Response<T>, Status>) -> Result<T, Failure> {
        answer
            .map(Response::into_inner)
            .map_err(|status| self.refused(&status))
    }

    /// What a refusal of this deployment means to the one at the terminal.
    pub(crate) fn refused(&self, status: &Status) -> Failure {
        Refused {
            endpoint: &self.endpoint,
            status,
        }
        .into()
    }
}
