//! Scoring as its neighbours see it: records in by the bus, scores out by the bus and gRPC, on real stores.

mod evaluating;
mod harness;
mod listing;
mod order;
mod reading;
mod records;
mod taking_records;
mod time;
mod watching;
