use tonic::Code;

use crate::harness::House;

/// What somebody with a hand in the tables may do to the sealed token of `ws1`.
const TAMPERINGS: [(&str, &str); 6] = [
    (
        "frame of another connection",
        "UPDATE vault.sealed_secrets s SET frame = o.frame FROM vault.sealed_secrets o
         WHERE o.connection_id <> s.connection_id",
    ),
    (
        "frame and key of another connection",
        "WITH keys AS (UPDATE vault.data_keys k SET id = o.id, wrapped_key = o.wrapped_key
                       FROM vault.data_keys o WHERE o.connection_id <> k.connection_id)
         UPDATE vault.sealed_secrets s SET frame = o.frame FROM vault.sealed_secrets o
         WHERE o.connection_id <> s.connection_id",
    ),
    (
        "flipped bit",
        "UPDATE vault.sealed_secrets SET frame = set_bit(frame, 250, 1 - get_bit(frame, 250))",
    ),
    (
        "truncated frame",
        "UPDATE vault.sealed_secrets SET frame = substring(frame FROM 1 FOR octet_length(frame) - 1)",
    ),
    (
        "nonce of another frame",
        "UPDATE vault.sealed_secrets s SET frame = overlay(s.frame PLACING substring(o.frame FROM 1 FOR 24) FROM 1)
         FROM vault.sealed_secrets o WHERE o.connection_id <> s.connection_id",
    ),
    (
        "flipped bit of the wrapped key",
        "UPDATE vault.data_keys SET wrapped_key = set_bit(wrapped_key, 300, 1 - get_bit(wrapped_key, 300))",
    ),
];

#[tokio::test]
async fn a_sealed_token_that_was_moved_or_changed_opens_nowhere() {
    let house = House::open().await;
    for (number, (tampering, statement)) in TAMPERINGS.into_iter().enumerate() {
        let acme = house.tenant(&format!("acme{number}")).await;
        let globex = house.tenant(&format!("globex{number}")).await;
        let mut owner = house.owner().await;
        sqlx::query("DELETE FROM vault.data_keys")
            .execute(&mut owner)
            .await
            .unwrap();
        let workspaces = [format!("ws-a{number}"), format!("ws-b{number}")];
        let one = house.connect(&acme, "tok-a", &workspaces[0]).await.unwrap();
        let other = house
            .connect(&globex, "tok-b", &workspaces[1])
            .await
            .unwrap();
        let changed = sqlx::query(statement).execute(&mut owner).await.unwrap();
        assert_eq!(changed.rows_affected(), 2, "{tampering}");
        let before = house.intercom.seen().len();
        for (tenant, connection) in [(&acme, &one), (&globex, &other)] {
            let refused = house
                .call(tenant, connection, "/contacts")
                .await
                .unwrap_err();
            assert_eq!(refused.code(), Code::Internal, "{tampering}");
        }
        assert_eq!(
            house.intercom.seen().len(),
            before,
            "{tampering}: nothing was sent"
        );
    }
    house.close().await;
}
