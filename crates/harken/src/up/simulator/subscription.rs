use std::time::Duration;

use serde_json::json;

use crate::up::ports::{Ports, url};

const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// Sets the webhook of the simulator's app, as a person does in Intercom's Developer Hub: the simulator asks the address
/// at once whether it is one.
pub(super) async fn set(ports: Ports) -> Result<(), String> {
    // Somebody else in the process may have chosen the same provider before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let edge = url(ports.ingress);
    let settings = json!({
        "url": format!("{edge}/api/v1/webhooks/intercom"),
        "uninstall_url": format!("{edge}/api/v1/intercom/uninstall"),
    });
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(ANSWERS_WITHIN)
        .build()
        .map_err(|cause| cause.to_string())?;
    let answered = client
        .put(format!("{}/_simulator/webhooks", url(ports.simulator)))
        .json(&settings)
        .send()
        .await
        .map_err(|cause| cause.to_string())?;
    if answered.status().is_success() {
        return Ok(());
    }
    Err(format!("it answered {}", answered.status()))
}
