//! A stacked bar per period, and the same as a table for those who do not see it.

use askama::Template;
use askama::filters::HtmlSafe;

use crate::rules::numbers;

/// The drawing's height; a bar and its gap are ten wide.
const HEIGHT: f64 = 64.0;
const STEP: usize = 10;

#[derive(Clone, Debug, Template)]
#[template(path = "parts/bars.html")]
pub(crate) struct Bars {
    words: Words,
    kinds: Vec<Kind>,
    drawn: Vec<Bar>,
    /// The highest bar's count.
    pub(crate) most: u64,
    pub(crate) total: u64,
}

/// What a chart is about.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    /// Says it all in a line, of the total and the highest bar.
    pub(crate) summary: fn(total: u64, most: u64) -> String,
    pub(crate) label: &'static str,
    pub(crate) caption: &'static str,
    /// What a bar is, as the table's first heading.
    pub(crate) period: &'static str,
    /// What the last bar is.
    pub(crate) last: &'static str,
}

/// What is counted: the class it is drawn with, and its word.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub(crate) class: &'static str,
    pub(crate) word: &'static str,
}

/// What was counted in a period, kind by kind.
#[derive(Clone, Debug)]
pub(crate) struct Counted {
    pub(crate) period: String,
    pub(crate) counts: Vec<u64>,
}

#[derive(Clone, Debug)]
struct Bar {
    x: usize,
    title: String,
    pieces: Vec<Piece>,
    counted: Counted,
}

/// A part of a bar: one kind.
#[derive(Clone, Debug)]
struct Piece {
    class: &'static str,
    y: String,
    height: String,
}

impl Bars {
    /// None where there is nothing in any period.
    pub(crate) fn new(words: Words, kinds: Vec<Kind>, counted: Vec<Counted>) -> Option<Self> {
        let sum = |counted: &Counted| counted.counts.iter().sum::<u64>();
        let most = counted.iter().map(sum).max().filter(|most| *most > 0)?;
        let total = counted.iter().map(sum).sum();
        let bars = counted.into_iter().enumerate().map(|(at, counted)| Bar {
            x: at * STEP,
            title: in_words(&kinds, &counted),
            pieces: pieces(&kinds, &counted.counts, most),
            counted,
        });
        Some(Self {
            words,
            drawn: bars.collect(),
            kinds,
            most,
            total,
        })
    }

    fn summary(&self) -> String {
        (self.words.summary)(self.total, self.most)
    }

    fn width(&self) -> usize {
        self.drawn.len() * STEP
    }

    /// The kinds that are drawn.
    fn legend(&self) -> impl Iterator<Item = &Kind> {
        let is_drawn = |at: usize| self.drawn.iter().any(|bar| bar.counted.counts[at] > 0);
        let kinds = self.kinds.iter().enumerate();
        kinds
            .filter(move |(at, _)| is_drawn(*at))
            .map(|(_, kind)| kind)
    }
}

impl HtmlSafe for Bars {}

fn in_words(kinds: &[Kind], counted: &Counted) -> String {
    let told: Vec<_> = kinds
        .iter()
        .zip(&counted.counts)
        .filter(|(_, count)| **count > 0)
        .map(|(kind, count)| format!("{} {}", numbers::count(*count), kind.word.to_lowercase()))
        .collect();
    let told = if told.is_empty() {
        "nothing".to_owned()
    } else {
        told.join(", ")
    };
    format!("{}: {told}", counted.period)
}

/// Stacked from the bottom. What there was at all is at least a line high.
#[expect(clippy::cast_precision_loss, reason = "a length on screen")]
fn pieces(kinds: &[Kind], counts: &[u64], most: u64) -> Vec<Piece> {
    let mut y = HEIGHT;
    let mut pieces = Vec::new();
    for (kind, count) in kinds.iter().zip(counts) {
        if *count > 0 {
            let height = (*count as f64 * HEIGHT / most as f64).max(1.5);
            y -= height;
            pieces.push(Piece {
                class: kind.class,
                y: format!("{y:.1}"),
                height: format!("{height:.1}"),
            });
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(counted: &[[u64; 2]]) -> Option<Bars> {
        let words = Words {
            summary: |total, most| format!("{total} in all, {most} at most"),
            label: "",
            caption: "",
            period: "",
            last: "",
        };
        let kind = |class, word| Kind { class, word };
        let counted = counted.iter().zip(1..).map(|(counts, at)| Counted {
            period: format!("hour {at}"),
            counts: counts.to_vec(),
        });
        Bars::new(
            words,
            vec![kind("kept", "Kept"), kind("refused", "Refused")],
            counted.collect(),
        )
    }

    #[test]
    fn the_highest_bar_is_full_and_its_pieces_stand_on_one_another() {
        let bars = bars(&[[10, 0], [0, 0], [30, 10]]).unwrap();
        assert_eq!(bars.summary(), "50 in all, 40 at most");
        let last = &bars.drawn[2];
        let heights: Vec<_> = last.pieces.iter().map(|piece| &piece.height).collect();
        assert_eq!(heights, ["48.0", "16.0"]);
        assert_eq!(last.pieces[1].y, "0.0");
        assert_eq!(last.title, "hour 3: 30 kept, 10 refused");
        assert_eq!(bars.drawn[1].title, "hour 2: nothing");
    }

    #[test]
    fn what_never_was_has_no_place_in_the_legend() {
        let bars = bars(&[[10, 0], [5, 0]]).unwrap();
        let legend: Vec<_> = bars.legend().map(|kind| kind.word).collect();
        assert_eq!(legend, ["Kept"]);
    }

    #[test]
    fn nothing_at_all_is_not_drawn() {
        assert!(bars(&[[0, 0], [0, 0]]).is_none());
        assert!(bars(&[]).is_none());
    }
}
