//! The permissions that Harken needs, and how each is proved by a call.

use harken_intercom::ErrorList;

/// Names as Intercom's Developer Hub shows them.
pub(crate) const READ_ONE_ADMIN: &str = "Read one admin";
const READ_ADMINS: &str = "Read admins";
const READ_USERS_AND_COMPANIES: &str = "Read and list users and companies";
const READ_TAGS: &str = "Read tags";
const READ_CONVERSATIONS: &str = "Read conversations";

/// A call that succeeds only with its permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Probe {
    pub permission: &'static str,
    /// As it is shown: method and path.
    pub call: &'static str,
    /// JSON body; none for GET.
    pub body: Option<&'static str>,
}

/// Finds conversations; the first one found is then retrieved, because lists hold no messages.
pub(crate) const SEARCH_CONVERSATIONS: Probe = Probe {
    permission: READ_CONVERSATIONS,
    call: "POST /conversations/search",
    body: Some(
        r#"{"query":{"field":"created_at","operator":">","value":0},"pagination":{"per_page":1}}"#,
    ),
};

/// What is asked beside `/me` and conversations.
pub(crate) const PROBES: [Probe; 4] = [
    Probe {
        permission: READ_ADMINS,
        call: "GET /admins",
        body: None,
    },
    Probe {
        permission: READ_USERS_AND_COMPANIES,
        call: "GET /contacts?per_page=1",
        body: None,
    },
    Probe {
        permission: READ_USERS_AND_COMPANIES,
        call: "GET /companies?per_page=1",
        body: None,
    },
    Probe {
        permission: READ_TAGS,
        call: "GET /tags",
        body: None,
    },
];

/// What a probe proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proof {
    pub permission: &'static str,
    pub call: String,
    pub granted: bool,
    /// What to do; empty when granted.
    pub remedy: String,
    /// Intercom's request id; may be empty.
    pub request_id: String,
}

impl Proof {
    /// Reads a permission off the status and body that its probe was answered with.
    pub(crate) fn of(
        permission: &'static str,
        call: &str,
        status: u16,
        body: &[u8],
        request_id: Option<String>,
    ) -> Self {
        let errors = ErrorList::parse(body).unwrap_or_default();
        let remedy = match (status, errors.code()) {
            // What is not there, or no longer, was permitted to be looked for.
            (200..=299 | 404 | 410, _) => String::new(),
            (402, _) | (403, "api_plan_restricted") => format!(
                "The workspace's Intercom plan does not include this; {permission} needs one that does."
            ),
            (401 | 403, _) => format!(
                "Tick “{permission}” for the app in Intercom's Developer Hub under Authentication, then connect again."
            ),
            (status, code) => format!(
                "Intercom answered {status} {code}, which says nothing about “{permission}”; test again later."
            ),
        };
        Self {
            permission,
            call: call.to_owned(),
            granted: remedy.is_empty(),
            remedy,
            request_id: request_id.or(errors.request_id).unwrap_or_default(),
        }
    }
}

/// The permissions that are missing, each once.
pub(crate) fn missing(proofs: &[Proof]) -> Vec<&'static str> {
    let mut missing: Vec<_> = proofs
        .iter()
        .filter(|proof| !proof.granted)
        .map(|proof| proof.permission)
        .collect();
    missing.dedup();
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(status: u16, code: &str) -> Proof {
        let body =
            format!(r#"{{"type":"error.list","request_id":"r","errors":[{{"code":"{code}"}}]}}"#);
        Proof::of(READ_TAGS, "GET /tags", status, body.as_bytes(), None)
    }

    #[test]
    fn each_answer_proves_or_refutes() {
        for (status, code, granted) in [
            (200, "", true),
            (404, "not_found", true),
            (403, "forbidden", false),
            (403, "api_plan_restricted", false),
            (401, "token_unauthorized", false),
            (400, "client_error", false),
        ] {
            assert_eq!(proof(status, code).granted, granted, "{status} {code}");
        }
    }

    #[test]
    fn a_missing_permission_is_named_with_its_remedy_and_the_request_to_quote() {
        let proof = proof(403, "forbidden");
        assert!(proof.remedy.contains("Read tags") && proof.remedy.contains("Developer Hub"));
        assert_eq!(proof.request_id, "r");
    }

    #[test]
    fn a_permission_missing_twice_is_named_once() {
        assert_eq!(
            missing(&[proof(403, "x"), proof(403, "x"), proof(200, "")]),
            [READ_TAGS]
        );
    }
}
