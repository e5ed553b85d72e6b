//! The story goes on plausibly, and its journal tells all of it.

use std::path::Path;

use chrono_tz::Tz;
use proptest::prelude::*;

use super::scene::{self, Scene};
use crate::http::{ContactBody, ConversationBody, Version};
use crate::story::{Premise, Seed};
use crate::world::{Change, Span, Started, Workspace};

const EPOCH: i64 = 1_795_132_800;

fn workspace(contacts: u64, state_dir: &Path) -> Workspace {
    let premise = Premise {
        seed: 5,
        epoch: EPOCH,
        contacts,
        conversations: contacts * 4,
    };
    let workspace = Workspace::new(("w", "w", "W"), Tz::UTC, "US".to_owned(), premise);
    workspace.remember(state_dir).unwrap()
}

/// Lets so many scenes happen; how many were refused.
fn tell(workspace: &Workspace, seed: u64, scenes: u64) -> u64 {
    let mut refused = 0;
    for turn in 0..scenes {
        let mut draws = Seed::new(seed).of("turn", turn).chance();
        let at = EPOCH + i64::try_from(turn).unwrap() * 30;
        let scene = scene::next(&workspace.look(), &mut draws, at);
        let change = match scene {
            Scene::Change(change) => change,
            Scene::Stranger(added, started) => {
                let made = workspace.change(Change::ContactAdded(added), |_, _| {});
                let contact = made.unwrap().number;
                Change::ConversationStarted(Started { contact, ..started })
            }
        };
        refused += u64::from(workspace.change(change, |_, _| {}).is_err());
    }
    refused
}

/// Everything the API tells of a workspace.
fn told(workspace: &Workspace) -> Vec<String> {
    let view = workspace.look();
    let conversations = view.conversations_by_update().walk(Span::ALL, None, true);
    let conversations = conversations.filter_map(|(_, number)| {
        let found = view.conversation(number)?;
        let body = ConversationBody::whole(&view, &found, Version::V2_16, false, true);
        serde_json::to_string(&body).ok()
    });
    let contacts = view.contacts_by_update().walk(Span::ALL, None, true);
    let contacts = contacts.filter_map(|(_, number)| {
        let contact = view.contact(number)?;
        let body = ContactBody::new(&contact, "w", Version::V2_16, true);
        serde_json::to_string(&body).ok()
    });
    conversations.chain(contacts).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn what_the_api_tells_is_the_journal_folded(
        seed: u64,
        contacts in prop::sample::select(vec![0_u64, 10, 50, 120]),
        scenes in 1_u64..250,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let played = workspace(contacts, folder.path());
        tell(&played, seed, scenes);
        let replayed = workspace(contacts, folder.path());
        prop_assert_eq!(told(&replayed), told(&played));
        prop_assert_eq!(replayed.look().revision(), played.look().revision());
    }
}

#[test]
fn almost_every_scene_makes_sense_and_all_kinds_come() {
    let folder = tempfile::tempdir().unwrap();
    let played = workspace(100, folder.path());
    let refused = tell(&played, 11, 3000);
    assert!(refused < 30, "{refused}");
    let journal = std::fs::read_dir(folder.path()).unwrap().next().unwrap();
    let journal = std::fs::read_to_string(journal.unwrap().path()).unwrap();
    for kind in [
        "conversation_started",
        "contact_added",
        "contact_edited",
        "contact_tagged",
        "lead_merged",
        "lead_signed_up",
        "close",
        "reopen",
        "snooze",
        "rate",
        "assign",
        "prioritise",
        "note",
    ] {
        assert!(journal.contains(&format!("\"{kind}\"")), "{kind}");
    }
}
