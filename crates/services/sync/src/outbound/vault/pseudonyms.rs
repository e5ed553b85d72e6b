use harken_contracts::wire::vault::v1::{GetPseudonymKeyRequest, vault_client::VaultClient};
use harken_domain::{ConnectionId, OrganizationId};
use harken_intercom::{PseudonymKey, TransportError};
use harken_runtime::ServiceChannel;
use tonic::Code;

use super::transport::failure;

/// The key that makes pseudonyms of a connection's people; none if there is none, or none any more.
pub(crate) async fn pseudonym_key(
    channel: &ServiceChannel,
    organization: OrganizationId,
    connection: ConnectionId,
) -> Result<Option<PseudonymKey>, TransportError> {
    let request = GetPseudonymKeyRequest {
        connection_id: connection.to_string(),
    };
    let mut client = VaultClient::new(channel.for_organization(organization));
    match client.get_pseudonym_key(request).await {
        Ok(answer) => Ok(PseudonymKey::try_from(&answer.into_inner().key[..]).ok()),
        Err(refusal) if refusal.code() == Code::NotFound => Ok(None),
        Err(refusal) => Err(failure(&refusal)),
    }
}
