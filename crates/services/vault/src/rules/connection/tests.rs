use harken_intercom::Region;
use proptest::prelude::*;

use super::*;

const EPOCH: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn workspace(id: &str) -> Workspace {
    Workspace {
        id: id.to_owned(),
        name: "Acme".to_owned(),
        region: Region::Us,
        timezone: "Etc/UTC".to_owned(),
    }
}

fn grant(method: Method, wish: PolicyWish) -> Grant {
    Grant {
        workspace: workspace("abc"),
        method,
        wish,
        by: "Ann".to_owned(),
    }
}

fn opened_by(method: Method, wish: PolicyWish) -> Connection {
    let id = ConnectionId::derive(&[b"c"]);
    let organization = OrganizationId::derive(&[b"o"]);
    Connection::first(id, organization, grant(method, wish), EPOCH)
}

fn opened(wish: PolicyWish) -> Connection {
    opened_by(Method::OAuth, wish)
}

fn again(connection: Connection, wish: PolicyWish) -> Result<Connection, CannotOpen> {
    connection.reopen(grant(Method::OAuth, wish), EPOCH)
}

const USUAL: PolicyWish = PolicyWish {
    data: None,
    on_disconnect: None,
};
const PURGE: PolicyWish = PolicyWish {
    data: None,
    on_disconnect: Some(OnDisconnect::Purge),
};

#[test]
fn an_open_connection_is_not_opened_twice() {
    assert_eq!(
        again(opened(USUAL), USUAL),
        Err(CannotOpen::AlreadyConnected)
    );
}

#[test]
fn a_policy_stays_as_it_was_first_chosen() {
    let wish = |data| PolicyWish {
        data: Some(data),
        on_disconnect: None,
    };
    let closed = opened(wish(DataPolicy::MetadataOnly)).close("gone", EPOCH);
    let silent = again(closed.clone(), USUAL).unwrap();
    assert_eq!(silent.policy.data, DataPolicy::MetadataOnly);
    assert_eq!(
        again(closed, wish(DataPolicy::Full)),
        Err(CannotOpen::PolicyFixed)
    );
}

#[test]
fn a_dead_token_retains_whatever_the_policy_and_a_member_gets_what_was_chosen() {
    let dead = opened(PURGE).close("dead", EPOCH);
    assert!(matches!(dead.state, State::Disconnected(_)));
    assert!(opened(PURGE).disconnect("gone", EPOCH).is_erasing());
    let kept = opened(USUAL).disconnect("gone", EPOCH);
    assert!(matches!(kept.state, State::Disconnected(_)));
}

#[test]
fn what_is_being_erased_is_not_opened_until_it_is_gone_and_then_by_another() {
    let erasing = opened(PURGE).disconnect("gone", EPOCH);
    assert_eq!(again(erasing.clone(), USUAL), Err(CannotOpen::StillErasing));
    assert_eq!(
        again(erasing.purged("done"), USUAL),
        Err(CannotOpen::Purged)
    );
}

#[test]
fn data_is_removed_of_a_closed_connection_whose_name_was_typed_as_it_is() {
    assert_eq!(
        opened(USUAL).erase("Acme"),
        Err(CannotErase::StillConnected)
    );
    let closed = opened(USUAL).close("gone", EPOCH);
    for typed in ["", "acme", "Acme ", "ACME"] {
        assert_eq!(closed.clone().erase(typed), Err(CannotErase::NameDiffers));
    }
    let erasing = closed.erase("Acme").unwrap();
    assert_eq!(erasing.end().unwrap().reason, "gone");
    assert_eq!(erasing.clone().erase("Acme"), Ok(erasing));
}

#[test]
fn a_token_is_replaced_where_one_was_pasted() {
    let replace = |it: Connection| it.replace_token(workspace("abc"), EPOCH);
    assert_eq!(replace(opened(USUAL)), Err(CannotReplace::NotByToken));
    let pasted = opened_by(Method::AccessToken, PURGE);
    assert!(replace(pasted.clone()).unwrap().is_connected());
    let dead = pasted.clone().close("dead", EPOCH);
    assert!(replace(dead).unwrap().is_connected());
    let erasing = pasted.disconnect("gone", EPOCH);
    assert_eq!(replace(erasing.clone()), Err(CannotReplace::Erased));
    assert_eq!(replace(erasing.purged("done")), Err(CannotReplace::Erased));
}

#[test]
fn another_workspace_is_told_with_both_names_and_the_choice() {
    assert_eq!(opened(USUAL).require(&workspace("abc")), Ok(()));
    let differs = opened(USUAL).require(&workspace("def")).unwrap_err();
    let words = differs.to_string();
    assert!(
        words.contains("“Acme” (abc)") && words.contains("“Acme” (def)"),
        "{words}"
    );
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Reopen,
    Close,
    Disconnect,
    Erase(bool),
    Overdue,
    Purged,
    ReplaceToken,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Reopen),
        Just(Step::Close),
        Just(Step::Disconnect),
        any::<bool>().prop_map(Step::Erase),
        Just(Step::Overdue),
        Just(Step::Purged),
        Just(Step::ReplaceToken),
    ]
}

fn taken(connection: Connection, step: Step) -> Connection {
    let before = connection.clone();
    match step {
        Step::Reopen => {
            let grant = grant(before.method, USUAL);
            connection.reopen(grant, EPOCH).unwrap_or(before)
        }
        Step::Close => connection.close("dead", EPOCH),
        Step::Disconnect => connection.disconnect("gone", EPOCH),
        Step::Erase(rightly) => {
            let typed = if rightly { "Acme" } else { "acme" };
            connection.erase(typed).unwrap_or(before)
        }
        Step::Overdue => connection.overdue("late"),
        Step::Purged => connection.purged("done"),
        Step::ReplaceToken => connection
            .replace_token(workspace("abc"), EPOCH)
            .unwrap_or(before),
    }
}

const fn rank(state: &State) -> u8 {
    match state {
        State::Connected | State::Disconnected(_) => 0,
        State::Disconnecting(_) => 1,
        State::Purged(_) => 2,
    }
}

proptest! {
    #[test]
    fn each_change_has_a_revision_of_its_own_and_nothing_comes_back_from_an_erasure(
        is_purge in any::<bool>(),
        is_pasted in any::<bool>(),
        steps in prop::collection::vec(step(), 0..30),
    ) {
        let method = if is_pasted { Method::AccessToken } else { Method::OAuth };
        let mut connection = opened_by(method, if is_purge { PURGE } else { USUAL });
        for step in steps {
            let before = connection.clone();
            connection = taken(connection, step);
            let has_changed = before != connection;
            prop_assert_eq!(connection.revision > before.revision, has_changed);
            prop_assert!(connection.revision.0 <= before.revision.0 + 1);
            prop_assert_eq!(connection.id, before.id);
            prop_assert_eq!(connection.policy, before.policy);
            prop_assert!(rank(&connection.state) >= rank(&before.state));
            prop_assert_eq!(connection.is_connected(), connection.end().is_none());
            if rank(&connection.state) == 2 && rank(&before.state) < 2 {
                prop_assert!(before.is_erasing(), "only what is being erased is purged");
            }
        }
    }
}
