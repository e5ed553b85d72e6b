//! Bodies that are none, by the thousand, always the same ones.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::task::JoinSet;

use crate::client::{Client, request, signature};
use crate::harness::{House, PATH, SECRET, WORKSPACE, notification};

const BODIES: usize = 5200;
const CLIENTS: usize = 8;

/// What is known to break readers.
fn worst() -> Vec<Vec<u8>> {
    let depth = 100_000;
    let right = String::from_utf8(notification(WORKSPACE, "notif_1")).unwrap();
    let with_item = |item: &str| {
        format!(
            r#"{{"app_id":"wsk1","topic":"conversation.read","id":"notif_w","data":{{"item":{item}}}}}"#
        )
    };
    let texts = [
        String::new(),
        "null".to_owned(),
        "0".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        "\"".to_owned(),
        "{".to_owned(),
        "\u{feff}".to_owned() + &right,
        right.clone() + "\0",
        right.clone() + &right,
        right.replace("wsk1", "wsk\\u00001"),
        right.replace("wsk1", "wsk1\\r\\nNats-Msg-Id: x"),
        right.replace("notif_1", "notif\\r\\n1"),
        right.replace("notif_1", &"n".repeat(100_000)),
        right.replace("wsk1", &"w".repeat(100_000)),
        right.replace("1795176000", "1e400"),
        right.replace("1795176000", "-1e308"),
        right.replace("1795176000", &"9".repeat(5000)),
        right.replace("the canary sings", "\\ud800"),
        right.replace("the canary sings", "\\udc00\\ud800"),
        right.replace("the canary sings", "\\u0000"),
        with_item(&"[".repeat(depth)),
        with_item(&"{\"a\":".repeat(depth)),
        with_item(&format!("{}{}", "[".repeat(depth), "]".repeat(depth))),
        with_item(&format!(
            "{}1{}",
            "{\"conversation\":".repeat(50_000),
            "}".repeat(50_000)
        )),
        with_item(r#"{"id":"7","id":"8","id":{"id":"9"}}"#),
        with_item(&format!(
            "{{{}}}",
            r#""id":"7","#.repeat(90_000).trim_end_matches(',')
        )),
        with_item(&format!(
            r#"{{"contacts":[{}]}}"#,
            r#"{"id":1},"#.repeat(100_000).trim_end_matches(',')
        )),
    ];
    let mut bodies: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    bodies.push(b"\xff\xfe{\x00}\x00".to_vec());
    bodies.push([right.as_bytes(), b"\xc3"].concat());
    bodies.push(
        right
            .replace("canary", "\u{1f426}")
            .into_bytes()
            .into_iter()
            .filter(|byte| *byte != 0x9f)
            .collect(),
    );
    bodies.push(vec![0; 1 << 20]);
    bodies.push(vec![b'['; 1 << 20]);
    bodies.push(vec![b'['; (1 << 20) - 1]);
    bodies.push(vec![b'"'; (1 << 20) + 1]);
    bodies
}

/// The worst ones, then what becomes of right ones and of noise by chance.
fn corpus() -> Vec<Vec<u8>> {
    let mut chance = StdRng::seed_from_u64(20_261_121);
    let mut bodies = worst();
    let pieces: &[&[u8]] = &[
        b"{", b"}", b"[", b"]", b"\"", b"\\u", b"null", b"1e400", b"\0", b"\xff", b",", b":", b"\\",
    ];
    while bodies.len() < BODIES {
        let mut body = notification(WORKSPACE, &format!("notif_{}", bodies.len()));
        for _ in 0..chance.random_range(1..6) {
            let at = chance.random_range(0..body.len().max(1)).min(body.len());
            match chance.random_range(0..5) {
                0 => body.truncate(at),
                1 if at < body.len() => body[at] = chance.random(),
                2 if at < body.len() => {
                    body.remove(at);
                }
                3 => {
                    let again = body[at..].to_vec();
                    body.extend_from_slice(&again[..again.len().min(200)]);
                }
                _ => {
                    let piece = pieces[chance.random_range(0..pieces.len())];
                    body.splice(at..at, piece.iter().copied());
                }
            }
        }
        bodies.push(body);
    }
    bodies
}

/// Most memory this process has had, in KiB.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_malformed_bodies_are_refused_or_kept_and_nothing_breaks() {
    let house = House::open().await;
    house.post(&notification(WORKSPACE, "notif_first")).await;
    let before = peak_kib();
    let bodies = std::sync::Arc::new(corpus());
    let mut clients = JoinSet::new();
    for first in 0..CLIENTS {
        let (bodies, address) = (bodies.clone(), house.address);
        clients.spawn(async move {
            let mut client = Client::connect(address).await;
            let mut kept = 0;
            for (number, body) in bodies.iter().enumerate().skip(first).step_by(CLIENTS) {
                // One in five is signed by nobody.
                let secret = if number % 5 == 4 { "nobody" } else { SECRET };
                let signature = signature(secret, body);
                let bytes = request("POST", PATH, &[("X-Hub-Signature", &signature)], body);
                client.send(&bytes).await;
                let reply = client.reply().await;
                let status = reply.as_ref().map_or(413, |reply| reply.status);
                let allowed: &[u16] = match (secret, body.len() > 1 << 20) {
                    (_, true) => &[413],
                    (SECRET, _) => &[200, 400],
                    _ => &[401],
                };
                assert!(allowed.contains(&status), "{number}: {status}");
                kept += u32::from(status == 200);
                if status == 413 {
                    client = Client::connect(address).await;
                }
            }
            kept
        });
    }
    let mut kept = 0;
    while let Some(done) = clients.join_next().await {
        kept += done.unwrap();
    }
    assert!(kept > 0 && (kept as usize) < BODIES / 2, "{kept} were kept");
    assert_eq!(
        house
            .post(&notification(WORKSPACE, "notif_last"))
            .await
            .stored(),
        Some("stream")
    );
    // The corpus itself, copies under way, and no more.
    let grown = peak_kib().saturating_sub(before);
    assert!(grown < 300 << 10, "{grown} KiB more");
    house.close().await;
}
