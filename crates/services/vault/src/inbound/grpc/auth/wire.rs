use harken_contracts::convert::timestamp;
use harken_contracts::wire::auth::v1 as proto;
use harken_contracts::wire::types::v1::Role;

use crate::outbound::postgres::api_keys::ApiKey;
use crate::outbound::postgres::members::Member;
use crate::outbound::postgres::organizations::Organization;

pub(super) fn organization(organization: Organization) -> proto::Organization {
    proto::Organization {
        organization_id: organization.id.to_string(),
        name: organization.name,
        created_at: Some(timestamp(organization.created_at)),
    }
}

pub(super) fn member(member: Member) -> proto::Member {
    proto::Member {
        member_id: member.id.to_string(),
        email: member.email.as_str().to_owned(),
        name: member.name,
        role: Role::from(member.role).into(),
        created_at: Some(timestamp(member.created_at)),
    }
}

pub(super) fn api_key(key: ApiKey) -> proto::ApiKey {
    proto::ApiKey {
        api_key_id: key.id.to_string(),
        name: key.name,
        prefix: key.prefix,
        role: Role::from(key.role).into(),
        created_at: Some(timestamp(key.created_at)),
        last_used_at: key.last_used_at.map(timestamp),
        revoked_at: key.revoked_at.map(timestamp),
    }
}
