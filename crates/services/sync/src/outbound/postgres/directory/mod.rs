//! Reads of the mirror for others. Every query names the organization: what is another's is not found.

pub(crate) mod companies;
pub(crate) mod conversations;
pub(crate) mod customers;
pub(crate) mod parts;
pub(crate) mod totals;

/// Text that a pattern takes literally.
fn literal(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_")
}
