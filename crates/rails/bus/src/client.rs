//! One connection to the server, remade whenever it breaks.

use std::time::Duration;

use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event, ServerAddr};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::connect::ANSWER_WITHIN;
use crate::{BusConfig, ConnectError};

/// How long the first connection may take, all attempts together.
const FIRST_CONNECTION: Duration = Duration::from_secs(15);
const ONE_ATTEMPT: Duration = Duration::from_secs(3);
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(250);

/// Connects; answers with the connection how often it was made.
pub(crate) async fn connect(
    config: &BusConfig,
) -> Result<(Client, watch::Receiver<u64>), ConnectError> {
    let until = Instant::now() + FIRST_CONNECTION;
    let servers: Vec<&str> = config.url.split(',').map(str::trim).collect();
    loop {
        let made = watch::Sender::new(0);
        let connections = made.subscribe();
        match options(config, made)?.connect(servers.as_slice()).await {
            Ok(client) => return Ok((client, connections)),
            Err(cause) if is_refusal(cause.kind()) => return Err(ConnectError::Refused(cause)),
            Err(cause) if Instant::now() > until => return Err(ConnectError::Unreachable(cause)),
            Err(cause) => tracing::debug!(error = %cause, "NATS does not answer yet"),
        }
        tokio::time::sleep(BETWEEN_ATTEMPTS).await;
    }
}

fn is_refusal(kind: ConnectErrorKind) -> bool {
    matches!(
        kind,
        ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation
    )
}

fn options(config: &BusConfig, made: watch::Sender<u64>) -> Result<ConnectOptions, ConnectError> {
    let mut options = ConnectOptions::new()
        .name("harken")
        .connection_timeout(ONE_ATTEMPT)
        .request_timeout(Some(ANSWER_WITHIN))
        .ping_interval(Duration::from_secs(10))
        .reconnect_delay_callback(reconnect_delay)
        .event_callback(move |event| {
            tell(&event, &made);
            std::future::ready(())
        });
    if let Some(path) = &config.credentials_file {
        let text = std::fs::read_to_string(path).map_err(ConnectError::Credentials)?;
        options = options
            .credentials(&text)
            .map_err(ConnectError::Credentials)?;
    }
    if let Some(token) = &config.token {
        options = options.token(token.expose().to_owned());
    }
    if let Some((user, password)) = credentials_in(&config.url) {
        options = options.user_and_password(user, password);
    }
    Ok(options)
}

/// The user and password in the first address: the client reads the host and the port alone.
fn credentials_in(url: &str) -> Option<(String, String)> {
    let first: ServerAddr = url.split(',').next()?.trim().parse().ok()?;
    Some((first.username()?.to_owned(), first.password()?.to_owned()))
}

fn reconnect_delay(attempt: usize) -> Duration {
    let steps = u32::try_from(attempt.min(10)).unwrap_or(10);
    Duration::from_millis(100) * steps
}

fn tell(event: &Event, made: &watch::Sender<u64>) {
    let connected = metrics::gauge!("harken_bus_connected");
    match event {
        Event::Connected => {
            connected.set(1.0);
            made.send_modify(|count| *count += 1);
            tracing::info!("bus connected");
        }
        Event::Disconnected => {
            connected.set(0.0);
            tracing::warn!("bus disconnected");
        }
        Event::Closed => {
            connected.set(0.0);
            tracing::info!("bus closed");
        }
        other => tracing::debug!(event = %other, "bus event"),
    }
}
