//! The gRPC server over a real socket.

#[cfg(test)]
mod authenticating;
#[cfg(test)]
mod describing;
#[cfg(test)]
mod directory;
#[cfg(test)]
mod measuring;
#[cfg(test)]
mod operating;
#[cfg(test)]
mod serving;
#[cfg(test)]
mod stopping;
#[cfg(test)]
mod tracing_calls;
