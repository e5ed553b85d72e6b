use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use crate::client::signature;
use crate::harness::{House, PATH, SECRET, WORKSPACE, notification};

#[tokio::test]
async fn a_proxy_may_speak_http2() {
    let house = House::open().await;
    let client = Client::builder(TokioExecutor::new())
        .http2_only(true)
        .build_http::<Full<Bytes>>();
    for number in 0..3 {
        let body = notification(WORKSPACE, &format!("notif_{number}"));
        let request = Request::post(format!("http://{}{PATH}", house.address))
            .header("X-Hub-Signature", signature(SECRET, &body))
            .body(Full::from(body))
            .unwrap();
        let answer = client.request(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["harken-stored"], "stream");
    }
    drop(client);
    house.close().await;
}
