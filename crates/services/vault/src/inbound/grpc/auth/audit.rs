use harken_contracts::wire::auth::v1::{RecordAuditRequest, RecordAuditResponse};
use harken_runtime::{CallContext, status};
use tonic::{Request, Status};

use super::super::{fields, status as answer};
use crate::app::{Doer, ForeignDeed, Vault};

/// Who does things that the vault does not see.
const CALLERS: &[&str] = &["gateway"];
const LONGEST_WORD: usize = 32;
const LONGEST_SUBJECT: usize = 200;
const LONGEST_DETAIL: usize = 2000;

pub(super) async fn record(
    vault: &Vault,
    request: Request<RecordAuditRequest>,
) -> Result<RecordAuditResponse, Status> {
    let context = CallContext::of(&request)?;
    context.require_service(CALLERS)?;
    let organization = context.organization()?;
    let deed = deed(request.get_ref())?;
    let recorded = vault.record_audit(organization, &deed).await;
    recorded
        .map(|()| RecordAuditResponse {})
        .map_err(answer::record)
}

fn deed(asked: &RecordAuditRequest) -> Result<ForeignDeed, Status> {
    let refused = |field: &str, problem: &str| status::invalid_argument(field, problem);
    let doer = doer(&asked.actor)
        .ok_or_else(|| refused("actor", "must be mem_…, key_… or the name of a service"))?;
    if !is_action(&asked.action) {
        let problem = "must be noun.verb in lower-case letters and _, each at most 32";
        return Err(refused("action", problem));
    }
    Ok(ForeignDeed {
        doer,
        action: asked.action.clone(),
        subject: fields::line("subject", &asked.subject, 1..=LONGEST_SUBJECT)?,
        detail: fields::line("detail", &asked.detail, 0..=LONGEST_DETAIL)?,
    })
}

fn doer(actor: &str) -> Option<Doer> {
    if let Ok(member) = actor.parse() {
        return Some(Doer::Member(member));
    }
    if let Ok(key) = actor.parse() {
        return Some(Doer::ApiKey(key));
    }
    is_word(actor).then(|| Doer::Service(actor.to_owned()))
}

fn is_action(text: &str) -> bool {
    text.split_once('.')
        .is_some_and(|(noun, verb)| is_word(noun) && is_word(verb))
}

/// Lower-case letters, with single `_` between them.
fn is_word(text: &str) -> bool {
    text.len() <= LONGEST_WORD
        && text
            .split('_')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use harken_domain::{ApiKeyId, MemberId};

    use super::*;

    #[test]
    fn an_action_is_noun_and_verb() {
        for action in ["dead_letters.replayed", "a.b"] {
            assert!(is_action(action), "{action}");
        }
        let long = format!("{}.b", "a".repeat(33));
        for action in [
            "", ".", "replayed", "a.", ".b", "a.b.c", "A.b", "a b.c", "_a.b", "a.b_", "a.b1", &long,
        ] {
            assert!(!is_action(action), "{action}");
        }
    }

    #[test]
    fn a_doer_is_told_by_its_form() {
        let (member, key) = (MemberId::derive(&[b"m"]), ApiKeyId::derive(&[b"k"]));
        assert_eq!(doer(&member.to_string()), Some(Doer::Member(member)));
        assert_eq!(doer(&key.to_string()), Some(Doer::ApiKey(key)));
        assert_eq!(doer("operator"), Some(Doer::Service("operator".to_owned())));
        for nobody in ["", "mem_12", "Ann Smith", "ann@x.example"] {
            assert_eq!(doer(nobody), None, "{nobody}");
        }
    }
}
