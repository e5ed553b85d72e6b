//! The access-token path as a new user walks it in the console, from the pasted token to the receipts.

use crate::browser::Browser;
use crate::client::Client;
use crate::house::House;
use crate::operating::{REVOKED_TOKEN, TOKEN, TOKEN_WITHOUT_CONVERSATIONS};
use crate::patience::eventually;

const FORM: &str = "/integrations/intercom/token";

#[tokio::test]
async fn a_new_user_walks_the_access_token_path_to_its_end() {
    let mut house = House::open(&["--contacts", "60", "--conversations", "120"]).await;
    let mut browser = Browser::new();
    browser.open(&house.ready().sign_in).await;
    browser.submit("/sign-in/", &[]).await;

    tries_tokens(&mut browser).await;
    let client = Client::of(&house);
    let connection = client.connection().await;
    let (id, name) = (connection.connection_id, connection.workspace_name);
    client.whole_run(&id).await;
    browser.open("/integrations").await;
    says(&browser, &["Connected", "Complete", "Next sync"]);
    looks_around(&mut browser, &id).await;
    pauses_and_resumes(&mut browser, &id).await;

    browser.open(&format!("/integrations/{id}/token")).await;
    let form = [("access_token", TOKEN), ("action", "save")];
    browser
        .submit(&format!("/integrations/{id}/token"), &form)
        .await;
    says(&browser, &["The token is replaced.", "Connected"]);

    ends(&mut browser, &id, &name).await;
    house.stop().await;
}

async fn tries_tokens(browser: &mut Browser) {
    for (token, parts) in [
        (
            REVOKED_TOKEN,
            ["Intercom refused the token", "paste it again"],
        ),
        (
            TOKEN_WITHOUT_CONVERSATIONS,
            ["lacks a permission", "Missing</span>"],
        ),
    ] {
        browser.open(FORM).await;
        let form = [("access_token", token), ("action", "save")];
        browser.submit(FORM, &form).await;
        says(browser, &parts);
        assert!(!browser.page.text.contains(token), "a token is not shown");
    }
    browser.open(FORM).await;
    let form = [("access_token", TOKEN), ("action", "test")];
    browser.submit(FORM, &form).await;
    says(
        browser,
        &["Every needed permission was proved", "GET /contacts"],
    );
    let form = [("access_token", TOKEN), ("action", "save")];
    browser.submit(FORM, &form).await;
    says(browser, &["The first sync has started by itself."]);
}

async fn looks_around(browser: &mut Browser, id: &str) {
    for (page, words) in [
        ("runs", "The workspace was connected"),
        ("completeness", "Parts that Intercom counts"),
        ("drift", "records were compared"),
        ("stored", "Content and people"),
        ("settings", "Minutes between syncs"),
    ] {
        browser.open(&format!("/integrations/{id}/{page}")).await;
        says(browser, &[words]);
        let is_away = browser.page.text.contains("cannot be read right now");
        assert!(!is_away, "{page}: {}", browser.page.text);
    }
}

async fn pauses_and_resumes(browser: &mut Browser, id: &str) {
    browser.open("/integrations").await;
    browser
        .submit(&format!("/integrations/{id}/pause"), &[])
        .await;
    says(browser, &["Syncing is paused.", "Paused</span>"]);
    browser
        .submit(&format!("/integrations/{id}/resume"), &[])
        .await;
    says(browser, &["Syncing goes on from where it stood."]);
}

async fn ends(browser: &mut Browser, id: &str, name: &str) {
    let disconnect = format!("/integrations/{id}/disconnect");
    browser.open(&disconnect).await;
    says(browser, &["stay and are no longer updated"]);
    browser.submit(&disconnect, &[]).await;
    says(
        browser,
        &["Intercom is disconnected.", "Disconnected</span>"],
    );

    let remove = format!("/integrations/{id}/remove-data");
    browser.open(&remove).await;
    browser
        .submit(&remove, &[("workspace_name", "another")])
        .await;
    says(browser, &["That is not the name of the workspace."]);
    browser.submit(&remove, &[("workspace_name", name)]).await;
    let receipts = format!("/integrations/{id}/erasure");
    let page = eventually_erased(browser, &receipts).await;
    for part in ["sync.contacts", "scoring.", "Together"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    browser
        .open(&format!("/api/v1/connections/{id}/erasure?format=csv"))
        .await;
    says(browser, &["service,place,count,erased_at", "sync.contacts"]);
    browser.open("/integrations").await;
    says(browser, &["Purged</span>", "Not connected"]);
}

async fn eventually_erased(browser: &mut Browser, path: &str) -> String {
    let browser = tokio::sync::Mutex::new(browser);
    eventually("everything is erased", || async {
        let mut browser = browser.lock().await;
        let text = browser.open(path).await.text.clone();
        text.contains("Everything is erased").then_some(text)
    })
    .await
}

fn says(browser: &Browser, parts: &[&str]) {
    for part in parts {
        let page = &browser.page;
        assert!(
            page.text.contains(part),
            "{part} on {}:\n{}",
            page.address,
            page.text
        );
    }
}
