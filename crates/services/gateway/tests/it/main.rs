//! The gateway as browsers and programs meet it, with the other services faked.

#[cfg(test)]
mod activity;
#[cfg(test)]
mod api;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod connecting;
#[cfg(test)]
mod dead_letters;
#[cfg(test)]
mod ending;
#[cfg(test)]
mod events;
#[cfg(test)]
mod exporting;
#[cfg(test)]
mod fakes;
#[cfg(test)]
mod forms;
#[cfg(test)]
mod house;
#[cfg(test)]
mod keeping;
#[cfg(test)]
mod letters;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod real_browser;
#[cfg(test)]
mod signing_in;
#[cfg(test)]
mod webhooks;
