//! The vault as its neighbours see it: gRPC in, Intercom and the bus out, on real stores.

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod budget;
#[cfg(test)]
mod calls;
#[cfg(test)]
mod canary;
#[cfg(test)]
mod disconnecting;
#[cfg(test)]
mod drills;
#[cfg(test)]
mod edge;
#[cfg(test)]
mod erasing;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod intercom;
#[cfg(test)]
mod oauth;
#[cfg(test)]
mod own_app;
#[cfg(test)]
mod pseudonyms;
#[cfg(test)]
mod replacing;
#[cfg(test)]
mod rotation;
#[cfg(test)]
mod sealed;
#[cfg(test)]
mod simulator;
#[cfg(test)]
mod starting;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod uninstalls;
#[cfg(test)]
mod upgrading;
