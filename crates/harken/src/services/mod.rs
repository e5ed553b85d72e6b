//! Every service is run the same way: settings, stores, build, serve, drain.

mod ground;
mod life;
mod migrate;
mod room;
mod rooms;
mod serve;
mod settings;
mod telemetry;

pub(crate) use ground::Ground;
pub(crate) use life::Life;
pub(crate) use migrate::{migrate as migrate_all, run as migrate};
pub(crate) use room::{Needs, Open, Plan, Room};
pub(crate) use rooms::{GATEWAY, INGRESS, ROOMS, SCORING, SYNC, VAULT};
pub(crate) use serve::{DRAIN, authenticator, run, serve_grpc, serve_ops};
pub(crate) use settings::Settings;
pub(crate) use telemetry::install as telemetry;
