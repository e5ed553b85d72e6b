use askama::Template;

/// What went wrong, why, what to do, and what to quote.
#[derive(Debug, Template)]
#[template(path = "pages/error.html")]
pub(crate) struct ErrorPage {
    pub(crate) what: &'static str,
    pub(crate) why: String,
    pub(crate) remedy: &'static str,
    /// A way on: its words and its address.
    pub(crate) way_on: (&'static str, &'static str),
    pub(crate) request_id: String,
}
