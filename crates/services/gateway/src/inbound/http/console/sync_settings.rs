use axum::extract::Path;
use axum::response::Response;
use harken_domain::{ConnectionId, Role};
use serde::Deserialize;
use tonic::Code;

use super::connection::Subject;
use super::form::Posted;
use super::visit::{Visit, id};
use super::{done, page};
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::rules::numbers;
use crate::rules::sentence::sentence;
use crate::views::connection_head::Tab;
use crate::views::frame::Notice;
use crate::views::last_run::LastRun;
use crate::views::sync_settings::{SettingsForm, SyncSettingsPage};

/// Longest schedule, in minutes.
const MOST_MINUTES: u32 = 1_440;
/// Longest window, in days.
const MOST_DAYS: u32 = 3_650;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Form {
    interval_minutes: String,
    backfill_days: String,
}

pub(crate) async fn show(visit: Visit, Path(connection): Path<String>) -> Refused<Response> {
    settings(&visit, id(&connection)?, |_| {}).await
}

/// Saves both, or says which of them cannot be.
pub(crate) async fn save(
    Path(connection): Path<String>,
    posted: Posted<Form>,
) -> Refused<Response> {
    let Posted { visit, form } = posted;
    visit.require(Role::Admin)?;
    let connection: ConnectionId = id(&connection)?;
    let minutes = within(&form.interval_minutes, MOST_MINUTES, "minutes");
    let days = within(&form.backfill_days, MOST_DAYS, "days");
    let (minutes, days) = match (minutes, days) {
        (Ok(minutes), Ok(days)) => (minutes, days),
        (minutes, days) => {
            return settings(&visit, connection, |shown| {
                shown.interval_problem = minutes.err();
                shown.backfill_problem = days.err();
                keep(shown, &form);
            })
            .await;
        }
    };
    let asking = visit.asking();
    let saved = asking.update_sync_settings(connection, Some(minutes * 60), Some(days));
    match saved.await {
        Ok(_) => {
            let path = format!("/integrations/{connection}/settings");
            Ok(done(&path, Notice::SettingsSaved))
        }
        Err(refused) if refused.code() == Code::InvalidArgument => {
            let grounds = Refusal::from(refused).into_grounds();
            settings(&visit, connection, |shown| {
                if grounds.field.as_deref() == Some("interval_secs") {
                    shown.interval_problem = Some(grounds.why);
                } else {
                    shown.backfill_problem = Some(grounds.why);
                }
                keep(shown, &form);
            })
            .await
        }
        Err(refused) => Err(refused.into()),
    }
}

/// What was typed stays in its field.
fn keep(shown: &mut SettingsForm, form: &Form) {
    shown.interval_minutes.clone_from(&form.interval_minutes);
    shown.backfill_days.clone_from(&form.backfill_days);
}

/// A whole number of 1 to `most`, or what is wrong with it.
fn within(text: &str, most: u32, unit: &str) -> Result<u32, String> {
    let number = text.trim().parse().ok();
    let within = number.filter(|number| (1..=most).contains(number));
    within.ok_or_else(|| {
        format!(
            "Give a whole number of {unit}, 1 to {}.",
            numbers::count(most.into())
        )
    })
}

async fn settings(
    visit: &Visit,
    connection: ConnectionId,
    change: impl FnOnce(&mut SettingsForm),
) -> Refused<Response> {
    let asking = visit.asking();
    let (subject, told) = tokio::join!(
        Subject::read(visit, connection),
        asking.sync_settings(connection)
    );
    let (subject, now) = (subject?, visit.now());
    let form = told.ok().map(|told| {
        let mut form = SettingsForm::new(&told, now);
        change(&mut form);
        form
    });
    let status = subject.around.status_of(&subject.connection);
    let run = status.and_then(|status| status.latest_run.as_ref());
    let head = subject.head(Tab::Settings);
    page(&SyncSettingsPage {
        frame: subject.frame(visit),
        is_alive: head.badge.0.is_alive(),
        head,
        last_run: run.map(|run| LastRun::new(run, now)),
        last_error: status.map_or_else(String::new, |status| sentence(&status.last_error)),
        form,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_out_of_bounds_is_refused_with_the_bounds() {
        for (text, number) in [
            ("15", Some(15)),
            (" 1 ", Some(1)),
            ("1440", Some(1_440)),
            ("1441", None),
            ("0", None),
            ("-3", None),
            ("7.5", None),
            ("", None),
            ("99999999999", None),
        ] {
            let read = within(text, MOST_MINUTES, "minutes");
            assert_eq!(read.clone().ok(), number, "{text}");
            if let Err(problem) = read {
                assert_eq!(problem, "Give a whole number of minutes, 1 to 1,440.");
            }
        }
    }
}
