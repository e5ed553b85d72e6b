//! The list of customers, 200,000 long, as the console shows it, beside the call to scoring that it rests on.

use anyhow::Result;
use harken_contracts::wire::scoring::v1::{LevelFilter, ListScoresRequest, ScoreSort};

use crate::Measured;
use crate::big_import::Big;
use crate::console::Console;
use crate::measurement::{Measurement, Unit};
use crate::report::complain;
use crate::timing::Timing;

const TIMES: usize = 60;
const GZIP: &str = "gzip";
const PLAIN: &str = "identity";

/// A way to look at the list.
struct Look {
    words: &'static str,
    path: &'static str,
    levels: &'static [LevelFilter],
    query: &'static str,
    sort: ScoreSort,
}

const LOOKS: [Look; 4] = [
    Look {
        words: "first page",
        path: "/customers",
        levels: &[],
        query: "",
        sort: ScoreSort::PointsAscending,
    },
    Look {
        words: "critical only",
        path: "/customers?level=critical",
        levels: &[LevelFilter::Critical],
        query: "",
        sort: ScoreSort::PointsAscending,
    },
    Look {
        words: "by name",
        path: "/customers?sort=name",
        levels: &[],
        query: "",
        sort: ScoreSort::Name,
    },
    Look {
        words: "search",
        path: "/customers?q=anders",
        levels: &[],
        query: "anders",
        sort: ScoreSort::PointsAscending,
    },
];

pub(crate) async fn measure(big: &Big) -> Measured {
    complain("console_list: a list of 200,000 customers");
    let console = Console::of(&big.house).await?;
    let mut said = Measurement::default();
    for look in &LOOKS {
        said.append(look.words, look.measure(big, &console).await?);
    }
    let kilobytes = |bytes: usize| bytes as f64 / 1000.0;
    let raw = kilobytes(console.bytes(LOOKS[0].path, PLAIN).await?);
    let zipped = kilobytes(console.bytes(LOOKS[0].path, GZIP).await?);
    said.say(
        "first page: size, zipped",
        zipped,
        Unit::Kilobytes,
        format!("{raw:.1} kB as it is"),
    );
    Ok(said)
}

impl Look {
    async fn measure(&self, big: &Big, console: &Console) -> Measured {
        let page = Timing::of(TIMES, || async {
            console.bytes(self.path, GZIP).await.map(drop)
        })
        .await?;
        let call = Timing::of(TIMES, || self.list_scores(big)).await?;
        let mut said = Measurement::default();
        let spread = format!("median; 95 % within {:.1} ms", page.p95_ms());
        said.say("GET", page.median_ms(), Unit::Millis, spread);
        let beside = format!(
            "ListScores over gRPC: {:.2} ms, 95 % within {:.1} ms",
            call.median_ms(),
            call.p95_ms()
        );
        said.say(
            "GET to its call of scoring",
            page.median_ms() / call.median_ms(),
            Unit::Times,
            beside,
        );
        Ok(said)
    }

    async fn list_scores(&self, big: &Big) -> Result<()> {
        let request = ListScoresRequest {
            levels: self.levels.iter().map(|level| i32::from(*level)).collect(),
            query: self.query.to_owned(),
            sort: self.sort.into(),
            ..ListScoresRequest::default()
        };
        big.client.scoring().list_scores(request).await?;
        Ok(())
    }
}
