//! The samples of Intercom's notifications, each with the effect it has. They lie beside the repository or where
//! `HARKEN_REFERENCE_DIR` says.

mod mirror;
mod table;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
};

use harken_contracts::{
    subjects,
    wire::events::v1::{RecordCause, RecordChanged},
};
use harken_domain::{Clock, ConnectionId};
use harken_testkit::eventually;
use serde_json::Value;

use self::table::Row;
use super::notifications::Told;
use crate::harness::{House, story};

/// Every sample by the name of its file; none if there are none.
#[expect(clippy::print_stderr, reason = "a test that skips says so")]
pub(super) fn samples() -> Option<BTreeMap<String, Told>> {
    let given = std::env::var_os("HARKEN_REFERENCE_DIR").map(PathBuf::from);
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared");
    let folder = given
        .unwrap_or_else(beside)
        .join("intercom/webhook-samples");
    let mut samples = BTreeMap::new();
    let Ok(entries) = std::fs::read_dir(folder) else {
        eprintln!("skipped: no samples of notifications (set HARKEN_REFERENCE_DIR)");
        return None;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|kind| kind != "json") {
            continue;
        }
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let body = std::fs::read(&path).unwrap();
        let json: Value = serde_json::from_slice(&body).unwrap();
        let told = Told {
            id: name.clone(),
            topic: json["topic"].as_str().unwrap_or_default().to_owned(),
            body,
            ids_only: false,
            veiled: false,
        };
        samples.insert(name, told);
    }
    Some(samples)
}

/// A sample on a connection of its own.
struct Stage {
    connection: ConnectionId,
    row: &'static Row,
    sample: String,
    before: BTreeSet<String>,
}

/// What one sample did: its outcome, why records changed, and which lines of the mirror went and came.
#[derive(Debug, PartialEq, Eq)]
struct Effect {
    outcome: i16,
    causes: Vec<RecordCause>,
    lines: Vec<String>,
}

#[test]
fn every_sample_has_one_row_and_every_row_its_samples() {
    let Some(samples) = samples() else { return };
    let named: Vec<String> = table::rows().flat_map(Row::files).collect();
    let once: BTreeSet<&String> = named.iter().collect();
    assert_eq!(once.len(), named.len(), "a sample has two rows");
    assert_eq!(once, samples.keys().collect());
    assert_eq!(once.len(), 74);
}

#[tokio::test]
async fn every_sample_has_the_effect_of_its_row_in_both_its_forms() {
    let Some(samples) = samples() else { return };
    let house = House::open(story(0, 0)).await;
    // Nothing is fetched: what has to be stays in sight.
    house.vault.away(true);
    let process = house.start().await;
    let mut stages = Vec::new();
    for row in table::rows() {
        for sample in row.files() {
            let connection = ConnectionId::generate(&Clock::system());
            house.open_as(connection, false).await;
            let given: Vec<Told> = row.given().map(|name| samples[&name].clone()).collect();
            house.known(connection).await;
            house.tell_of(connection, &given, "given").await;
            stages.push(Stage {
                connection,
                row,
                sample,
                before: BTreeSet::new(),
            });
        }
    }
    let given: usize = stages.iter().map(|stage| stage.row.given().count()).sum();
    house.taken(given).await;
    for stage in &mut stages {
        stage.before = mirror::lines(&house, stage.connection).await;
    }
    let revision: i64 = sqlx::query_scalar("SELECT last_value FROM sync.revisions")
        .fetch_one(&house.pool)
        .await
        .unwrap();
    for stage in &stages {
        let told = &samples[&stage.sample];
        house
            .tell_of(stage.connection, std::slice::from_ref(told), "")
            .await;
    }
    house.taken(given + stages.len()).await;
    eventually("every sample is traced", async || {
        outcomes(&house).await.len() >= stages.len()
    })
    .await;
    let mut wrong = Vec::new();
    let (outcomes, causes) = (outcomes(&house).await, causes_since(&house, revision).await);
    for stage in &stages {
        let key = (stage.connection, stage.sample.clone());
        let effect = Effect {
            outcome: outcomes[&key],
            causes: causes.get(&stage.connection).cloned().unwrap_or_default(),
            lines: mirror::difference(
                &stage.before,
                &mirror::lines(&house, stage.connection).await,
            ),
        };
        if effect != stage.row.effect() {
            wrong.push(format!("{}: {effect:#?}", stage.sample));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    both_forms_end_in_the_same_rows(&house, &stages).await;
    process.stop().await;
}

/// To the byte, with everything the mirror keeps.
async fn both_forms_end_in_the_same_rows(house: &House, stages: &[Stage]) {
    for pair in stages.windows(2) {
        if std::ptr::eq(pair[0].row, pair[1].row) {
            let new = super::orders::mirror(house, pair[0].connection).await;
            let old = super::orders::mirror(house, pair[1].connection).await;
            assert_eq!(new, old, "{}", pair[1].sample);
        }
    }
}

async fn outcomes(house: &House) -> HashMap<(ConnectionId, String), i16> {
    let rows: Vec<(uuid::Uuid, String, i16)> = sqlx::query_as(
        "SELECT DISTINCT ON (connection_id) connection_id, notification_id, outcome FROM sync.notifications
         ORDER BY connection_id, applied_at DESC",
    )
    .fetch_all(&house.pool)
    .await
    .unwrap();
    rows.into_iter()
        .map(|(connection, id, outcome)| ((ConnectionId::from_uuid(connection), id), outcome))
        .collect()
}

/// Why records changed since a revision, by connection, in order.
async fn causes_since(house: &House, revision: i64) -> HashMap<ConnectionId, Vec<RecordCause>> {
    let mut causes: HashMap<ConnectionId, Vec<(i64, RecordCause)>> = HashMap::new();
    for message in house.told(subjects::all_records()).await {
        let event: RecordChanged = message.decode().unwrap();
        for change in event
            .changes
            .iter()
            .filter(|change| change.revision > revision)
        {
            let told = causes.entry(message.connection).or_default();
            told.push((change.revision, change.cause()));
        }
    }
    let in_order = |mut told: Vec<(i64, RecordCause)>| {
        told.sort_unstable();
        told.into_iter().map(|(_, cause)| cause).collect()
    };
    causes
        .into_iter()
        .map(|(connection, told)| (connection, in_order(told)))
        .collect()
}
