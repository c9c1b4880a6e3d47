//! Shipped documents, calendars and tables after a careless hand: words, lines and characters deleted, doubled, swapped,
//! or brought in from another document.

use crate::exercise::exercise;
use crate::{Dice, SHIPPED};
use doudi_policy::Source;

/// What most documents speak of; with them a damaged document alone still links.
const BASE: [&str; 4] =
    ["national/facts.md", "national/scope.md", "national/649-2014.md", "national/parameters.csv"];

/// Pieces of a text that are moved as one.
#[derive(Clone, Copy)]
enum Grain {
    Character,
    Word,
    Line,
}

fn pieces(text: &str, grain: Grain) -> Vec<&str> {
    match grain {
        Grain::Line => text.split_inclusive('\n').collect(),
        Grain::Character => text.char_indices().map(|(at, c)| &text[at..at + c.len_utf8()]).collect(),
        // Words of the language stand between blanks and marks; the marks are words too.
        Grain::Word => {
            let mut found = Vec::new();
            let mut start = 0;
            for (at, c) in text.char_indices() {
                if c.is_whitespace() || "，。、；：（）()[]【】“”「」+−×÷=<>,:".contains(c)
                {
                    found.extend([&text[start..at], &text[at..at + c.len_utf8()]]);
                    start = at + c.len_utf8();
                }
            }
            found.push(&text[start..]);
            found.retain(|piece| !piece.is_empty());
            found
        }
    }
}

/// One slip of the hand. `other` is a text from which something may be pasted.
fn slip(text: &str, other: &str, dice: &mut Dice) -> String {
    let grain = *dice.pick(&[Grain::Character, Grain::Word, Grain::Word, Grain::Line, Grain::Line]);
    let mut words = pieces(text, grain);
    let foreign = pieces(other, grain);
    if words.is_empty() {
        return other.to_owned();
    }
    let most = if dice.percent(10) { 40 } else { 3 };
    let length = 1 + dice.below(most);
    let at = dice.below(words.len());
    let end = (at + length).min(words.len());
    match dice.below(5) {
        0 => drop(words.drain(at..end)),
        1 => {
            let copy = words[at..end].to_vec();
            words.splice(at..at, copy);
        }
        2 => {
            let with = dice.below(words.len());
            words.swap(at, with);
        }
        3 if !foreign.is_empty() => {
            let from = dice.below(foreign.len());
            let to = (from + length).min(foreign.len());
            words.splice(at..at, foreign[from..to].iter().copied());
        }
        _ => {
            let word = *dice.pick(&[
                "99999999999999999",
                "0",
                "-1",
                "是",
                "否",
                "不详",
                "成员",
                "户",
                "人",
                "原值",
                "÷",
                "0001-01-01",
                "9999-12-31",
                "```条文\n",
                "```案例\n",
                "```\n",
                "---\n",
                "“",
                "\u{feff}",
                "\r\n",
                ",",
                "\"",
                "（",
                "当",
                "例外",
                "不详（“”）",
            ]);
            words.splice(at..end, [word]);
        }
    }
    words.concat()
}

/// The texts of input number `seed`.
pub fn damaged(seed: u64) -> Vec<Source> {
    let mut dice = Dice(seed);
    let all = dice.percent(25);
    let which = dice.below(SHIPPED.len());
    let mut sources: Vec<Source> = SHIPPED
        .iter()
        .enumerate()
        .filter(|(index, source)| all || *index == which || BASE.contains(&source.path.as_str()))
        .map(|(_, source)| source.clone())
        .collect();
    for _ in 0..1 + dice.below(2) {
        let at = match sources.iter().position(|source| source.path == SHIPPED[which].path) {
            Some(at) if dice.percent(80) => at,
            _ => dice.below(sources.len()),
        };
        let other = &dice.pick(&SHIPPED).text;
        for _ in 0..1 + dice.below(4) {
            sources[at].text = slip(&sources[at].text, other, &mut dice);
        }
    }
    sources
}

#[test]
fn shipped_texts_with_slips_of_the_hand_are_told_about_never_a_panic() {
    for seed in 0..12 {
        exercise(damaged(seed), seed);
    }
}

/// Not a test of a known thing but a search for unknown ones: runs until the time is over and tells which numbers
/// panicked. `cargo test --release -p doudi-policy --test fuzz -- --ignored --nocapture search`.
#[test]
#[ignore = "searches for twelve minutes"]
#[allow(clippy::disallowed_methods, reason = "a search that ends by the clock")]
#[allow(clippy::print_stdout)]
fn search_among_damaged_texts() {
    let start = std::time::Instant::now();
    let minutes: u64 = std::env::var("MINUTES").ok().and_then(|text| text.parse().ok()).unwrap_or(12);
    let first: u64 = std::env::var("SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000);
    let (mut panicked, mut slowest, mut seed) = (Vec::new(), (0, 0), first);
    while start.elapsed().as_secs() < minutes * 60 {
        println!("{seed}");
        let began = std::time::Instant::now();
        if std::panic::catch_unwind(|| exercise(damaged(seed), seed)).is_err() {
            panicked.push(seed);
        }
        slowest = slowest.max((began.elapsed().as_millis(), seed));
        seed += 1;
    }
    println!("{} inputs, slowest {} ms (number {})", seed - first, slowest.0, slowest.1);
    assert!(panicked.is_empty(), "{panicked:?}");
}
