//! Who may change whose role.

use harken_domain::{MemberId, Role};

/// A member as far as their power goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seat {
    pub member: MemberId,
    pub role: Role,
}

/// Whether the organization keeps an owner when `member` becomes `role`, or leaves (none).
pub(crate) fn keeps_an_owner(seats: &[Seat], member: MemberId, role: Option<Role>) -> bool {
    role == Some(Role::Owner)
        || seats
            .iter()
            .any(|seat| seat.member != member && seat.role == Role::Owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_owner_stays_owner() {
        let (ann, bob) = (MemberId::derive(&[b"ann"]), MemberId::derive(&[b"bob"]));
        let one = [
            Seat {
                member: ann,
                role: Role::Owner,
            },
            Seat {
                member: bob,
                role: Role::Admin,
            },
        ];
        let two = [
            Seat {
                member: ann,
                role: Role::Owner,
            },
            Seat {
                member: bob,
                role: Role::Owner,
            },
        ];
        for (seats, member, role, keeps) in [
            (&one, ann, Some(Role::Admin), false),
            (&one, ann, None, false),
            (&one, ann, Some(Role::Owner), true),
            (&one, bob, None, true),
            (&two, ann, Some(Role::Viewer), true),
            (&two, bob, None, true),
        ] {
            assert_eq!(keeps_an_owner(seats, member, role), keeps);
        }
    }
}
