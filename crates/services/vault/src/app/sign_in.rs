use chrono::{DateTime, TimeDelta, Utc};
use harken_domain::{MemberId, OrganizationId, Role, Secret, SessionId};

use super::{Actor, Vault};
use crate::outbound::postgres::audit::{self, Deed};
use crate::outbound::postgres::members::{self, Member};
use crate::outbound::postgres::organizations::{self, Organization};
use crate::outbound::postgres::sessions::{self, Session};
use crate::outbound::postgres::{StoreError, sign_in_links};
use crate::rules::opaque;

const LINK_LIVES: TimeDelta = TimeDelta::minutes(15);
const SESSION_LIVES: TimeDelta = TimeDelta::days(7);

#[derive(Debug, thiserror::Error)]
pub(crate) enum SignInError {
    #[error("there is no such member")]
    NoSuchMember,
    #[error("nobody makes a link for a member above their own role")]
    AboveAuthority,
    #[error("the link was used before, or is older than 15 minutes; ask for a new one")]
    LinkNotValid,
    #[error("the session has ended; sign in again")]
    SessionEnded,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who is signed in.
#[derive(Debug)]
pub(crate) struct SignedIn {
    pub organization: Organization,
    pub member: Member,
    pub session: SessionId,
}

impl From<sqlx::Error> for SignInError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Vault {
    /// Makes the secret of a link that signs a member in, once.
    pub(crate) async fn create_sign_in_link(
        &self,
        organization: OrganizationId,
        member: MemberId,
        authority: Role,
        actor: &Actor,
    ) -> Result<(Secret, DateTime<Utc>), SignInError> {
        let now = self.clock.now();
        let (secret, expires_at) = (opaque::generate(), now + LINK_LIVES);
        let mut tx = self.store.begin().await?;
        let found = members::get(&mut tx, organization, member).await?;
        if !authority.allows(found.ok_or(SignInError::NoSuchMember)?.role) {
            return Err(SignInError::AboveAuthority);
        }
        let hash = opaque::hash(secret.expose()).ok_or(SignInError::LinkNotValid)?;
        sign_in_links::insert(&mut tx, &hash, organization, member, expires_at).await?;
        let deed = Deed {
            actor: &actor.0,
            action: "sign_in_link.created",
            subject: &member.to_string(),
            detail: "",
        };
        audit::append(&mut tx, organization, now, deed).await?;
        tx.commit().await?;
        Ok((secret, expires_at))
    }

    /// Trades the secret of a link for the secret of a session. Of many who try at once, one succeeds.
    pub(crate) async fn redeem_sign_in_link(
        &self,
        link: &str,
    ) -> Result<(Secret, DateTime<Utc>), SignInError> {
        let now = self.clock.now();
        let link = opaque::hash(link).ok_or(SignInError::LinkNotValid)?;
        let mut tx = self.store.begin().await?;
        let redeemed = sign_in_links::redeem(&mut tx, &link, now).await?;
        let (organization, member) = redeemed.ok_or(SignInError::LinkNotValid)?;
        let session = Session {
            id: SessionId::generate(&self.clock),
            organization,
            member,
            created_at: now,
            expires_at: now + SESSION_LIVES,
        };
        let secret = opaque::generate();
        let hash = opaque::hash(secret.expose()).ok_or(SignInError::LinkNotValid)?;
        sessions::insert(&mut tx, &hash, &session).await?;
        let deed = Deed {
            actor: &member.to_string(),
            action: "session.started",
            subject: &session.id.to_string(),
            detail: "",
        };
        audit::append(&mut tx, organization, now, deed).await?;
        tx.commit().await?;
        Ok((secret, session.expires_at))
    }

    pub(crate) async fn resolve_session(&self, secret: &str) -> Result<SignedIn, SignInError> {
        let hash = opaque::hash(secret).ok_or(SignInError::SessionEnded)?;
        let mut postgres = self.store.pool().acquire().await?;
        let session = sessions::resolve(&mut postgres, &hash, self.clock.now()).await?;
        let session = session.ok_or(SignInError::SessionEnded)?;
        let organization = organizations::get(&mut postgres, session.organization).await?;
        let member = members::get(&mut postgres, session.organization, session.member).await?;
        Ok(SignedIn {
            organization: organization.ok_or(SignInError::SessionEnded)?,
            member: member.ok_or(SignInError::SessionEnded)?,
            session: session.id,
        })
    }

    /// Ends a session; one that has ended stays so.
    pub(crate) async fn end_session(&self, secret: &str) -> Result<(), SignInError> {
        let Some(hash) = opaque::hash(secret) else {
            return Ok(());
        };
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        if let Some(session) = sessions::resolve(&mut tx, &hash, now).await? {
            sessions::delete(&mut tx, &hash).await?;
            let deed = Deed {
                actor: &session.member.to_string(),
                action: "session.ended",
                subject: &session.id.to_string(),
                detail: "",
            };
            audit::append(&mut tx, session.organization, now, deed).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
