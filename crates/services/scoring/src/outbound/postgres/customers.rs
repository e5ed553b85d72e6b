use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, CustomerId, OrganizationId, Revision};
use sqlx::PgConnection;

/// A contact as it is known here.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Customer {
    pub(crate) organization: OrganizationId,
    pub(crate) connection: ConnectionId,
    pub(crate) id: CustomerId,
    pub(crate) external_id: String,
    pub(crate) revision: Revision,
    /// `None`: no customer, or gone.
    pub(crate) profile: Option<Profile>,
}

/// What is kept of a customer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Profile {
    pub(crate) contact_role: String,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) last_seen_at: Option<DateTime<Utc>>,
    pub(crate) last_replied_at: Option<DateTime<Utc>>,
}

/// Keeps the newest revision of each, each customer at most once; answers which ones changed.
pub(crate) async fn absorb(
    db: &mut PgConnection,
    customers: &[Customer],
) -> Result<Vec<CustomerId>, sqlx::Error> {
    if customers.is_empty() {
        return Ok(Vec::new());
    }
    let profiles = || customers.iter().map(|customer| customer.profile.as_ref());
    let text = |of: fn(&Profile) -> Option<&str>| -> Vec<Option<&str>> {
        profiles().map(|profile| profile.and_then(of)).collect()
    };
    let moment = |of: fn(&Profile) -> Option<DateTime<Utc>>| -> Vec<Option<DateTime<Utc>>> {
        profiles().map(|profile| profile.and_then(of)).collect()
    };
    let changed = sqlx::query_scalar!(
        r#"INSERT INTO scoring.customers (organization_id, connection_id, customer_id, external_id, revision,
             is_customer, contact_role, name, email, last_seen_at, last_replied_at)
         SELECT organization_id, connection_id, customer_id, external_id, revision,
             contact_role IS NOT NULL, coalesce(contact_role, ''), name, email, last_seen_at, last_replied_at
         FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::text[], $7::text[],
             $8::text[], $9::timestamptz[], $10::timestamptz[])
           AS new (organization_id, connection_id, customer_id, external_id, revision, contact_role, name,
             email, last_seen_at, last_replied_at)
         ON CONFLICT (organization_id, customer_id) DO UPDATE
         SET external_id = EXCLUDED.external_id, revision = EXCLUDED.revision,
             is_customer = EXCLUDED.is_customer, contact_role = EXCLUDED.contact_role,
             name = EXCLUDED.name, email = EXCLUDED.email,
             last_seen_at = EXCLUDED.last_seen_at, last_replied_at = EXCLUDED.last_replied_at
         WHERE customers.revision < EXCLUDED.revision
         RETURNING customer_id"#,
        &customers.iter().map(|it| it.organization.as_uuid()).collect::<Vec<_>>(),
        &customers.iter().map(|it| it.connection.as_uuid()).collect::<Vec<_>>(),
        &customers.iter().map(|it| it.id.as_uuid()).collect::<Vec<_>>(),
        &customers.iter().map(|it| it.external_id.as_str()).collect::<Vec<_>>() as &[&str],
        &customers.iter().map(|it| it.revision.0).collect::<Vec<_>>(),
        &text(|profile| Some(&profile.contact_role)) as &[Option<&str>],
        &text(|profile| profile.name.as_deref()) as &[Option<&str>],
        &text(|profile| profile.email.as_deref()) as &[Option<&str>],
        &moment(|profile| profile.last_seen_at) as &[Option<DateTime<Utc>>],
        &moment(|profile| profile.last_replied_at) as &[Option<DateTime<Utc>>],
    )
    .fetch_all(db)
    .await?;
    Ok(changed.into_iter().map(CustomerId::from_uuid).collect())
}
