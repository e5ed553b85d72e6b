//! The calling side between services.

use std::task::{Context, Poll};
use std::time::Duration;

use harken_domain::{MemberId, OrganizationId, Role};
use harken_telemetry::trace_context;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, header};
use tonic::body::Body;
use tonic::transport::channel::ResponseFuture;
use tonic::transport::{Channel, Endpoint, Error};
use tower::Service;

use crate::{ConfigError, ServiceIdentity, auth};

const CONNECT_WITHIN: Duration = Duration::from_secs(3);
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(20);

/// A connection to another service, made when first used and remade when it breaks.
#[derive(Clone, Debug)]
pub struct ServiceChannel {
    channel: Channel,
    identity: ServiceIdentity,
}

impl ServiceChannel {
    /// Will speak to `endpoint`, such as `http://vault:7401`, as `identity`.
    pub fn connect_lazy(endpoint: &str, identity: ServiceIdentity) -> Result<Self, ConfigError> {
        let endpoint = Endpoint::from_shared(endpoint.to_owned()).map_err(|_| {
            ConfigError::new(
                format!("endpoint `{endpoint}`"),
                "is not an address",
                "write it like http://vault:7401",
            )
        })?;
        let channel = endpoint
            .connect_timeout(CONNECT_WITHIN)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(KEEP_ALIVE_EVERY)
            .keep_alive_while_idle(true)
            .connect_lazy();
        Ok(Self { channel, identity })
    }

    /// Calls for `organization`.
    pub fn for_organization(&self, organization: OrganizationId) -> Authorized {
        Authorized {
            organization: Some(organization),
            ..self.for_no_organization()
        }
    }

    /// Calls that are about no organization.
    pub fn for_no_organization(&self) -> Authorized {
        Authorized {
            channel: self.channel.clone(),
            identity: self.identity.clone(),
            organization: None,
            acting: None,
        }
    }
}

/// A channel whose calls carry who calls and for whom: `VaultClient::new(channel.for_organization(id))`.
#[derive(Clone, Debug)]
pub struct Authorized {
    channel: Channel,
    identity: ServiceIdentity,
    organization: Option<OrganizationId>,
    acting: Option<(Role, MemberId)>,
}

impl Authorized {
    /// Calls for a member, who may do no more than `role` allows.
    #[must_use]
    pub fn with_role(self, role: Role, member: MemberId) -> Self {
        Self {
            acting: Some((role, member)),
            ..self
        }
    }

    fn sign(&self, headers: &mut HeaderMap) {
        let token = format!("Bearer {}", self.identity.token().expose());
        if let Ok(mut value) = HeaderValue::try_from(token) {
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        let mut name = |name, value: String| {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        if let Some(organization) = self.organization {
            name(auth::ORGANIZATION, organization.to_string());
        }
        if let Some((role, member)) = self.acting {
            name(auth::ROLE, role.to_string());
            name(auth::MEMBER, member.to_string());
        }
        trace_context::inject_http(headers);
    }
}

impl Service<Request<Body>> for Authorized {
    type Response = Response<Body>;
    type Error = Error;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.channel.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        self.sign(request.headers_mut());
        self.channel.call(request)
    }
}
