//! Exports of any size: how far they run ahead of who reads them, and how they end where they cannot go on.

use std::time::Duration;

use reqwest::{Method, Response};

use crate::fakes::Fakes;
use crate::house::House;

/// Far more than any buffer holds: 5 million rows, a gigabyte.
const BATCHES: u64 = 10_000;
/// What sockets and windows between the mirror and a reader may hold: some 30 MB.
const AHEAD: u64 = 300;
/// How often nothing more must have been taken before it counts as standing still.
const STILL: u32 = 30;

async fn export(house: &House, format: &str) -> reqwest::Result<Response> {
    let browser = house.browser().with_key("hk_viewer");
    let path = format!("/api/v1/export/contacts?format={format}");
    browser.request(Method::GET, &path).send().await
}

/// Waits until no more is taken, and answers how much was.
async fn standing_still(fakes: &Fakes) -> u64 {
    let (mut taken, mut still) = (0, 0);
    while still < STILL {
        tokio::time::sleep(Duration::from_millis(10)).await;
        let now = fakes.held().export.taken;
        still = if now == taken { still + 1 } else { 0 };
        taken = now;
    }
    taken
}

#[tokio::test]
async fn an_export_waits_for_its_reader_however_many_rows_there_are() {
    let house = House::open().await;
    house.fakes.held().export.batches = Some(BATCHES);
    for format in ["jsonl", "csv"] {
        house.fakes.held().export.taken = 0;
        let mut response = export(&house, format).await.unwrap();
        assert_eq!(response.status(), 200);
        response.chunk().await.unwrap().expect("a first row");
        let ahead = standing_still(&house.fakes).await;
        println!("{format}: {ahead} of {BATCHES} batches taken for a reader of one chunk");
        assert!((1..AHEAD).contains(&ahead), "{ahead}");

        let mut bytes = 0;
        while bytes < 64 * 1024 * 1024 {
            bytes += response.chunk().await.unwrap().expect("more rows").len();
        }
        let further = standing_still(&house.fakes).await;
        println!("{format}: {further} batches taken once {bytes} bytes are read");
        assert!(further > ahead, "it goes on with its reader");
        assert!(further < BATCHES / 2, "{further}");
    }
}

#[tokio::test]
async fn an_export_that_cannot_go_on_never_looks_whole() {
    let house = House::open().await;
    for breaks in [false, true] {
        house.fakes.held().export.breaks = breaks;
        for format in ["jsonl", "csv"] {
            // What little came may be lost with the line, the answer's head too.
            let whole = match export(&house, format).await {
                Ok(response) => response.bytes().await.is_ok(),
                Err(_) => false,
            };
            assert_eq!(whole, !breaks, "{format}");
        }
    }
}
