use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue};
use axum::routing::post;
use tokio::net::TcpListener;

/// Takes what is exported by OTLP over gRPC and keeps it as it came.
pub(crate) struct Collector {
    endpoint: String,
    received: Arc<Mutex<Vec<u8>>>,
}

impl Collector {
    pub(crate) async fn open() -> Self {
        let received = Arc::new(Mutex::new(Vec::new()));
        let export = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
        let routes = Router::new()
            .route(export, post(keep))
            .with_state(Arc::clone(&received));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        #[expect(clippy::disallowed_methods, reason = "it ends with the test")]
        tokio::task::spawn(async move { axum::serve(listener, routes).await });
        Self { endpoint, received }
    }

    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    pub(crate) fn received(&self) -> Vec<u8> {
        self.received.lock().unwrap().clone()
    }
}

/// Answers an empty message: everything was taken.
async fn keep(State(received): State<Arc<Mutex<Vec<u8>>>>, body: Bytes) -> (HeaderMap, Vec<u8>) {
    received.lock().unwrap().extend_from_slice(&body);
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/grpc"));
    headers.insert("grpc-status", HeaderValue::from_static("0"));
    (headers, vec![0; 5])
}
