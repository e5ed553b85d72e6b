pub(crate) mod webhook_received;
