//! Where Intercom lives. A request can reach these hosts and no other.

use std::{fmt, str::FromStr};

use url::Url;

/// Where a workspace is hosted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Region {
    /// United States; also the region of every development workspace.
    Us,
    /// Europe.
    Eu,
    /// Australia.
    Au,
}

/// A word that names no region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("one of `US`, `EU`, `AU` is expected")]
pub struct UnknownRegion;

impl Region {
    /// Every region.
    pub const ALL: &'static [Self] = &[Self::Us, Self::Eu, Self::Au];

    /// The word that `/me` uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Us => "US",
            Self::Eu => "EU",
            Self::Au => "AU",
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Region {
    type Err = UnknownRegion;

    fn from_str(word: &str) -> Result<Self, UnknownRegion> {
        let region = Self::ALL
            .iter()
            .find(|region| region.as_str().eq_ignore_ascii_case(word));
        region.copied().ok_or(UnknownRegion)
    }
}

/// The allow-list: every address that a request may go to.
#[derive(Clone, Debug)]
pub struct Hosts {
    us: Url,
    eu: Url,
    au: Url,
    authorize: Url,
}

/// An address that no request may go to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an address like `https://host` or `http://127.0.0.1:7403` is expected: {0}")]
pub struct InvalidHost(&'static str);

impl Hosts {
    /// Intercom's own hosts.
    pub fn intercom() -> Result<Self, InvalidHost> {
        Ok(Self {
            us: parse("https://api.intercom.io")?,
            eu: parse("https://api.eu.intercom.io")?,
            au: parse("https://api.au.intercom.io")?,
            authorize: parse("https://app.intercom.com/oauth")?,
        })
    }

    /// One host that stands in for all, as the simulator does.
    pub fn stand_in(api: &str, authorize: &str) -> Result<Self, InvalidHost> {
        let api = parse(api)?;
        if api.path() != "/" || api.query().is_some() {
            return Err(InvalidHost("the address of the API has no path"));
        }
        Ok(Self {
            us: api.clone(),
            eu: api.clone(),
            au: api,
            authorize: parse(authorize)?,
        })
    }

    /// Where the API of a region is.
    pub const fn api(&self, region: Region) -> &Url {
        match region {
            Region::Us => &self.us,
            Region::Eu => &self.eu,
            Region::Au => &self.au,
        }
    }

    /// Where a token is traded and `/me` asked as long as the region is unknown.
    pub const fn front_door(&self) -> &Url {
        &self.us
    }

    /// Where a browser is sent for consent.
    pub const fn authorize(&self) -> &Url {
        &self.authorize
    }
}

fn parse(text: &str) -> Result<Url, InvalidHost> {
    let url = Url::parse(text).map_err(|_| InvalidHost("it is no address"))?;
    if !matches!(url.scheme(), "https" | "http") || url.host().is_none() {
        return Err(InvalidHost("it is no web address"));
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(InvalidHost("it holds more than scheme, host and port"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_region_has_its_own_host() {
        let hosts = Hosts::intercom().unwrap();
        assert_eq!(hosts.api(Region::Us).as_str(), "https://api.intercom.io/");
        assert_eq!(
            hosts.api(Region::Eu).as_str(),
            "https://api.eu.intercom.io/"
        );
        assert_eq!(
            hosts.api(Region::Au).as_str(),
            "https://api.au.intercom.io/"
        );
        assert_eq!(hosts.authorize().as_str(), "https://app.intercom.com/oauth");
    }

    #[test]
    fn a_region_is_read_in_any_case() {
        assert_eq!("eu".parse(), Ok(Region::Eu));
        assert_eq!("mars".parse::<Region>(), Err(UnknownRegion));
    }

    #[test]
    fn an_address_with_more_than_a_host_is_no_stand_in() {
        let authorize = "http://127.0.0.1:7403/oauth";
        assert!(Hosts::stand_in("http://127.0.0.1:7403", authorize).is_ok());
        for api in [
            "http://a@h",
            "ftp://h",
            "http://h/x",
            "http://h?q",
            "nonsense",
        ] {
            assert!(Hosts::stand_in(api, authorize).is_err(), "{api}");
        }
    }
}
