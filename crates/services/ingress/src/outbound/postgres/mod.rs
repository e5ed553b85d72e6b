pub(crate) mod deliveries;
pub(crate) mod holdings;
pub(crate) mod quarantine;
pub(crate) mod spool;
