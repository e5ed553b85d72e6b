//! From an answer to a value, or to what is wrong with it.

use serde::de::DeserializeOwned;

use super::ReadError;
use crate::{ErrorList, Response, TransportError};

/// Refuses an answer that is no success.
pub(super) fn accepted(response: &Response) -> Result<(), ReadError> {
    if !(200..300).contains(&response.status) {
        return Err(failure(response));
    }
    if response.body.trim_ascii().is_empty() {
        return Err(malformed(response, "is empty"));
    }
    Ok(())
}

/// Reads a success.
pub(super) fn read<A: DeserializeOwned>(response: &Response) -> Result<A, ReadError> {
    accepted(response)?;
    // Looked through once as a whole; text by text costs more.
    let read = match std::str::from_utf8(&response.body) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(&response.body),
    };
    read.map_err(|error| malformed(response, &described(&error)))
}

/// What is wrong with a success that lacks what it should hold.
pub(super) fn lacking(response: &Response, what: &str) -> ReadError {
    match ErrorList::parse(&response.body) {
        Some(list) => malformed(response, &format!("is an error: {}", word(list.code()))),
        None => malformed(response, &format!("has no {what}")),
    }
}

pub(super) fn malformed(response: &Response, problem: &str) -> ReadError {
    ReadError::Malformed {
        problem: problem.to_owned(),
        request_id: response.request_id.clone(),
    }
}

/// Where the JSON broke; never what stands there.
fn described(error: &serde_json::Error) -> String {
    let kind = match error.classify() {
        serde_json::error::Category::Eof => "ends early",
        serde_json::error::Category::Data => "has another shape",
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => "is no JSON",
    };
    format!("{kind} (line {}, column {})", error.line(), error.column())
}

fn failure(response: &Response) -> ReadError {
    let list = ErrorList::parse(&response.body).unwrap_or_default();
    let request_id = request_id(response, &list);
    match response.status {
        401 if !is_scope_error(&list) => ReadError::Transport(TransportError::ConnectionBroken {
            reason: format!("401 {}", word(list.code())),
        }),
        status @ (401..=403) => ReadError::Denied {
            status,
            code: word(list.code()),
            scope: scope(list.message()),
            request_id,
        },
        404 => ReadError::NotFound { request_id },
        410 => ReadError::Merged {
            into: response.canonical_link.as_deref().and_then(last_segment),
            request_id,
        },
        status @ (429 | 500..) => ReadError::Transport(TransportError::Unavailable {
            reason: format!("{status} {}", word(list.code()))
                .trim_end()
                .to_owned(),
        }),
        _ => rejected(response, &list),
    }
}

fn rejected(response: &Response, list: &ErrorList) -> ReadError {
    ReadError::Rejected {
        status: response.status,
        code: word(list.code()),
        request_id: request_id(response, list),
    }
}

fn request_id(response: &Response, list: &ErrorList) -> Option<String> {
    response
        .request_id
        .clone()
        .or_else(|| list.request_id.clone())
}

/// `token_unauthorized` says "Not authorized to access resource": the token lives, the permission is missing.
fn is_scope_error(list: &ErrorList) -> bool {
    list.code() == "token_unauthorized"
}

/// Codes are words; anything longer or stranger is not repeated.
fn word(code: &str) -> String {
    code.chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
        .take(64)
        .collect()
}

/// The machine name that a message like "… the required scope (`read_tags`) to access this resource" holds.
fn scope(message: &str) -> Option<String> {
    let named = &message[message.find("scope (")? + 7..];
    let named = &named[..named.find(')')?];
    Some(word(named)).filter(|scope| !scope.is_empty())
}

fn last_segment(link: &str) -> Option<String> {
    let path = link.split(['?', '#']).next()?;
    let id = path.trim_end_matches('/').rsplit('/').next()?;
    Some(id.to_owned()).filter(|id| !id.is_empty() && id != "contacts")
}
