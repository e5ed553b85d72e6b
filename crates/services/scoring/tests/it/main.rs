//! Scoring as its neighbours see it: records in by the bus, scores out by the bus and gRPC, on real stores.

#[cfg(test)]
mod evaluating;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod listing;
#[cfg(test)]
mod live;
#[cfg(test)]
mod order;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod records;
#[cfg(test)]
mod synthetic;
#[cfg(test)]
mod taking_records;
#[cfg(test)]
mod time;
#[cfg(test)]
mod watching;
