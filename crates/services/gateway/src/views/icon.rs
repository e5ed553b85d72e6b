use std::fmt;

use askama::filters::HtmlSafe;

/// A drawing of 16 by 16 in the colour of the text around it. Says nothing by itself: a word stands beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    Overview,
    Customers,
    Integrations,
    Settings,
    Search,
    Check,
    Warning,
    Cross,
    Info,
    More,
    Out,
    Back,
    Next,
    Sync,
    Note,
    Menu,
    Help,
    Key,
    Chat,
    Pulse,
    Pause,
    Play,
    Clock,
    Download,
}

impl Icon {
    const fn paths(self) -> &'static str {
        match self {
            Self::Overview => r#"<path d="M2.5 8.5 8 3l5.5 5.5M4 7.5v5.5h3v-3.5h2V13h3V7.5"/>"#,
            Self::Customers => {
                r#"<circle cx="6" cy="5.5" r="2.5"/><path d="M1.8 13c.4-2.4 2-3.8 4.2-3.8s3.8 1.4 4.2 3.8M10.8 3.3a2.4 2.4 0 0 1 0 4.5M12 9.7c1.2.5 2 1.7 2.2 3.3"/>"#
            }
            Self::Integrations => r#"<path d="M6 2v3M10 2v3M4 5h8v2.5a4 4 0 0 1-8 0zM8 11.5V14"/>"#,
            Self::Settings => {
                r#"<path d="M2 4.5h6.5M12 4.5h2M2 11.5h2M7.5 11.5H14"/><circle cx="10.2" cy="4.5" r="1.7"/><circle cx="5.8" cy="11.5" r="1.7"/>"#
            }
            Self::Search => r#"<circle cx="7" cy="7" r="4.2"/><path d="m10.2 10.2 3.3 3.3"/>"#,
            Self::Check => r#"<path d="m3.5 8.5 3 3 6-7"/>"#,
            Self::Warning => {
                r#"<path d="M8 2.5 14.2 13H1.8zM8 6.5v3"/><path d="M8 11.3v.1" stroke-width="2"/>"#
            }
            Self::Cross => r#"<path d="m4 4 8 8M12 4l-8 8"/>"#,
            Self::Info => {
                r#"<circle cx="8" cy="8" r="5.8"/><path d="M8 7.4V11"/><path d="M8 5.1v.1" stroke-width="2"/>"#
            }
            Self::More => r#"<path d="M8 3.5v.1M8 8v.1M8 12.5v.1" stroke-width="2.2"/>"#,
            Self::Out => r#"<path d="M9.5 3H4v10h5.5M7 8h6.5M11 5.5 13.5 8 11 10.5"/>"#,
            Self::Back => r#"<path d="M10 3.5 5.5 8l4.5 4.5"/>"#,
            Self::Next => r#"<path d="M6 3.5 10.5 8 6 12.5"/>"#,
            Self::Sync => {
                r#"<path d="M13 6.5A5.2 5.2 0 0 0 3.6 5M3 2.5V5.2h2.7M3 9.5A5.2 5.2 0 0 0 12.4 11M13 13.5v-2.7h-2.7"/>"#
            }
            Self::Note => r#"<path d="M3 2.5h10v7L9.5 13H3zM13 9.5H9.5V13M5.5 5.5h5M5.5 8h3"/>"#,
            Self::Menu => r#"<path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11"/>"#,
            Self::Help => {
                r#"<circle cx="8" cy="8" r="5.8"/><path d="M6.3 6.4a1.8 1.8 0 1 1 2.6 1.7c-.6.3-.9.6-.9 1.2"/><path d="M8 11.4v.1" stroke-width="2"/>"#
            }
            Self::Key => {
                r#"<circle cx="5.2" cy="10.8" r="2.7"/><path d="m7.2 8.8 5.6-5.6M10.5 5.5l2 2"/>"#
            }
            Self::Pulse => r#"<path d="M1.5 8.5h3L6.5 4l3 8.5 2-4h3"/>"#,
            Self::Pause => r#"<path d="M5.5 3.5v9M10.5 3.5v9" stroke-width="2"/>"#,
            Self::Play => r#"<path d="M5 3.2v9.6L12.6 8z"/>"#,
            Self::Clock => r#"<circle cx="8" cy="8" r="5.8"/><path d="M8 4.8V8l2.2 1.6"/>"#,
            Self::Download => r#"<path d="M8 2.5v7M5 7l3 3 3-3M3 13h10"/>"#,
            Self::Chat => r#"<path d="M2.5 3h11v8H8l-3 2.5V11H2.5zM5 6h6M5 8.5h4"/>"#,
        }
    }
}

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(r#"<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">"#)?;
        f.write_str(self.paths())?;
        f.write_str("</svg>")
    }
}

impl HtmlSafe for Icon {}
