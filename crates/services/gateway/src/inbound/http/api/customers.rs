use axum::Json;
use axum::extract::Path;
use chrono::{DateTime, Utc};
use harken_contracts::wire::directory::v1 as wire;
use harken_contracts::wire::scoring::v1::{LevelFilter, ScoreSort};
use harken_domain::CustomerId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::body::{PageInfo, moment, text};
use super::caller::Caller;
use super::reading::{Asked, id, optional_id, slice};
use super::scores::Score;
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::inbound::http::render::Problem;
use crate::outbound::ScoreList;
use crate::words;

/// A contact with an e-mail address, or a pseudonym.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Customer {
    /// `cus_…`.
    pub(crate) customer_id: String,
    /// `con_…`.
    pub(crate) connection_id: String,
    /// Intercom's contact id.
    pub(crate) external_id: String,
    /// `user` or `lead`.
    pub(crate) contact_role: String,
    /// Absent where not invited.
    pub(crate) email: Option<String>,
    /// Absent where unknown or not invited.
    pub(crate) name: Option<String>,
    pub(crate) first_seen_at: Option<DateTime<Utc>>,
    /// Absent if never seen.
    pub(crate) last_seen_at: Option<DateTime<Utc>>,
    /// Absent if it never replied.
    pub(crate) last_replied_at: Option<DateTime<Utc>>,
    /// Names of its tags.
    pub(crate) tags: Vec<String>,
    /// Custom attributes by name.
    #[schema(value_type = Object)]
    pub(crate) metadata: Value,
    pub(crate) companies: Vec<CompanyRef>,
    /// When the mirror last changed it.
    pub(crate) mirrored_at: Option<DateTime<Utc>>,
}

/// A company in a few words.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CompanyRef {
    /// Intercom's company id.
    external_id: String,
    name: Option<String>,
    plan: Option<String>,
}

/// Customers with their scores.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Customers {
    customers: Vec<Score>,
    page: PageInfo,
}

/// Which customers.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListAsked {
    /// Only of this connection, `con_…`.
    connection_id: Option<String>,
    /// Only these levels, separated by commas: `healthy`, `at_risk`, `critical`, `na`.
    level: Option<String>,
    /// Only names and addresses that contain this, any case.
    query: Option<String>,
    /// `points` (lowest first), `-points`, `name` or `last_seen`.
    sort: Option<String>,
    /// Most customers to answer, 1 to 500; 50 if absent.
    page_size: Option<u32>,
    /// `next_page_token` of the previous slice.
    page_token: Option<String>,
}

/// Lists customers with their scores: filtered, searched, sorted.
#[utoipa::path(get, path = "/customers", operation_id = "listCustomers", tag = "customers", params(ListAsked),
    responses((status = 200, description = "Customers with their scores", body = Customers), Problem))]
pub(crate) async fn list(
    caller: Caller,
    Asked(asked): Asked<ListAsked>,
) -> Refused<Json<Customers>> {
    let list = caller.asking().scores(asked.read()?).await?;
    Ok(Json(Customers {
        customers: list.scores.into_iter().map(Score::from).collect(),
        page: list.page.into(),
    }))
}

/// Reads a customer's record.
#[utoipa::path(get, path = "/customers/{customer_id}", operation_id = "getCustomer", tag = "customers",
    params(("customer_id" = String, Path, description = "`cus_…`")),
    responses((status = 200, description = "The customer", body = Customer), Problem))]
pub(crate) async fn get(caller: Caller, Path(customer): Path<String>) -> Refused<Json<Customer>> {
    let customer: CustomerId = id("customer_id", &customer)?;
    Ok(Json(caller.asking().customer(customer).await?.into()))
}

impl ListAsked {
    fn read(self) -> Refused<ScoreList> {
        Ok(ScoreList {
            connection: optional_id("connection_id", self.connection_id.as_deref())?,
            levels: levels(self.level.as_deref().unwrap_or_default())?,
            query: self.query.unwrap_or_default(),
            sort: sort(self.sort.as_deref().unwrap_or_default())?,
            page: slice(self.page_size, self.page_token)?,
        })
    }
}

fn levels(text: &str) -> Refused<Vec<LevelFilter>> {
    let words = text
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty());
    words
        .map(|word| match word {
            "healthy" => Ok(LevelFilter::Healthy),
            "at_risk" => Ok(LevelFilter::AtRisk),
            "critical" => Ok(LevelFilter::Critical),
            "na" => Ok(LevelFilter::NotApplicable),
            _ => Err(Refusal::field(
                "level",
                "is none of healthy, at_risk, critical and na",
            )),
        })
        .collect()
}

fn sort(text: &str) -> Refused<ScoreSort> {
    match text {
        "" | "points" => Ok(ScoreSort::PointsAscending),
        "-points" => Ok(ScoreSort::PointsDescending),
        "name" => Ok(ScoreSort::Name),
        "last_seen" => Ok(ScoreSort::LastSeen),
        _ => Err(Refusal::field(
            "sort",
            "is none of points, -points, name and last_seen",
        )),
    }
}

impl From<wire::Customer> for Customer {
    fn from(wire: wire::Customer) -> Self {
        let companies = wire.companies.into_iter().map(|company| CompanyRef {
            external_id: company.external_id,
            name: text(company.name),
            plan: text(company.plan),
        });
        Self {
            first_seen_at: moment(wire.first_seen_at.as_ref()),
            last_seen_at: moment(wire.last_seen_at.as_ref()),
            last_replied_at: moment(wire.last_replied_at.as_ref()),
            mirrored_at: moment(wire.mirrored_at.as_ref()),
            customer_id: wire.customer_id,
            connection_id: wire.connection_id,
            external_id: wire.external_id,
            contact_role: wire.contact_role,
            email: wire.email,
            name: wire.name,
            tags: wire.tags,
            metadata: words::object(wire.metadata.unwrap_or_default()),
            companies: companies.collect(),
        }
    }
}
