use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Caller;
use crate::inbound::http::render::Problem;

/// As whom a call is taken.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Whoami {
    /// The organization, `org_…`.
    organization_id: String,
    /// `owner`, `admin`, `member` or `viewer`.
    role: &'static str,
    /// The member who is signed in, `mem_…`; absent for an API key.
    #[serde(skip_serializing_if = "Option::is_none")]
    member_id: Option<String>,
}

/// Tells as whom this call is taken.
#[utoipa::path(get, path = "/whoami", operation_id = "whoami", tag = "connections",
    responses((status = 200, description = "As whom the call is taken", body = Whoami), Problem))]
pub(crate) async fn whoami(caller: Caller) -> Json<Whoami> {
    Json(Whoami {
        organization_id: caller.acting.organization.to_string(),
        role: caller.acting.role.as_str(),
        member_id: caller.acting.member().map(|member| member.to_string()),
    })
}
