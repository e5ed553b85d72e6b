//! A real browser for tests: Debian's Chromium, driven by its own driver.

use std::env;
use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use url::{ParseError, Url};

use crate::patience::within;

/// How long anything may take on a busy machine before it counts as never.
const LONG: Duration = Duration::from_mins(4);

/// One window of it.
#[derive(Debug)]
pub struct Chromium {
    client: Client,
    driver: Child,
    _profile: TempDir,
}

/// How big the window is and what the person prefers.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Whether dark pages are preferred.
    pub is_dark: bool,
}

/// A desk by day.
pub const DESK: Screen = Screen {
    width: 1280,
    height: 900,
    is_dark: false,
};
/// A phone by day.
pub const PHONE: Screen = Screen {
    width: 390,
    height: 844,
    is_dark: false,
};
/// A desk by night.
pub const DESK_AT_NIGHT: Screen = Screen {
    width: 1280,
    height: 900,
    is_dark: true,
};

/// A command of Chromium's own protocol, sent through its driver.
#[derive(Debug)]
struct DevTools {
    command: &'static str,
    params: Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!(
            "session/{}/goog/cdp/execute",
            session.unwrap_or_default()
        ))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        let body = json!({ "cmd": self.command, "params": self.params });
        (http::Method::POST, Some(body.to_string()))
    }
}

impl Chromium {
    /// Starts one with an empty profile.
    pub async fn open() -> Self {
        let port = free_port();
        let profile = tempfile::tempdir().expect("the browser answers");
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver is on PATH: install Debian's chromium-driver");
        let mut capabilities = Capabilities::new();
        let flags = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            &format!("--user-data-dir={}", profile.path().display()),
        ];
        capabilities.insert("goog:chromeOptions".to_owned(), json!({ "args": flags }));
        let address = format!("http://127.0.0.1:{port}");
        let client = within(LONG, "the browser is there", async || {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder
                .capabilities(capabilities.clone())
                .connect(&address)
                .await
                .ok()
        })
        .await;
        Self {
            client,
            driver,
            _profile: profile,
        }
    }

    /// Opens an address, of this site unless it says otherwise.
    pub async fn go(&self, address: &str) {
        let here = self
            .client
            .current_url()
            .await
            .expect("the browser answers");
        let address = here.join(address).expect("the browser answers");
        self.client
            .goto(address.as_str())
            .await
            .expect("the browser answers");
    }

    /// Presses the first thing that `css` finds.
    pub async fn press(&self, css: &str) {
        self.wait_for(css).await;
        self.client
            .find(Locator::Css(css))
            .await
            .expect("the browser answers")
            .click()
            .await
            .expect("the browser answers");
    }

    /// Waits until `css` finds something.
    pub async fn wait_for(&self, css: &str) {
        let wait = self.client.wait().at_most(LONG);
        wait.for_element(Locator::Css(css))
            .await
            .unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Waits until the page, as a person reads it, says `words`.
    pub async fn wait_for_words(&self, words: &str) {
        within(LONG, &format!("the page says {words:?}"), async || {
            self.text().await.contains(words).then_some(())
        })
        .await;
    }

    /// The page as a person reads it.
    pub async fn text(&self) -> String {
        self.run("return document.body.innerText")
            .await
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Runs a script in the page and answers what it returns.
    pub async fn run(&self, script: &str) -> Value {
        self.client
            .execute(script, vec![])
            .await
            .unwrap_or_default()
    }

    /// Types keys as a person without a mouse does.
    pub async fn type_keys(&self, keys: &str) {
        self.client
            .active_element()
            .await
            .expect("the browser answers")
            .send_keys(keys)
            .await
            .expect("the browser answers");
    }

    /// Where the browser is.
    pub async fn path(&self) -> String {
        self.client
            .current_url()
            .await
            .expect("the browser answers")
            .path()
            .to_owned()
    }

    /// Takes another window and looks at the page through it.
    pub async fn look_through(&self, screen: Screen) {
        let metrics = json!({
            "width": screen.width, "height": screen.height, "deviceScaleFactor": 1,
            "mobile": screen.width < 600,
        });
        self.tell("Emulation.setDeviceMetricsOverride", metrics)
            .await;
        let scheme = if screen.is_dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.tell("Emulation.setEmulatedMedia", features).await;
    }

    /// How far the page sticks out to the right of the window, in pixels.
    pub async fn overflow(&self) -> i64 {
        let script =
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        self.run(script)
            .await
            .as_i64()
            .expect("the browser answers")
    }

    /// Keeps a picture of the page in the build folder, to be looked at.
    pub async fn picture(&self, name: &str) {
        let folder = pictures();
        fs::create_dir_all(&folder).expect("the browser answers");
        let png = self.client.screenshot().await.expect("the browser answers");
        fs::write(folder.join(format!("{name}.png")), png).expect("the browser answers");
    }

    async fn tell(&self, command: &'static str, params: Value) {
        self.client
            .issue_cmd(DevTools { command, params })
            .await
            .expect("the browser answers");
    }

    /// Keeps a cookie of the site that is shown.
    pub async fn keep_cookie(&self, name: &str, value: &str) {
        let here = self.client.current_url().await;
        let here = here.expect("a page is shown");
        let cookie = json!({ "name": name, "value": value, "url": here.as_str() });
        self.tell("Network.setCookie", cookie).await;
    }

    /// Ends the browser.
    pub async fn close(mut self) {
        self.client.close().await.expect("the browser answers");
        self.driver.kill().await.expect("the browser answers");
    }
}

/// `screenshots/` in the folder that the tests are built into.
fn pictures() -> PathBuf {
    let ours = env::current_exe().expect("the browser answers");
    let target = ours.ancestors().nth(3).expect("the browser answers");
    target.join("screenshots")
}

/// A port that nobody holds right now.
fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("an address").port()
}
