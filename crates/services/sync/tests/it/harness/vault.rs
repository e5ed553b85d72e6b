use std::{
    collections::HashMap,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use futures::{Stream, stream};
use harken_contracts::wire::vault::v1 as wire;
use harken_contracts::wire::vault::v1::{
    BeginOAuthRequest, BeginOAuthResponse, CallChunk, CallHead, CallRequest, CompleteOAuthRequest,
    ConnectWithTokenRequest, Connection, DisconnectRequest, GetConnectionRequest,
    GetWebhookKeysRequest, GetWebhookSecretRequest, ListConnectionsRequest,
    ListConnectionsResponse, OpenSyntheticConnectionRequest, ReportUninstallRequest,
    ReportUninstallResponse, ResolveWorkspaceRequest, RetireWebhookSecretRequest,
    SetWebhookSecretRequest, SyntheticConnection, TestConnectionRequest, TestReport,
    TestTokenRequest, WebhookKeys, WebhookRoute, WebhookSecret, call_chunk::Chunk, vault_server,
};
use harken_domain::Secret;
use harken_intercom::{
    Bound, Direct, Method, Patience, Priority, Request as Wanted, Response as Answer,
    Transport as _, TransportError,
};
use harken_runtime::{CallContext, grpc::Services, status};
use serde_json::Value;
use tonic::{Request, Response, Status};

/// The key of the connection's pseudonyms.
pub(crate) const PSEUDONYM_KEY: [u8; 32] = [7; 32];
/// What a 5xx is repeated, as the vault does.
const REPEATS: u32 = 2;

/// What Intercom answers to each path, for ever.
pub(crate) type Constant = HashMap<String, Answer>;

/// What changes an answer on its way: its path without query, and its JSON.
type Mender = dyn Fn(&str, &mut Value) + Send + Sync;

/// A vault that only forwards to the simulator, or gives constant answers. Clones share it.
#[derive(Clone)]
pub(crate) struct FakeVault {
    intercom: Bound,
    away: Arc<AtomicBool>,
    hangs: Arc<AtomicBool>,
    constant: Arc<Mutex<Option<Constant>>>,
    calls: Arc<AtomicU64>,
    asked: Arc<Mutex<Vec<String>>>,
    mender: Arc<Mutex<Option<Box<Mender>>>>,
    pseudonym_key: Arc<Mutex<Option<[u8; 32]>>>,
}

impl FakeVault {
    pub(super) fn new(simulator: &str, token: &str) -> Self {
        let direct = Direct::new(Patience::default(), false).expect("a client");
        Self {
            intercom: direct.bound(simulator.parse().unwrap(), Secret::new(token)),
            away: Arc::default(),
            hangs: Arc::default(),
            constant: Arc::default(),
            calls: Arc::default(),
            asked: Arc::default(),
            mender: Arc::default(),
            pseudonym_key: Arc::new(Mutex::new(Some(PSEUDONYM_KEY))),
        }
    }

    pub(super) fn services(&self) -> Services {
        Services::new().add(vault_server::VaultServer::new(self.clone()))
    }

    /// From now on Intercom is out of reach, or in reach again.
    pub(crate) fn away(&self, away: bool) {
        self.away.store(away, Ordering::Relaxed);
    }

    /// From now on no call is answered.
    pub(crate) fn hang(&self) {
        self.hangs.store(true, Ordering::Relaxed);
    }

    /// From now on these answers are given, late now and then, and nothing else is in reach.
    pub(crate) fn answer(&self, constant: Constant) {
        *self.constant.lock().unwrap() = Some(constant);
    }

    /// From now on successful answers are changed on their way.
    pub(crate) fn mend(&self, mender: impl Fn(&str, &mut Value) + Send + Sync + 'static) {
        *self.mender.lock().unwrap() = Some(Box::new(mender));
    }

    fn mended(&self, path: &str, mut answer: Answer) -> Answer {
        if let Some(mender) = &*self.mender.lock().unwrap()
            && answer.status == 200
            && let Ok(mut json) = serde_json::from_slice(&answer.body)
        {
            mender(path, &mut json);
            answer.body = json.to_string().into();
        }
        answer
    }

    /// The constant answer to a path, or that there is none; nothing where the simulator is asked.
    async fn constant_answer(&self, path: &str) -> Option<Result<Answer, Status>> {
        let answer = match &*self.constant.lock().unwrap() {
            Some(constant) => constant.get(path).cloned(),
            None => return None,
        };
        let late = self.calls.load(Ordering::Relaxed) * 7 % 40;
        tokio::time::sleep(std::time::Duration::from_millis(late)).await;
        Some(answer.ok_or_else(|| status::unavailable("INTERCOM_UNREACHABLE", "no connection")))
    }

    /// From now on there is no key of pseudonyms.
    pub(crate) fn forget_pseudonym_key(&self) {
        *self.pseudonym_key.lock().unwrap() = None;
    }

    /// Calls forwarded so far.
    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Paths of the calls so far, without their queries.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    async fn forward(&self, request: CallRequest) -> Result<Answer, Status> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let path = request
            .path
            .split('?')
            .next()
            .unwrap_or_default()
            .to_owned();
        self.asked.lock().unwrap().push(path.clone());
        if self.hangs.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        if let Some(answer) = self.constant_answer(&path).await {
            return answer;
        }
        if self.away.load(Ordering::Relaxed) {
            return Err(status::unavailable("INTERCOM_UNREACHABLE", "no connection"));
        }
        let body = Some(request.body).filter(|body| !body.is_empty());
        let wanted = Wanted {
            method: if request.method == "POST" {
                Method::Post
            } else {
                Method::Get
            },
            path: request.path,
            body,
            priority: Priority::Backfill,
        };
        for _ in 0..=REPEATS {
            match self.intercom.send(wanted.clone()).await {
                Ok(answer) if answer.status == 401 => {
                    let words = "Intercom refuses the access token";
                    return Err(status::failed_precondition("CONNECTION_BROKEN", words));
                }
                Ok(answer) if answer.status >= 500 => {}
                Ok(answer) => return Ok(self.mended(&path, answer)),
                Err(TransportError::TooLarge { .. }) => {
                    return Err(status::resource_exhausted("ANSWER_TOO_LARGE", "too large"));
                }
                Err(error) => {
                    return Err(status::unavailable(
                        "INTERCOM_UNREACHABLE",
                        error.to_string(),
                    ));
                }
            }
        }
        Err(status::unavailable(
            "INTERCOM_UNAVAILABLE",
            "Intercom answered 500",
        ))
    }
}

#[tonic::async_trait]
impl vault_server::Vault for FakeVault {
    type CallStream = Pin<Box<dyn Stream<Item = Result<CallChunk, Status>> + Send>>;

    async fn call(
        &self,
        request: Request<CallRequest>,
    ) -> Result<Response<Self::CallStream>, Status> {
        let context = CallContext::of(&request)?;
        context.require_service(&["sync"])?;
        context.organization()?;
        let answer = self.forward(request.into_inner()).await?;
        let head = CallHead {
            status: answer.status.into(),
            request_id: answer.request_id.unwrap_or_default(),
            canonical_link: answer.canonical_link.unwrap_or_default(),
            ..CallHead::default()
        };
        let mut chunks = vec![Ok(CallChunk {
            chunk: Some(Chunk::Head(head)),
        })];
        // In pieces, as the vault streams.
        let mut body = answer.body;
        while !body.is_empty() {
            let piece = body.split_to(body.len().min(64 * 1024));
            chunks.push(Ok(CallChunk {
                chunk: Some(Chunk::Body(piece)),
            }));
        }
        Ok(Response::new(Box::pin(stream::iter(chunks))))
    }

    async fn begin_o_auth(
        &self,
        _: Request<BeginOAuthRequest>,
    ) -> Result<Response<BeginOAuthResponse>, Status> {
        Err(Status::unimplemented("only calls are forwarded"))
    }

    async fn complete_o_auth(
        &self,
        _: Request<CompleteOAuthRequest>,
    ) -> Result<Response<Connection>, Status> {
        Err(Status::unimplemented("only calls are forwarded"))
    }

    async fn test_token(
        &self,
        _: Request<TestTokenRequest>,
    ) -> Result<Response<TestReport>, Status> {
        Err(Status::unimplemented("only calls are forwarded"))
    }

    async fn connect_with_token(
        &self,
        _: Request<ConnectWithTokenRequest>,
    ) -> Result<Response<Connection>, Status> {
        Err(Status::unimplemented("only calls are forwarded"))
    }

    async fn get_connection(
        &self,
        _: Request<GetConnectionRequest>,
    ) -> Result<Response<Connection>, Status> {
        Err(Status::unimplemented("only calls are forwarded"))
    }

    async fn list_connections(
        &self,
        _: Request<ListConnectionsRequest>,
    ) -> Result<Response<ListConnectionsResponse>, Status> {
        Err(Status::unimplemented("only calls are forwarded"))
    }

    async fn test_connection(
        &self,
        _: Request<TestConnectionRequest>,
    ) -> Result<Response<TestReport>, Status> {
        Err(Status::unimplemented("only calls are forwarded"))
    }

    async fn disconnect(
        &self,
        _: Request<DisconnectRequest>,
    ) -> Result<Response<Connection>, Status> {
        Err(Status::unimplemented("only calls are forwarded"))
    }

    async fn get_webhook_secret(
        &self,
        _: Request<GetWebhookSecretRequest>,
    ) -> Result<Response<WebhookSecret>, Status> {
        Err(Status::unimplemented("only calls are forwarded"))
    }

    async fn set_webhook_secret(
        &self,
        _: Request<SetWebhookSecretRequest>,
    ) -> Result<Response<WebhookSecret>, Status> {
        Err(Status::unimplemented("only calls are forwarded"))
    }

    async fn retire_webhook_secret(
        &self,
        _: Request<RetireWebhookSecretRequest>,
    ) -> Result<Response<WebhookSecret>, Status> {
        Err(Status::unimplemented("only calls are forwarded"))
    }

    async fn open_synthetic_connection(
        &self,
        _: Request<OpenSyntheticConnectionRequest>,
    ) -> Result<Response<SyntheticConnection>, Status> {
        Err(Status::unimplemented("only calls are forwarded"))
    }

    async fn get_webhook_keys(
        &self,
        _: Request<GetWebhookKeysRequest>,
    ) -> Result<Response<WebhookKeys>, Status> {
        Err(Status::unimplemented("only calls are forwarded"))
    }

    async fn resolve_workspace(
        &self,
        _: Request<ResolveWorkspaceRequest>,
    ) -> Result<Response<WebhookRoute>, Status> {
        Err(Status::unimplemented("only calls are forwarded"))
    }

    async fn report_uninstall(
        &self,
        _: Request<ReportUninstallRequest>,
    ) -> Result<Response<ReportUninstallResponse>, Status> {
        Err(Status::unimplemented("only calls are forwarded"))
    }

    async fn replace_token(
        &self,
        _: Request<wire::ReplaceTokenRequest>,
    ) -> Result<Response<wire::Connection>, Status> {
        Err(Status::unimplemented("only calls are forwarded"))
    }

    async fn remove_data(
        &self,
        _: Request<wire::RemoveDataRequest>,
    ) -> Result<Response<wire::Connection>, Status> {
        Err(Status::unimplemented("only calls are forwarded"))
    }

    async fn get_erasure(
        &self,
        _: Request<wire::GetErasureRequest>,
    ) -> Result<Response<wire::Erasure>, Status> {
        Err(Status::unimplemented("only calls are forwarded"))
    }

    async fn get_pseudonym_key(
        &self,
        _: Request<wire::GetPseudonymKeyRequest>,
    ) -> Result<Response<wire::PseudonymKey>, Status> {
        let key = *self.pseudonym_key.lock().unwrap();
        let key = key.ok_or_else(|| status::not_found("pseudonym key"))?;
        Ok(Response::new(wire::PseudonymKey {
            key: key.to_vec().into(),
        }))
    }
}
