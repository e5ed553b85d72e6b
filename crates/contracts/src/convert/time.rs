use chrono::{DateTime, Utc};
use prost_types::Timestamp;

/// A timestamp beyond what a calendar holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a time between the years 1 and 9999 is expected")]
pub struct InvalidTimestamp;

/// A moment as it travels.
pub fn timestamp(at: DateTime<Utc>) -> Timestamp {
    Timestamp {
        seconds: at.timestamp(),
        // Leap seconds count beyond a billion nanoseconds; the wire does not know them.
        nanos: i32::try_from(at.timestamp_subsec_nanos().min(999_999_999)).unwrap_or_default(),
    }
}

/// A moment as it arrived.
pub fn datetime(timestamp: &Timestamp) -> Result<DateTime<Utc>, InvalidTimestamp> {
    u32::try_from(timestamp.nanos)
        .ok()
        .and_then(|nanos| DateTime::from_timestamp(timestamp.seconds, nanos))
        .ok_or(InvalidTimestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_survives_the_journey() {
        let at = DateTime::from_timestamp(1_790_000_000, 123_456_789).unwrap();
        assert_eq!(datetime(&timestamp(at)), Ok(at));
    }

    #[test]
    fn a_moment_beyond_the_calendar_is_refused() {
        assert_eq!(
            datetime(&Timestamp {
                seconds: i64::MAX,
                nanos: 0
            }),
            Err(InvalidTimestamp)
        );
        assert_eq!(
            datetime(&Timestamp {
                seconds: 0,
                nanos: -1
            }),
            Err(InvalidTimestamp)
        );
    }
}
