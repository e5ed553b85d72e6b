//! What must hold of any story.

mod consistency;
mod health;

use super::{Premise, Story};

fn story(seed: u64, contacts: u64, conversations: u64) -> Story {
    Story::new(Premise {
        seed,
        epoch: 1_795_132_800,
        contacts,
        conversations,
    })
}
