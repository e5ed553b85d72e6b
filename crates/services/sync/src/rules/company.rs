use chrono::{DateTime, Utc};
use harken_intercom::models::Company;

use super::Kept;

/// A company as the mirror keeps it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CompanyRecord {
    pub(crate) external_id: String,
    pub(crate) name: Option<String>,
    pub(crate) plan: Option<String>,
    pub(crate) monthly_spend: Option<f64>,
    pub(crate) size: Option<i64>,
    pub(crate) created_at: Option<DateTime<Utc>>,
    pub(crate) extra: Kept,
}

impl From<Company> for CompanyRecord {
    fn from(company: Company) -> Self {
        let plan = company.plan_name().map(str::to_owned);
        Self {
            extra: Kept::read(company.extra, company.updated_at),
            plan,
            external_id: company.id,
            name: company.name,
            monthly_spend: company.monthly_spend,
            size: company.size,
            created_at: company.created_at,
        }
    }
}

/// Of what readers see.
impl std::hash::Hash for CompanyRecord {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        let Self {
            external_id,
            name,
            plan,
            monthly_spend,
            size,
            created_at,
            extra: _,
        } = self;
        (
            external_id,
            name,
            plan,
            monthly_spend.map(f64::to_bits),
            size,
            created_at,
        )
            .hash(state);
    }
}
