//! Fields of requests, read or refused by name.

use std::str::FromStr;

use harken_contracts::wire::types::v1 as types;
use harken_domain::{DataPolicy, EmailAddress, OnDisconnect, Role, Secret};
use harken_runtime::status;
use tonic::Status;

use crate::rules::connection::PolicyWish;

const LONGEST_NAME: usize = 200;
const LONGEST_TOKEN: usize = 4096;

pub(super) fn id<T: FromStr<Err: ToString>>(field: &str, text: &str) -> Result<T, Status> {
    text.parse()
        .map_err(|error: T::Err| status::invalid_argument(field, error.to_string()))
}

/// A name for people: something visible, not too long.
pub(super) fn name(field: &str, text: &str) -> Result<String, Status> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST_NAME || text.chars().any(char::is_control)
    {
        let problem = format!("must be 1 to {LONGEST_NAME} characters");
        return Err(status::invalid_argument(field, problem));
    }
    Ok(text.to_owned())
}

pub(super) fn email(field: &str, text: &str) -> Result<EmailAddress, Status> {
    EmailAddress::parse(text).map_err(|error| status::invalid_argument(field, error.to_string()))
}

pub(super) fn role(field: &str, role: types::Role) -> Result<Role, Status> {
    Role::try_from(role)
        .map_err(|_| status::invalid_argument(field, "must be one of owner, admin, member, viewer"))
}

/// An access token as a person pastes it: white space around it falls away.
pub(super) fn token(field: &str, text: String) -> Result<Secret, Status> {
    let text = Secret::new(text);
    let token = Secret::new(text.expose().trim());
    let sound = !token.expose().is_empty()
        && token.expose().len() <= LONGEST_TOKEN
        && token.expose().bytes().all(|byte| byte.is_ascii_graphic());
    if !sound {
        return Err(status::invalid_argument(
            field,
            "must be an access token as Intercom's Developer Hub shows it, without spaces",
        ));
    }
    Ok(token)
}

/// Unspecified words are wishes not made.
pub(super) fn wish(data: types::DataPolicy, then: types::OnDisconnect) -> PolicyWish {
    PolicyWish {
        data: DataPolicy::try_from(data).ok(),
        on_disconnect: OnDisconnect::try_from(then).ok(),
    }
}
