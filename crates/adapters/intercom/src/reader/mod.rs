//! The reading client: Intercom's lists, searches and objects as typed values.

mod answer;
mod changes;
mod conversations;
mod error;
mod lists;

pub use changes::{DeletedConversation, DeletedPage};
pub use conversations::{SearchWindow, SortOrder};
pub use error::ReadError;
pub use lists::{Cursor, Page, ScrollPage};

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::{Method, Priority, Request, Response, Transport, Workspace};

/// Reads a workspace over a transport. It repeats nothing; who reads decides about patience.
#[derive(Clone, Debug)]
pub struct Reader<T> {
    transport: T,
    priority: Priority,
}

impl<T: Transport> Reader<T> {
    /// Reads over `transport`; its requests are served by the budget as `priority` says.
    pub const fn new(transport: T, priority: Priority) -> Self {
        Self {
            transport,
            priority,
        }
    }

    /// The workspace that the connection belongs to.
    pub async fn workspace(&self) -> Result<Workspace, ReadError> {
        let response = self.get("/me".to_owned()).await?;
        answer::accepted(&response)?;
        Workspace::from_me(&response.body)
            .map_err(|_| answer::malformed(&response, "names no workspace"))
    }

    async fn get(&self, path: String) -> Result<Response, ReadError> {
        self.send(Method::Get, path, None).await
    }

    async fn post(&self, path: &str, body: Bytes) -> Result<Response, ReadError> {
        self.send(Method::Post, path.to_owned(), Some(body)).await
    }

    async fn send(
        &self,
        method: Method,
        path: String,
        body: Option<Bytes>,
    ) -> Result<Response, ReadError> {
        let priority = self.priority;
        Ok(self
            .transport
            .send(Request {
                method,
                path,
                body,
                priority,
            })
            .await?)
    }

    async fn read<A: DeserializeOwned>(&self, path: String) -> Result<(A, Response), ReadError> {
        let response = self.get(path).await?;
        Ok((answer::read(&response)?, response))
    }
}

/// One segment of a path, or a value of a query.
fn escaped(text: &str) -> String {
    use std::fmt::Write as _;
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
