//! Stopping leaves nothing behind, and starting again goes on where it stopped.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use harken_contracts::wire::auth::v1::GetOrganizationRequest;
use rustix::process::Signal;

use crate::client::Client;
use crate::connecting::connect;
use crate::house::House;
use crate::ports::is_free;

#[tokio::test]
async fn a_second_run_goes_on_where_the_first_stopped_and_leaves_no_process() {
    let mut house = House::open(&["--contacts", "50", "--conversations", "200"]).await;
    connect(&house).await;
    let client = Client::of(&house);
    let organization = client
        .auth()
        .get_organization(GetOrganizationRequest {})
        .await
        .unwrap()
        .into_inner();
    let connection = client.connection().await;
    let run = client.ended_run(&connection.connection_id).await;
    let key = fs::read_to_string(house.folder().join(".harken/client.json")).unwrap();

    house.stop().await;
    assert!((house.base()..house.base() + 7).all(is_free));

    house.start().await;
    let client = Client::of(&house);
    let again = client
        .auth()
        .get_organization(GetOrganizationRequest {})
        .await
        .unwrap()
        .into_inner();
    assert_eq!(again.organization_id, organization.organization_id);
    assert_eq!(
        client.connection().await.connection_id,
        connection.connection_id
    );
    assert_eq!(
        client.ended_run(&connection.connection_id).await.run_id,
        run.run_id
    );
    assert_eq!(
        fs::read_to_string(house.folder().join(".harken/client.json")).unwrap(),
        key
    );
    house.stop().await;
}

#[tokio::test]
async fn an_interrupt_stops_it_too_and_its_secrets_are_for_its_owner_alone() {
    let mut house = House::open(&["--contacts", "1", "--conversations", "1"]).await;
    for (path, mode) in [
        ("client.json", 0o600),
        ("secrets", 0o700),
        ("secrets/key-encryption-key", 0o600),
    ] {
        let found = fs::metadata(house.folder().join(".harken").join(path))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(found & 0o777, mode, "{path}");
    }
    house.stop_by(Signal::INT).await;
}

#[tokio::test]
async fn who_comes_second_to_a_folder_is_told_in_one_line() {
    let mut house = House::open(&["--contacts", "1", "--conversations", "1"]).await;
    let second = house
        .command(&["up", "--port-base", "40000"])
        .output()
        .await
        .unwrap();
    let said = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(
        said.contains("already runs") && said.lines().count() == 1,
        "{said}"
    );
    house.stop().await;
}
