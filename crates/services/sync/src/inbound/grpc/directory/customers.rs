use std::collections::HashMap;

use harken_contracts::{
    convert::timestamp,
    wire::directory::v1::{CompanyRef, Customer},
};
use harken_domain::{ConnectionId, CustomerId};
use sqlx::PgConnection;
use tonic::Status;
use uuid::Uuid;

use crate::{
    inbound::grpc::status,
    metadata,
    outbound::postgres::directory::{
        companies::{self, BriefRow},
        customers::ContactRow,
    },
};

/// Customers with their companies in a few words.
pub(super) async fn with_companies(
    store: &mut PgConnection,
    rows: Vec<ContactRow>,
) -> Result<Vec<Customer>, Status> {
    let pairs = || {
        rows.iter().flat_map(|row| {
            row.company_external_ids
                .iter()
                .map(|company| (row.connection_id, company.as_str()))
        })
    };
    let (connections, external_ids): (Vec<Uuid>, Vec<&str>) = pairs().unzip();
    let found = if connections.is_empty() {
        Vec::new()
    } else {
        companies::find(store, &connections, &external_ids)
            .await
            .map_err(status::store)?
    };
    let known: HashMap<(Uuid, String), BriefRow> = found
        .into_iter()
        .map(|row| ((row.connection_id, row.external_id.clone()), row))
        .collect();
    Ok(rows.into_iter().map(|row| customer(row, &known)).collect())
}

fn customer(row: ContactRow, companies: &HashMap<(Uuid, String), BriefRow>) -> Customer {
    let company = |external_id: String| {
        let key = (row.connection_id, external_id);
        let known = companies.get(&key);
        CompanyRef {
            name: known
                .and_then(|company| company.name.clone())
                .unwrap_or_default(),
            plan: known
                .and_then(|company| company.plan.clone())
                .unwrap_or_default(),
            external_id: key.1,
        }
    };
    Customer {
        customer_id: CustomerId::from_uuid(row.customer_id).to_string(),
        connection_id: ConnectionId::from_uuid(row.connection_id).to_string(),
        external_id: row.external_id,
        contact_role: row.contact_role,
        email: row.email,
        name: row.name,
        first_seen_at: row.first_seen_at.map(timestamp),
        last_seen_at: row.last_seen_at.map(timestamp),
        last_replied_at: row.last_replied_at.map(timestamp),
        tags: row.tags,
        metadata: Some(metadata::to_wire(row.metadata.0)),
        companies: row.company_external_ids.into_iter().map(company).collect(),
        mirrored_at: Some(timestamp(row.mirrored_at)),
    }
}
