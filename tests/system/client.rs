use std::fs;

use harken_contracts::wire::auth::v1::auth_client::AuthClient;
use harken_contracts::wire::directory::v1::directory_client::DirectoryClient;
use harken_contracts::wire::scoring::v1::scoring_client::ScoringClient;
use harken_contracts::wire::sync::v1::sync_client::SyncClient;
use harken_contracts::wire::sync::v1::{GetStatusRequest, ListGapsRequest, Run, RunState};
use harken_contracts::wire::vault::v1::vault_client::VaultClient;
use harken_contracts::wire::vault::v1::{Connection, ListConnectionsRequest};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

use crate::house::House;
use crate::patience::eventually;

type Authorized = InterceptedService<Channel, Bearer>;

/// An internal client: it has the address, an API key, and the contracts.
#[derive(Clone)]
pub(crate) struct Client {
    channel: Authorized,
}

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

impl Client {
    /// With the key that `harken up` left for the operators' commands.
    pub(crate) fn of(house: &House) -> Self {
        let text = fs::read_to_string(house.folder().join(".harken/client.json")).unwrap();
        let file: serde_json::Value = serde_json::from_str(&text).unwrap();
        Self::with_key(&house.ready().grpc, file["api_key"].as_str().unwrap())
    }

    pub(crate) fn with_key(endpoint: &str, key: &str) -> Self {
        let channel = Endpoint::from_shared(endpoint.to_owned())
            .unwrap()
            .connect_lazy();
        let bearer = Bearer(format!("Bearer {key}").parse().unwrap());
        Self {
            channel: InterceptedService::new(channel, bearer),
        }
    }

    pub(crate) fn auth(&self) -> AuthClient<Authorized> {
        AuthClient::new(self.channel.clone())
    }

    pub(crate) fn vault(&self) -> VaultClient<Authorized> {
        VaultClient::new(self.channel.clone())
    }

    pub(crate) fn sync(&self) -> SyncClient<Authorized> {
        SyncClient::new(self.channel.clone())
    }

    pub(crate) fn directory(&self) -> DirectoryClient<Authorized> {
        DirectoryClient::new(self.channel.clone()).max_decoding_message_size(64 * 1024 * 1024)
    }

    pub(crate) fn scoring(&self) -> ScoringClient<Authorized> {
        ScoringClient::new(self.channel.clone())
    }

    /// The only connection.
    pub(crate) async fn connection(&self) -> Connection {
        let answer = self
            .vault()
            .list_connections(ListConnectionsRequest {})
            .await
            .unwrap()
            .into_inner();
        let [connection] = <[Connection; 1]>::try_from(answer.connections).unwrap();
        connection
    }

    /// The latest run of a connection, once it has read everything there is to read: of a conversation with more than
    /// 500 parts Intercom shows no more.
    pub(crate) async fn whole_run(&self, connection_id: &str) -> Run {
        let run = self.ended_run(connection_id).await;
        assert_ne!(run.state(), RunState::Failed, "{run:?}");
        let request = ListGapsRequest {
            run_id: run.run_id.clone(),
            page: None,
        };
        let gaps = self
            .sync()
            .list_gaps(request)
            .await
            .unwrap()
            .into_inner()
            .gaps;
        assert!(gaps.iter().all(|gap| gap.kind == "parts"), "{gaps:?}");
        run
    }

    /// The latest run of a connection, once it has ended.
    pub(crate) async fn ended_run(&self, connection_id: &str) -> Run {
        eventually("a run has ended", || async {
            let request = GetStatusRequest {
                connection_id: connection_id.to_owned(),
                without_totals: true,
            };
            let run = self
                .sync()
                .get_status(request)
                .await
                .ok()?
                .into_inner()
                .latest_run?;
            let ended = matches!(
                run.state(),
                RunState::Complete | RunState::CompleteWithGaps | RunState::Failed
            );
            ended.then_some(run)
        })
        .await
    }
}
