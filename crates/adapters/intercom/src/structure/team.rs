use serde::Deserialize;

use super::{RawId, Veil, Veiled, person};
use crate::{lenient, models};

/// A teammate: where it works, and whether it can be given anything.
#[derive(Deserialize)]
pub(crate) struct Admin {
    #[serde(default, deserialize_with = "person::person")]
    id: Option<RawId>,
    #[serde(default, deserialize_with = "lenient::ids")]
    team_ids: Vec<String>,
    #[serde(default, deserialize_with = "lenient::flag")]
    has_inbox_seat: bool,
    #[serde(default, deserialize_with = "lenient::flag")]
    away_mode_enabled: bool,
}

/// A team: its name belongs to how conversations are routed.
#[derive(Deserialize)]
pub(crate) struct Team {
    #[serde(default, deserialize_with = "lenient::code")]
    id: String,
    #[serde(default, deserialize_with = "lenient::escaped_words")]
    name: Option<String>,
    #[serde(default, deserialize_with = "person::people")]
    admin_ids: Vec<RawId>,
}

impl Veiled for models::Admin {
    type Structure = Admin;

    fn veiled(structure: Admin, veil: &Veil) -> Self {
        let hidden = structure.id.map(|id| veil.hide(id));
        Self {
            id: hidden.map_or_else(String::new, String::from),
            team_ids: structure.team_ids,
            has_inbox_seat: structure.has_inbox_seat,
            away_mode_enabled: structure.away_mode_enabled,
            ..Self::default()
        }
    }
}

impl Veiled for models::Team {
    type Structure = Team;

    fn veiled(structure: Team, veil: &Veil) -> Self {
        let admins = structure.admin_ids.into_iter();
        Self {
            id: structure.id,
            name: structure.name,
            admin_ids: admins.map(|id| veil.hide(id).into()).collect(),
        }
    }
}
