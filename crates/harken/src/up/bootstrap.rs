use std::fs;

use harken_contracts::wire::auth::v1::auth_client::AuthClient;
use harken_contracts::wire::auth::v1::{
    CreateApiKeyRequest, CreateSignInLinkRequest, EnsureOrganizationRequest,
    EnsureOrganizationResponse, VerifyApiKeyRequest,
};
use harken_contracts::wire::types::v1::Role;
use harken_domain::OrganizationId;
use harken_runtime::{Authorized, ServiceChannel, ServiceIdentity};
use tonic::{Code, Status};

use super::ports::{Ports, url};
use super::state_dir::{StateDir, write_private};
use crate::failure::Failure;
use crate::operate::{CLIENT_FILE, ClientFile, sign_in_address};

const ORGANIZATION: &str = "Demo";
const OWNER_EMAIL: &str = "owner@demo.example";
const OWNER_NAME: &str = "Demo Owner";
const KEY_NAME: &str = "harken up";

/// Makes what a person needs to begin: an organization, a way to sign in, and a key for the operators' commands.
/// Answers the sign-in link.
pub(super) async fn run(
    identity: ServiceIdentity,
    state: &StateDir,
    ports: Ports,
) -> Result<String, Failure> {
    let channel = ServiceChannel::connect_lazy(&url(ports.grpc), identity)?;
    let mut anyone = AuthClient::new(channel.for_no_organization());
    let request = EnsureOrganizationRequest {
        name: ORGANIZATION.to_owned(),
        owner_email: OWNER_EMAIL.to_owned(),
        owner_name: OWNER_NAME.to_owned(),
    };
    let ensured = anyone
        .ensure_organization(request)
        .await
        .map_err(|status| failure(&status))?
        .into_inner();
    let EnsureOrganizationResponse {
        organization,
        owner,
        ..
    } = ensured;
    let (organization, owner) = organization
        .zip(owner)
        .ok_or_else(|| Failure::other("the vault named no owner"))?;
    let organization_id: OrganizationId = organization
        .organization_id
        .parse()
        .map_err(|_| Failure::other("the vault named no organization"))?;
    let mut auth = AuthClient::new(channel.for_organization(organization_id));

    keep_client_file(&mut auth, &mut anyone, state, ports).await?;
    let request = CreateSignInLinkRequest {
        member_id: owner.member_id,
    };
    let link = auth
        .create_sign_in_link(request)
        .await
        .map_err(|status| failure(&status))?
        .into_inner();
    Ok(sign_in_address(&url(ports.console), &link.token))
}

/// Leaves address and key where the operators' commands look; a key that still works is kept.
async fn keep_client_file(
    auth: &mut AuthClient<Authorized>,
    anyone: &mut AuthClient<Authorized>,
    state: &StateDir,
    ports: Ports,
) -> Result<(), Failure> {
    let path = state.join(CLIENT_FILE);
    let kept = fs::read_to_string(&path)
        .ok()
        .and_then(|text| serde_json::from_str::<ClientFile>(&text).ok());
    let api_key = match kept {
        Some(file) if is_known(anyone, &file.api_key).await? => file.api_key,
        _ => {
            let request = CreateApiKeyRequest {
                name: KEY_NAME.to_owned(),
                role: Role::Owner.into(),
            };
            auth.create_api_key(request)
                .await
                .map_err(|status| failure(&status))?
                .into_inner()
                .secret
        }
    };
    let file = ClientFile {
        endpoint: url(ports.grpc),
        console: url(ports.console),
        api_key,
    };
    let text =
        serde_json::to_string_pretty(&file).map_err(|cause| Failure::other(cause.to_string()))?;
    write_private(&path, &text)
}

async fn is_known(auth: &mut AuthClient<Authorized>, secret: &str) -> Result<bool, Failure> {
    match auth
        .verify_api_key(VerifyApiKeyRequest {
            secret: secret.to_owned(),
        })
        .await
    {
        Ok(_) => Ok(true),
        Err(status) if matches!(status.code(), Code::NotFound | Code::Unauthenticated) => Ok(false),
        Err(status) => Err(failure(&status)),
    }
}

fn failure(status: &Status) -> Failure {
    Failure::other(format!("the vault did not let us in: {}", status.message()))
}
