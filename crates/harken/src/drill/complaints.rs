use serde::Serialize;

/// How many are told one by one.
const SHOWN: usize = 10;

/// What is wrong: all of it counted, the first of it told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Complaints {
    pub(super) count: u64,
    pub(super) first: Vec<String>,
}

impl Complaints {
    pub(super) fn add(&mut self, say: impl FnOnce() -> String) {
        self.count += 1;
        if self.first.len() < SHOWN {
            self.first.push(say());
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) fn extend(&mut self, other: &Self) {
        self.count += other.count;
        let room = SHOWN - self.first.len();
        self.first.extend(other.first.iter().take(room).cloned());
    }
}
