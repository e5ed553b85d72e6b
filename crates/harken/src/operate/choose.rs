//! Which connection, customer or member an operator means.

use harken_contracts::wire::scoring::v1::{GetScoreRequest, ListScoresRequest, Score};
use harken_contracts::wire::types::v1::PageRequest;
use harken_contracts::wire::vault::v1::{Connection, ConnectionState, ListConnectionsRequest};
use harken_domain::{ConnectionId, CustomerId};
use tonic::Code;

use super::Harken;
use crate::failure::Failure;
use crate::output::plain;

/// The connection named by id or workspace id, or the only one there is.
pub(super) async fn connection(
    harken: &Harken,
    named: Option<&str>,
) -> Result<Connection, Failure> {
    let answer = harken
        .vault()
        .list_connections(ListConnectionsRequest {})
        .await;
    let all = harken.answered(answer)?.connections;
    let Some(name) = named else {
        return only(all);
    };
    // A purged one shares its workspace with the one that came after it, and is named by its own id.
    let is_meant = |one: &Connection| {
        one.connection_id == name
            || (one.workspace_id == name && one.state() != ConnectionState::Purged)
    };
    let found = all.into_iter().find(is_meant);
    found.ok_or_else(|| {
        Failure::not_found("there is no such connection; see `harken connection list`")
    })
}

/// The id to filter by: empty, which means all, where none is named.
pub(super) async fn connection_filter(
    harken: &Harken,
    named: Option<&str>,
) -> Result<String, Failure> {
    match named {
        None => Ok(String::new()),
        Some(_) => Ok(connection(harken, named).await?.connection_id),
    }
}

fn only(mut all: Vec<Connection>) -> Result<Connection, Failure> {
    all.retain(|one| one.state() != ConnectionState::Purged);
    let living = all
        .iter()
        .filter(|one| one.state() == ConnectionState::Connected)
        .count();
    let mut candidates: Vec<Connection> = if living == 1 {
        all.into_iter()
            .filter(|one| one.state() == ConnectionState::Connected)
            .collect()
    } else {
        all
    };
    match (candidates.len(), candidates.pop()) {
        (1, Some(connection)) => Ok(connection),
        (0, _) | (_, None) => Err(Failure::not_found(
            "no workspace is connected; connect one with `harken connection add` or in the console",
        )),
        (_, Some(last)) => {
            candidates.push(last);
            let names: Vec<String> = candidates
                .iter()
                .map(|one| format!("{} ({})", one.connection_id, plain(&one.workspace_name)))
                .collect();
            Err(Failure::input(format!(
                "there are several connections; name one of {}",
                names.join(", ")
            )))
        }
    }
}

/// The score of the customer named by id, Intercom's contact id, or e-mail address.
pub(super) async fn score(harken: &Harken, named: &str) -> Result<Score, Failure> {
    if let Ok(customer) = named.parse::<CustomerId>() {
        let found = score_of(harken, customer).await?;
        return found.ok_or_else(unknown_customer);
    }
    let found = if named.contains('@') {
        by_address(harken, named).await?
    } else {
        by_external_id(harken, named).await?
    };
    match found.as_slice() {
        [] => Err(unknown_customer()),
        [one] => Ok(one.clone()),
        several => {
            let ids: Vec<&str> = several
                .iter()
                .map(|score| score.customer_id.as_str())
                .collect();
            Err(Failure::input(format!(
                "several customers match; name one of {}",
                ids.join(", ")
            )))
        }
    }
}

async fn score_of(harken: &Harken, customer: CustomerId) -> Result<Option<Score>, Failure> {
    let request = GetScoreRequest {
        customer_id: customer.to_string(),
    };
    match harken.scoring().get_score(request).await {
        Ok(score) => Ok(Some(score.into_inner())),
        Err(status) if status.code() == Code::NotFound => Ok(None),
        Err(status) => Err(harken.refused(&status)),
    }
}

async fn by_address(harken: &Harken, address: &str) -> Result<Vec<Score>, Failure> {
    let request = ListScoresRequest {
        query: address.to_owned(),
        page: Some(PageRequest {
            page_size: 500,
            page_token: String::new(),
        }),
        ..ListScoresRequest::default()
    };
    let answer = harken.scoring().list_scores(request).await;
    let scores = harken.answered(answer)?.scores;
    let is_it = |score: &Score| {
        score
            .email
            .as_deref()
            .is_some_and(|email| email.eq_ignore_ascii_case(address))
    };
    Ok(scores.into_iter().filter(is_it).collect())
}

/// A customer's id follows from its connection and Intercom's id.
async fn by_external_id(harken: &Harken, external_id: &str) -> Result<Vec<Score>, Failure> {
    let answer = harken
        .vault()
        .list_connections(ListConnectionsRequest {})
        .await;
    let connections = harken.answered(answer)?.connections;
    let mut found = Vec::new();
    for connection in connections {
        if let Ok(id) = connection.connection_id.parse::<ConnectionId>() {
            let customer = CustomerId::derive(&[id.as_uuid().as_bytes(), external_id.as_bytes()]);
            found.extend(score_of(harken, customer).await?);
        }
    }
    Ok(found)
}

fn unknown_customer() -> Failure {
    Failure::not_found(
        "there is no such customer; give cus_…, Intercom's contact id, or the whole e-mail address",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(id: &str, state: ConnectionState) -> Connection {
        Connection {
            connection_id: id.to_owned(),
            state: state.into(),
            ..Connection::default()
        }
    }

    #[test]
    fn the_only_connection_that_lives_needs_no_name() {
        let all = vec![
            connection("con_a", ConnectionState::Disconnected),
            connection("con_b", ConnectionState::Connected),
        ];
        assert_eq!(only(all).unwrap().connection_id, "con_b");
        let dead = vec![connection("con_a", ConnectionState::Disconnected)];
        assert_eq!(only(dead).unwrap().connection_id, "con_a");
    }

    #[test]
    fn none_and_several_are_told_apart() {
        assert_eq!(only(Vec::new()).unwrap_err().kind.exit_code(), 66);
        let two = vec![
            connection("con_a", ConnectionState::Connected),
            connection("con_b", ConnectionState::Connected),
        ];
        let failure = only(two).unwrap_err();
        assert_eq!(failure.kind.exit_code(), 64);
        assert!(failure.to_string().contains("con_a") && failure.to_string().contains("con_b"));
    }
}
