//! How each error is answered. Broken things are logged here, once.

use harken_runtime::status;
use tonic::Status;

use crate::app::{
    BeginError, CallError, CompleteError, DisconnectError, KeyError, LineError, MemberError,
    OpenError, ProveError, PseudonymKeyError, RecordError, RemoveDataError, ReplaceError,
    ShowError, SignInError, SyntheticError, TokenError, WebhookKeysError, WebhookSecretError,
};
use crate::outbound::intercom::SendError;
use crate::rules::connection::{CannotErase, CannotOpen, CannotReplace};

const UNREACHABLE: &str = "INTERCOM_UNREACHABLE";
const BROKEN: &str = "CONNECTION_BROKEN";
const SYNTHETIC: &str = "CONNECTION_SYNTHETIC";
const DIFFERS: &str = "WORKSPACE_DIFFERS";
const ERASING: &str = "STILL_ERASING";

pub(super) fn member(error: MemberError) -> Status {
    match error {
        MemberError::NoSuchMember => status::not_found("member"),
        MemberError::EmailTaken => status::already_exists("EMAIL_TAKEN", error.to_string()),
        MemberError::LastOwner => status::failed_precondition("LAST_OWNER", error.to_string()),
        MemberError::AboveAuthority => status::permission_denied("ROLE_TOO_LOW", error.to_string()),
        MemberError::Store(error) => status::internal(&error),
    }
}

pub(super) fn sign_in(error: SignInError) -> Status {
    match error {
        SignInError::NoSuchMember => status::not_found("member"),
        SignInError::AboveAuthority => status::permission_denied("ROLE_TOO_LOW", error.to_string()),
        SignInError::LinkNotValid => {
            status::failed_precondition("LINK_NOT_VALID", error.to_string())
        }
        SignInError::SessionEnded => status::unauthenticated("SESSION_ENDED", error.to_string()),
        SignInError::Store(error) => status::internal(&error),
    }
}

pub(super) fn key(error: KeyError) -> Status {
    match error {
        KeyError::NoSuchKey => status::not_found("API key"),
        KeyError::Store(error) => status::internal(&error),
    }
}

pub(super) fn begin(error: BeginError) -> Status {
    match error {
        BeginError::NotConfigured => {
            status::failed_precondition("OAUTH_NOT_CONFIGURED", error.to_string())
        }
        BeginError::NoSuchMember => status::not_found("member"),
        BeginError::NoSuchConnection => status::not_found("connection"),
        BeginError::Binding => {
            status::invalid_argument("browser_binding", "must be 1 to 256 bytes")
        }
        BeginError::Store(error) => status::internal(&error),
    }
}

pub(super) fn complete(error: CompleteError) -> Status {
    match error {
        CompleteError::Mishap(mishap) => {
            status::failed_precondition(mishap.reason(), mishap.to_string())
        }
        CompleteError::Exchange(error) => status::unavailable(UNREACHABLE, unreachable(&error)),
        CompleteError::Prove(error) => prove(error),
        CompleteError::Open(error) => open(error),
        CompleteError::Store(error) => status::internal(&error),
    }
}

pub(super) fn token(error: TokenError) -> Status {
    match error {
        TokenError::NoSuchMember => status::not_found("member"),
        TokenError::Prove(error) => prove(error),
        TokenError::Open(error) => open(error),
        TokenError::Store(error) => status::internal(&error),
    }
}

pub(super) fn prove(error: ProveError) -> Status {
    match error {
        ProveError::TokenRefused(_) => {
            status::failed_precondition("TOKEN_REFUSED", error.to_string())
        }
        ProveError::Missing(_) => {
            status::failed_precondition("PERMISSION_MISSING", error.to_string())
        }
        ProveError::Send(error) => status::unavailable(UNREACHABLE, error.to_string()),
        ProveError::Nameless(error) => status::unavailable(UNREACHABLE, error.to_string()),
        ProveError::Line(error) => line(error),
        ProveError::Call(error) => call(*error),
    }
}

fn open(error: OpenError) -> Status {
    match error {
        OpenError::Refused {
            cause: CannotOpen::AlreadyConnected,
            ..
        } => status::already_exists("ALREADY_CONNECTED", error.to_string()),
        OpenError::Refused {
            cause: CannotOpen::PolicyFixed,
            ..
        } => status::failed_precondition("POLICY_FIXED", error.to_string()),
        OpenError::Refused {
            cause: CannotOpen::Synthetic,
            ..
        } => status::failed_precondition(SYNTHETIC, error.to_string()),
        OpenError::Refused {
            cause: CannotOpen::StillErasing | CannotOpen::Purged,
            ..
        } => status::failed_precondition(ERASING, error.to_string()),
        OpenError::NoSuchConnection => status::not_found("connection"),
        OpenError::Differs(_) => status::failed_precondition(DIFFERS, error.to_string()),
        OpenError::OfAnotherOrganization { .. } => {
            status::failed_precondition("WORKSPACE_OF_ANOTHER_ORGANIZATION", error.to_string())
        }
        OpenError::Seal(error) => status::internal(&error),
        OpenError::Outbox(error) => status::internal(&error),
        OpenError::Store(error) => status::internal(&error),
    }
}

pub(super) fn disconnect(error: DisconnectError) -> Status {
    match error {
        DisconnectError::NoSuchConnection => status::not_found("connection"),
        DisconnectError::Outbox(error) => status::internal(&error),
        DisconnectError::Store(error) => status::internal(&error),
    }
}

pub(super) fn replace(error: ReplaceError) -> Status {
    match error {
        ReplaceError::NoSuchConnection => status::not_found("connection"),
        ReplaceError::Refused(CannotReplace::NotByToken) => {
            status::failed_precondition("NOT_BY_TOKEN", error.to_string())
        }
        ReplaceError::Refused(CannotReplace::Erased) => {
            status::failed_precondition(ERASING, error.to_string())
        }
        ReplaceError::Differs(_) => status::failed_precondition(DIFFERS, error.to_string()),
        ReplaceError::Prove(error) => prove(error),
        ReplaceError::Open(error) => open(error),
        ReplaceError::Outbox(error) => status::internal(&error),
        ReplaceError::Store(error) => status::internal(&error),
    }
}

pub(super) fn remove_data(error: RemoveDataError) -> Status {
    match error {
        RemoveDataError::NoSuchConnection => status::not_found("connection"),
        RemoveDataError::Refused(CannotErase::StillConnected) => {
            status::failed_precondition("STILL_CONNECTED", error.to_string())
        }
        RemoveDataError::Refused(CannotErase::NameDiffers) => {
            status::failed_precondition("NAME_DIFFERS", error.to_string())
        }
        RemoveDataError::Outbox(error) => status::internal(&error),
        RemoveDataError::Store(error) => status::internal(&error),
    }
}

pub(super) fn erasure(error: ShowError) -> Status {
    match error {
        ShowError::NoSuchConnection => status::not_found("connection"),
        ShowError::Store(error) => status::internal(&error),
    }
}

pub(super) fn webhook_secret(error: WebhookSecretError) -> Status {
    match error {
        WebhookSecretError::NoSuchConnection => status::not_found("connection"),
        WebhookSecretError::Disconnected { .. } => {
            status::failed_precondition(BROKEN, error.to_string())
        }
        WebhookSecretError::IsAnId => status::invalid_argument("secret", error.to_string()),
        WebhookSecretError::Seal(error) => status::internal(&error),
        WebhookSecretError::Store(error) => status::internal(&error),
    }
}

pub(super) fn webhook_keys(error: WebhookKeysError) -> Status {
    match error {
        WebhookKeysError::Seal(error) => status::internal(&error),
        WebhookKeysError::Store(error) => status::internal(&error),
    }
}

pub(super) fn pseudonym_key(error: PseudonymKeyError) -> Status {
    match error {
        PseudonymKeyError::Seal(error) => status::internal(&error),
        PseudonymKeyError::Store(error) => status::internal(&error),
    }
}

pub(super) fn synthetic(error: SyntheticError) -> Status {
    match error {
        SyntheticError::NoSuchMember => status::not_found("member"),
        SyntheticError::TooMany => {
            status::failed_precondition("TOO_MANY_SYNTHETIC", error.to_string())
        }
        SyntheticError::Seal(error) => status::internal(&error),
        SyntheticError::Outbox(error) => status::internal(&error),
        SyntheticError::Store(error) => status::internal(&error),
    }
}

pub(super) fn record(error: RecordError) -> Status {
    match error {
        RecordError::NoSuchDoer => status::invalid_argument("actor", error.to_string()),
        RecordError::Store(error) => status::internal(&error),
    }
}

pub(super) fn call(error: CallError) -> Status {
    match error {
        CallError::Line(error) => line(error),
        CallError::Broken(reason) => status::failed_precondition(BROKEN, reason),
        CallError::Send(error) => send(&error),
        CallError::Outbox(error) => status::internal(&error),
        CallError::Store(error) => status::internal(&error),
    }
}

pub(super) fn send(error: &SendError) -> Status {
    match error {
        SendError::Unreachable(_) => status::unavailable(UNREACHABLE, error.to_string()),
        SendError::Unavailable(_) => status::unavailable("INTERCOM_UNAVAILABLE", error.to_string()),
        SendError::Refused(_) => status::invalid_argument("path", error.to_string()),
    }
}

fn line(error: LineError) -> Status {
    match error {
        LineError::NoSuchConnection => status::not_found("connection"),
        LineError::Disconnected { .. } => status::failed_precondition(BROKEN, error.to_string()),
        LineError::Synthetic => status::failed_precondition(SYNTHETIC, error.to_string()),
        LineError::Seal(error) => status::internal(&error),
        LineError::Store(error) => status::internal(&error),
    }
}

/// An error with what caused it, for people.
fn unreachable(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
