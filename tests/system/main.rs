//! Stories over the real binary: `harken up` with a folder and ports of its own, seen from outside.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod browser;
mod client;
mod collector;
mod connecting;
mod drilling;
mod enduring;
mod haystack;
mod house;
mod killing;
mod live;
mod neighbour;
mod operating;
mod own_app;
mod patience;
mod ports;
mod privacy;
mod processes;
mod purging;
mod reflecting;
mod restarting;
mod secrecy;
mod side_by_side;
mod token_path;
mod truth;
mod watching;
