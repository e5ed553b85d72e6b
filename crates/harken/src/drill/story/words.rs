//! What people say in a drill.

const SENTENCES: [&str; 16] = [
    "The export has been running for an hour and nothing arrives.",
    "Could you look into the invoice of last month?",
    "Danke, das hat geholfen – bis zum nächsten Mal.",
    "It happens again as soon as I sign in from the other office.",
    "We checked the logs and found the cause, a fix is on its way.",
    "Which plan do I need for three more seats?",
    "I still see the old number on the dashboard.",
    "That worked, thank you!",
    "請問什麼時候可以修好？",
    "Nobody has answered me since Monday.",
    "I have passed this on to the team that owns it.",
    "Please cancel the renewal until this is solved.",
    "The webhook of our shop fails every night at two.",
    "Can you send me the steps once more?",
    "We are sorry for the wait; here is what we know.",
    "Great, I will try it with my colleagues tomorrow 🙂",
];

const AGENTS: [&str; 5] = [
    "Priya Nair",
    "Tom Becker",
    "Lucía Ortega",
    "Sam Okafor",
    "Mei Lin",
];

/// How many sentences there are.
pub(super) const COUNT: u8 = 16;
/// How many teammates answer.
pub(super) const AGENT_COUNT: u8 = 5;

/// A sentence, and where it was said, so that no two parts of a conversation say the same.
pub(in crate::drill) fn sentence(which: u8, place: u8) -> String {
    let said = SENTENCES[usize::from(which) % SENTENCES.len()];
    format!("{said} [{place}]")
}

pub(in crate::drill) fn agent_name(which: u8) -> &'static str {
    AGENTS[usize::from(which) % AGENTS.len()]
}
