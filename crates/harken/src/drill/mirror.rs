//! Holds the whole mirror of a drill's connection against the reference.

use harken_contracts::wire::directory::v1::{ExportBatch, ExportKind, ExportRequest};
use tonic::Status;

use super::comparison::{Comparison, Differences};
use super::ledger::ByCustomer;
use super::patient::Patient;
use super::story::World;
use crate::failure::Failure;
use crate::output::{Pulse, count};

/// Reads every record of the connection and compares it with what has to be there.
pub(super) async fn compare(
    patient: &Patient,
    connection_id: &str,
    world: World,
    told: &ByCustomer<'_>,
    pulse: &Pulse,
) -> Result<Differences, Failure> {
    let mut comparison = Comparison::new(world, told);
    for kind in [
        ExportKind::Contacts,
        ExportKind::Conversations,
        ExportKind::Parts,
    ] {
        let request = ExportRequest {
            connection_id: connection_id.to_owned(),
            kind: kind.into(),
        };
        let ask = async || {
            let mut directory = patient.harken.directory();
            directory.export(request.clone()).await
        };
        let mut batches = patient.ask(ask).await?;
        let mut rows = 0;
        while let Some(batch) = next(&mut batches)
            .await
            .map_err(|status| patient.harken.refused(&status))?
        {
            rows += comparison.take(batch);
            pulse.say(&format!("comparing: {} rows read", count(rows)));
        }
    }
    Ok(comparison.end())
}

async fn next(batches: &mut tonic::Streaming<ExportBatch>) -> Result<Option<ExportBatch>, Status> {
    batches.message().await
}
