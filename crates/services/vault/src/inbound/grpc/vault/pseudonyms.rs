use harken_contracts::wire::vault::v1::{GetPseudonymKeyRequest, PseudonymKey};
use harken_runtime::{CallContext, status};
use tonic::{Request, Status};

use super::super::{fields, status as answer};
use crate::app::Vault;

/// Who makes pseudonyms of people.
const READERS: &[&str] = &["sync", "ingress"];

pub(super) async fn key(
    vault: &Vault,
    request: Request<GetPseudonymKeyRequest>,
) -> Result<PseudonymKey, Status> {
    let context = CallContext::of(&request)?;
    context.require_service(READERS)?;
    let organization = context.organization()?;
    let connection = fields::id("connection_id", &request.get_ref().connection_id)?;
    let key = vault.pseudonym_key(organization, connection).await;
    let key = key.map_err(answer::pseudonym_key)?;
    let key = key.ok_or_else(|| status::not_found("pseudonym key"))?;
    Ok(PseudonymKey {
        key: key.to_vec().into(),
    })
}
