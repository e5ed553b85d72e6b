//! Why a workspace could not be connected, as the person who tried needs to hear it.

/// A failure in the words of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Explanation {
    pub(crate) what: &'static str,
    /// Absent where the vault's own words say more, such as the id of the workspace.
    pub(crate) why: Option<&'static str>,
    pub(crate) remedy: &'static str,
}

/// The failures that the vault tells apart (`ErrorInfo.reason`).
const TABLE: [(&str, Explanation); 20] = [
    (
        "OAUTH_CANCELLED",
        Explanation {
            what: "You pressed Cancel in Intercom",
            why: Some(
                "Intercom says that access was not allowed (access_denied). Nothing was connected and nothing was read.",
            ),
            remedy: "Start again under Integrations and press Allow on Intercom's page. If Intercom does not let you, ask an admin or owner of the workspace.",
        },
    ),
    (
        "OAUTH_WRONG_CLIENT",
        Explanation {
            what: "Intercom does not know this installation of Harken",
            why: Some("It refused the client id or the client secret (invalid_client)."),
            remedy: "Whoever runs Harken compares HARKEN_INTERCOM_CLIENT_ID and HARKEN_INTERCOM_CLIENT_SECRET with Basic information of the app in Intercom's Developer Hub. Then start again.",
        },
    ),
    (
        "OAUTH_REDIRECT_MISMATCH",
        Explanation {
            what: "Intercom does not accept the way back to Harken",
            why: Some(
                "The redirect URL that Harken uses is not registered with the app (redirect_uri_mismatch).",
            ),
            remedy: "In Intercom's Developer Hub, under Authentication, add Harken's address followed by /oauth/intercom/callback, exactly as it stands in this page's address. Then start again.",
        },
    ),
    (
        "OAUTH_STATE_EXPIRED",
        Explanation {
            what: "That took too long",
            why: Some(
                "An attempt to connect is good for ten minutes, so that nobody can use an old one.",
            ),
            remedy: "Start again under Integrations.",
        },
    ),
    (
        "OAUTH_STATE_UNKNOWN",
        Explanation {
            what: "This way back from Intercom is not good any more",
            why: Some(
                "It belongs to an attempt that was used before, or that began in another browser or under another sign-in.",
            ),
            remedy: "Look under Integrations whether the workspace is connected already; if not, start again there, in this browser.",
        },
    ),
    (
        "OAUTH_CODE_REFUSED",
        Explanation {
            what: "Intercom did not hand over access",
            why: Some(
                "It refused the code that it had sent along. A code works once and only for a short time.",
            ),
            remedy: "Start again under Integrations. If it happens again, quote the request id.",
        },
    ),
    (
        "ALREADY_CONNECTED",
        Explanation {
            what: "This workspace is already connected",
            why: None,
            remedy: "There is nothing to do; see Integrations. To connect another workspace, choose it on Intercom's page. To connect this one afresh, disconnect it first.",
        },
    ),
    (
        "WORKSPACE_OF_ANOTHER_ORGANIZATION",
        Explanation {
            what: "This workspace belongs to another organization",
            why: None,
            remedy: "Choose another workspace on Intercom's page, or have that organization disconnect it first.",
        },
    ),
    (
        "POLICY_FIXED",
        Explanation {
            what: "The data policy of this workspace is fixed",
            why: None,
            remedy: "Connect it again with the policy that it had before.",
        },
    ),
    (
        "INTERCOM_UNREACHABLE",
        Explanation {
            what: "Intercom cannot be reached",
            why: Some(
                "No answer came from Intercom, or none that could be read. Nothing was connected.",
            ),
            remedy: "Try again in a few minutes. If it lasts, see www.intercomstatus.com, and whether this installation may reach api.intercom.io.",
        },
    ),
    (
        "INTERCOM_UNAVAILABLE",
        Explanation {
            what: "Intercom does not answer as it should",
            why: Some("It was asked several times and failed each time. Nothing was changed."),
            remedy: "Try again in a few minutes. If it lasts, see www.intercomstatus.com.",
        },
    ),
    (
        "OAUTH_NOT_CONFIGURED",
        Explanation {
            what: "This installation has no Intercom app to sign in with",
            why: Some("HARKEN_INTERCOM_CLIENT_ID and its secret are not set."),
            remedy: "Connect with an access token instead, or have whoever runs Harken set both from Basic information of the app in Intercom's Developer Hub.",
        },
    ),
    (
        "CONNECTION_BROKEN",
        Explanation {
            what: "Intercom no longer lets Harken in",
            why: None,
            remedy: "Reconnect the workspace under Integrations. Customers and scores stay meanwhile.",
        },
    ),
    (
        "TOKEN_REFUSED",
        Explanation {
            what: "Intercom refused the token",
            why: Some(
                "It is wrong, cut off at one end, revoked, or its app is not active any more.",
            ),
            remedy: "Look in Intercom's Developer Hub whether the app is active, copy the whole token from its Authentication page and paste it again. A token that was regenerated there ends the one before.",
        },
    ),
    (
        "WORKSPACE_DIFFERS",
        Explanation {
            what: "This is another workspace",
            why: None,
            remedy: "To go on with what was read, use the workspace that was connected before. To read the other workspace, connect it as another one under Integrations: both then stand beside each other, and nothing is mixed.",
        },
    ),
    (
        "NOT_BY_TOKEN",
        Explanation {
            what: "This connection has no token to replace",
            why: Some("It was made by signing in to Intercom, which renews its access itself."),
            remedy: "If it stopped working, press Reconnect Intercom under Integrations.",
        },
    ),
    (
        "STILL_ERASING",
        Explanation {
            what: "The data of this workspace is being erased",
            why: Some("Connecting it meanwhile would mix what is erased with what is read."),
            remedy: "Wait until the receipts are complete, mostly within minutes; then connect it anew.",
        },
    ),
    (
        "STILL_CONNECTED",
        Explanation {
            what: "This workspace is still connected",
            why: Some("Its data can be removed once nothing is read any more."),
            remedy: "Disconnect it first, then remove its data.",
        },
    ),
    (
        "NAME_DIFFERS",
        Explanation {
            what: "That is not the name of the workspace",
            why: Some("Nothing was removed."),
            remedy: "Type the name as it stands on the card of the workspace.",
        },
    ),
    (
        "PERMISSION_MISSING",
        Explanation {
            what: "The token lacks a permission",
            why: None,
            remedy: "Tick what is missing under Authentication of the app in Intercom's Developer Hub. Test connection shows it call by call. Nothing was saved.",
        },
    ),
];

/// The explanation of a reason that the vault gave; none for reasons that are not about connecting.
pub(crate) fn explain(reason: &str) -> Option<Explanation> {
    TABLE
        .iter()
        .find(|(known, _)| *known == reason)
        .map(|(_, explanation)| *explanation)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reasons that proto/harken/vault/v1 lists.
    #[test]
    fn each_reason_of_the_contract_is_explained_with_a_remedy() {
        for reason in [
            "OAUTH_CANCELLED",
            "OAUTH_WRONG_CLIENT",
            "OAUTH_REDIRECT_MISMATCH",
            "OAUTH_STATE_EXPIRED",
            "OAUTH_STATE_UNKNOWN",
            "OAUTH_CODE_REFUSED",
            "ALREADY_CONNECTED",
            "WORKSPACE_OF_ANOTHER_ORGANIZATION",
            "INTERCOM_UNREACHABLE",
            "TOKEN_REFUSED",
            "PERMISSION_MISSING",
            "WORKSPACE_DIFFERS",
            "NOT_BY_TOKEN",
            "STILL_ERASING",
            "STILL_CONNECTED",
            "NAME_DIFFERS",
        ] {
            let explanation = explain(reason).unwrap();
            assert!(explanation.remedy.ends_with('.'), "{reason}");
        }
        assert_eq!(explain("NOT_FOUND"), None);
    }
}
