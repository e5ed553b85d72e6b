#![doc = include_str!("../README.md")]

mod access;
mod app;
mod canary;
mod clock;
mod config;
mod control;
mod faults;
mod http;
mod inbox;
mod limits;
mod oauth;
mod search;
mod server;
mod stats;
mod story;
mod storyteller;
mod webhooks;
mod world;

pub use clock::Clock;
pub use config::{Config, Switches};
pub use server::{Handle, Simulator, StartError};
pub use webhooks::WebhookSettings;
