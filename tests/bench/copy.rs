//! The limit of an import: Postgres' own `COPY` of the same rows into the same tables of the same server.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;
use futures::TryStreamExt as _;
use sqlx::{AssertSqlSafe, Executor as _, PgConnection};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufWriter};

/// What an import fills.
const TABLES: [&str; 4] = ["contacts", "companies", "conversations", "parts"];
const BLOCK: usize = 256 * 1024;

/// What `COPY` wrote, and how long that took.
#[derive(Debug, Default)]
pub(crate) struct Copied {
    pub(crate) rows: u64,
    pub(crate) taken: Duration,
}

/// Copies the mirror's rows into empty tables like the mirror's, through files in `folder`.
pub(crate) async fn copy(db: &mut PgConnection, folder: &Path) -> Result<Copied> {
    db.execute("DROP SCHEMA IF EXISTS bench CASCADE; CREATE SCHEMA bench")
        .await?;
    let mut copied = Copied::default();
    for table in TABLES {
        let create = format!("CREATE TABLE bench.{table} (LIKE sync.{table} INCLUDING ALL)");
        db.execute(AssertSqlSafe(create)).await?;
        let file = out(db, table, folder).await?;
        db.execute("CHECKPOINT").await?;
        let begun = Instant::now();
        copied.rows += into(db, table, &file).await?;
        copied.taken += begun.elapsed();
    }
    db.execute("DROP SCHEMA bench CASCADE").await?;
    Ok(copied)
}

async fn out(db: &mut PgConnection, table: &str, folder: &Path) -> Result<PathBuf> {
    let path = folder.join(format!("{table}.copy"));
    let mut file = BufWriter::new(File::create(&path).await?);
    let mut rows = db
        .copy_out_raw(&format!("COPY sync.{table} TO STDOUT"))
        .await?;
    while let Some(block) = rows.try_next().await? {
        file.write_all(&block).await?;
    }
    file.flush().await?;
    Ok(path)
}

async fn into(db: &mut PgConnection, table: &str, file: &Path) -> Result<u64> {
    let mut file = File::open(file).await?;
    let mut copy = db
        .copy_in_raw(&format!("COPY bench.{table} FROM STDIN"))
        .await?;
    let mut block = vec![0; BLOCK];
    loop {
        let read = file.read(&mut block).await?;
        if read == 0 {
            return Ok(copy.finish().await?);
        }
        copy.send(&block[..read]).await?;
    }
}
