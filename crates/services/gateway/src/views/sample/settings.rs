//! Keys and members.

use chrono::TimeDelta;
use harken_contracts::wire::auth::v1::{ApiKey, Member};
use harken_contracts::wire::types::v1::Role as WireRole;

use crate::views::api_keys::{ApiKeysPage, Created, KeyRow};
use crate::views::frame::Section;
use crate::views::members::{MemberRow, MembersPage};

use super::*;

pub(in crate::views) fn api_keys() -> ApiKeysPage {
    let key = |name: &str, revoked: bool| ApiKey {
        api_key_id: "key_01900000000070008000000000000001".to_owned(),
        name: name.to_owned(),
        prefix: "hk_9fK2".to_owned(),
        role: WireRole::Viewer.into(),
        created_at: ago(TimeDelta::days(3)),
        last_used_at: if revoked {
            None
        } else {
            ago(TimeDelta::minutes(7))
        },
        revoked_at: if revoked {
            ago(TimeDelta::hours(2))
        } else {
            None
        },
    };
    ApiKeysPage {
        frame: frame(Section::Settings),
        rows: [
            key("Nightly export", false),
            key("Old <b>bold</b> script", true),
        ]
        .map(|key| KeyRow::new(&key, now()))
        .into(),
        created: Some(Created {
            name: "Score reader".to_owned(),
            secret: "hk_9fK2vTq8mZ1nYw4sXc7bRd3eUj6hLp0aGo5iEt2kNxBvQzWs".to_owned(),
        }),
        problem: None,
        name: String::new(),
    }
}

pub(in crate::views) fn members() -> MembersPage {
    let member = |name: &str, email: &str, role: WireRole| Member {
        name: name.to_owned(),
        email: email.to_owned(),
        role: role.into(),
        created_at: ago(TimeDelta::days(30)),
        ..Member::default()
    };
    let members = [
        member("Ada Lovelace", "ada@northwind.example", WireRole::Owner),
        member("Edith Clarke", "edith@northwind.example", WireRole::Viewer),
    ];
    MembersPage {
        frame: frame(Section::Settings),
        rows: members
            .iter()
            .map(|one| MemberRow::new(one, now()))
            .collect(),
    }
}
