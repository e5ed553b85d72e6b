//! Fields of requests, read or refused by name.

use std::ops::RangeInclusive;
use std::str::FromStr;

use harken_contracts::wire::types::v1 as types;
use harken_domain::{DataPolicy, EmailAddress, OnDisconnect, Role, Secret};
use harken_runtime::status;
use tonic::Status;

use crate::rules::connection::PolicyWish;

const LONGEST_NAME: usize = 200;
const LONGEST_LABEL: usize = 80;
const LONGEST_TOKEN: usize = 4096;
const LONGEST_WEBHOOK_SECRET: usize = 256;

pub(super) fn id<T: FromStr<Err: ToString>>(field: &str, text: &str) -> Result<T, Status> {
    text.parse()
        .map_err(|error: T::Err| status::invalid_argument(field, error.to_string()))
}

/// An id that need not be given.
pub(super) fn optional_id<T: FromStr<Err: ToString>>(
    field: &str,
    text: &str,
) -> Result<Option<T>, Status> {
    (!text.is_empty()).then(|| id(field, text)).transpose()
}

/// A name for people: something visible, not too long.
pub(super) fn name(field: &str, text: &str) -> Result<String, Status> {
    line(field, text.trim(), 1..=LONGEST_NAME)
}

/// The name of a drill.
pub(super) fn label(field: &str, text: &str) -> Result<String, Status> {
    line(field, text.trim(), 1..=LONGEST_LABEL)
}

/// A line of so many characters.
pub(super) fn line(
    field: &str,
    text: &str,
    length: RangeInclusive<usize>,
) -> Result<String, Status> {
    if !length.contains(&text.chars().count()) || text.chars().any(char::is_control) {
        let (least, most) = length.into_inner();
        let problem = format!("must be {least} to {most} characters on one line");
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

/// A client secret as a person pastes it: white space around it falls away.
pub(super) fn webhook_secret(field: &str, text: String) -> Result<Secret, Status> {
    let text = Secret::new(text);
    let secret = Secret::new(text.expose().trim());
    let sound = (1..=LONGEST_WEBHOOK_SECRET).contains(&secret.expose().len())
        && secret.expose().bytes().all(|byte| byte.is_ascii_graphic());
    if !sound {
        let problem = "must be 1 to 256 characters without spaces, as the client secret stands in Basic information in \
                       Intercom's Developer Hub";
        return Err(status::invalid_argument(field, problem));
    }
    Ok(secret)
}

/// Unspecified words are wishes not made.
pub(super) fn wish(data: types::DataPolicy, then: types::OnDisconnect) -> PolicyWish {
    PolicyWish {
        data: DataPolicy::try_from(data).ok(),
        on_disconnect: OnDisconnect::try_from(then).ok(),
    }
}
