use askama::Template;
use chrono::{DateTime, Utc};
use harken_contracts::wire::auth::v1::Member;

use crate::views::api_keys::role;
use crate::views::frame::Frame;
use crate::views::icon::Icon;
use crate::views::when::When;

/// The people of the organization.
#[derive(Debug, Template)]
#[template(path = "pages/members.html")]
pub(crate) struct MembersPage {
    pub(crate) frame: Frame,
    pub(crate) rows: Vec<MemberRow>,
}

/// One person.
#[derive(Clone, Debug)]
pub(crate) struct MemberRow {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) role: &'static str,
    pub(crate) joined: Option<When>,
}

impl MemberRow {
    pub(crate) fn new(member: &Member, now: DateTime<Utc>) -> Self {
        Self {
            name: member.name.clone(),
            email: member.email.clone(),
            role: role(member.role()),
            joined: When::read(member.created_at.as_ref(), now),
        }
    }
}
