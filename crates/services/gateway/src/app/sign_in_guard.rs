//! Holds back who tries sign-in links by the dozen.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// How many links that do not work an address may try in a minute.
const TRIES: u32 = 20;
const MINUTE: TimeDelta = TimeDelta::minutes(1);
/// How many addresses are remembered; more than that at once is an attack on memory, and all others share one count.
const ADDRESSES: usize = 10_000;

/// Counts tries in vain per address and minute. Links that work are not counted: a whole office may share an address.
#[derive(Debug, Default)]
pub(crate) struct SignInGuard {
    vain: Mutex<HashMap<Counted, (DateTime<Utc>, u32)>>,
}

/// An address, or all those that there was no room for.
type Counted = Option<IpAddr>;

impl SignInGuard {
    /// Whether an address may try now.
    pub(crate) fn admits(&self, address: IpAddr, now: DateTime<Utc>) -> bool {
        let vain = self.vain();
        let counted = vain.get(&counted(&vain, address));
        counted.is_none_or(|(since, count)| now - *since >= MINUTE || *count < TRIES)
    }

    /// Remembers that a link did not work.
    pub(crate) fn count(&self, address: IpAddr, now: DateTime<Utc>) {
        let mut vain = self.vain();
        if vain.len() >= ADDRESSES {
            vain.retain(|_, (since, _)| now - *since < MINUTE);
        }
        let who = counted(&vain, address);
        let (since, count) = vain.entry(who).or_insert((now, 0));
        if now - *since >= MINUTE {
            (*since, *count) = (now, 0);
        }
        *count += 1;
    }

    fn vain(&self) -> MutexGuard<'_, HashMap<Counted, (DateTime<Utc>, u32)>> {
        self.vain.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn counted(vain: &HashMap<Counted, (DateTime<Utc>, u32)>, address: IpAddr) -> Counted {
    let is_room = vain.len() < ADDRESSES || vain.contains_key(&Some(address));
    is_room.then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_held_back_for_the_rest_of_the_minute() {
        let guard = SignInGuard::default();
        let (one, other) = ([10, 0, 0, 1].into(), [10, 0, 0, 2].into());
        let now = DateTime::UNIX_EPOCH;
        for _ in 0..TRIES {
            assert!(guard.admits(one, now));
            guard.count(one, now);
        }
        assert!(!guard.admits(one, now + TimeDelta::seconds(59)));
        assert!(guard.admits(other, now));
        assert!(guard.admits(one, now + MINUTE));
    }
}
