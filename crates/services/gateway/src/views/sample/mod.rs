//! Sample content for tests: names that a template must not trust among them.

mod happenings;
mod keeping;
mod letters;
mod people;
mod scores;
mod settings;
mod syncs;
mod webhooks;

use chrono::{DateTime, TimeDelta, Utc};
use harken_contracts::convert::timestamp;
use harken_contracts::wire::sync::v1::Run;
use harken_domain::Role;
use prost_types::Timestamp;

use crate::app::Surroundings;
use crate::rules::connection_status::ConnectionStatus;
use crate::views::banner::Banner;
use crate::views::connection_head::{ConnectionHead, Tab};
use crate::views::error::ErrorPage;
use crate::views::frame::{Frame, Pill, Section};
use crate::views::help::HelpPage;
use crate::views::sign_in::SignInPage;

pub(in crate::views) use self::happenings::*;
pub(in crate::views) use self::keeping::*;
pub(in crate::views) use self::letters::{
    dead_letter, dead_letters, dead_letters_away, dead_letters_confirm, dead_letters_empty,
};
pub(in crate::views) use self::people::*;
pub(in crate::views) use self::scores::*;
pub(in crate::views) use self::settings::*;
pub(in crate::views) use self::syncs::*;
pub(in crate::views) use self::webhooks::*;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_180_000, 0).unwrap()
}

#[expect(clippy::unnecessary_wraps, reason = "fields of messages are optional")]
fn ago(delta: TimeDelta) -> Option<Timestamp> {
    Some(timestamp(now() - delta))
}

fn frame(section: Section) -> Frame {
    Frame {
        organization: "Northwind & Sons".to_owned(),
        person: "Ada Lovelace".to_owned(),
        role: Role::Owner,
        section,
        pill: Some(Pill::of(
            &[("Northwind", ConnectionStatus::Connected)],
            false,
        )),
        banner: None,
        notice: None,
        form_token: "f0f0".to_owned(),
        search: String::new(),
    }
}

fn head(tab: Tab) -> ConnectionHead {
    ConnectionHead::new(tab, &connection(), &Surroundings::default())
}

fn banner(run: &Run) -> Option<Banner> {
    Banner::new(run, now(), "f0f0".to_owned(), "/".to_owned())
}

pub(in crate::views) fn help() -> HelpPage {
    HelpPage::new(frame(Section::Overview))
}

pub(in crate::views) fn sign_in() -> SignInPage {
    SignInPage {
        reason: Some("Sign in to see that page."),
    }
}

pub(in crate::views) fn error() -> ErrorPage {
    ErrorPage {
        what: "You pressed Cancel in Intercom",
        why: "Intercom says that access was not allowed, so nothing was connected and nothing was read.".to_owned(),
        remedy: "Start again from Integrations and press Allow on Intercom's page.",
        way_on: ("Back to Integrations", "/integrations"),
        request_id: "req_8f14e45fceea167a".to_owned(),
    }
}
