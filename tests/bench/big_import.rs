//! A workspace of 200,000 contacts, or as many as the environment says, read as fast as it comes: memory, rows a second,
//! and how late the scores are.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use sqlx::PgConnection;

use crate::client::Client;
use crate::copy::copy;
use crate::gauge::{Work, peak_memory_mib};
use crate::house::House;
use crate::intercom::Intercom;
use crate::machine::cores;
use crate::measurement::{Goal, Measurement, Unit, grouped};
use crate::report::complain;
use crate::size::size;
use crate::stores::postgres;
use crate::workspace::{import, run_secs};

/// Of all services together, of which sync is one.
const PEAK_MIB: f64 = 300.0;
/// How many times longer than `COPY` the import may take.
const TIMES_COPY: f64 = 4.0;
const POLL: Duration = Duration::from_millis(200);
/// Scores that come later than this do not come.
const LONGEST_LAG: Duration = Duration::from_mins(30);

/// A house with the big workspace mirrored and scored.
pub(crate) struct Big {
    pub(crate) house: House,
    pub(crate) client: Client,
}

pub(crate) async fn measure() -> Result<(Big, Measurement)> {
    let contacts = size("HARKEN_BENCH_CONTACTS", 200_000).to_string();
    let conversations = size("HARKEN_BENCH_CONVERSATIONS", 20_000).to_string();
    complain(&format!(
        "big_import: {contacts} contacts, {conversations} conversations"
    ));
    let flags = [
        "--contacts",
        &contacts,
        "--conversations",
        &conversations,
        "--rate-per-minute",
        "0",
    ];
    let house = House::open(&flags).await;
    let intercom = Intercom::of(&house)?;
    intercom.permit_everything().await?;
    let client = Client::of(&house);
    let mut db = postgres(&house).await?;

    let before = Work::so_far(&house, &mut db).await?;
    let run = import(&client).await?;
    let imported = Work::so_far(&house, &mut db).await?;
    let ended = Instant::now();
    let peak_of_import = peak_memory_mib(&house)?;
    scored(&mut db).await?;
    let lag = ended.elapsed();
    let peak = peak_memory_mib(&house)?;
    let settled = Work::so_far(&house, &mut db).await?;
    let copied = copy(&mut db, house.folder()).await?;

    let rows = copied.rows as f64;
    let (secs, copy_secs) = (run_secs(&run)?, copied.taken.as_secs_f64());
    let (rate, copy_rate) = (rows / secs, rows / copy_secs);
    let mut said = Measurement::default();
    said.hold(
        "peak memory of harken",
        (peak, Goal::AtMost(PEAK_MIB)),
        Unit::Mebibytes,
        format!("{peak_of_import:.0} MiB when the run ended"),
    );
    said.say(
        "rows written",
        rate,
        Unit::PerSec,
        format!(
            "{} contacts, companies, conversations and parts in {secs:.1} s; {} requests",
            grouped(rows),
            grouped(run.requests as f64)
        ),
    );
    let written = format!("in {copy_secs:.1} s, indexes and all");
    said.say("COPY of the same rows", copy_rate, Unit::PerSec, written);
    said.hold(
        "time of the import to that of COPY",
        (copy_rate / rate, Goal::AtMost(TIMES_COPY)),
        Unit::Times,
        "COPY reads a file; the import asks Intercom",
    );
    said.say(
        "harken's CPU for 1,000 rows",
        imported.since(&before, "harken") / rows * 1000.0,
        Unit::Millis,
        "all its services",
    );
    said.say(
        "of the processors' time used meanwhile",
        imported.share_of(cores(), secs, &before),
        Unit::Share,
        format!("the bound; CPU s: {}", imported.shares_since(&before)),
    );
    said.say(
        "all scores there after the run's end",
        lag.as_secs_f64(),
        Unit::Secs,
        format!("CPU s: {}", settled.shares_since(&imported)),
    );
    Ok((Big { house, client }, said))
}

/// Waits until scoring has taken everything in that sync mirrored.
async fn scored(db: &mut PgConnection) -> Result<()> {
    let since = Instant::now();
    loop {
        let (customers, scores, conversations, signals): (i64, i64, i64, i64) = sqlx::query_as(
            "SELECT (SELECT count(*) FROM sync.contacts WHERE is_customer), (SELECT count(*) FROM scoring.scores),
                    (SELECT count(*) FROM sync.conversations), (SELECT count(*) FROM scoring.conversation_signals)",
        )
        .fetch_one(&mut *db)
        .await?;
        if scores >= customers && signals >= conversations {
            return Ok(());
        }
        if since.elapsed() > LONGEST_LAG {
            bail!(
                "{scores} of {customers} customers have a score, {signals} of {conversations} conversations a signal"
            );
        }
        tokio::time::sleep(POLL).await;
    }
}
