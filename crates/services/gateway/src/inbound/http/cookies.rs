//! The console's cookies.

use chrono::{DateTime, Utc};
use harken_domain::Secret;
use http::{HeaderMap, HeaderValue, header};

/// The session's secret.
const SESSION: &str = "harken_session";
/// Where to go after signing in.
const RETURN_TO: &str = "harken_return_to";
/// The run whose end was dismissed.
const DISMISSED: &str = "harken_dismissed";

/// Names and attributes of cookies for a console that is, or is not, reached by TLS alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Jar {
    is_secure: bool,
}

impl Jar {
    pub(crate) const fn new(is_secure: bool) -> Self {
        Self { is_secure }
    }

    pub(crate) fn session(self, headers: &HeaderMap) -> Option<Secret> {
        read(headers, &self.session_name()).map(Secret::new)
    }

    pub(crate) fn keep_session(
        self,
        secret: &str,
        expires_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> HeaderValue {
        let lasts = expires_at.map(|at| (at - now).num_seconds().max(0));
        self.set(&self.session_name(), secret, lasts)
    }

    pub(crate) fn end_session(self) -> HeaderValue {
        self.set(&self.session_name(), "", Some(0))
    }

    pub(crate) fn return_to(headers: &HeaderMap) -> Option<String> {
        let encoded = read(headers, RETURN_TO)?;
        String::from_utf8(hex::decode(encoded).ok()?).ok()
    }

    pub(crate) fn keep_return_to(self, path: &str) -> HeaderValue {
        // A path may hold characters that a cookie may not.
        self.set(RETURN_TO, &hex::encode(path), Some(600))
    }

    pub(crate) fn end_return_to(self) -> HeaderValue {
        self.set(RETURN_TO, "", Some(0))
    }

    pub(crate) fn dismissed(headers: &HeaderMap) -> Option<&str> {
        read(headers, DISMISSED)
    }

    pub(crate) fn keep_dismissed(self, run: &str) -> HeaderValue {
        self.set(DISMISSED, run, Some(86_400 * 7))
    }

    /// A browser takes a cookie of such a name only by TLS, for this host alone.
    fn session_name(self) -> String {
        let prefix = if self.is_secure { "__Host-" } else { "" };
        format!("{prefix}{SESSION}")
    }

    fn set(self, name: &str, value: &str, lasts_secs: Option<i64>) -> HeaderValue {
        let secure = if self.is_secure { "; Secure" } else { "" };
        let lasts = lasts_secs.map_or_else(String::new, |secs| format!("; Max-Age={secs}"));
        let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{lasts}{secure}");
        let mut value = HeaderValue::try_from(cookie).unwrap_or(HeaderValue::from_static(""));
        value.set_sensitive(true);
        value
    }
}

fn read<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let cookies = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, value)| *found == name && !value.is_empty())
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_cookie_is_out_of_reach_of_scripts_and_other_sites() {
        let now = DateTime::UNIX_EPOCH;
        let cookie = Jar::new(true).keep_session("s", None, now);
        assert_eq!(
            cookie.to_str().unwrap(),
            "__Host-harken_session=s; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
        assert!(cookie.is_sensitive());
        let plain = Jar::new(false).keep_session("s", Some(now + chrono::TimeDelta::hours(1)), now);
        assert_eq!(
            plain.to_str().unwrap(),
            "harken_session=s; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600"
        );
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("a=1; xharken_session=no; harken_session=yes"),
        );
        assert_eq!(Jar::new(false).session(&headers).unwrap().expose(), "yes");
        assert!(Jar::new(true).session(&headers).is_none());
    }
}
