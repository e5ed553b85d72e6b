use std::collections::BTreeMap;
use std::net::SocketAddr;

use reqwest::header::{HeaderMap, HeaderValue, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, RequestBuilder, redirect};
use serde_json::Value;

/// A client that keeps cookies and follows nothing by itself.
pub(crate) struct Browser {
    client: Client,
    origin: String,
    cookies: BTreeMap<String, String>,
    key: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Browser {
    pub(crate) fn at(address: SocketAddr) -> Self {
        // The client wants one even where nothing is encrypted.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy();
        Self {
            client: client.build().unwrap(),
            origin: format!("http://{address}"),
            cookies: BTreeMap::new(),
            key: None,
        }
    }

    /// The same, as a program with an API key.
    pub(crate) fn with_key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    pub(crate) fn keep(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.cookies.contains_key(name)
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let request = self.request(Method::GET, path);
        self.send(request).await
    }

    /// Opens a link as a person does.
    pub(crate) async fn navigate(&mut self, path: &str) -> Answer {
        let request = self.request(Method::GET, path);
        let request = request
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document");
        self.send(request).await
    }

    /// Sends a form as it is, whether or not it has a token.
    pub(crate) async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let request = self.request(Method::POST, path).form(form);
        self.send(request).await
    }

    /// Sends a form with the token of a page.
    pub(crate) async fn submit(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let token = self.form_token().await;
        let form: Vec<_> = form
            .iter()
            .copied()
            .chain([("form_token", token.as_str())])
            .collect();
        self.post(path, &form).await
    }

    pub(crate) async fn form_token(&mut self) -> String {
        let page = self.get("/help").await.text;
        let after = page
            .split("name=\"form-token\" content=\"")
            .nth(1)
            .expect("a page with a form token");
        after.split('"').next().unwrap().to_owned()
    }

    pub(crate) async fn post_json(&mut self, path: &str, body: &Value) -> Answer {
        let request = self.request(Method::POST, path).json(body);
        self.send(request).await
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.origin));
        if !self.cookies.is_empty() {
            let pairs: Vec<_> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request = request.header("cookie", pairs.join("; "));
        }
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        request
    }

    pub(crate) async fn send(&mut self, request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        for cookie in headers.get_all(SET_COOKIE) {
            self.take(cookie);
        }
        let text = response.text().await.unwrap();
        Answer {
            status,
            headers,
            text,
        }
    }

    fn take(&mut self, cookie: &HeaderValue) {
        let cookie = cookie.to_str().unwrap();
        let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
        if cookie.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.keep(name, value);
        }
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Where it leads.
    pub(crate) fn location(&self) -> &str {
        self.headers
            .get(LOCATION)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|cause| panic!("{cause} in {}", self.text))
    }
}
