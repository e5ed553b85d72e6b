use std::io::{self, IsTerminal as _};

use harken_contracts::convert::timestamp;
use harken_contracts::wire::dead::v1::{
    DeadLetter, DeadLetterSelection, DisposalReport, DropDeadLettersRequest, GetDeadLetterRequest,
    ListDeadLettersRequest, ReplayDeadLettersRequest,
};
use harken_contracts::wire::types::v1::PageRequest;
use serde_json::Value;
use tonic::{Response, Status};

use super::{Desk, choose};
use crate::cli::{DeadCommand, DisposeOfDead, ListDead, SelectDead};
use crate::failure::Failure;
use crate::output::{
    Cell, CsvRows, Destination, Table, ask_yes, count, fields, json, many, moment, when,
};

/// Dead letters that are asked for at once.
const PAGE: u32 = 500;

pub(crate) async fn run(command: DeadCommand, desk: Desk) -> Result<(), Failure> {
    match command {
        DeadCommand::List(what) => list(what, &desk).await,
        DeadCommand::Show { id } => show(id, &desk).await,
        DeadCommand::Replay(what) => dispose(what, Disposal::Replay, &desk).await,
        DeadCommand::Drop(what) => dispose(what, Disposal::Drop, &desk).await,
    }
}

async fn selection(what: &SelectDead, desk: &Desk) -> Result<DeadLetterSelection, Failure> {
    let now = desk.clock.now();
    Ok(DeadLetterSelection {
        dead_letter_ids: what.id.clone(),
        connection_id: choose::connection_filter(&desk.harken, what.connection.as_deref()).await?,
        reason: what.reason.clone().unwrap_or_default(),
        service: what.service.clone().unwrap_or_default(),
        died_since: what.since.map(|point| timestamp(point.from(now))),
        died_before: what.before.map(|point| timestamp(point.from(now))),
    })
}

async fn list(what: ListDead, desk: &Desk) -> Result<(), Failure> {
    let selection = selection(&what.selection, desk).await?;
    let mut letters: Vec<DeadLetter> = Vec::new();
    let mut page_token = String::new();
    let matching = loop {
        let wanted = what.limit - u32::try_from(letters.len()).unwrap_or(what.limit);
        let request = ListDeadLettersRequest {
            selection: Some(selection.clone()),
            page: Some(PageRequest {
                page_size: wanted.min(PAGE),
                page_token,
            }),
        };
        let answer = desk.harken.dead().list_dead_letters(request).await;
        let answer = desk.harken.answered(answer)?;
        letters.extend(answer.dead_letters);
        let page = answer.page.unwrap_or_default();
        page_token = page.next_page_token;
        if page_token.is_empty() || letters.len() >= what.limit as usize {
            break page.total_count;
        }
    };
    if what.csv {
        return csv(&letters);
    }
    desk.output.list(
        &letters,
        |letters| table(letters, desk),
        "No message has died.",
    )?;
    let shown = letters.len() as u64;
    if matching > shown {
        desk.output.note(&format!(
            "{} of {} shown; see more with --limit.",
            count(shown),
            count(matching)
        ));
    }
    Ok(())
}

fn csv(letters: &[DeadLetter]) -> Result<(), Failure> {
    let out = Destination::open(None)?.writer();
    let mut rows = CsvRows::new(out, fields::<DeadLetter>())?;
    for letter in letters {
        rows.write(&json(letter))?;
    }
    io::Write::flush(&mut rows.finish()?)?;
    Ok(())
}

fn table(letters: &[DeadLetter], desk: &Desk) -> Table {
    let now = desk.clock.now();
    let mut table = Table::new([
        "NUMBER", "DIED", "SERVICE", "REASON", "MESSAGE", "TRIED", "ERROR",
    ]);
    for letter in letters {
        table.row([
            Cell::number(letter.dead_letter_id.to_string()),
            Cell::text(when(letter.died_at.as_ref(), now)),
            Cell::text(&letter.service),
            Cell::text(&letter.reason),
            Cell::text(&letter.event_type),
            Cell::number(count(letter.attempts)),
            Cell::sentence(&letter.error),
        ]);
    }
    table
}

async fn show(dead_letter_id: u64, desk: &Desk) -> Result<(), Failure> {
    let request = GetDeadLetterRequest { dead_letter_id };
    let answer = desk.harken.dead().get_dead_letter(request).await;
    let found = desk.harken.answered(answer)?;
    if desk.output.is_json() {
        return desk.output.object(&json(&found));
    }
    let letter = found.dead_letter.unwrap_or_default();
    desk.output.table(&facts(&letter))?;
    let message: Option<Value> = serde_json::from_str(&found.message_json).ok();
    let Some(message) = message else {
        return Ok(());
    };
    desk.output.line("")?;
    for line in format!("{message:#}").lines() {
        desk.output.line(crate::output::plain(line))?;
    }
    Ok(())
}

fn facts(letter: &DeadLetter) -> Table {
    let mut facts = Table::facts();
    facts.fact("Number", Cell::text(letter.dead_letter_id.to_string()));
    facts.fact("Connection", Cell::text(&letter.connection_id));
    facts.fact(
        "Died",
        Cell::text(format!(
            "{} UTC in {}, after {}",
            moment(letter.died_at.as_ref()),
            letter.service,
            tries(letter.attempts)
        )),
    );
    facts.fact("Reason", Cell::text(&letter.reason));
    facts.fact("Error", Cell::sentence(&letter.error));
    facts.fact(
        "Message",
        Cell::text(format!(
            "{} {}, {}",
            letter.event_type,
            letter.message_id,
            many(letter.size_bytes, "byte")
        )),
    );
    facts.fact("Subject", Cell::text(&letter.subject));
    facts
}

fn tries(attempts: u64) -> String {
    if attempts == 1 {
        "1 try".to_owned()
    } else {
        format!("{} tries", count(attempts))
    }
}

/// What becomes of dead letters.
#[derive(Clone, Copy, Debug)]
enum Disposal {
    Replay,
    Drop,
}

impl Disposal {
    const fn done(self) -> &'static str {
        match self {
            Self::Replay => "replayed",
            Self::Drop => "dropped",
        }
    }

    const fn asked(self) -> &'static str {
        match self {
            Self::Replay => "Give them back to their readers? Type yes to go on: ",
            Self::Drop => "Give them up for good? Type yes to go on: ",
        }
    }

    async fn ask(
        self,
        selection: &DeadLetterSelection,
        dry_run: bool,
        desk: &Desk,
    ) -> Result<DisposalReport, Failure> {
        let selection = Some(selection.clone());
        let mut dead = desk.harken.dead();
        let answer: Result<Response<DisposalReport>, Status> = match self {
            Self::Replay => {
                let request = ReplayDeadLettersRequest { selection, dry_run };
                dead.replay_dead_letters(request).await
            }
            Self::Drop => {
                let request = DropDeadLettersRequest { selection, dry_run };
                dead.drop_dead_letters(request).await
            }
        };
        desk.harken.answered(answer)
    }
}

/// Says first what it would do.
async fn dispose(what: DisposeOfDead, disposal: Disposal, desk: &Desk) -> Result<(), Failure> {
    if what.selection.is_everything() && !what.all {
        return Err(Failure::input(
            "say which dead letters: --id, --connection, --reason, --service, --since, --before, or --all",
        ));
    }
    let selection = selection(&what.selection, desk).await?;
    let planned = disposal.ask(&selection, true, desk).await?;
    if !desk.output.is_json() {
        tell_plan(&planned, desk)?;
    }
    if planned.count == 0 {
        if desk.output.is_json() {
            desk.output.object(&json(&planned))?;
        }
        return Ok(());
    }
    if !what.yes && !confirmed(disposal, &planned, desk)? {
        return Err(Failure::input(format!("nothing was {}", disposal.done())));
    }
    let mut done = 0;
    let last = loop {
        let report = disposal.ask(&selection, false, desk).await?;
        done += report.count;
        if report.count == 0 || report.remaining == 0 {
            break report;
        }
    };
    if desk.output.is_json() {
        let whole = DisposalReport {
            count: done,
            ..last
        };
        return desk.output.object(&json(&whole));
    }
    desk.output.line(format!(
        "{} {}.",
        many(done, "dead letter"),
        disposal.done()
    ))?;
    if last.remaining > 0 {
        desk.output.note(&format!(
            "{} left: nobody reads their subjects.",
            many(last.remaining, "dead letter")
        ));
    }
    Ok(())
}

fn tell_plan(planned: &DisposalReport, desk: &Desk) -> Result<(), Failure> {
    if planned.count == 0 {
        return desk.output.line("No dead letter fits.");
    }
    desk.output.table(&table(&planned.sample, desk))?;
    let shown = planned.sample.len() as u64;
    if planned.count > shown {
        desk.output
            .line(format!("… and {} more", count(planned.count - shown)))?;
    }
    desk.output.line("")
}

fn confirmed(disposal: Disposal, planned: &DisposalReport, desk: &Desk) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        if desk.output.is_json() {
            desk.output.object(&json(planned))?;
        }
        return Err(Failure::input(format!(
            "{} would be {}; confirm with --yes",
            many(planned.count, "dead letter"),
            disposal.done()
        )));
    }
    ask_yes(disposal.asked())
        .map_err(|cause| Failure::other(format!("could not ask: {cause}; confirm with --yes")))
}
