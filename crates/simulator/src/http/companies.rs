use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::answer::{Answer, ApiError};
use super::caller::Caller;
use super::paging::{COMPANIES, NumberedPage, PageSize, SUB_LISTS};
use super::params::Params;
use super::scroll::ScrollError;
use super::wire::{CompanyBody, ContactBody};
use crate::access::Permission;
use crate::story::{Company, Subject};
use crate::world::View;

/// Paging by number stops here.
const LISTED: u64 = 10_000;
const SCROLL_PAGE: u64 = 100;

/// Companies with users, by when they were last seen.
pub(super) async fn list(caller: Caller, params: Params) -> Answer<Value> {
    caller.needs(Permission::ReadUsersCompanies)?;
    page_of(&caller, &params, "/companies/list")
}

/// The same list, or one company by `company_id` or `name`.
pub(super) async fn find(caller: Caller, params: Params) -> Answer<Value> {
    caller.needs_one_of(&[Permission::ReadUsersCompanies, Permission::ReadSingleUser])?;
    let view = caller.workspace().look();
    let story = view.story();
    let wanted = (params.text("company_id"), params.text("name"));
    let found = match wanted {
        (None, None) => return page_of(&caller, &params, "/companies"),
        (Some(id), _) => story.company_by_external_id(id),
        (None, Some(name)) => (0..story.companies())
            .filter_map(|number| story.company(number))
            .find(|company| company.name() == name),
    };
    let company = found.ok_or_else(unknown)?;
    Ok(Json(json!(CompanyBody::new(
        &view,
        &company,
        caller.version
    ))))
}

fn page_of(caller: &Caller, params: &Params, path: &str) -> Answer<Value> {
    let page = NumberedPage::read(caller, params, COMPANIES)?;
    if page.skip() + page.per_page > LISTED {
        let message = "page limit reached, please use scroll API";
        return Err(ApiError::new(
            StatusCode::BAD_REQUEST,
            "bad_request",
            message,
        ));
    }
    let view = caller.workspace().look();
    let total = view.story().companies_by_request.len();
    let ascending = params.text("order") == Some("asc");
    let places = (page.skip()..total).take(usize::try_from(page.per_page).unwrap_or(0));
    let data: Vec<_> = places
        .map(|place| {
            view.story()
                .company_at(if ascending { place } else { total - 1 - place })
        })
        .map(|company| CompanyBody::new(&view, &company, caller.version))
        .collect();
    let base = format!("https://api.intercom.io{path}");
    let pages = page.pages(&base, total);
    Ok(Json(
        json!({ "type": "list", "data": data, "pages": pages, "total_count": total }),
    ))
}

pub(super) async fn scroll(caller: Caller, params: Params) -> Answer<Value> {
    caller.needs(Permission::ReadUsersCompanies)?;
    let view = caller.workspace().look();
    let app = (caller.app_name.clone(), caller.workspace().key);
    let fresh = caller.app.request_id();
    let now = caller.app.now_secs();
    let turned = caller.app.scrolls.turn(
        app.clone(),
        params.text("scroll_param"),
        fresh,
        SCROLL_PAGE,
        now,
    );
    let (first, param) = turned.map_err(|error| match error {
        ScrollError::Exists => ApiError::new(
            StatusCode::BAD_REQUEST,
            "scroll_exists",
            "scroll already exists for this workspace",
        ),
        ScrollError::Unknown => ApiError::not_found("scroll parameter not found"),
    })?;
    let last = (first + SCROLL_PAGE).min(view.story().companies());
    let companies = (first..last).filter_map(|number| view.story().company(number));
    let data: Vec<_> = companies
        .map(|company| CompanyBody::new(&view, &company, caller.version))
        .collect();
    let mut body = json!({ "type": "list", "data": data, "pages": null, "total_count": null });
    if data.is_empty() {
        // The official clients go on as long as they are given a parameter.
        caller.app.scrolls.end(&app);
    } else {
        body["scroll_param"] = json!(param);
    }
    Ok(Json(body))
}

pub(super) async fn retrieve(caller: Caller, Path(id): Path<String>) -> Answer<CompanyBody> {
    caller.needs_one_of(&[Permission::ReadSingleUser, Permission::ReadUsersCompanies])?;
    let view = caller.workspace().look();
    let company = find_company(&view, &id)?;
    Ok(Json(CompanyBody::new(&view, &company, caller.version)))
}

pub(super) async fn contacts(
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Answer<Value> {
    caller.needs(Permission::ReadUsersCompanies)?;
    let size = PageSize {
        default: 50,
        ..SUB_LISTS
    };
    let page = NumberedPage::read(&caller, &params, size)?;
    let view = caller.workspace().look();
    let company = find_company(&view, &id)?;
    let people = view.people_of(company);
    let skip = usize::try_from(page.skip()).unwrap_or(usize::MAX);
    let data: Vec<_> = people
        .iter()
        .skip(skip)
        .take(usize::try_from(page.per_page).unwrap_or(0))
        .map(|contact| ContactBody::new(contact, view.workspace.id, caller.version, false))
        .collect();
    let base = format!("https://api.intercom.io/companies/{id}/contacts");
    let pages = page.pages(&base, people.len() as u64);
    Ok(Json(
        json!({ "type": "list", "data": data, "total_count": people.len(), "pages": pages }),
    ))
}

pub(super) async fn segments(caller: Caller, Path(id): Path<String>) -> Answer<Value> {
    caller.needs(Permission::ReadUsersCompanies)?;
    find_company(&caller.workspace().look(), &id)?;
    Ok(Json(json!({ "type": "list", "data": [] })))
}

fn find_company<'a>(view: &'a View<'_>, id: &str) -> Result<Company<'a>, ApiError> {
    match view.story().ids.read_subject(id) {
        Some(Subject::Company(number)) => view.story().company(number).ok_or_else(unknown),
        _ => Err(unknown()),
    }
}

fn unknown() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        "company_not_found",
        "Company Not Found",
    )
}
