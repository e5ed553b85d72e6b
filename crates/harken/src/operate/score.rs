use harken_contracts::wire::scoring::v1::{
    ExplainScoreRequest, Factor, LevelFilter, ListScoresRequest, Score, ScoreExplanation, ScoreSort,
};
use harken_contracts::wire::types::v1::PageRequest;

use super::{Desk, choose};
use crate::cli::{LevelWord, ListScores, ScoreCommand, SortWord};
use crate::failure::Failure;
use crate::output::{Cell, Table, count, decimal, json, level, moment, when};

/// Scores that are asked for at once.
const PAGE: u32 = 500;

pub(crate) async fn run(command: ScoreCommand, desk: Desk) -> Result<(), Failure> {
    match command {
        ScoreCommand::Show { customer } => show(&customer, &desk).await,
        ScoreCommand::Explain { customer } => explain(&customer, &desk).await,
        ScoreCommand::List(what) => list(what, &desk).await,
    }
}

async fn show(customer: &str, desk: &Desk) -> Result<(), Failure> {
    let score = choose::score(&desk.harken, customer).await?;
    if desk.output.is_json() {
        return desk.output.object(&json(&score));
    }
    desk.output.table(&facts(&score))?;
    desk.output.line("")?;
    desk.output.table(&factors(&score))
}

async fn explain(customer: &str, desk: &Desk) -> Result<(), Failure> {
    let score = choose::score(&desk.harken, customer).await?;
    let request = ExplainScoreRequest {
        customer_id: score.customer_id,
    };
    let answer = desk.harken.scoring().explain_score(request).await;
    let explanation = desk.harken.answered(answer)?;
    if desk.output.is_json() {
        return desk.output.object(&json(&explanation));
    }
    desk.output.line(&explanation.summary)?;
    desk.output.line("")?;
    desk.output.table(&sentences(&explanation))
}

async fn list(what: ListScores, desk: &Desk) -> Result<(), Failure> {
    let limit = what.limit;
    let mut request = ListScoresRequest {
        connection_id: choose::connection_filter(&desk.harken, what.connection.as_deref()).await?,
        levels: what.level.iter().map(|word| filter(*word).into()).collect(),
        query: what.query.unwrap_or_default(),
        sort: sort(what.sort).into(),
        page: None,
    };
    let mut scores: Vec<Score> = Vec::new();
    let mut page_token = String::new();
    let matching = loop {
        let wanted = limit - u32::try_from(scores.len()).unwrap_or(limit);
        request.page = Some(PageRequest {
            page_size: wanted.min(PAGE),
            page_token,
        });
        let answer = desk.harken.scoring().list_scores(request.clone()).await;
        let answer = desk.harken.answered(answer)?;
        scores.extend(answer.scores);
        let page = answer.page.unwrap_or_default();
        page_token = page.next_page_token;
        if page_token.is_empty() || scores.len() >= limit as usize {
            break page.total_count;
        }
    };
    let now = desk.clock.now();
    let table = |scores: &[Score]| {
        let mut table = Table::new(["CUSTOMER", "NAME", "E-MAIL", "SCORE", "LEVEL", "LAST SEEN"]);
        for score in scores {
            table.row([
                Cell::text(&score.customer_id),
                Cell::text(score.name.as_deref().unwrap_or("–")),
                Cell::text(score.email.as_deref().unwrap_or("–")),
                Cell::number(points(score)),
                level(score.level()),
                Cell::text(when(score.last_seen_at.as_ref(), now)),
            ]);
        }
        table
    };
    desk.output.list(&scores, table, "No customer matches.")?;
    if matching > scores.len() as u64 {
        let shown = scores.len() as u64;
        desk.output.note(&format!(
            "{} of {} shown; see more with --limit.",
            count(shown),
            count(matching)
        ));
    }
    Ok(())
}

fn facts(score: &Score) -> Table {
    let mut facts = Table::facts();
    facts.fact("Customer", Cell::text(&score.customer_id));
    facts.fact("Intercom id", Cell::text(&score.external_id));
    if let Some(name) = &score.name {
        facts.fact("Name", Cell::text(name));
    }
    if let Some(email) = &score.email {
        facts.fact("E-mail", Cell::text(email));
    }
    facts.fact("Score", Cell::text(points(score)));
    facts.fact("Level", level(score.level()));
    facts.fact(
        "Judged on",
        Cell::text(format!(
            "{} % of the weights",
            decimal(score.coverage * 100.0)
        )),
    );
    facts.fact(
        "As of",
        Cell::text(format!("{} UTC", moment(score.as_of.as_ref()))),
    );
    facts
}

fn factors(score: &Score) -> Table {
    let mut table = Table::new(["FACTOR", "WEIGHT", "SCORE", "POINTS LOST"]);
    for one in &score.factors {
        table.row([
            Cell::text(title(one.factor())),
            Cell::number(decimal(one.weight)),
            Cell::number(
                one.value
                    .map_or_else(|| "N/A".to_owned(), |value| format!("{value:.1}")),
            ),
            Cell::number(format!("{:.1}", one.points_lost)),
        ]);
    }
    table
}

fn sentences(explanation: &ScoreExplanation) -> Table {
    let mut table = Table::facts();
    for one in &explanation.factors {
        table.row([Cell::text(&one.title), Cell::sentence(&one.sentence)]);
    }
    table
}

fn points(score: &Score) -> String {
    score
        .points
        .map_or_else(|| "N/A".to_owned(), |points| points.to_string())
}

const fn title(factor: Factor) -> &'static str {
    match factor {
        Factor::SupportRecency => "Support recency",
        Factor::OpenVolume => "Open volume",
        Factor::ResolutionTime => "Resolution time",
        Factor::ReopenRate => "Reopen rate",
        Factor::ResponseRate => "Response rate",
        Factor::Unspecified => "–",
    }
}

const fn filter(word: LevelWord) -> LevelFilter {
    match word {
        LevelWord::Healthy => LevelFilter::Healthy,
        LevelWord::AtRisk => LevelFilter::AtRisk,
        LevelWord::Critical => LevelFilter::Critical,
        LevelWord::NotApplicable => LevelFilter::NotApplicable,
    }
}

const fn sort(word: SortWord) -> ScoreSort {
    match word {
        SortWord::Points => ScoreSort::PointsAscending,
        SortWord::PointsDescending => ScoreSort::PointsDescending,
        SortWord::Name => ScoreSort::Name,
        SortWord::LastSeen => ScoreSort::LastSeen,
    }
}
