mod binary;
mod server;
mod wheel;

pub(crate) use server::Nats;
