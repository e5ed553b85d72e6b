use harken_domain::Secret;
use harken_runtime::Environment;
use harken_store::{Store, StoreConfig};
use harken_testkit::TestBus;
use harken_vault::{BuildError, Config, Rails, build};

use crate::harness::{House, environment};

#[tokio::test]
async fn another_key_encryption_key_is_refused_at_the_start_by_name() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    house.connect(&acme, "tok-1", "ws1").await.unwrap();

    let other: Environment =
        environment(&house.intercom).with("HARKEN_KEY_ENCRYPTION_KEY", "6b".repeat(32));
    let bus = TestBus::open().await;
    let config = StoreConfig {
        database_url: Secret::new(house.database.url().expose()),
        schema: "vault",
        max_connections: 2,
    };
    let store = Store::connect(config).await.unwrap();
    let rails = Rails {
        store,
        bus: bus.bus(),
        clock: house.clock.clone(),
    };
    let refused = build(Config::from_environment(&other).unwrap(), rails)
        .await
        .unwrap_err();
    assert!(
        matches!(refused, BuildError::ForeignKey { .. }),
        "{refused}"
    );
    let line = refused.to_string();
    assert!(
        line.contains("HARKEN_KEY_ENCRYPTION_KEY_FILE") && !line.contains('\n'),
        "{line}"
    );
    house.close().await;
}
