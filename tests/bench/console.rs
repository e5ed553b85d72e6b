use anyhow::{Context as _, Result, ensure};
use reqwest::header::{ACCEPT_ENCODING, COOKIE, ORIGIN, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};

use crate::house::House;

/// The console, signed in.
pub(crate) struct Console {
    client: Client,
    address: String,
    cookie: String,
}

impl Console {
    /// Uses the house's sign-in link up.
    pub(crate) async fn of(house: &House) -> Result<Self> {
        let client = Client::builder().redirect(Policy::none()).build()?;
        let address = house.ready().console.clone();
        let request = client.post(&house.ready().sign_in).header(ORIGIN, &address);
        let answer = request.send().await?;
        ensure!(
            answer.status() == StatusCode::SEE_OTHER,
            "the sign-in link answers {}",
            answer.status()
        );
        let cookies = answer.headers().get_all(SET_COOKIE).iter();
        let pairs = cookies.filter_map(|cookie| cookie.to_str().ok()?.split(';').next());
        let cookie = pairs.collect::<Vec<_>>().join("; ");
        ensure!(!cookie.is_empty(), "signing in gave no session");
        Ok(Self {
            client,
            address,
            cookie,
        })
    }

    /// Bytes of a page as they are sent, with these encodings accepted.
    pub(crate) async fn bytes(&self, path: &str, encodings: &'static str) -> Result<usize> {
        let request = self
            .client
            .get(format!("{}{path}", self.address))
            .header(COOKIE, &self.cookie);
        let answer = request.header(ACCEPT_ENCODING, encodings).send().await?;
        ensure!(
            answer.status() == StatusCode::OK,
            "{path} answers {}",
            answer.status()
        );
        Ok(answer
            .bytes()
            .await
            .with_context(|| format!("{path} broke off"))?
            .len())
    }
}
