//! The score as pure functions: values in, values out.

mod cause;
mod configuration;
mod curve;
pub(crate) mod explain;
mod factor;
mod facts;
mod inputs;
mod measure;
mod next_change;
#[cfg(test)]
mod properties;
pub(crate) mod reason;
mod score;
mod signal;
#[cfg(test)]
mod worked_examples;

pub(crate) use cause::{Cause, Occasion};
pub(crate) use configuration::{Configuration, ConfigurationDraft};
pub(crate) use curve::Knot;
pub(crate) use factor::{Factor, PerFactor};
pub(crate) use facts::Facts;
pub(crate) use inputs::Inputs;
pub(crate) use next_change::next_evaluation;
pub(crate) use score::{Evaluation, FactorScore, evaluate};
pub(crate) use signal::{Conversation, Moment, MomentKind, PartsHeld, Signal};
