//! Row 11.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::verdict::{p99, slowest};
use super::{Scale, Verdict};
use crate::deployment::Deployment;
use crate::ledger::audit;
use crate::traffic::{Pace, Story, Traffic};

const CUT_WITHIN: Duration = Duration::from_secs(10);
/// Nobody waits longer for being cut.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(30);
const UNHARMED_WITHIN: Duration = Duration::from_millis(500);
const BYTE_EVERY: Duration = Duration::from_secs(1);
const CALM: Duration = Duration::from_secs(5);

pub(super) async fn run(deployment: &mut Deployment, scale: Scale) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let workspace = deployment.tenant().open_workspace("row 11").await?;
    let edge = deployment.edge();
    let pace = Pace {
        per_sec: scale.pick(25, 100, 500),
        senders: 32,
    };
    let story = Story::of(&workspace, rand::random());
    let traffic = Traffic::begin(edge, &workspace, story, pace);
    let begun = Instant::now();
    sleep(CALM).await;
    let attacked = Instant::now();
    let attackers = scale.pick(200, 1_000, 5_000);
    let mut running = JoinSet::new();
    for number in 0..attackers {
        // One half never ends its headers, the other its body.
        let head = format!(
            "POST {} HTTP/1.1\r\nhost: harken.example\r\n",
            workspace.path()
        );
        let whole = format!("{head}content-length: 100000\r\nx-hub-signature: sha1=0\r\n\r\n");
        let opening = if number % 2 == 0 { head } else { whole };
        running.spawn(attack(edge, opening));
    }
    let mut cut = Vec::new();
    let mut never = 0;
    while let Some(lasted) = running.join_next().await {
        match lasted? {
            Some(lasted) => cut.push(lasted),
            None => never += 1,
        }
    }
    let over = Instant::now();
    let (ledger, truth) = traffic.end().await?;

    verdict.expect(
        never == 0,
        format!("{} of {attackers} attackers cut", cut.len()),
    );
    let last = cut.into_iter().max().unwrap_or_default();
    verdict.expect_within(last, CUT_WITHIN, "the last after");
    verdict.expect_all_taken(ledger.all_attempts());
    let before = p99(ledger.attempts(begun, attacked));
    let during = || ledger.attempts(attacked, over);
    verdict.expect_within(p99(during()), UNHARMED_WITHIN, "p99 of real traffic during");
    verdict.expect(
        true,
        format!(
            "before {} ms; slowest during {} ms",
            before.as_millis(),
            slowest(during()).as_millis()
        ),
    );
    verdict.expect_sound(&audit(deployment, &workspace, &ledger, &truth).await?);
    Ok(verdict)
}

/// Opens a request and goes on with one byte a second until the connection ends; when it was told so, by an answer or by
/// the end itself.
async fn attack(edge: SocketAddr, opening: String) -> Option<Duration> {
    let Ok(mut stream) = TcpStream::connect(edge).await else {
        return Some(Duration::ZERO);
    };
    let begun = Instant::now();
    if stream.write_all(opening.as_bytes()).await.is_err() {
        return Some(begun.elapsed());
    }
    let mut heard = [0; 1024];
    let mut told = None;
    while begun.elapsed() < GIVEN_UP_AFTER {
        tokio::select! {
            read = stream.read(&mut heard) => {
                let told = *told.get_or_insert_with(|| begun.elapsed());
                if matches!(read, Ok(0) | Err(_)) {
                    return Some(told);
                }
            }
            () = sleep(BYTE_EVERY) => {
                if stream.write_all(b"a").await.is_err() {
                    return Some(told.unwrap_or_else(|| begun.elapsed()));
                }
            }
        }
    }
    None
}
