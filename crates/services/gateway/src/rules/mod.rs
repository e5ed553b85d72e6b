//! Pure: values in, words and shapes out.

pub(crate) mod connect_failure;
pub(crate) mod connection_status;
pub(crate) mod form_token;
pub(crate) mod happening;
pub(crate) mod moment;
pub(crate) mod numbers;
pub(crate) mod place;
pub(crate) mod return_path;
pub(crate) mod ring;
pub(crate) mod run_advice;
pub(crate) mod sentence;
pub(crate) mod span;
pub(crate) mod token_shape;
