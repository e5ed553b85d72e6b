use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::http::version::Version;
use crate::story::escape_html;
use crate::story::staff::{Admin, Team, members};

/// A teammate.
#[derive(Debug, Serialize)]
pub(in crate::http) struct AdminBody {
    r#type: &'static str,
    id: String,
    name: String,
    email: String,
    job_title: &'static str,
    away_mode_enabled: bool,
    away_mode_reassign: bool,
    away_status_reason_id: Option<u64>,
    has_inbox_seat: bool,
    team_ids: &'static [u64],
    team_priority_level: TeamPriority,
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Json>,
}

#[derive(Debug, Serialize)]
struct TeamPriority {
    primary_team_ids: &'static [u64],
    secondary_team_ids: [u64; 0],
}

impl AdminBody {
    pub(in crate::http) fn new(admin: &'static Admin, version: Version, avatar: bool) -> Self {
        let role = if admin.seat {
            ("1", "Support")
        } else {
            ("2", "Read only")
        };
        let role = json!({ "type": "role", "id": role.0, "name": role.1 });
        Self {
            r#type: "admin",
            id: admin_id(admin.id),
            name: escape_html(admin.name),
            email: escape_html(&admin.email()),
            job_title: admin.job_title,
            away_mode_enabled: admin.away,
            away_mode_reassign: admin.away,
            away_status_reason_id: admin.away.then_some(1),
            has_inbox_seat: admin.seat,
            team_ids: admin.teams,
            team_priority_level: TeamPriority {
                primary_team_ids: admin.teams,
                secondary_team_ids: [],
            },
            avatar: avatar.then(|| avatar_url(admin.id)),
            role: (version >= Version::V2_16).then_some(role),
        }
    }
}

/// Ids of teammates are strings, though `admin_assignee_id` is a number.
pub(in crate::http) fn admin_id(id: u64) -> String {
    id.to_string()
}

fn avatar_url(id: u64) -> String {
    format!("https://static.intercomassets.example/avatars/{id}/square_128.png")
}

#[derive(Debug, Serialize)]
pub(in crate::http) struct TeamBody {
    r#type: &'static str,
    id: String,
    name: String,
    admin_ids: Vec<u64>,
    admin_priority_level: Json,
    assignment_limit: Option<u64>,
    distribution_method: &'static str,
}

impl TeamBody {
    pub(in crate::http) fn new(team: &'static Team) -> Self {
        let admin_ids: Vec<u64> = members(team.id).map(|admin| admin.id).collect();
        Self {
            r#type: "team",
            id: team.id.to_string(),
            name: escape_html(team.name),
            admin_priority_level: json!({
                "primary_admin_ids": admin_ids,
                "secondary_admin_ids": [],
            }),
            admin_ids,
            assignment_limit: None,
            distribution_method: team.distribution,
        }
    }
}
