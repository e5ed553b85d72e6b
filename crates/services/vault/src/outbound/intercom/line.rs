use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use harken_domain::Secret;
use harken_intercom::{
    Answer, Direct, Method, Priority, Request, Response, TransportError, WindowHeaders,
};
use metrics::{counter, histogram};
use tokio::time::{Instant, sleep};
use url::Url;

use super::Budget;
use crate::rules::patience::{self, MOST_REFUSALS};
use crate::rules::verdict::Verdict;

/// Most bytes of an answer that the vault reads for itself.
const OWN_LIMIT_BYTES: u64 = 4 << 20;

/// The way to one workspace: where it is, with which token, under which budget.
#[derive(Clone)]
pub(crate) struct Line {
    direct: Direct,
    base: Url,
    token: Secret,
    budget: Arc<Budget>,
}

/// Intercom's answer: its head, and what is left of its body.
#[derive(Debug)]
pub(crate) struct Reply {
    pub status: u16,
    pub request_id: Option<String>,
    pub canonical_link: Option<String>,
    pub window: Option<WindowHeaders>,
    /// For how long the budget was waited for.
    pub waited: Duration,
    body: Body,
}

#[derive(Debug)]
enum Body {
    OnItsWay(Answer),
    Here(Option<Bytes>),
}

/// Why there is no answer. No reason holds a token, an address or a body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SendError {
    #[error("Intercom is unreachable: {0}")]
    Unreachable(String),
    #[error("Intercom is unavailable: {0}")]
    Unavailable(String),
    #[error("the request cannot be sent: {0}")]
    Refused(String),
}

impl Line {
    pub(crate) const fn new(direct: Direct, base: Url, token: Secret, budget: Arc<Budget>) -> Self {
        Self {
            direct,
            base,
            token,
            budget,
        }
    }

    /// The same way with another host.
    pub(crate) fn at(self, base: Url) -> Self {
        Self { base, ..self }
    }

    pub(crate) const fn token(&self) -> &Secret {
        &self.token
    }

    pub(crate) const fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    /// Sends a request that changes nothing: waits for the budget, repeats while Intercom is busy or in trouble.
    pub(crate) async fn send(&self, request: &Request) -> Result<Reply, SendError> {
        let mut waited = Duration::ZERO;
        let (mut failures, mut refusals) = (0, 0);
        loop {
            let failure = match self.send_once(request, &mut waited).await {
                Ok(answer) => match Verdict::of(answer.status) {
                    Verdict::Answer | Verdict::Doubt => return Ok(Reply::new(answer, waited)),
                    Verdict::Busy => {
                        refusals += 1;
                        if refusals > MOST_REFUSALS {
                            let reason = "its rate limit stays used up by others";
                            return Err(SendError::Unavailable(reason.to_owned()));
                        }
                        continue;
                    }
                    Verdict::Trouble => {
                        SendError::Unavailable(format!("it answered {}", answer.status))
                    }
                },
                Err(TransportError::Unreachable { reason }) => SendError::Unreachable(reason),
                Err(other) => return Err(SendError::Refused(other.to_string())),
            };
            failures += 1;
            if failures >= patience::tries_of(&request.path) {
                return Err(failure);
            }
            sleep(patience::between_tries(failures, rand::random())).await;
        }
    }

    /// Sends a request of the vault's own and reads the whole answer.
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&'static str>,
    ) -> Result<Response, SendError> {
        let request = Request {
            method,
            path: path.to_owned(),
            body: body.map(|body| Bytes::from_static(body.as_bytes())),
            priority: Priority::Interactive,
        };
        self.send(&request).await?.read().await
    }

    async fn send_once(
        &self,
        request: &Request,
        waited: &mut Duration,
    ) -> Result<Answer, TransportError> {
        let priority = priority_label(request.priority);
        let begun = Instant::now();
        let mut permit = self.budget.acquire(request.priority).await;
        *waited += begun.elapsed();
        histogram!("harken_vault_budget_wait_seconds", "priority" => priority)
            .record(begun.elapsed());
        permit.sent();
        let sent = Instant::now();
        let answer = self.direct.open(&self.base, &self.token, request).await;
        histogram!("harken_vault_intercom_head_seconds").record(sent.elapsed());
        counter!("harken_vault_intercom_requests_total", "outcome" => outcome(&answer))
            .increment(1);
        let answer = answer?;
        permit.answered(answer.status, &answer.budget);
        Ok(answer)
    }
}

impl Reply {
    fn new(answer: Answer, waited: Duration) -> Self {
        Self {
            status: answer.status,
            request_id: answer.request_id.clone(),
            canonical_link: answer.canonical_link.clone(),
            window: answer.budget.window,
            waited,
            body: Body::OnItsWay(answer),
        }
    }

    /// The same reply with its body at hand, unless it is too large for an answer to the vault itself.
    pub(crate) async fn fetched(self) -> Result<(Self, Bytes), SendError> {
        let whole = match self.body {
            Body::Here(body) => body.unwrap_or_default(),
            Body::OnItsWay(answer) => answer.read(OWN_LIMIT_BYTES).await?.body,
        };
        Ok((
            Self {
                body: Body::Here(Some(whole.clone())),
                ..self
            },
            whole,
        ))
    }

    /// The next piece of the body; none at its end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, SendError> {
        match &mut self.body {
            Body::OnItsWay(answer) => Ok(answer.chunk().await?),
            Body::Here(body) => Ok(body.take().filter(|body| !body.is_empty())),
        }
    }

    async fn read(self) -> Result<Response, SendError> {
        let (status, request_id) = (self.status, self.request_id.clone());
        let (_, body) = self.fetched().await?;
        Ok(Response {
            status,
            request_id,
            body,
            ..Response::default()
        })
    }
}

impl From<TransportError> for SendError {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::Unreachable { reason } => Self::Unreachable(reason),
            other => Self::Refused(other.to_string()),
        }
    }
}

const fn priority_label(priority: Priority) -> &'static str {
    match priority {
        Priority::Interactive => "interactive",
        Priority::Repair => "repair",
        Priority::Backfill => "backfill",
    }
}

fn outcome(answer: &Result<Answer, TransportError>) -> &'static str {
    match answer {
        Err(_) => "unreachable",
        Ok(answer) => match answer.status {
            200..=299 => "ok",
            401 => "unauthorized",
            403 => "forbidden",
            404 | 410 => "gone",
            429 => "rate_limited",
            500..=599 => "trouble",
            _ => "refused",
        },
    }
}
