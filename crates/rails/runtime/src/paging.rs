//! Lists in slices: a token says where the last slice ended, and fits only the query it came from.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use harken_contracts::wire::types::v1::PageRequest;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tonic::Status;

use crate::status;

/// Rows of a slice when none are asked for.
const USUAL: u32 = 50;
/// Most rows of a slice.
const MOST: u32 = 500;

#[derive(Serialize, Deserialize)]
struct Token<P> {
    /// Which query it belongs to.
    q: String,
    /// Where its last slice ended.
    p: P,
}

/// How many rows a slice has: what was asked for, 50 by default, at most 500.
pub fn size(page: Option<&PageRequest>) -> Result<u32, Status> {
    match page.map_or(0, |page| page.page_size) {
        0 => Ok(USUAL),
        size if size <= MOST => Ok(size),
        _ => Err(status::invalid_argument(
            "page.page_size",
            format!("must be at most {MOST}; read on with page.page_token"),
        )),
    }
}

/// Where the slice begins: after the position that was sealed for the same `query`; none for the first.
pub fn position<P: DeserializeOwned>(
    query: &impl Serialize,
    page: Option<&PageRequest>,
) -> Result<Option<P>, Status> {
    let Some(text) = page
        .map(|page| page.page_token.as_str())
        .filter(|text| !text.is_empty())
    else {
        return Ok(None);
    };
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| unknown())?;
    let token: Token<P> = serde_json::from_slice(&bytes).map_err(|_| unknown())?;
    if token.q != fingerprint(query)? {
        return Err(status::invalid_argument(
            "page.page_token",
            "belongs to another query; keep filter and order, or begin without a token",
        ));
    }
    Ok(Some(token.p))
}

/// The token that lets `query` go on after `position`.
pub fn next_token(query: &impl Serialize, position: &impl Serialize) -> Result<String, Status> {
    let token = Token {
        q: fingerprint(query)?,
        p: position,
    };
    let bytes = serde_json::to_vec(&token).map_err(|cause| status::internal(&cause))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn unknown() -> Status {
    status::invalid_argument(
        "page.page_token",
        "is not a token of this server; take next_page_token of the previous answer",
    )
}

fn fingerprint(query: &impl Serialize) -> Result<String, Status> {
    let bytes = serde_json::to_vec(query).map_err(|cause| status::internal(&cause))?;
    Ok(hex::encode(&Sha256::digest(bytes)[..8]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(page_size: u32, page_token: &str) -> PageRequest {
        PageRequest {
            page_size,
            page_token: page_token.to_owned(),
        }
    }

    #[test]
    fn a_slice_has_fifty_rows_unless_told_and_never_over_five_hundred() {
        assert_eq!(size(None).unwrap(), 50);
        assert_eq!(size(Some(&page(0, ""))).unwrap(), 50);
        assert_eq!(size(Some(&page(500, ""))).unwrap(), 500);
        let refused = size(Some(&page(501, ""))).unwrap_err();
        assert_eq!(
            status::field_of(&refused).as_deref(),
            Some("page.page_size")
        );
    }

    #[test]
    fn a_token_reads_back_for_its_own_query_alone() {
        let token = next_token(&"healthy", &(41, "cus_1")).unwrap();
        let request = page(0, &token);
        let at: Option<(i64, String)> = position(&"healthy", Some(&request)).unwrap();
        assert_eq!(at, Some((41, "cus_1".to_owned())));
        assert!(position::<(i64, String)>(&"critical", Some(&request)).is_err());
    }

    #[test]
    fn a_made_up_token_is_refused() {
        for text in ["x", "!!", "e30"] {
            let refused = position::<i64>(&"q", Some(&page(0, text))).unwrap_err();
            assert_eq!(
                status::field_of(&refused).as_deref(),
                Some("page.page_token")
            );
        }
    }
}
