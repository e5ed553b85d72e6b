use bytes::Bytes;
use chrono::{DateTime, Utc};
use harken_bus::Outgoing;
use harken_contracts::convert::timestamp;
use harken_contracts::events::InvalidEvent;
use harken_contracts::subjects::Lane;
use harken_contracts::wire::events::v1::WebhookReceived;
use harken_intercom::webhook::Notification;
use prost::{DecodeError, Message as _};

use crate::rules::route::Route;

/// Most bytes of a body that the bus takes, the fields around it apart.
const MOST_BODY_BYTES: usize = harken_bus::MAX_PAYLOAD_BYTES - 4096;

/// A message that came out of the spool unreadable.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unpublishable {
    #[error("the bytes are no notification")]
    Bytes(#[from] DecodeError),
    #[error(transparent)]
    Address(#[from] InvalidEvent),
}

/// What a notification with this content becomes. A body that the bus would not take is left out: the record is fetched.
pub(crate) fn whole(
    notification: &Notification<'_>,
    body: Bytes,
    route: &Route,
    received_at: DateTime<Utc>,
) -> WebhookReceived {
    if body.len() > MOST_BODY_BYTES {
        return ids_only(
            notification,
            notification.skeleton().into(),
            route,
            received_at,
        );
    }
    WebhookReceived {
        body,
        ids_only: false,
        ..ids_only(notification, Bytes::new(), route, received_at)
    }
}

/// What a notification becomes of which structure alone may be kept, in `body`. One that the bus would not take keeps the
/// conversation or company that it is about.
pub(crate) fn veiled(
    notification: &Notification<'_>,
    body: Bytes,
    route: &Route,
    received_at: DateTime<Utc>,
) -> WebhookReceived {
    if body.len() > MOST_BODY_BYTES {
        let skeleton = notification.about_no_person().into();
        return ids_only(notification, skeleton, route, received_at);
    }
    WebhookReceived {
        ids_only: false,
        veiled: true,
        ..ids_only(notification, body, route, received_at)
    }
}

/// What a notification becomes of which ids alone are kept, in `skeleton`.
pub(crate) fn ids_only(
    notification: &Notification<'_>,
    skeleton: Bytes,
    route: &Route,
    received_at: DateTime<Utc>,
) -> WebhookReceived {
    let lane = match notification.about() {
        Some(about) => Lane::of(&about.external_id),
        None => Lane::of(&notification.topic_as_sent),
    };
    WebhookReceived {
        connection_id: route.connection.to_string(),
        organization_id: route.organization.to_string(),
        workspace_id: route.workspace_id.clone(),
        notification_id: notification.id.clone().unwrap_or_default(),
        topic: notification.topic_as_sent.clone(),
        lane: lane.number(),
        ids_only: true,
        body: skeleton,
        received_at: Some(timestamp(received_at)),
        veiled: false,
    }
}

/// The message that carries what the spool held.
pub(crate) fn from_spool(message_id: &str, message: Vec<u8>) -> Result<Outgoing, Unpublishable> {
    let event = WebhookReceived::decode(Bytes::from(message))?;
    Ok(Outgoing::of(message_id, &event)?)
}
