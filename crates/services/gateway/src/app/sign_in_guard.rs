//! Holds back who tries sign-in links by the dozen.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// How many links an address may try in a minute.
const TRIES: u32 = 20;
const MINUTE: TimeDelta = TimeDelta::minutes(1);
/// How many addresses are remembered; more than that at once is an attack on memory, and all share one count.
const ADDRESSES: usize = 10_000;

/// Counts tries per address and minute.
#[derive(Debug, Default)]
pub(crate) struct SignInGuard {
    tries: Mutex<HashMap<Counted, (DateTime<Utc>, u32)>>,
}

/// An address, or all those that there was no room for.
type Counted = Option<IpAddr>;

impl SignInGuard {
    /// Whether an address may try now.
    pub(crate) fn admits(&self, address: IpAddr, now: DateTime<Utc>) -> bool {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.len() >= ADDRESSES {
            tries.retain(|_, (since, _)| now - *since < MINUTE);
        }
        let is_room = tries.len() < ADDRESSES || tries.contains_key(&Some(address));
        let (since, count) = tries.entry(is_room.then_some(address)).or_insert((now, 0));
        if now - *since >= MINUTE {
            (*since, *count) = (now, 0);
        }
        *count += 1;
        *count <= TRIES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_held_back_for_the_rest_of_the_minute() {
        let guard = SignInGuard::default();
        let (one, other) = ([10, 0, 0, 1].into(), [10, 0, 0, 2].into());
        let now = DateTime::UNIX_EPOCH;
        assert!((0..TRIES).all(|_| guard.admits(one, now)));
        assert!(!guard.admits(one, now + TimeDelta::seconds(59)));
        assert!(guard.admits(other, now));
        assert!(guard.admits(one, now + MINUTE));
    }
}
