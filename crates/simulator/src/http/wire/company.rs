use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::http::version::Version;
use crate::story::{Company, escape_html};
use crate::world::View;

#[derive(Debug, Serialize)]
pub(in crate::http) struct CompanyBody {
    r#type: &'static str,
    id: String,
    name: String,
    app_id: &'static str,
    company_id: String,
    plan: Json,
    remote_created_at: i64,
    created_at: i64,
    updated_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_request_at: Option<i64>,
    size: u64,
    website: String,
    industry: &'static str,
    monthly_spend: u64,
    session_count: u64,
    user_count: u64,
    custom_attributes: BTreeMap<&'static str, String>,
    tags: Json,
    segments: Json,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<Json>,
}

impl CompanyBody {
    pub(in crate::http) fn new(view: &View<'_>, company: &Company<'_>, version: Version) -> Self {
        let plan = company
            .plan()
            .map(|(id, name)| json!({ "type": "plan", "id": id, "name": name }));
        let notes = json!({ "type": "note.list", "notes": [] });
        Self {
            r#type: "company",
            id: company.id(),
            name: escape_html(&view.company_name(company)),
            app_id: view.workspace.id,
            company_id: company.external_id(),
            plan: plan.unwrap_or_else(|| json!({})),
            remote_created_at: company.created_at(),
            created_at: company.created_at(),
            updated_at: view.company_updated_at(company),
            last_request_at: company.last_request_at(),
            size: company.size(),
            website: format!("https://www.{}", company.domain()),
            industry: company.industry(),
            monthly_spend: company.monthly_spend(),
            session_count: company.session_count(),
            user_count: view.user_count(*company),
            custom_attributes: BTreeMap::from([("region", "EMEA".to_owned())]),
            tags: json!({ "type": "tag.list", "tags": [] }),
            segments: json!({ "type": "segment.list", "segments": [] }),
            notes: (version >= Version::V2_16).then_some(notes),
        }
    }
}
