use std::{
    collections::HashMap,
    fmt,
    ops::{Index, IndexMut},
    str::FromStr,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// One of the five things that a score is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Factor {
    SupportRecency,
    OpenVolume,
    ResolutionTime,
    ReopenRate,
    ResponseRate,
}

/// A word that names no factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a factor is expected")]
pub(crate) struct UnknownFactor;

impl Factor {
    pub(crate) const ALL: [Self; 5] = [
        Self::SupportRecency,
        Self::OpenVolume,
        Self::ResolutionTime,
        Self::ReopenRate,
        Self::ResponseRate,
    ];

    /// The word in the store and in errors.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::SupportRecency => "support_recency",
            Self::OpenVolume => "open_volume",
            Self::ResolutionTime => "resolution_time",
            Self::ReopenRate => "reopen_rate",
            Self::ResponseRate => "response_rate",
        }
    }

    /// The name on screen.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::SupportRecency => "Support recency",
            Self::OpenVolume => "Open conversations",
            Self::ResolutionTime => "Resolution time",
            Self::ReopenRate => "Reopen rate",
            Self::ResponseRate => "Response rate",
        }
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Factor {
    type Err = UnknownFactor;

    fn from_str(text: &str) -> Result<Self, UnknownFactor> {
        Self::ALL
            .into_iter()
            .find(|factor| factor.as_str() == text)
            .ok_or(UnknownFactor)
    }
}

/// One value for each factor.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct PerFactor<T>([T; 5]);

impl<T> PerFactor<T> {
    pub(crate) fn of(value: impl FnMut(Factor) -> T) -> Self {
        Self(Factor::ALL.map(value))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Factor, &T)> {
        Factor::ALL.into_iter().zip(&self.0)
    }
}

impl<T> Index<Factor> for PerFactor<T> {
    type Output = T;

    fn index(&self, factor: Factor) -> &T {
        &self.0[factor as usize]
    }
}

impl<T> IndexMut<Factor> for PerFactor<T> {
    fn index_mut(&mut self, factor: Factor) -> &mut T {
        &mut self.0[factor as usize]
    }
}

/// As an object with the factors' words for keys.
impl<T: Serialize> Serialize for PerFactor<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for PerFactor<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut values = HashMap::<Factor, T>::deserialize(deserializer)?;
        let taken = Factor::ALL.map(|factor| values.remove(&factor).ok_or(factor));
        if let Some(missing) = taken.iter().find_map(|value| value.as_ref().err()) {
            return Err(de::Error::missing_field(missing.as_str()));
        }
        let values: Vec<T> = taken.into_iter().flatten().collect();
        values
            .try_into()
            .map(Self)
            .map_err(|_| de::Error::custom("five factors are expected"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_factor_reads_back_from_its_word() {
        for factor in Factor::ALL {
            assert_eq!(factor.as_str().parse(), Ok(factor));
        }
        assert_eq!("mood".parse::<Factor>(), Err(UnknownFactor));
    }

    #[test]
    fn values_are_stored_under_the_factors_words() {
        let numbers = PerFactor::of(|factor| factor as u8);
        let json = serde_json::to_value(numbers).unwrap();
        assert_eq!(json["open_volume"], 1);
        assert_eq!(
            serde_json::from_value::<PerFactor<u8>>(json).unwrap(),
            numbers
        );
        assert!(serde_json::from_str::<PerFactor<u8>>(r#"{"open_volume": 1}"#).is_err());
    }

    #[test]
    fn each_factor_finds_its_own_value() {
        let words = PerFactor::of(Factor::as_str);
        for factor in Factor::ALL {
            assert_eq!(words[factor], factor.as_str());
        }
    }
}
