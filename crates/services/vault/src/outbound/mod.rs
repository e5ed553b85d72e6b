pub(crate) mod events;
pub(crate) mod intercom;
pub(crate) mod key_encryption_key;
pub(crate) mod postgres;
