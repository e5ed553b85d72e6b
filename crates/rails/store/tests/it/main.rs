//! The store on a real Postgres, and its outbox on a real bus.

#[cfg(test)]
mod beginning;
#[cfg(test)]
mod claiming;
#[cfg(test)]
mod house;
#[cfg(test)]
mod migrating;
#[cfg(test)]
mod once;
#[cfg(test)]
mod posting;
#[cfg(test)]
mod relaying;
