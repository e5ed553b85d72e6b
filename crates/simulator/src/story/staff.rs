//! What every workspace has: teammates, teams, the bot, tags, segments.

use super::names::slug;

/// A teammate. `id` is unique within the workspace.
#[derive(Debug)]
pub(crate) struct Admin {
    pub(crate) id: u64,
    pub(crate) name: &'static str,
    pub(crate) job_title: &'static str,
    pub(crate) teams: &'static [u64],
    pub(crate) away: bool,
    pub(crate) seat: bool,
}

#[derive(Debug)]
pub(crate) struct Team {
    pub(crate) id: u64,
    pub(crate) name: &'static str,
    pub(crate) distribution: &'static str,
}

#[derive(Debug)]
pub(crate) struct Tag {
    pub(crate) id: u64,
    pub(crate) name: &'static str,
}

#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) number: u64,
    pub(crate) name: &'static str,
    /// `user` or `contact` (which includes leads).
    pub(crate) person_type: &'static str,
}

pub(crate) const BOT_ID: u64 = 8_210_400;
pub(crate) const SUPPORT: u64 = 9_150_021;
pub(crate) const BILLING: u64 = 9_150_022;
pub(crate) const ENGINEERING: u64 = 9_150_023;
pub(crate) const SUCCESS: u64 = 9_150_024;

pub(crate) const TEAMS: &[Team] = &[
    Team {
        id: SUPPORT,
        name: "Support",
        distribution: "round_robin",
    },
    Team {
        id: BILLING,
        name: "Billing & Renewals",
        distribution: "manual",
    },
    Team {
        id: ENGINEERING,
        name: "Engineering escalation",
        distribution: "load_balanced",
    },
    Team {
        id: SUCCESS,
        name: "Customer success",
        distribution: "manual",
    },
];

const fn admin(
    id: u64,
    name: &'static str,
    job_title: &'static str,
    teams: &'static [u64],
) -> Admin {
    Admin {
        id,
        name,
        job_title,
        teams,
        away: false,
        seat: true,
    }
}

/// The first one is who authorises apps.
pub(crate) const ADMINS: &[Admin] = &[
    admin(
        8_210_441,
        "Mara Lindqvist",
        "Head of Support",
        &[SUPPORT, SUCCESS],
    ),
    admin(8_210_442, "Priya Nair", "Support Engineer", &[SUPPORT]),
    admin(8_210_443, "Tom O'Leary", "Support Engineer", &[SUPPORT]),
    admin(8_210_444, "Júlia Santos", "Support Specialist", &[SUPPORT]),
    Admin {
        away: true,
        ..admin(8_210_445, "Kwame Asante", "Support Specialist", &[SUPPORT])
    },
    admin(8_210_446, "Ingrid Voss", "Billing Specialist", &[BILLING]),
    admin(
        8_210_447,
        "Rohan Mehta",
        "Escalation Engineer",
        &[ENGINEERING],
    ),
    admin(
        8_210_448,
        "Saoirse Byrne",
        "Escalation Engineer",
        &[ENGINEERING],
    ),
    admin(
        8_210_449,
        "Elliot Park",
        "Customer Success Manager",
        &[SUCCESS],
    ),
    Admin {
        seat: false,
        ..admin(8_210_450, "Nadège Martin", "Analyst", &[])
    },
];

const fn tag(id: u64, name: &'static str) -> Tag {
    Tag { id, name }
}

/// Tags on conversations name the topic, tags on contacts the kind of customer.
pub(crate) const TAGS: &[Tag] = &[
    tag(11_480_101, "vip"),
    tag(11_480_102, "beta"),
    tag(11_480_103, "annual plan"),
    tag(11_480_104, "trial"),
    tag(11_480_105, "partner"),
    tag(11_480_106, "enterprise"),
    tag(11_480_107, "champion"),
    tag(11_480_108, "newsletter"),
    tag(11_480_109, "referral"),
    tag(11_480_110, "webinar 2026"),
    tag(11_480_111, "API user"),
    tag(11_480_112, "mobile"),
    tag(11_480_113, "EMEA"),
    tag(11_480_114, "reseller"),
    tag(11_480_115, "R&D"),
    tag(11_480_116, "NPS promoter"),
    tag(11_480_201, "bug"),
    tag(11_480_202, "billing"),
    tag(11_480_203, "outage"),
    tag(11_480_204, "how-to"),
    tag(11_480_205, "feature request"),
    tag(11_480_206, "cancellation"),
    tag(11_480_207, "onboarding"),
    tag(11_480_208, "security"),
    tag(11_480_209, "upgrade"),
    tag(11_480_210, "integration"),
];

/// How many of [`TAGS`] are for contacts.
pub(crate) const CONTACT_TAGS: usize = 16;

pub(crate) const SEGMENTS: &[Segment] = &[
    Segment {
        number: 0,
        name: "Active users",
        person_type: "user",
    },
    Segment {
        number: 1,
        name: "Slipping away",
        person_type: "user",
    },
    Segment {
        number: 2,
        name: "New people",
        person_type: "contact",
    },
    Segment {
        number: 3,
        name: "All leads",
        person_type: "contact",
    },
];

impl Admin {
    pub(crate) fn email(&self) -> String {
        format!("{}@northwind.example", slug(&self.name.replace(' ', "")))
    }
}

impl Segment {
    pub(crate) fn id(&self) -> String {
        format!("6762f25c1bb69f9f2193bc{:02x}", 0x22 + self.number)
    }
}

pub(crate) fn admin_by_id(id: u64) -> Option<&'static Admin> {
    ADMINS.iter().find(|admin| admin.id == id)
}

pub(crate) fn team_by_id(id: u64) -> Option<&'static Team> {
    TEAMS.iter().find(|team| team.id == id)
}

pub(crate) fn tag_by_id(id: u64) -> Option<&'static Tag> {
    TAGS.iter().find(|tag| tag.id == id)
}

pub(crate) fn members(team: u64) -> impl Iterator<Item = &'static Admin> {
    ADMINS
        .iter()
        .filter(move |admin| admin.teams.contains(&team))
}
