use harken_domain::{Role, Secret};
use harken_runtime::status;
use tonic::{Code, Status};

use super::Gateway;
use crate::outbound::{Acting, Who};

/// A member who is signed in, at a browser.
#[derive(Clone, Debug)]
pub(crate) struct Viewer {
    pub(crate) acting: Acting,
    pub(crate) organization: String,
    pub(crate) name: String,
    /// The secret of the session.
    pub(crate) session: Secret,
}

impl Gateway {
    /// Who holds this session; none if it has ended or never was.
    pub(crate) async fn viewer(&self, session: Secret) -> Result<Option<Viewer>, Status> {
        let answer = match self
            .rooms
            .resolve_session(session.expose().to_owned())
            .await
        {
            Ok(answer) => answer,
            Err(refused) if is_unknown(&refused) => return Ok(None),
            Err(refused) => return Err(refused),
        };
        let organization = answer.organization.unwrap_or_default();
        let member = answer.member.unwrap_or_default();
        let acting = Acting {
            organization: organization
                .organization_id
                .parse()
                .map_err(|cause| status::internal(&cause))?,
            role: Role::try_from(member.role()).map_err(|cause| status::internal(&cause))?,
            who: Who::Member(
                member
                    .member_id
                    .parse()
                    .map_err(|cause| status::internal(&cause))?,
            ),
        };
        Ok(Some(Viewer {
            acting,
            organization: organization.name,
            name: member.name,
            session,
        }))
    }
}

/// A session that the vault does not know. Its refusal of our own credentials is another matter.
fn is_unknown(refused: &Status) -> bool {
    let reason = status::reason_of(refused).unwrap_or_default();
    match refused.code() {
        Code::NotFound => true,
        Code::Unauthenticated => !reason.starts_with("SERVICE_TOKEN") && reason != "NO_CREDENTIALS",
        _ => false,
    }
}
