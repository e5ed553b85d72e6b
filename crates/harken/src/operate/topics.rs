use console::Style;
use harken_contracts::wire::sync::v1::{ListTopicsRequest, Topic};

use super::Desk;
use crate::cli::TopicsArgs;
use crate::failure::Failure;
use crate::output::{Cell, Table};

pub(crate) async fn run(desk: Desk, what: TopicsArgs) -> Result<(), Failure> {
    let answer = desk.harken.sync().list_topics(ListTopicsRequest {}).await;
    let mut topics = desk.harken.answered(answer)?.topics;
    if what.needed {
        topics.retain(|topic| topic.is_needed);
    }
    desk.output.list(&topics, table, "No topic is known.")
}

fn table(topics: &[Topic]) -> Table {
    let mut table = Table::new(["", "TOPIC", "PERMISSION", "EFFECT"]);
    for topic in topics {
        let mark = if topic.is_needed {
            Cell::text("✓").styled(Style::new().green())
        } else {
            Cell::text(" ")
        };
        table.row([
            mark,
            Cell::text(&topic.topic),
            Cell::text(topic.any_of_permissions.join(" or ")),
            Cell::sentence(&topic.effect),
        ]);
    }
    table
}
