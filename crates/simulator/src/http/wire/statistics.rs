use serde::Serialize;

use crate::story::staff::team_by_id;
use crate::story::{Standing, Statistics, escape_html};

/// `statistics` of a conversation: null before it happens.
#[derive(Debug, Serialize)]
pub(super) struct StatisticsBody {
    r#type: &'static str,
    time_to_assignment: Option<i64>,
    time_to_admin_reply: Option<i64>,
    time_to_first_close: Option<i64>,
    time_to_last_close: Option<i64>,
    median_time_to_reply: Option<i64>,
    first_contact_reply_at: Option<i64>,
    first_assignment_at: Option<i64>,
    first_admin_reply_at: Option<i64>,
    first_close_at: Option<i64>,
    last_assignment_at: Option<i64>,
    last_assignment_admin_reply_at: Option<i64>,
    last_contact_reply_at: Option<i64>,
    last_admin_reply_at: Option<i64>,
    last_close_at: Option<i64>,
    /// A number, though the description says string.
    last_closed_by_id: Option<u64>,
    count_reopens: u64,
    count_assignments: u64,
    count_conversation_parts: u64,
    assigned_team_first_response_time: Vec<TeamResponse>,
    assigned_team_first_response_time_in_office_hours: Vec<TeamResponse>,
    handling_time: Option<i64>,
    adjusted_handling_time: Option<i64>,
}

#[derive(Debug, Clone, Serialize)]
struct TeamResponse {
    team_id: u64,
    team_name: String,
    response_time: i64,
}

impl StatisticsBody {
    /// None for what a campaign sent and nobody answered.
    pub(super) fn new(standing: &Standing) -> Option<Self> {
        let Statistics {
            first_contact_reply_at,
            last_contact_reply_at,
            first_assignment_at,
            last_assignment_at,
            last_assignment_admin_reply_at,
            first_admin_reply_at,
            last_admin_reply_at,
            first_close_at,
            last_close_at,
            last_closed_by_id,
            time_to_assignment,
            time_to_admin_reply,
            time_to_first_close,
            time_to_last_close,
            median_time_to_reply,
            count_reopens,
            count_assignments,
            count_conversation_parts,
        } = standing.statistics.clone();
        if first_contact_reply_at.is_none() && standing.admin.is_none() {
            return None;
        }
        let responses: Vec<_> = team_response(standing, time_to_admin_reply)
            .into_iter()
            .collect();
        Some(Self {
            r#type: "conversation_statistics",
            time_to_assignment,
            time_to_admin_reply,
            time_to_first_close,
            time_to_last_close,
            median_time_to_reply,
            first_contact_reply_at,
            first_assignment_at,
            first_admin_reply_at,
            first_close_at,
            last_assignment_at,
            last_assignment_admin_reply_at,
            last_contact_reply_at,
            last_admin_reply_at,
            last_close_at,
            last_closed_by_id,
            count_reopens,
            count_assignments,
            count_conversation_parts,
            assigned_team_first_response_time: responses.clone(),
            assigned_team_first_response_time_in_office_hours: responses,
            handling_time: None,
            adjusted_handling_time: None,
        })
    }
}

fn team_response(standing: &Standing, response_time: Option<i64>) -> Option<TeamResponse> {
    let team = team_by_id(standing.team?)?;
    let team_name = escape_html(team.name);
    Some(TeamResponse {
        team_id: team.id,
        team_name,
        response_time: response_time?,
    })
}
