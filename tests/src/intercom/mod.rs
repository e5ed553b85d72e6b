//! The simulated Intercom beside a deployment: a process of its own, what it is told to do, and what is true of it.

mod comparison;
mod control;
mod held;
mod process;
mod told;

pub use comparison::Comparison;
pub use control::{Churned, Control, Sent};
pub use held::Held;
pub use process::{App, Intercom};
pub use told::Told;

/// Reads everything of the workspace that is played.
pub const TOKEN: &str = "sim_full_demo_a1b2c3d4e5f60718293a4b5c6d7e8f90";

/// The key of that workspace.
pub const WORKSPACE: &str = "demo";
