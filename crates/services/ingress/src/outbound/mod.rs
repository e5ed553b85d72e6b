pub(crate) mod events;
pub(crate) mod postgres;
pub(crate) mod vault;
