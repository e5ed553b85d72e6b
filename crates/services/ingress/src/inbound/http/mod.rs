//! The door: what a stranger can reach.

mod answer;
mod body;
mod doorkeeper;
mod routes;
mod serve;
mod uninstall;
mod webhook;
mod wire;

pub(crate) use serve::{Door, serve};
