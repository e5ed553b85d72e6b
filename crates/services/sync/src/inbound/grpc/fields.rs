//! Fields of requests, read or refused by name.

use std::str::FromStr;

use harken_contracts::wire::types::v1::PageInfo;
use harken_domain::{OrganizationId, Role};
use harken_runtime::{CallContext, paging, status};
use serde::Serialize;
use tonic::{Request, Status};

/// The organization that a request is about, whose caller may at least read.
pub(super) fn reader<T>(request: &Request<T>) -> Result<OrganizationId, Status> {
    caller(request, Role::Viewer)
}

/// The organization that a request is about, whose caller may do what `needed` may.
pub(super) fn caller<T>(request: &Request<T>, needed: Role) -> Result<OrganizationId, Status> {
    let context = CallContext::of(request)?;
    context.require_role(needed)?;
    context.organization()
}

pub(super) fn id<I: FromStr<Err: ToString>>(field: &str, text: &str) -> Result<I, Status> {
    text.parse()
        .map_err(|error: I::Err| status::invalid_argument(field, error.to_string()))
}

pub(super) fn optional_id<I: FromStr<Err: ToString>>(
    field: &str,
    text: &str,
) -> Result<Option<I>, Status> {
    if text.is_empty() {
        Ok(None)
    } else {
        id(field, text).map(Some)
    }
}

/// Text to search for: not longer than a person types.
pub(super) fn query<'a>(field: &str, text: &'a str) -> Result<&'a str, Status> {
    const LONGEST: usize = 200;
    let text = text.trim();
    if text.chars().count() > LONGEST || text.contains('\0') {
        let problem = format!("must be at most {LONGEST} characters of text");
        return Err(status::invalid_argument(field, problem));
    }
    Ok(text)
}

/// Cuts `rows`, of which one more than `size` was asked for, to a slice, and says where the list goes on.
pub(super) fn slice<R, P: Serialize>(
    rows: &mut Vec<R>,
    size: u32,
    query: &impl Serialize,
    place: impl Fn(&R) -> P,
    total: i64,
) -> Result<PageInfo, Status> {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let goes_on = rows.len() > size;
    rows.truncate(size);
    let next_page_token = match rows.last().filter(|_| goes_on) {
        Some(last) => paging::next_token(query, &place(last))?,
        None => String::new(),
    };
    Ok(PageInfo {
        next_page_token,
        total_count: total.unsigned_abs(),
    })
}
