use std::collections::HashMap;

use harken_domain::OrganizationId;
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{connections::Entered, error::StoreError};
use crate::rules::{Configuration, ConfigurationDraft, Factor, Knot, PerFactor};

const TABLE: &str = "scoring.configurations";

/// The configurations of some organizations.
#[derive(Debug)]
pub(crate) struct Configurations {
    standard: Configuration,
    own: HashMap<OrganizationId, Configuration>,
}

impl Configurations {
    /// The organization's own, or the product's.
    pub(crate) fn of(&self, organization: OrganizationId) -> &Configuration {
        self.own.get(&organization).unwrap_or(&self.standard)
    }
}

struct Row {
    organization_id: Uuid,
    version: i32,
    weights: Json<PerFactor<f64>>,
    yellow_threshold: i16,
    green_threshold: i16,
    curves: Json<HashMap<Factor, Vec<Knot>>>,
}

impl TryFrom<Row> for Configuration {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let number = |number: i32, column| {
            u32::try_from(number).map_err(|_| StoreError::inconsistent(TABLE, column))
        };
        let draft = ConfigurationDraft {
            version: number(row.version, "version")?,
            weights: row
                .weights
                .iter()
                .map(|(factor, weight)| (factor, *weight))
                .collect(),
            yellow: number(row.yellow_threshold.into(), "yellow_threshold")?,
            green: number(row.green_threshold.into(), "green_threshold")?,
            curves: row.curves.0.into_iter().collect(),
        };
        // The field that is wrong names itself; whole rows are written at once, so the row is named by its weights.
        Self::try_from(draft).map_err(|_| StoreError::inconsistent(TABLE, "weights"))
    }
}

/// The current configuration of an organization.
pub(crate) async fn current(
    db: &mut PgConnection,
    organization: OrganizationId,
) -> Result<Configuration, StoreError> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT organization_id, version, weights AS "weights: Json<PerFactor<f64>>", yellow_threshold,
             green_threshold, curves AS "curves: Json<HashMap<Factor, Vec<Knot>>>"
         FROM scoring.configurations WHERE organization_id = $1 ORDER BY version DESC LIMIT 1"#,
        organization.as_uuid(),
    )
    .fetch_optional(db)
    .await?;
    row.map_or_else(|| Ok(Configuration::standard()), Configuration::try_from)
}

/// The current configurations of the organizations behind these connections.
pub(crate) async fn of_entered(
    db: &mut PgConnection,
    entered: &[Entered],
) -> Result<Configurations, StoreError> {
    let configured: Vec<Uuid> = entered
        .iter()
        .filter(|it| it.is_configured)
        .map(|it| it.connection.as_uuid())
        .collect();
    let rows = if configured.is_empty() {
        Vec::new()
    } else {
        sqlx::query_as!(
            Row,
            r#"SELECT DISTINCT ON (organization_id) organization_id, version,
                 weights AS "weights: Json<PerFactor<f64>>", yellow_threshold, green_threshold,
                 curves AS "curves: Json<HashMap<Factor, Vec<Knot>>>"
             FROM scoring.configurations
             WHERE organization_id IN (
                 SELECT organization_id FROM scoring.connections WHERE connection_id = ANY ($1))
             ORDER BY organization_id, version DESC"#,
            &configured,
        )
        .fetch_all(db)
        .await?
    };
    let own = rows.into_iter().map(|row| {
        let organization = OrganizationId::from_uuid(row.organization_id);
        Ok((organization, Configuration::try_from(row)?))
    });
    Ok(Configurations {
        standard: Configuration::standard(),
        own: own.collect::<Result<_, StoreError>>()?,
    })
}
