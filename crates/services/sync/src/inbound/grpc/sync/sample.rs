use harken_contracts::wire::sync::v1::{GetSampleRequest, Sample, SampleField, SampleRecord};
use harken_domain::ConnectionId;
use tonic::{Request, Status};

use super::known;
use crate::{
    app::Sync,
    inbound::grpc::{fields::reader, status},
    outbound::postgres::sample::{self, Field, Specimen},
};

/// Most characters of a value that are shown.
const MOST_CHARACTERS: usize = 200;

/// What is shown of the stored records.
pub(super) async fn get(sync: &Sync, request: Request<GetSampleRequest>) -> Result<Sample, Status> {
    let organization = reader(&request)?;
    let (mut store, connection) =
        known(sync, organization, &request.get_ref().connection_id).await?;
    let read = sample::read(&mut store, connection).await;
    Ok(shown(connection, read.map_err(status::store)?))
}

fn shown(connection: ConnectionId, specimens: Vec<Specimen>) -> Sample {
    let records = specimens
        .into_iter()
        .map(|Specimen { table, fields }| SampleRecord {
            table: table.to_owned(),
            fields: fields.into_iter().map(field).collect(),
        });
    Sample {
        connection_id: connection.to_string(),
        records: records.collect(),
    }
}

fn field(Field { name, mut value }: Field) -> SampleField {
    if let Some((end, _)) = value.char_indices().nth(MOST_CHARACTERS) {
        value.truncate(end);
    }
    SampleField { name, value }
}
