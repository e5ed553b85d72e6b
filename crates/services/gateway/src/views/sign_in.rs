use askama::Template;

/// How to get in.
#[derive(Debug, Template)]
#[template(path = "pages/sign_in.html")]
pub(crate) struct SignInPage {
    /// Why the reader is here although they wanted something else.
    pub(crate) reason: Option<&'static str>,
}

/// The last step of signing in, where a link was opened by something that may not be its reader.
#[derive(Debug, Template)]
#[template(path = "pages/sign_in_confirm.html")]
pub(crate) struct SignInConfirmPage {
    pub(crate) token: String,
}
