//! What a page shows, ready to print: words, numbers and shapes, nothing to decide.

pub(crate) mod activity;
pub(crate) mod api_keys;
pub(crate) mod banner;
pub(crate) mod conversation;
pub(crate) mod customer;
pub(crate) mod customers;
pub(crate) mod dead_letters;
pub(crate) mod disconnect;
pub(crate) mod error;
pub(crate) mod factors;
pub(crate) mod feed;
pub(crate) mod frame;
pub(crate) mod help;
pub(crate) mod icon;
pub(crate) mod integrations;
pub(crate) mod level;
pub(crate) mod members;
pub(crate) mod next_step;
pub(crate) mod overview;
pub(crate) mod pager;
pub(crate) mod ring;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod sign_in;
pub(crate) mod test_report;
pub(crate) mod token_form;
pub(crate) mod webhooks;
pub(crate) mod when;

#[cfg(test)]
mod preview;
#[cfg(test)]
mod sample;
