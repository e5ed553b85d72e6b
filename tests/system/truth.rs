//! Whether the mirror says the same as the simulated workspace.

use harken_contracts::wire::directory::v1::ExportRequest;
use harken_system_tests::intercom::{Comparison, Control, Held, Told};

use crate::client::Client;
use crate::house::House;

/// Holds the mirror against the workspace: nothing is missing, nothing is there twice, and what is there is right.
pub(crate) async fn is_mirrored(house: &House, client: &Client) {
    let connection = client.connection().await.connection_id.parse().unwrap();
    let told = Told::read(&intercom(house)).await.unwrap();
    let comparison = Comparison::new(connection, &told, &held(client).await);
    assert!(
        comparison.is_same(),
        "{}: {:#?}",
        comparison.words(),
        comparison.examples()
    );
    assert!(comparison.compared > 0, "nothing was there to compare");
}

/// What the simulator of a house can be told and asked.
pub(crate) fn intercom(house: &House) -> Control {
    Control::of(house.ready().simulator.as_deref().unwrap())
}

async fn held(client: &Client) -> Held {
    let mut held = Held::default();
    for kind in Held::KINDS {
        let request = ExportRequest {
            connection_id: String::new(),
            kind: kind.into(),
        };
        let batches = client.directory().export(request).await.unwrap();
        let mut batches = batches.into_inner();
        while let Some(batch) = batches.message().await.unwrap() {
            held.take(batch);
        }
    }
    held
}
