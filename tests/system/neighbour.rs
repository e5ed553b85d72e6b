use std::fs;

use harken_contracts::wire::auth::v1::auth_client::AuthClient;
use harken_contracts::wire::auth::v1::{CreateApiKeyRequest, EnsureOrganizationRequest};
use harken_contracts::wire::types::v1::Role;
use harken_contracts::wire::vault::v1::ConnectWithTokenRequest;
use harken_domain::{Clock, OrganizationId, Secret};
use harken_runtime::{ServiceChannel, ServiceIdentity, ServiceSecret};

use crate::client::Client;
use crate::house::House;

/// A private token of the simulator's second workspace.
const TOKEN: &str = "sim_full_small_a1b2c3d4e5f60718293a4b5c6d7e8f90";

/// Another organization in the same house, with a workspace of its own that has been read.
pub(crate) async fn moves_in(house: &House) -> Client {
    let secret = fs::read_to_string(house.folder().join(".harken/secrets/service-secret")).unwrap();
    let secret = ServiceSecret::new(Secret::new(secret.trim())).unwrap();
    let operator = ServiceIdentity::new("operator", secret, Clock::system());
    let channel = ServiceChannel::connect_lazy(&house.ready().grpc, operator).unwrap();
    let request = EnsureOrganizationRequest {
        name: "Neighbour".to_owned(),
        owner_email: "owner@neighbour.example".to_owned(),
        owner_name: "Neighbour Owner".to_owned(),
    };
    let mut anyone = AuthClient::new(channel.for_no_organization());
    let ensured = anyone
        .ensure_organization(request)
        .await
        .unwrap()
        .into_inner();
    assert!(ensured.created);
    let id = ensured.organization.unwrap().organization_id;
    let organization: OrganizationId = id.parse().unwrap();
    let request = CreateApiKeyRequest {
        name: "neighbour".to_owned(),
        role: Role::Owner.into(),
    };
    let mut auth = AuthClient::new(channel.for_organization(organization));
    let key = auth.create_api_key(request).await.unwrap().into_inner();

    let client = Client::with_key(&house.ready().grpc, &key.secret);
    let request = ConnectWithTokenRequest {
        access_token: TOKEN.to_owned(),
        ..ConnectWithTokenRequest::default()
    };
    let connected = client.vault().connect_with_token(request).await.unwrap();
    client
        .ended_run(&connected.into_inner().connection_id)
        .await;
    client
}
