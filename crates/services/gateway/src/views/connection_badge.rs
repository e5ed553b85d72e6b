use std::fmt;

use askama::filters::HtmlSafe;

use crate::rules::connection_status::ConnectionStatus;
use crate::views::icon::Icon;
use crate::views::level::Level;

/// What a connection is doing: word, shape and colour.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionBadge(pub(crate) ConnectionStatus);

impl ConnectionStatus {
    /// The style class of its colour.
    pub(crate) const fn class(&self) -> &'static str {
        match self {
            Self::Connecting | Self::Syncing => "busy",
            Self::Connected => "healthy",
            Self::Degraded(_) | Self::Disconnecting => "at_risk",
            Self::Disconnected => "critical",
            Self::Paused | Self::Purged => "na",
        }
    }
}

impl fmt::Display for ConnectionBadge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(status) = self;
        write!(f, r#"<span class="badge {}">"#, status.class())?;
        match status {
            ConnectionStatus::Connecting | ConnectionStatus::Syncing => {
                f.write_str(r#"<span class="dot" aria-hidden="true"></span>"#)?;
            }
            ConnectionStatus::Connected => Icon::Check.fmt(f)?,
            ConnectionStatus::Degraded(_) => Level::AtRisk.mark().fmt(f)?,
            ConnectionStatus::Paused => Icon::Pause.fmt(f)?,
            ConnectionStatus::Disconnecting => Icon::Clock.fmt(f)?,
            ConnectionStatus::Disconnected => Level::Critical.mark().fmt(f)?,
            ConnectionStatus::Purged => Level::NotApplicable.mark().fmt(f)?,
        }
        write!(f, "{}</span>", status.word())
    }
}

impl HtmlSafe for ConnectionBadge {}
