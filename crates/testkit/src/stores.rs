//! Where the stores of the tests are.

use harken_domain::Secret;
use harken_runtime::Environment;

/// `HARKEN_DATABASE_URL`.
pub fn database_url() -> Secret {
    Secret::new(needed("HARKEN_DATABASE_URL"))
}

/// `HARKEN_NATS_URL`.
pub fn nats_url() -> String {
    needed("HARKEN_NATS_URL")
}

fn needed(variable: &str) -> String {
    let environment = Environment::from_process();
    let Some(value) = environment.optional(variable) else {
        panic!("{variable} is not set: run this test through `harken-stores -- <command>`");
    };
    value.to_owned()
}
