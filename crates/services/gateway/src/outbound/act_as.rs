use std::time::Duration;

use harken_runtime::auth;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::{Request, Status};

use super::Acting;

/// How long a person waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a page waits for what it can do without.
const GLANCE: Duration = Duration::from_secs(1);
/// How long an answer may take for which Intercom is asked.
const LONG_PATIENCE: Duration = Duration::from_mins(1);

/// Writes into each call for whom it is made and how long it may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct ActAs {
    acting: Acting,
    within: Option<Duration>,
}

impl ActAs {
    pub(super) const fn soon(acting: Acting) -> Self {
        let within = Some(PATIENCE);
        Self { acting, within }
    }

    /// For what a page can do without.
    pub(super) const fn at_a_glance(acting: Acting) -> Self {
        let within = Some(GLANCE);
        Self { acting, within }
    }

    pub(super) const fn patiently(acting: Acting) -> Self {
        let within = Some(LONG_PATIENCE);
        Self { acting, within }
    }

    /// For a stream that lasts as long as it lasts.
    pub(super) const fn streaming(acting: Acting) -> Self {
        let within = None;
        Self { acting, within }
    }
}

impl Interceptor for ActAs {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let metadata = request.metadata_mut();
        metadata.insert(
            auth::ROLE,
            MetadataValue::from_static(self.acting.role.as_str()),
        );
        if let Some(member) = self.acting.member() {
            let value: Result<MetadataValue<Ascii>, _> = member.to_string().parse();
            metadata.insert(
                auth::MEMBER,
                value.map_err(|_| Status::internal("a member id is ASCII"))?,
            );
        }
        if let Some(within) = self.within {
            request.set_timeout(within);
        }
        Ok(request)
    }
}
