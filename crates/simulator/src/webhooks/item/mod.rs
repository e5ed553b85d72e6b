//! `data.item` of notifications: mostly what the REST API answers, written as webhooks write it.

mod contact;
mod conversation;
mod joined;

use chrono::{DateTime, SecondsFormat};

pub(super) use contact::{company, contact, employed, gone_contact, merged, tagged, unsubscribed};
pub(super) use conversation::{conversation, deleted_conversation};
pub(super) use joined::joined;

/// `2026-01-10T07:56:29.000Z`, as conversations write it.
fn iso_zulu(unix_secs: i64) -> String {
    let time = DateTime::from_timestamp(unix_secs, 0).unwrap_or_default();
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// `2026-01-10T07:56:29.000+00:00`, as contacts and companies write it.
fn iso_offset(unix_ms: i64) -> String {
    let time = DateTime::from_timestamp_millis(unix_ms).unwrap_or_default();
    time.to_rfc3339_opts(SecondsFormat::Millis, false)
}
