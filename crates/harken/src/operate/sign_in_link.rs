use harken_contracts::wire::auth::v1::{CreateSignInLinkRequest, ListMembersRequest, Member};
use harken_contracts::wire::types::v1::Role;
use serde_json::json as value;

use super::Desk;
use crate::cli::SignInLinkArgs;
use crate::failure::Failure;
use crate::output::{json, moment};

pub(crate) async fn run(desk: Desk, what: SignInLinkArgs) -> Result<(), Failure> {
    let console = what
        .console
        .as_deref()
        .or_else(|| desk.harken.console())
        .map(str::to_owned);
    let console = console.ok_or_else(|| {
        Failure::input(
            "the console's address is not known; name it by --console or HARKEN_PUBLIC_URL",
        )
    })?;
    let answer = desk.harken.auth().list_members(ListMembersRequest {}).await;
    let members = desk.harken.answered(answer)?.members;
    let member = choose(members, what.member.as_deref())?;
    let request = CreateSignInLinkRequest {
        member_id: member.member_id,
    };
    let answer = desk.harken.auth().create_sign_in_link(request).await;
    let link = desk.harken.answered(answer)?;
    let address = address(&console, &link.token);
    if desk.output.is_json() {
        let expires_at = json(&link)["expires_at"].clone();
        return desk
            .output
            .object(&value!({"sign_in": address, "expires_at": expires_at}));
    }
    desk.output.line(address)?;
    desk.output.note(&format!(
        "It works once, until {} UTC.",
        moment(link.expires_at.as_ref())
    ));
    Ok(())
}

/// Where a link's token signs its member in.
pub(crate) fn address(console: &str, token: &str) -> String {
    format!("{}/sign-in/{token}", console.trim_end_matches('/'))
}

fn choose(members: Vec<Member>, named: Option<&str>) -> Result<Member, Failure> {
    let mut members = members.into_iter();
    let found = match named {
        Some(name) => members
            .find(|member| member.member_id == name || member.email.eq_ignore_ascii_case(name)),
        None => members.find(|member| member.role() == Role::Owner),
    };
    found.ok_or_else(|| {
        Failure::not_found("there is no such member; give mem_… or the whole e-mail address")
    })
}
