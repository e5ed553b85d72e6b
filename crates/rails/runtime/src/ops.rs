//! What the platform asks a process: does it live, is it ready, how is it doing.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::{Router, get};
use http::{StatusCode, header};
use tokio::net::TcpListener;

use crate::{Readiness, Shutdown};

/// Answers `GET /livez`, `/readyz` and `/metrics`, also while the process drains: run it by
/// [`crate::Tasks::spawn_background`]. Turns not ready once `shutdown` is requested.
pub async fn serve(listener: TcpListener, readiness: Readiness, shutdown: Shutdown) {
    let app = Router::new()
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(readiness.clone());
    let stop = async {
        shutdown.requested().await;
        readiness.stop();
        std::future::pending::<()>().await;
    };
    tokio::select! {
        served = async { axum::serve(listener, app).await } => {
            if let Err(cause) = served {
                tracing::error!(error = %cause, "health endpoints stopped");
            }
        }
        () = stop => {}
    }
}

async fn readyz(State(readiness): State<Readiness>) -> impl IntoResponse {
    let snapshot = readiness.snapshot().await;
    let code = if snapshot.ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (code, Json(snapshot))
}

async fn metrics() -> impl IntoResponse {
    let kind = [(
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    )];
    (kind, harken_telemetry::render_metrics())
}
