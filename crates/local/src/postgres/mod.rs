mod binaries;
mod cluster;
mod home;
mod server;

pub(crate) use server::Postgres;
