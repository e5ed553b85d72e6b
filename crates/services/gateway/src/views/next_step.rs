use harken_contracts::wire::scoring::v1::CountLevelsResponse;
use harken_contracts::wire::sync::v1::{RunState, Status};
use harken_contracts::wire::vault::v1::{Connection, ConnectionState};

use crate::rules::numbers;
use crate::rules::sentence::sentence;
use crate::views::level::Level;

/// The one thing worth doing now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NextStep {
    pub(crate) level: Level,
    pub(crate) title: String,
    pub(crate) words: String,
    pub(crate) action: Option<(&'static str, String)>,
}

impl NextStep {
    /// What comes first: what keeps data from arriving goes before what the data says.
    pub(crate) fn of(
        connections: &[Connection],
        statuses: &[Status],
        counts: Option<&CountLevelsResponse>,
        manages: bool,
    ) -> Self {
        let newest = statuses
            .iter()
            .find_map(|status| status.latest_run.as_ref());
        let state = newest.map(harken_contracts::wire::sync::v1::Run::state);
        let run = newest.map_or("", |run| run.run_id.as_str());
        if connections.iter().all(is_over) {
            return Self::connect(manages);
        }
        if let Some(broken) = connections
            .iter()
            .find(|one| one.state() == ConnectionState::Disconnected)
        {
            return Self::reconnect(broken, manages);
        }
        match state {
            Some(RunState::Failed) => return Self::retry(run),
            Some(RunState::Queued | RunState::Running) if counts.is_none_or(is_empty) => {
                return Self::wait();
            }
            _ => {}
        }
        match counts {
            Some(counts) if counts.critical > 0 => Self::review(Level::Critical, counts.critical),
            Some(counts) if counts.at_risk > 0 => Self::review(Level::AtRisk, counts.at_risk),
            _ => Self::rest(),
        }
    }

    fn connect(manages: bool) -> Self {
        let words = "Harken reads contacts and conversations, never writes, and scores every customer. It takes about two minutes.";
        Self {
            level: Level::NotApplicable,
            title: "Connect your Intercom workspace".to_owned(),
            words: if manages {
                words.to_owned()
            } else {
                "Only an admin or owner can connect it. Ask one of them; the list of members is under Settings.".to_owned()
            },
            action: manages.then(|| ("Connect Intercom", "/integrations".to_owned())),
        }
    }

    fn reconnect(broken: &Connection, manages: bool) -> Self {
        Self {
            level: Level::Critical,
            title: format!("{} is disconnected", broken.workspace_name),
            words: format!(
                "{} Customers and scores stay and are not updated.",
                sentence(&broken.state_reason)
            )
            .trim_start()
            .to_owned(),
            action: manages.then(|| ("Reconnect", "/integrations".to_owned())),
        }
    }

    fn retry(run: &str) -> Self {
        Self {
            level: Level::Critical,
            title: "The last sync failed".to_owned(),
            words: "What was read before is kept. The details say why and what to do.".to_owned(),
            action: Some(("See why", format!("/runs/{run}"))),
        }
    }

    fn wait() -> Self {
        Self {
            level: Level::NotApplicable,
            title: "The first sync is under way".to_owned(),
            words: "Customers and their scores appear here while conversations arrive.".to_owned(),
            action: None,
        }
    }

    fn review(level: Level, number: u64) -> Self {
        let customers = numbers::counted(number, "customer is", "customers are");
        Self {
            level,
            title: format!("{customers} {}", level.word().to_lowercase()),
            words: "Begin with the lowest score: each one says what costs it most.".to_owned(),
            action: Some(("Review", format!("/customers?level={}", level.slug()))),
        }
    }

    fn rest() -> Self {
        Self {
            level: Level::Healthy,
            title: "Nothing needs you now".to_owned(),
            words: "No customer is at risk.".to_owned(),
            action: None,
        }
    }
}

/// Whether nothing will come of it any more, and nothing need be done about it.
fn is_over(connection: &Connection) -> bool {
    matches!(
        connection.state(),
        ConnectionState::Disconnecting | ConnectionState::Purged
    )
}

const fn is_empty(counts: &CountLevelsResponse) -> bool {
    counts.healthy + counts.at_risk + counts.critical + counts.not_applicable == 0
}

#[cfg(test)]
mod tests {
    use harken_contracts::wire::sync::v1::Run;

    use super::*;

    fn connected() -> Connection {
        Connection {
            workspace_name: "Acme".to_owned(),
            state: ConnectionState::Connected.into(),
            ..Connection::default()
        }
    }

    fn after(state: RunState) -> Vec<Status> {
        vec![Status {
            latest_run: Some(Run {
                state: state.into(),
                ..Run::default()
            }),
            ..Status::default()
        }]
    }

    #[test]
    fn what_keeps_data_from_arriving_comes_first() {
        let counts = CountLevelsResponse {
            critical: 3,
            ..CountLevelsResponse::default()
        };
        let broken = Connection {
            state: ConnectionState::Disconnected.into(),
            ..connected()
        };
        for (connections, statuses, counts, title) in [
            (vec![], vec![], None, "Connect your Intercom workspace"),
            (
                vec![broken],
                after(RunState::Failed),
                Some(counts),
                "Acme is disconnected",
            ),
            (
                vec![connected()],
                after(RunState::Failed),
                Some(counts),
                "The last sync failed",
            ),
            (
                vec![connected()],
                after(RunState::Running),
                None,
                "The first sync is under way",
            ),
            (
                vec![connected()],
                after(RunState::Running),
                Some(counts),
                "3 customers are critical",
            ),
            (
                vec![connected()],
                after(RunState::Complete),
                Some(CountLevelsResponse::default()),
                "Nothing needs you now",
            ),
        ] {
            let step = NextStep::of(&connections, &statuses, counts.as_ref(), true);
            assert_eq!(step.title, title);
        }
    }

    #[test]
    fn who_may_not_connect_is_told_whom_to_ask() {
        let step = NextStep::of(&[], &[], None, false);
        assert!(step.words.contains("admin or owner"));
        assert_eq!(step.action, None);
    }
}
