//! The gateway as browsers and programs meet it, with the other services faked.

mod api;
mod browser;
mod connecting;
mod events;
mod fakes;
mod forms;
mod house;
mod pages;
mod signing_in;
