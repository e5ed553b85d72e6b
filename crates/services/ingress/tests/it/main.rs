//! The edge as Intercom meets it: real sockets, a real Postgres and a real NATS, a made-up vault.

#[cfg(test)]
mod cases;
#[cfg(test)]
mod client;
#[cfg(test)]
mod counting;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod http2;
#[cfg(test)]
mod keeping;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod malformed;
#[cfg(test)]
mod quarantine;
#[cfg(test)]
mod signatures;
#[cfg(test)]
mod slow;
#[cfg(test)]
mod smuggling;
#[cfg(test)]
mod spooling;
#[cfg(test)]
mod stopping;
#[cfg(test)]
mod vault;
