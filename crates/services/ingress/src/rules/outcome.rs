use harken_intercom::webhook::Unreadable;

/// Where a notification was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// On the bus.
    Stream,
    /// In the spool, on its way to the bus.
    Spool,
    /// In quarantine: it is nobody's yet.
    Quarantine,
}

impl Place {
    /// The word of the `harken-stored` header.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Stream => "stream",
            Self::Spool => "spool",
            Self::Quarantine => "quarantine",
        }
    }
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Kept(Place),
    /// Nothing was to be kept: a ping.
    Heard,
    Refused(Refusal),
}

/// Why a notification was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The signature is missing or wrong.
    Signature,
    /// No secret is set for the address; outside, this looks like a wrong signature.
    NoSecret,
    /// The body is no notification.
    Malformed(Unreadable),
    /// The body is too large.
    TooLarge,
    /// The body did not come in time.
    TooSlow,
    /// Neither the bus nor the spool could keep it in time.
    NotKept,
    /// What would verify it, or make pseudonyms of its people, cannot be had.
    NoKeys,
    /// As many bytes wait as may.
    Full,
}

impl Outcome {
    /// The word in metrics.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Kept(place) => place.as_str(),
            Self::Heard => "heard",
            Self::Refused(refusal) => refusal.as_str(),
        }
    }
}

impl Refusal {
    /// The word in metrics and in the store.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::NoSecret => "no_secret",
            Self::Malformed(_) => "malformed",
            Self::TooLarge => "too_large",
            Self::TooSlow => "too_slow",
            Self::NotKept => "not_kept",
            Self::NoKeys => "no_keys",
            Self::Full => "full",
        }
    }
}
