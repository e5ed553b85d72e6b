use chrono::{DateTime, TimeDelta, Utc};
use harken_contracts::convert::timestamp;
use harken_contracts::wire::dead::v1::DeadLetterSelection;
use url::form_urlencoded;

use crate::app::Disposal;
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::views::dead_letters::filter::{Filter, SPANS};

/// What an address or a form says. Boxes that are ticked come as one `id` each.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) filter: Filter,
    pub(super) after: String,
    pub(super) ids: Vec<u64>,
    /// Whether all are meant that the filter leaves; without, no ticked box means nothing.
    pub(super) all: bool,
    pub(super) disposal: Option<Disposal>,
}

impl Asked {
    pub(super) fn read(query: Option<&str>) -> Self {
        let mut asked = Self::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let value = value.trim();
            match &*name {
                "service" => value.clone_into(&mut asked.filter.service),
                "reason" => value.clone_into(&mut asked.filter.reason),
                "connection" => value.clone_into(&mut asked.filter.connection),
                "span" => value.clone_into(&mut asked.filter.span),
                "after" => value.clone_into(&mut asked.after),
                "id" => asked.ids.extend(value.parse::<u64>()),
                "all" => asked.all = true,
                "do" => asked.disposal = Disposal::named(value),
                _ => {}
            }
        }
        asked
    }

    pub(super) fn selection(&self, now: DateTime<Utc>) -> Refused<DeadLetterSelection> {
        selection(&self.filter, self.ids.clone(), now)
    }
}

pub(super) fn selection(
    filter: &Filter,
    dead_letter_ids: Vec<u64>,
    now: DateTime<Utc>,
) -> Refused<DeadLetterSelection> {
    let span = SPANS.iter().find(|(slug, ..)| *slug == filter.span);
    let (.., secs) = span.ok_or_else(|| Refusal::field("span", "is none of hour, day and week"))?;
    Ok(DeadLetterSelection {
        dead_letter_ids,
        connection_id: filter.connection.clone(),
        service: filter.service.clone(),
        reason: filter.reason.clone(),
        died_since: secs.map(|secs| timestamp(now - TimeDelta::seconds(secs))),
        died_before: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticked_boxes_come_as_one_id_each() {
        let asked = Asked::read(Some("id=4&id=9&id=x&do=drop&reason=+panic"));
        assert_eq!(asked.ids, [4, 9]);
        assert_eq!(asked.disposal, Some(Disposal::Drop));
        assert_eq!(asked.filter.reason, "panic");
        assert!(!asked.all && Asked::read(Some("all=1")).all);
    }
}
