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

use std::sync::Arc;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::{Method, Priority, Request, Response, Transport, Veil, Workspace, structure::Veiled};

/// Reads a workspace over a transport. It repeats nothing; who reads decides about patience.
#[derive(Clone, Debug)]
pub struct Reader<T> {
    transport: T,
    priority: Priority,
    veil: Option<Arc<Veil>>,
}

impl<T: Transport> Reader<T> {
    /// Reads over `transport`; its requests are served by the budget as `priority` says.
    pub const fn new(transport: T, priority: Priority) -> Self {
        Self {
            transport,
            priority,
            veil: None,
        }
    }

    /// The same for a workspace that invited structure alone: what it answers has nothing where content would be, people go
    /// by their pseudonyms, in what is asked as in what is answered, and places in lists are sealed.
    #[must_use]
    pub fn veiled(self, veil: Veil) -> Self {
        Self {
            veil: Some(Arc::new(veil)),
            ..self
        }
    }

    /// Whether it reads structure alone.
    pub const fn is_veiled(&self) -> bool {
        self.veil.is_some()
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

    /// Reads one object.
    async fn object<M: Veiled>(&self, path: String) -> Result<(M, Response), ReadError> {
        let response = self.get(path).await?;
        let object = match &self.veil {
            None => answer::read(&response)?,
            Some(veil) => M::veiled(answer::read(&response)?, veil),
        };
        Ok((object, response))
    }

    /// Intercom's id of the person that the caller names.
    fn raw_id(&self, id: &str) -> Result<String, ReadError> {
        match &self.veil {
            None => Ok(id.to_owned()),
            Some(veil) => veil.lift(id).ok_or(ReadError::NotRemembered),
        }
    }

    /// What the caller may know of an id of a person.
    fn shown_id(&self, id: String) -> String {
        match &self.veil {
            None => id,
            Some(veil) => veil.hide(id.as_str().into()).into(),
        }
    }

    /// The error without ids of people.
    fn shown(&self, error: ReadError) -> ReadError {
        match error {
            ReadError::Merged { into, request_id } => ReadError::Merged {
                into: into.map(|id| self.shown_id(id)),
                request_id,
            },
            error => error,
        }
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
