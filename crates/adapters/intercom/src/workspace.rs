//! Whose token it is: the workspace behind `GET /me`.

use serde::Deserialize;

use crate::{Region, lenient};

/// The workspace that a token belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// Intercom's id of it (`app.id_code`), `app_id` in notifications.
    pub id: String,
    /// Its name; its id where Intercom tells none.
    pub name: String,
    /// Where it is hosted.
    pub region: Region,
    /// IANA name of its time zone; `Etc/UTC` where Intercom tells none.
    pub timezone: String,
}

/// An answer to `/me` that names no workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Intercom's answer to /me names no workspace")]
pub struct NoWorkspace;

#[derive(Deserialize)]
struct Me {
    app: Option<App>,
}

#[derive(Deserialize)]
struct App {
    #[serde(default, deserialize_with = "lenient::id")]
    id_code: String,
    #[serde(default, deserialize_with = "lenient::escaped_words")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient::words")]
    region: Option<String>,
    #[serde(default, deserialize_with = "lenient::words")]
    timezone: Option<String>,
}

impl Workspace {
    /// The call that tells it.
    pub const PATH: &'static str = "/me";

    /// Reads the answer.
    pub fn from_me(body: &[u8]) -> Result<Self, NoWorkspace> {
        let me: Me = serde_json::from_slice(body).map_err(|_| NoWorkspace)?;
        let app = me.app.ok_or(NoWorkspace)?;
        let id = Some(app.id_code).filter(|id| !id.is_empty() && id.len() <= 128);
        let id = id.ok_or(NoWorkspace)?;
        Ok(Self {
            name: app.name.unwrap_or_else(|| id.clone()),
            // Unknown words: the US host forwards to the right region, best effort.
            region: app
                .region
                .and_then(|word| word.parse().ok())
                .unwrap_or(Region::Us),
            timezone: app.timezone.unwrap_or_else(|| "Etc/UTC".to_owned()),
            id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_read_from_me() {
        let body = br#"{"type":"admin","id":"991267459","email":"a@x","app":{"type":"app","id_code":"abc123",
            "name":"Pixel &amp; Thread","timezone":"America/Los_Angeles","region":"EU"},"has_inbox_seat":true}"#;
        let workspace = Workspace::from_me(body).unwrap();
        assert_eq!(workspace.id, "abc123");
        assert_eq!(workspace.name, "Pixel & Thread");
        assert_eq!(workspace.region, Region::Eu);
        assert_eq!(workspace.timezone, "America/Los_Angeles");
    }

    #[test]
    fn an_answer_without_workspace_is_refused() {
        for body in ["", "{}", r#"{"app":null}"#, r#"{"app":{"id_code":""}}"#] {
            assert_eq!(
                Workspace::from_me(body.as_bytes()),
                Err(NoWorkspace),
                "{body}"
            );
        }
    }

    #[test]
    fn what_intercom_leaves_out_is_filled_in() {
        let workspace = Workspace::from_me(br#"{"app":{"id_code":"x","region":"moon"}}"#).unwrap();
        assert_eq!(
            (workspace.name.as_str(), workspace.region),
            ("x", Region::Us)
        );
        assert_eq!(workspace.timezone, "Etc/UTC");
    }
}
