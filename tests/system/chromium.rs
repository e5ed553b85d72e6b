use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use url::{ParseError, Url};

use crate::patience::{LONG, eventually};
use crate::ports::is_free;

/// A real browser: Debian's Chromium, driven by its own driver.
pub(crate) struct Chromium {
    client: Client,
    driver: Child,
    _profile: TempDir,
}

/// How big the window is and what the person prefers.
#[derive(Clone, Copy)]
pub(crate) struct Screen {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) is_dark: bool,
}

pub(crate) const DESK: Screen = Screen {
    width: 1280,
    height: 900,
    is_dark: false,
};
pub(crate) const PHONE: Screen = Screen {
    width: 390,
    height: 844,
    is_dark: false,
};
pub(crate) const DESK_AT_NIGHT: Screen = Screen {
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
    pub(crate) async fn open() -> Self {
        let port = free_port();
        let profile = tempfile::tempdir().unwrap();
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
        let client = eventually("the browser is there", || async {
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

    pub(crate) async fn go(&self, address: &str) {
        let here = self.client.current_url().await.unwrap();
        let address = here.join(address).unwrap();
        self.client.goto(address.as_str()).await.unwrap();
    }

    /// Presses the first thing that `css` finds.
    pub(crate) async fn press(&self, css: &str) {
        self.wait_for(css).await;
        self.client
            .find(Locator::Css(css))
            .await
            .unwrap()
            .click()
            .await
            .unwrap();
    }

    pub(crate) async fn wait_for(&self, css: &str) {
        let wait = self.client.wait().at_most(LONG);
        wait.for_element(Locator::Css(css))
            .await
            .unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Waits until the page, as a person reads it, says `words`.
    pub(crate) async fn wait_for_words(&self, words: &str) {
        eventually(&format!("the page says {words:?}"), || async {
            self.text().await.contains(words).then_some(())
        })
        .await;
    }

    pub(crate) async fn text(&self) -> String {
        self.run("return document.body.innerText")
            .await
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    pub(crate) async fn run(&self, script: &str) -> Value {
        self.client
            .execute(script, vec![])
            .await
            .unwrap_or_default()
    }

    /// Types keys as a person without a mouse does.
    pub(crate) async fn type_keys(&self, keys: &str) {
        self.client
            .active_element()
            .await
            .unwrap()
            .send_keys(keys)
            .await
            .unwrap();
    }

    pub(crate) async fn path(&self) -> String {
        self.client.current_url().await.unwrap().path().to_owned()
    }

    /// Takes another window and looks at the page through it.
    pub(crate) async fn look_through(&self, screen: Screen) {
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
    pub(crate) async fn overflow(&self) -> i64 {
        let script =
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        self.run(script).await.as_i64().unwrap()
    }

    /// Keeps a picture of the page in the build folder, to be looked at.
    pub(crate) async fn picture(&self, name: &str) {
        let folder = pictures();
        fs::create_dir_all(&folder).unwrap();
        let png = self.client.screenshot().await.unwrap();
        fs::write(folder.join(format!("{name}.png")), png).unwrap();
    }

    async fn tell(&self, command: &'static str, params: Value) {
        self.client
            .issue_cmd(DevTools { command, params })
            .await
            .unwrap();
    }

    pub(crate) async fn close(mut self) {
        self.client.close().await.unwrap();
        self.driver.kill().await.unwrap();
    }
}

/// `screenshots/` in the folder that the tests are built into.
fn pictures() -> PathBuf {
    let ours = env::current_exe().unwrap();
    let target = ours.ancestors().nth(3).unwrap();
    target.join("screenshots")
}

fn free_port() -> u16 {
    (9_500..9_900).find(|port| is_free(*port)).unwrap()
}
