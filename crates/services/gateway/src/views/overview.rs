use askama::Template;
use harken_contracts::wire::scoring::v1::CountLevelsResponse;
use harken_contracts::wire::sync::v1::Status;
use harken_contracts::wire::vault::v1::Connection;

use crate::rules::connection_status::{ConnectionStatus, Trouble};
use crate::rules::numbers;
use crate::views::connection_badge::ConnectionBadge;
use crate::views::customers::CustomerRow;
use crate::views::feed::Feed;
use crate::views::frame::Frame;
use crate::views::icon::Icon;
use crate::views::last_run::LastRun;
use crate::views::level::Level;
use crate::views::next_step::NextStep;

/// The first page after signing in.
#[derive(Debug, Template)]
#[template(path = "pages/overview.html")]
pub(crate) struct OverviewPage {
    pub(crate) frame: Frame,
    pub(crate) next_step: NextStep,
    pub(crate) levels: Option<Levels>,
    /// Those with the lowest scores; none where scoring did not answer.
    pub(crate) lowest: Vec<CustomerRow>,
    pub(crate) workspaces: Vec<Workspace>,
    pub(crate) feed: Feed,
}

/// Customers per level.
#[derive(Clone, Debug)]
pub(crate) struct Levels {
    pub(crate) tiles: Vec<Tile>,
    pub(crate) total: u64,
    pub(crate) total_words: String,
}

/// One level: how many customers, and which share of all.
#[derive(Clone, Debug)]
pub(crate) struct Tile {
    pub(crate) level: Level,
    pub(crate) count: String,
    pub(crate) share: String,
    /// Where its piece of the bar begins and how long it is, of 100.
    pub(crate) x: String,
    pub(crate) width: String,
}

/// A connected workspace in short.
#[derive(Clone, Debug)]
pub(crate) struct Workspace {
    pub(crate) name: String,
    pub(crate) badge: ConnectionBadge,
    pub(crate) troubles: Vec<String>,
    pub(crate) last_run: Option<LastRun>,
    pub(crate) holdings: Vec<(&'static str, String)>,
}

impl Levels {
    pub(crate) fn new(counts: CountLevelsResponse) -> Self {
        let CountLevelsResponse {
            healthy,
            at_risk,
            critical,
            not_applicable,
        } = counts;
        let numbers = [healthy, at_risk, critical, not_applicable];
        let total: u64 = numbers.iter().sum();
        let mut x = 0.0;
        let tiles = Level::ALL
            .into_iter()
            .zip(numbers)
            .map(|(level, number)| {
                let width = share(number, total);
                let tile = Tile {
                    level,
                    count: numbers::count(number),
                    share: share_in_words(number, total),
                    x: format!("{x:.2}"),
                    width: format!("{width:.2}"),
                };
                x += width;
                tile
            })
            .collect();
        Self {
            tiles,
            total,
            total_words: numbers::counted(total, "customer", "customers"),
        }
    }
}

impl Workspace {
    pub(crate) fn new(
        connection: &Connection,
        standing: ConnectionStatus,
        status: Option<&Status>,
        now: chrono::DateTime<chrono::Utc>,
    ) -> Self {
        let holdings = status.map_or_else(Vec::new, |status| {
            vec![
                ("Customers", numbers::count(status.customers)),
                ("Companies", numbers::count(status.companies)),
                ("Conversations", numbers::count(status.conversations)),
                ("Messages and events", numbers::count(status.parts)),
            ]
        });
        Self {
            name: connection.workspace_name.clone(),
            troubles: standing.troubles().iter().map(Trouble::words).collect(),
            badge: ConnectionBadge(standing),
            last_run: status
                .and_then(|status| status.latest_run.as_ref())
                .map(|run| LastRun::new(run, now)),
            holdings,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a length on screen")]
fn share(number: u64, total: u64) -> f64 {
    if total == 0 {
        0.0
    } else {
        number as f64 * 100.0 / total as f64
    }
}

fn share_in_words(number: u64, total: u64) -> String {
    match share(number, total) {
        0.0 => "0 %".to_owned(),
        ..1.0 => "under 1 %".to_owned(),
        share => format!("{share:.0} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_of_the_bar_follow_each_other() {
        let levels = Levels::new(CountLevelsResponse {
            healthy: 2,
            at_risk: 1,
            critical: 0,
            not_applicable: 1,
        });
        let places: Vec<_> = levels
            .tiles
            .iter()
            .map(|tile| (tile.x.as_str(), tile.width.as_str()))
            .collect();
        assert_eq!(
            places,
            [
                ("0.00", "50.00"),
                ("50.00", "25.00"),
                ("75.00", "0.00"),
                ("75.00", "25.00")
            ]
        );
    }
}
