use std::borrow::Cow;
use std::fmt::Display;
use std::ops::Deref;

use axum::response::{IntoResponse, Response};
use harken_domain::Role;
use harken_runtime::status;
use http::StatusCode;
use tonic::{Code, Status};

use crate::rules::connect_failure;
use crate::rules::sentence::sentence;

/// Why a request is not served. Its form, a page or a problem document, follows from the route; see [`super::render`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal(Box<Grounds>);

/// What happened, why, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grounds {
    pub(crate) status: StatusCode,
    /// A word that a program can tell apart.
    pub(crate) reason: Cow<'static, str>,
    pub(crate) what: &'static str,
    pub(crate) why: String,
    pub(crate) remedy: &'static str,
    /// The field of the request that is wrong.
    pub(crate) field: Option<String>,
    /// A way on for people: its words and its path.
    pub(crate) way_on: (&'static str, &'static str),
}

pub(crate) type Refused<T> = Result<T, Refusal>;

impl Refusal {
    pub(crate) fn new(
        status: StatusCode,
        reason: impl Into<Cow<'static, str>>,
        what: &'static str,
        why: impl Into<String>,
        remedy: &'static str,
    ) -> Self {
        Self(Box::new(Grounds {
            status,
            reason: reason.into(),
            what,
            why: why.into(),
            remedy,
            field: None,
            way_on: ("Back to the overview", "/"),
        }))
    }

    pub(crate) fn leading_to(mut self, words: &'static str, path: &'static str) -> Self {
        self.0.way_on = (words, path);
        self
    }

    pub(crate) fn into_grounds(self) -> Grounds {
        *self.0
    }

    pub(crate) fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            "There is nothing here",
            "The address is wrong, or what it names is gone or belongs to another organization.",
            "Check the address, or begin at the overview.",
        )
    }

    /// A field of the request cannot be used; `problem` says what is wrong and what would be right.
    pub(crate) fn field(field: impl Into<String>, problem: impl Display) -> Self {
        let field = field.into();
        let mut refusal = Self::new(
            StatusCode::BAD_REQUEST,
            "INVALID_ARGUMENT",
            "The request cannot be understood",
            format!("{field}: {problem}."),
            "Correct it and send it again.",
        );
        refusal.0.field = Some(field);
        refusal
    }

    pub(crate) fn role(needed: Role, own: Role) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "ROLE_TOO_LOW",
            "Your role does not allow this",
            format!("This needs the role {needed}; yours is {own}."),
            "Ask an admin or owner of your organization; Settings, Members shows who they are.",
        )
    }

    /// The form was not made for this sign-in.
    pub(crate) fn foreign_form() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "FORM_TOKEN",
            "This form has lapsed",
            "It was made for another sign-in, or sent from another site. Nothing was done.",
            "Go back, reload the page and send it again.",
        )
    }

    pub(crate) fn because_of_connecting(refused: &Status) -> Self {
        let reason = status::reason_of(refused).unwrap_or_default();
        let Some(explanation) = connect_failure::explain(&reason) else {
            return Self::from(refused.clone());
        };
        let why = explanation
            .why
            .map_or_else(|| sentence(refused.message()), str::to_owned);
        let status = http_status(refused.code());
        Self::new(status, reason, explanation.what, why, explanation.remedy)
            .leading_to("Back to Integrations", "/integrations")
    }

    fn ours(refused: &Status) -> Self {
        tracing::error!(code = ?refused.code(), error = refused.message(), "a service did not answer as it should");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "INTERNAL",
            "Something broke on our side",
            "It is not your doing, and it is in our log.",
            "Try again; if it happens again, quote the request id.",
        )
    }

    fn away(refused: &Status) -> Self {
        tracing::warn!(code = ?refused.code(), error = refused.message(), "a service is away");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "UNAVAILABLE",
            "A part of Harken is not answering",
            "It may be starting or restarting. Nothing is lost.",
            "Try again in a few seconds.",
        )
    }

    /// In the words of the service that refused.
    fn said(refused: &Status, what: &'static str, remedy: &'static str) -> Self {
        let reason = status::reason_of(refused).map_or(Cow::Borrowed("REFUSED"), Cow::Owned);
        let why = sentence(refused.message());
        let mut refusal = Self::new(http_status(refused.code()), reason, what, why, remedy);
        refusal.0.field = status::field_of(refused);
        refusal
    }
}

impl Deref for Refusal {
    type Target = Grounds;

    fn deref(&self) -> &Grounds {
        &self.0
    }
}

/// What another service said, for whoever asked through us.
impl From<Status> for Refusal {
    fn from(refused: Status) -> Self {
        let said = |what, remedy| Self::said(&refused, what, remedy);
        match refused.code() {
            Code::NotFound => Self::not_found(),
            Code::InvalidArgument | Code::OutOfRange => said(
                "The request cannot be understood",
                "Correct it and send it again.",
            ),
            Code::PermissionDenied => said(
                "You may not do this",
                "Ask an admin or owner of your organization.",
            ),
            Code::FailedPrecondition | Code::AlreadyExists | Code::Aborted => said(
                "This cannot be done now",
                "See what the reason asks for, then try again.",
            ),
            Code::ResourceExhausted => said("That is too much at once", "Ask for less, or later."),
            // Without a reason it is the connection that speaks, in words for nobody.
            Code::Unavailable if status::reason_of(&refused).is_some() => {
                said("This cannot be done now", "Try again in a few seconds.")
            }
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => Self::away(&refused),
            // The caller was let in by us: refused credentials are our own.
            _ => Self::ours(&refused),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

const fn http_status(code: Code) -> StatusCode {
    match code {
        Code::InvalidArgument | Code::OutOfRange => StatusCode::BAD_REQUEST,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::FailedPrecondition | Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Unavailable | Code::DeadlineExceeded => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_service_says_reaches_the_caller_and_what_it_hides_does_not() {
        for (status, expected, why) in [
            (
                status::not_found("customer"),
                404,
                "belongs to another organization",
            ),
            (
                status::invalid_argument("page.page_size", "must be at most 500"),
                400,
                "page.page_size: must be at most 500.",
            ),
            (
                status::permission_denied("ROLE_TOO_LOW", "this needs the role admin"),
                403,
                "This needs the role admin.",
            ),
            (
                status::failed_precondition("DISCONNECTED", "connect it first"),
                409,
                "Connect it first.",
            ),
            (
                Status::unavailable("tcp connect error: 10.0.0.7"),
                503,
                "starting or restarting",
            ),
            (Status::internal("password=hunter2"), 500, "in our log"),
            (
                status::unauthenticated("SERVICE_TOKEN_FORGED", "hs1.x"),
                500,
                "in our log",
            ),
        ] {
            let refusal = Refusal::from(status);
            assert_eq!(refusal.status.as_u16(), expected);
            assert!(refusal.why.contains(why), "{why:?} in {:?}", refusal.why);
            assert!(!refusal.why.contains("hunter2") && !refusal.why.contains("10.0.0.7"));
        }
    }

    #[test]
    fn a_wrong_field_is_named() {
        let refusal = Refusal::from(status::invalid_argument("email", "is taken"));
        assert_eq!(refusal.field.as_deref(), Some("email"));
    }

    #[test]
    fn another_organizations_workspace_is_explained_with_its_id() {
        let refused = status::failed_precondition(
            "WORKSPACE_OF_ANOTHER_ORGANIZATION",
            "workspace ab12 is connected elsewhere",
        );
        let refusal = Refusal::because_of_connecting(&refused);
        assert_eq!(refusal.why, "Workspace ab12 is connected elsewhere.");
        assert_eq!(refusal.way_on.1, "/integrations");
    }
}
