use axum::extract::Path;
use axum::response::Response;
use harken_domain::{ApiKeyId, Role};
use serde::Deserialize;

use super::form::{Button, Posted};
use super::visit::{Visit, id};
use super::{done, page};
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::views::api_keys::{ApiKeysPage, Created, KeyRow};
use crate::views::frame::{Notice, Section};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Form {
    name: String,
    role: String,
}

pub(crate) async fn show(visit: Visit) -> Refused<Response> {
    list(&visit, Shown::default()).await
}

/// Makes a key. Its secret stands in this answer and nowhere else.
pub(crate) async fn create(posted: Posted<Form>) -> Refused<Response> {
    let Posted { visit, form } = posted;
    visit.require(Role::Admin)?;
    let role: Role = form
        .role
        .parse()
        .map_err(|_| Refusal::field("role", "is no role"))?;
    visit.require(role)?;
    let name = form.name.trim().to_owned();
    match visit.asking().create_api_key(name.clone(), role).await {
        Ok(made) => {
            let secret = made.secret;
            let created = Some(Created { name, secret });
            list(
                &visit,
                Shown {
                    created,
                    ..Shown::default()
                },
            )
            .await
        }
        Err(refused) if refused.code() == tonic::Code::InvalidArgument => {
            let problem = Some(Refusal::from(refused).into_grounds().why);
            list(
                &visit,
                Shown {
                    problem,
                    name,
                    ..Shown::default()
                },
            )
            .await
        }
        Err(refused) => Err(refused.into()),
    }
}

pub(crate) async fn revoke(Path(key): Path<String>, posted: Posted<Button>) -> Refused<Response> {
    posted.visit.require(Role::Admin)?;
    let key: ApiKeyId = id(&key)?;
    posted
        .visit
        .asking()
        .revoke_api_key(key.to_string())
        .await?;
    Ok(done("/settings/api-keys", Notice::KeyRevoked))
}

/// What the list shows besides the keys.
#[derive(Default)]
struct Shown {
    created: Option<Created>,
    problem: Option<String>,
    name: String,
}

async fn list(visit: &Visit, shown: Shown) -> Refused<Response> {
    let asking = visit.asking();
    // Who may not manage keys need not see them; the page says so.
    let manages = visit.require(Role::Admin).is_ok();
    let keys = async {
        if manages {
            asking.api_keys().await
        } else {
            Ok(Vec::new())
        }
    };
    let (around, keys) = tokio::join!(visit.surroundings(), keys);
    let (around, keys, now) = (around?, keys?, visit.now());
    page(&ApiKeysPage {
        frame: visit.frame(Section::Settings, &around),
        rows: keys.iter().map(|key| KeyRow::new(key, now)).collect(),
        created: shown.created,
        problem: shown.problem,
        name: shown.name,
    })
}
