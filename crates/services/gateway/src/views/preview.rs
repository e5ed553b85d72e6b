//! Writes the pages with sample content to `target/console-preview/`, to look at them in a browser.

use std::fs;
use std::path::PathBuf;

use askama::Template;

use super::sample;
use crate::app::Disposal;
use crate::assets;

#[test]
fn every_page_renders_with_sample_content() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../target/console-preview");
    fs::create_dir_all(folder.join("assets")).unwrap();
    for asset in assets::all() {
        fs::write(folder.join(&asset.path[1..]), asset.content).unwrap();
    }
    for (name, page) in pages() {
        assert!(page.starts_with("<!doctype html>"), "{name}");
        assert!(page.len() < 100_000, "{name} has {} bytes", page.len());
        assert!(!page.contains(" style="), "{name} has an inline style");
        assert!(!page.contains("<script>"), "{name} has an inline script");
        let page = page.replace("\"/assets/", "\"assets/");
        fs::write(folder.join(format!("{name}.html")), page).unwrap();
    }
}

#[test]
fn names_from_outside_are_escaped_wherever_they_stand() {
    for (name, page) in pages() {
        assert!(!page.contains("<script>alert"), "{name}");
        assert!(!page.contains("<b>bold"), "{name}");
    }
    let customers = sample::customers().render().unwrap();
    assert!(
        customers.contains("Miles O&#39;Brien"),
        "an apostrophe is escaped, once"
    );
    assert!(customers.contains("&#60;script&#62;alert(1)&#60;/script&#62;"));
}

fn pages() -> Vec<(&'static str, String)> {
    let mut pages = of_customers();
    pages.extend(of_connections());
    pages
}

fn of_connections() -> Vec<(&'static str, String)> {
    vec![
        (
            "integrations-states",
            sample::integrations_states().render().unwrap(),
        ),
        ("connect", sample::connect().render().unwrap()),
        ("completeness", sample::completeness().render().unwrap()),
        (
            "completeness-whole",
            sample::completeness_whole().render().unwrap(),
        ),
        (
            "completeness-away",
            sample::completeness_away().render().unwrap(),
        ),
        ("drift", sample::drift().render().unwrap()),
        ("drift-high", sample::drift_high().render().unwrap()),
        ("drift-none", sample::drift_none().render().unwrap()),
        ("stored", sample::stored().render().unwrap()),
        ("stored-empty", sample::stored_empty().render().unwrap()),
        ("sync-settings", sample::sync_settings().render().unwrap()),
        (
            "sync-settings-wrong",
            sample::sync_settings_wrong().render().unwrap(),
        ),
        ("erasure", sample::erasure_going_on().render().unwrap()),
        (
            "erasure-overdue",
            sample::erasure_overdue().render().unwrap(),
        ),
        ("erasure-done", sample::erasure_done().render().unwrap()),
        ("erasure-none", sample::erasure_none().render().unwrap()),
        ("remove-data", sample::remove_data().render().unwrap()),
        (
            "disconnect-purge",
            sample::disconnect_purge().render().unwrap(),
        ),
        ("replace-token", sample::replace_token().render().unwrap()),
        ("runs-empty", sample::runs_empty().render().unwrap()),
        ("run-going-on", sample::run_going_on().render().unwrap()),
    ]
}

fn of_customers() -> Vec<(&'static str, String)> {
    vec![
        ("overview", sample::overview().render().unwrap()),
        ("overview-empty", sample::overview_empty().render().unwrap()),
        ("activity", sample::activity().render().unwrap()),
        ("activity-empty", sample::activity_empty().render().unwrap()),
        ("customers", sample::customers().render().unwrap()),
        (
            "customers-empty",
            sample::customers_empty().render().unwrap(),
        ),
        ("customer", sample::customer().render().unwrap()),
        ("customer-na", sample::customer_na().render().unwrap()),
        ("conversation", sample::conversation().render().unwrap()),
        ("integrations", sample::integrations().render().unwrap()),
        (
            "integrations-broken",
            sample::integrations_broken().render().unwrap(),
        ),
        (
            "integrations-empty",
            sample::integrations_empty().render().unwrap(),
        ),
        ("webhooks", sample::webhooks().render().unwrap()),
        (
            "webhooks-wrong-secret",
            sample::webhooks_wrong_secret().render().unwrap(),
        ),
        ("webhooks-new", sample::webhooks_new().render().unwrap()),
        ("webhooks-away", sample::webhooks_away().render().unwrap()),
        ("dead-letters", sample::dead_letters().render().unwrap()),
        (
            "dead-letters-empty",
            sample::dead_letters_empty().render().unwrap(),
        ),
        (
            "dead-letters-away",
            sample::dead_letters_away().render().unwrap(),
        ),
        ("dead-letter", sample::dead_letter().render().unwrap()),
        (
            "dead-letters-replay",
            sample::dead_letters_confirm(Disposal::Replay)
                .render()
                .unwrap(),
        ),
        (
            "dead-letters-drop",
            sample::dead_letters_confirm(Disposal::Drop)
                .render()
                .unwrap(),
        ),
        ("token", sample::token_form().render().unwrap()),
        ("disconnect", sample::disconnect().render().unwrap()),
        ("runs", sample::runs().render().unwrap()),
        ("run", sample::run().render().unwrap()),
        ("api-keys", sample::api_keys().render().unwrap()),
        ("members", sample::members().render().unwrap()),
        ("help", sample::help().render().unwrap()),
        ("sign-in", sample::sign_in().render().unwrap()),
        ("error", sample::error().render().unwrap()),
    ]
}
