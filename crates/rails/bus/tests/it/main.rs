//! The bus on a real server.

#[cfg(test)]
mod away;
#[cfg(test)]
mod consuming;
#[cfg(test)]
mod dead_letters;
#[cfg(test)]
mod dying;
#[cfg(test)]
mod house;
#[cfg(test)]
mod publishing;
#[cfg(test)]
mod tracing_messages;
#[cfg(test)]
mod watching;
