use std::collections::BTreeMap;
use std::sync::Once;

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use url::Url;

/// A person's browser, as far as forms, redirects and cookies go.
pub(crate) struct Browser {
    client: Client,
    /// By host and port, then name.
    cookies: BTreeMap<String, BTreeMap<String, String>>,
    pub(crate) page: Page,
}

/// What the browser shows.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) address: Url,
    pub(crate) status: StatusCode,
    pub(crate) text: String,
}

/// Once per process, before any HTTP client is made.
pub(crate) fn provide_crypto() {
    static CRYPTO: Once = Once::new();
    CRYPTO.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

impl Browser {
    pub(crate) fn new() -> Self {
        provide_crypto();
        Self {
            client: Client::builder().redirect(Policy::none()).build().unwrap(),
            cookies: BTreeMap::new(),
            page: Page {
                address: Url::parse("about:blank").unwrap(),
                status: StatusCode::OK,
                text: String::new(),
            },
        }
    }

    /// Opens an address and follows where it leads.
    pub(crate) async fn open(&mut self, address: &str) -> &Page {
        let address = self
            .page
            .address
            .join(address)
            .unwrap_or_else(|_| Url::parse(address).unwrap());
        let request = self.client.get(address.clone());
        self.follow(address, request).await
    }

    /// Fills in the form of this page that is sent to `action`, hidden fields as they are, and sends it.
    pub(crate) async fn submit(&mut self, action: &str, filled: &[(&str, &str)]) -> &Page {
        let form = self.page.form(action);
        let mut fields: Vec<(String, String)> = form
            .hidden
            .into_iter()
            .filter(|(name, _)| filled.iter().all(|(other, _)| other != name))
            .collect();
        fields.extend(
            filled
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let address = self.page.address.join(&form.action).unwrap();
        let request = self
            .client
            .post(address.clone())
            .header("origin", self.page.address.origin().ascii_serialization())
            .form(&fields);
        self.follow(address, request).await
    }

    async fn follow(&mut self, mut address: Url, mut request: RequestBuilder) -> &Page {
        for _ in 0..10 {
            let answer = self.with_cookies(&address, request).send().await.unwrap();
            self.keep_cookies(&address, &answer);
            let Some(next) = answer
                .headers()
                .get(LOCATION)
                .map(|next| next.to_str().unwrap().to_owned())
            else {
                let status = answer.status();
                self.page = Page {
                    address,
                    status,
                    text: answer.text().await.unwrap(),
                };
                return &self.page;
            };
            address = address.join(&next).unwrap();
            request = self.client.get(address.clone());
        }
        panic!("{address} leads nowhere");
    }

    fn with_cookies(&self, address: &Url, request: RequestBuilder) -> RequestBuilder {
        let kept = self.cookies.get(address.authority()).into_iter().flatten();
        let line: Vec<String> = kept
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if line.is_empty() {
            request
        } else {
            request.header(COOKIE, line.join("; "))
        }
    }

    fn keep_cookies(&mut self, address: &Url, answer: &Response) {
        let kept = self
            .cookies
            .entry(address.authority().to_owned())
            .or_default();
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            kept.insert(name.trim().to_owned(), value.to_owned());
        }
    }
}

#[derive(Debug)]
struct Form {
    action: String,
    hidden: Vec<(String, String)>,
}

impl Page {
    fn form(&self, action: &str) -> Form {
        let forms = self
            .text
            .split("<form")
            .skip(1)
            .map(|rest| rest.split("</form>").next().unwrap());
        let mut found = forms.filter(|form| {
            attribute(form, "action")
                .unwrap_or_default()
                .starts_with(action)
        });
        let form = found.next().unwrap_or_else(|| {
            panic!(
                "no form leads to {action} on {}:\n{}",
                self.address, self.text
            )
        });
        let inputs = form
            .split("<input")
            .skip(1)
            .map(|rest| rest.split('>').next().unwrap());
        let hidden = inputs
            .filter(|input| attribute(input, "type").as_deref() == Some("hidden"))
            .map(|input| {
                (
                    attribute(input, "name").unwrap_or_default(),
                    attribute(input, "value").unwrap_or_default(),
                )
            });
        Form {
            action: attribute(form, "action").unwrap(),
            hidden: hidden.collect(),
        }
    }
}

/// The value of an attribute of the first tag in `text`.
fn attribute(text: &str, name: &str) -> Option<String> {
    let tag = text.split('>').next()?;
    let value = tag
        .split(&format!(" {name}=\""))
        .nth(1)?
        .split('"')
        .next()?;
    Some(
        value
            .replace("&#x2F;", "/")
            .replace("&amp;", "&")
            .replace("&#38;", "&"),
    )
}
