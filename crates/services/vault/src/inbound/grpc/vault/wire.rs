use harken_contracts::convert::timestamp;
use harken_contracts::wire::types::v1 as types;
use harken_contracts::wire::vault::v1 as proto;

use crate::app::Report;
use crate::rules::connection::{Connection, Method, State};
use crate::rules::permissions::Proof;

pub(super) fn connection(connection: Connection) -> proto::Connection {
    let state = match connection.state {
        State::Connected => proto::ConnectionState::Connected,
        State::Disconnected(_) => proto::ConnectionState::Disconnected,
        State::Disconnecting(_) => proto::ConnectionState::Disconnecting,
        State::Purged(_) => proto::ConnectionState::Purged,
    };
    let end = connection.end();
    let (state_reason, disconnected_at) = match end {
        Some(end) => (end.reason.clone(), end.at.map(timestamp)),
        None => (String::new(), None),
    };
    let method = match connection.method {
        Method::OAuth => proto::ConnectionMethod::Oauth,
        Method::AccessToken => proto::ConnectionMethod::AccessToken,
        Method::Synthetic => proto::ConnectionMethod::Synthetic,
    };
    proto::Connection {
        connection_id: connection.id.to_string(),
        workspace_id: connection.workspace.id,
        workspace_name: connection.workspace.name,
        region: connection.workspace.region.to_string(),
        timezone: connection.workspace.timezone,
        method: method.into(),
        state: state.into(),
        state_reason,
        data_policy: types::DataPolicy::from(connection.policy.data).into(),
        on_disconnect: types::OnDisconnect::from(connection.policy.on_disconnect).into(),
        connected_by: connection.connected_by,
        connected_at: Some(timestamp(connection.connected_at)),
        revision: connection.revision.0,
        disconnected_at,
    }
}

pub(super) fn report(report: Report) -> proto::TestReport {
    let ok = report.is_ok();
    let (workspace_id, workspace_name) = report
        .workspace
        .map(|workspace| (workspace.id, workspace.name))
        .unwrap_or_default();
    let checks = report.proofs.into_iter().map(check).collect();
    proto::TestReport {
        ok,
        workspace_id,
        workspace_name,
        checks,
    }
}

fn check(proof: Proof) -> proto::PermissionCheck {
    proto::PermissionCheck {
        permission: proof.permission.to_owned(),
        call: proof.call,
        granted: proof.granted,
        remedy: proof.remedy,
        intercom_request_id: proof.request_id,
    }
}
