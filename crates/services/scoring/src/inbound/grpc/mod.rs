//! `scoring.v1`, one file per method.

mod batch_get_scores;
mod count_levels;
mod evaluate;
mod explain_score;
mod get_configuration;
mod get_score;
mod list_scores;
mod status;
mod watch_scores;
mod wire;

use futures::stream::BoxStream;
use harken_contracts::wire::scoring::v1::{
    self as v1,
    scoring_server::{Scoring as Service, ScoringServer},
};
use harken_domain::{OrganizationId, Role};
use harken_runtime::CallContext;
use tonic::{Request, Response, Status, async_trait};

use crate::app::Scoring;

/// Answers `scoring.v1`.
#[derive(Clone, Debug)]
pub(crate) struct Api(Scoring);

impl Api {
    pub(crate) fn server(scoring: Scoring) -> ScoringServer<Self> {
        ScoringServer::new(Self(scoring))
    }
}

/// The organization of a caller who may read.
fn reader<T>(request: &Request<T>) -> Result<OrganizationId, Status> {
    let context = CallContext::of(request)?;
    context.require_role(Role::Viewer)?;
    context.organization()
}

#[async_trait]
impl Service for Api {
    type WatchScoresStream = BoxStream<'static, Result<v1::Score, Status>>;

    async fn get_score(
        &self,
        request: Request<v1::GetScoreRequest>,
    ) -> Result<Response<v1::Score>, Status> {
        let organization = reader(&request)?;
        get_score::answer(&self.0, organization, request.into_inner())
            .await
            .map(Response::new)
    }

    async fn batch_get_scores(
        &self,
        request: Request<v1::BatchGetScoresRequest>,
    ) -> Result<Response<v1::BatchGetScoresResponse>, Status> {
        let organization = reader(&request)?;
        batch_get_scores::answer(&self.0, organization, request.into_inner())
            .await
            .map(Response::new)
    }

    async fn list_scores(
        &self,
        request: Request<v1::ListScoresRequest>,
    ) -> Result<Response<v1::ListScoresResponse>, Status> {
        let organization = reader(&request)?;
        list_scores::answer(&self.0, organization, request.into_inner())
            .await
            .map(Response::new)
    }

    async fn explain_score(
        &self,
        request: Request<v1::ExplainScoreRequest>,
    ) -> Result<Response<v1::ScoreExplanation>, Status> {
        let organization = reader(&request)?;
        explain_score::answer(&self.0, organization, request.into_inner())
            .await
            .map(Response::new)
    }

    async fn watch_scores(
        &self,
        request: Request<v1::WatchScoresRequest>,
    ) -> Result<Response<Self::WatchScoresStream>, Status> {
        let organization = reader(&request)?;
        watch_scores::answer(&self.0, organization, request.into_inner())
            .await
            .map(Response::new)
    }

    async fn evaluate(
        &self,
        request: Request<v1::EvaluateRequest>,
    ) -> Result<Response<v1::EvaluateResponse>, Status> {
        let organization = reader(&request);
        evaluate::answer(&self.0, organization, request.into_inner())
            .await
            .map(Response::new)
    }

    async fn get_configuration(
        &self,
        request: Request<v1::GetConfigurationRequest>,
    ) -> Result<Response<v1::Configuration>, Status> {
        let organization = reader(&request)?;
        get_configuration::answer(&self.0, organization)
            .await
            .map(Response::new)
    }

    async fn count_levels(
        &self,
        request: Request<v1::CountLevelsRequest>,
    ) -> Result<Response<v1::CountLevelsResponse>, Status> {
        let organization = reader(&request)?;
        count_levels::answer(&self.0, organization, request.into_inner())
            .await
            .map(Response::new)
    }
}
