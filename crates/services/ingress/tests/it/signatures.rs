use harken_intercom::webhook::BodyKey;

use crate::client::{self, Client, request, signature};
use crate::harness::{
    House, OWN_SECRET, PATH, SECRET, WORKSPACE, connection, notification, own_path,
};

/// What is sent, its headers, and the status it is answered with.
type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], u16);

#[tokio::test]
async fn exactly_the_right_signature_is_taken() {
    let house = House::open().await;
    let body = notification(WORKSPACE, "notif_1");
    let right = signature(SECRET, &body);
    let agreeing = BodyKey::new(SECRET.as_bytes())
        .unwrap()
        .sign(&body)
        .to_string();
    let disagreeing = BodyKey::new(SECRET.as_bytes())
        .unwrap()
        .sign(b"x")
        .to_string();
    let (hub, whole) = ("X-Hub-Signature", "X-Body-Signature");
    let upper = right.to_uppercase();
    let upper_digits = format!("sha1={}", right[5..].to_uppercase());
    let other_prefix = right.replace("sha1=", "sha256=");
    let of_another_body = signature(SECRET, b"another");
    let under_another_key = signature("another", &body);
    let own = signature(OWN_SECRET, &body);
    let twice = format!("{right}, {right}");
    let table: &[Row<'_>] = &[
        ("right", &[(hub, &right)], 200),
        (
            "right, name in lower case",
            &[("x-hub-signature", &right)],
            200,
        ),
        (
            "right beside one that agrees",
            &[(hub, &right), (whole, &agreeing)],
            200,
        ),
        (
            "right beside one that does not",
            &[(hub, &right), (whole, &disagreeing)],
            401,
        ),
        ("right beside nonsense", &[(hub, &right), (whole, "x")], 401),
        ("missing", &[], 401),
        ("the other kind alone", &[(whole, &agreeing)], 401),
        ("empty", &[(hub, "")], 401),
        ("prefix alone", &[(hub, "sha1=")], 401),
        ("truncated", &[(hub, &right[..44])], 401),
        ("without prefix", &[(hub, &right[5..])], 401),
        ("upper case", &[(hub, &upper)], 401),
        ("upper-case digits", &[(hub, &upper_digits)], 401),
        ("wrong prefix", &[(hub, &other_prefix)], 401),
        ("of another body", &[(hub, &of_another_body)], 401),
        ("under another key", &[(hub, &under_another_key)], 401),
        ("under another address's key", &[(hub, &own)], 401),
        ("twice", &[(hub, &right), (hub, &right)], 401),
        ("right, then wrong", &[(hub, &right), (hub, &own)], 401),
        ("wrong, then right", &[(hub, &own), (hub, &right)], 401),
        ("twice in one", &[(hub, &twice)], 401),
    ];
    for (name, headers, status) in table {
        let reply = client::post(house.address, PATH, headers, &body).await;
        assert_eq!(reply.status, *status, "{name}");
        assert_eq!(reply.stored().is_some(), *status == 200, "{name}");
        if *status == 401 {
            assert_eq!(reply.problem()["field"], "X-Hub-Signature", "{name}");
        }
    }
    // However often it was taken, it is there once.
    assert_eq!(house.in_stream().await, 1);
    house.close().await;
}

#[tokio::test]
async fn an_address_that_is_nobodys_looks_like_a_wrong_signature() {
    let house = House::open().await;
    let body = notification(WORKSPACE, "notif_1");
    let wrong = signature("wrong", &body);
    let expected = client::post(
        house.address,
        &own_path(),
        &[("X-Hub-Signature", &wrong)],
        &body,
    )
    .await;
    let nobody = connection("nobody");
    house.vault.known().keys.insert(
        nobody.to_string(),
        harken_contracts::wire::vault::v1::WebhookKeys::default(),
    );
    for path in [
        format!("{PATH}/{}", connection("never there")),
        format!("{PATH}/{nobody}"),
        format!("{PATH}/con_nonsense"),
    ] {
        let reply = client::post(house.address, &path, &[("X-Hub-Signature", &wrong)], &body).await;
        assert_eq!((reply.status, &reply.body), (401, &expected.body), "{path}");
        assert_eq!(
            reply.head.lines().count(),
            expected.head.lines().count(),
            "{path}"
        );
    }
    house.close().await;
}

#[tokio::test]
async fn a_signature_is_that_of_the_bytes_as_they_came() {
    let house = House::open().await;
    let spaced = br#"{ "topic":"conversation.read",  "app_id":"wsk1","id":"notif_7","data":{"item":{"id":"7","a":1,"a":2}}}"#;
    let reply = house.post(spaced).await;
    assert_eq!(reply.stored(), Some("stream"));
    let (_, event) = house.streamed(1).await.remove(0);
    assert_eq!(&event.body[..], spaced);
    house.close().await;
}

#[tokio::test]
async fn addresses_answer_head_and_refuse_other_methods() {
    let house = House::open().await;
    for path in [PATH, own_path().as_str(), "/api/v1/intercom/uninstall"] {
        let mut client = Client::connect(house.address).await;
        client.send(&request("HEAD", path, &[], b"")).await;
        assert_eq!(client.reply().await.unwrap().status, 200, "{path}");
        client.send(&request("GET", path, &[], b"")).await;
        let refused = client.reply().await.unwrap();
        assert_eq!(
            (refused.status, refused.header("allow")),
            (405, Some("POST, HEAD"))
        );
    }
    let reply = client::post(house.address, "/", &[], b"").await;
    assert_eq!(reply.status, 404);
    house.close().await;
}
