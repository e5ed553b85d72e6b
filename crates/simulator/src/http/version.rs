//! Which API version a request is answered in.

use axum::http::{HeaderMap, StatusCode};

use super::answer::ApiError;

/// Versions whose answers differ; older ones are answered as 2.14.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Version {
    V2_14,
    V2_15,
    V2_16,
}

impl Version {
    pub(super) fn of(headers: &HeaderMap, default: &str) -> Result<Self, ApiError> {
        let asked = headers
            .get("intercom-version")
            .and_then(|value| value.to_str().ok());
        Self::named(asked.unwrap_or(default)).ok_or_else(|| {
            ApiError::new(
                StatusCode::BAD_REQUEST,
                "intercom_version_invalid",
                "The requested version could not be found",
            )
        })
    }

    /// The version people call `asked`.
    pub(crate) fn named(asked: &str) -> Option<Self> {
        let minor = |major: &str| asked.strip_prefix(major)?.parse::<u8>().ok();
        match (minor("1."), minor("2."), asked) {
            (Some(0..=4), _, _) | (_, Some(0..=14), _) => Some(Self::V2_14),
            (_, Some(15), _) => Some(Self::V2_15),
            (_, Some(16), _) | (_, _, "Preview" | "Unstable") => Some(Self::V2_16),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_wins_over_the_default_and_unknown_versions_are_refused() {
        let rows = [
            (None, Some(Version::V2_16)),
            (Some("2.16"), Some(Version::V2_16)),
            (Some("2.15"), Some(Version::V2_15)),
            (Some("2.14"), Some(Version::V2_14)),
            (Some("2.3"), Some(Version::V2_14)),
            (Some("Preview"), Some(Version::V2_16)),
            (Some("2.99"), None),
            (Some("banana"), None),
        ];
        for (asked, expected) in rows {
            let headers =
                asked.map(|asked| ("intercom-version".parse().unwrap(), asked.parse().unwrap()));
            let version = Version::of(&headers.into_iter().collect(), "2.16").ok();
            assert_eq!(version, expected, "{asked:?}");
        }
    }
}
