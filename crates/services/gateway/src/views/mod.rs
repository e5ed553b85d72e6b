//! What a page shows, ready to print: words, numbers and shapes, nothing to decide.

pub(crate) mod activity;
pub(crate) mod api_keys;
pub(crate) mod banner;
pub(crate) mod bars;
pub(crate) mod completeness;
pub(crate) mod connect;
pub(crate) mod connect_form;
pub(crate) mod connection_badge;
pub(crate) mod connection_head;
pub(crate) mod conversation;
pub(crate) mod customer;
pub(crate) mod customers;
pub(crate) mod dead_letters;
pub(crate) mod disconnect;
pub(crate) mod drift;
pub(crate) mod erasure;
pub(crate) mod error;
pub(crate) mod factors;
pub(crate) mod feed;
pub(crate) mod frame;
pub(crate) mod help;
pub(crate) mod icon;
pub(crate) mod integrations;
pub(crate) mod last_run;
pub(crate) mod level;
pub(crate) mod members;
pub(crate) mod next_step;
pub(crate) mod overview;
pub(crate) mod pager;
pub(crate) mod policy;
pub(crate) mod remove_data;
pub(crate) mod replace_token;
pub(crate) mod ring;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod sign_in;
pub(crate) mod stored;
pub(crate) mod sync_settings;
pub(crate) mod test_report;
pub(crate) mod token_form;
pub(crate) mod webhooks;
pub(crate) mod when;

#[cfg(test)]
mod preview;
#[cfg(test)]
mod sample;
