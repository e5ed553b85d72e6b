use chrono::{DateTime, Utc};
use harken_contracts::wire::ingress::v1::Deliveries;
use harken_contracts::wire::vault::v1::WebhookSecret;

use crate::views::when::When;

/// How long a replaced secret may stay valid: seconds and words.
pub(crate) const GRACES: [(u64, &str); 4] = [
    (3_600, "1 hour"),
    (86_400, "1 day"),
    (604_800, "7 days"),
    (0, "not at all"),
];

/// What stands beside the secret of the organization's own app; never the secret.
#[derive(Clone, Debug)]
pub(crate) struct SecretCard {
    pub(crate) is_set: bool,
    pub(crate) set_at: Option<When>,
    /// The one that is being replaced.
    pub(crate) previous: Option<Previous>,
}

/// A secret that is being replaced.
#[derive(Clone, Debug)]
pub(crate) struct Previous {
    pub(crate) valid_until: When,
    /// None if it was never needed, or the edge does not say.
    pub(crate) last_used: Option<When>,
}

impl SecretCard {
    pub(crate) fn new(
        secret: &WebhookSecret,
        deliveries: Option<&Deliveries>,
        now: DateTime<Utc>,
    ) -> Self {
        let previous = When::read(secret.previous_valid_until.as_ref(), now);
        let used = deliveries.and_then(|one| one.old_secret_last_used_at.as_ref());
        Self {
            is_set: secret.is_set,
            set_at: When::read(secret.set_at.as_ref(), now),
            previous: previous.map(|valid_until| Previous {
                valid_until,
                last_used: When::read(used, now),
            }),
        }
    }
}
