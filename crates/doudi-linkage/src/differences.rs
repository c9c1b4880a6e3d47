//! Two writings of one thing, character by character, for the eye of whoever has to judge.

use crate::cell::{half_width, is_blank};
use crate::characters::Characters;

/// Longer texts are not laid side by side.
const MOST: usize = 80;

/// How two characters in one place compare.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MarkKind {
    Same,
    /// One is the traditional or variant form of the other.
    Traditional,
    SoundsAlike,
    LooksAlike,
    /// These two neighbours stand in the other order on the other side.
    Swapped,
    Different,
    /// The other side has nothing here.
    Alone,
}

/// One place: the row's character and the register's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mark {
    pub ours: Option<char>,
    pub theirs: Option<char>,
    pub kind: MarkKind,
}

impl MarkKind {
    /// 「“丽”和“莉”同音」; nothing for what needs no word.
    pub fn word(self) -> Option<&'static str> {
        match self {
            MarkKind::Traditional => Some("是繁体或异体"),
            MarkKind::SoundsAlike => Some("同音"),
            MarkKind::LooksAlike => Some("形近"),
            MarkKind::Swapped => Some("前后颠倒"),
            _ => None,
        }
    }
}

/// Lays two writings side by side so that as few places as possible differ. Blanks and full-width forms do not count.
pub(crate) fn differences(ours: &str, theirs: &str, characters: &Characters) -> Vec<Mark> {
    let plain = |text: &str| -> Vec<char> {
        let chars = text.chars().map(half_width).filter(|&c| !is_blank(c));
        chars.map(|c| c.to_ascii_uppercase()).take(MOST).collect()
    };
    let (ours, theirs) = (plain(ours), plain(theirs));
    let costs = costs(&ours, &theirs, characters);
    let (mut i, mut j) = (ours.len(), theirs.len());
    let mut marks = Vec::new();
    while i > 0 || j > 0 {
        let here = costs[i][j];
        if i > 0 && j > 0 {
            let kind = kind(ours[i - 1], theirs[j - 1], characters);
            if here == costs[i - 1][j - 1] + cost(kind) {
                marks.push(Mark { ours: Some(ours[i - 1]), theirs: Some(theirs[j - 1]), kind });
                (i, j) = (i - 1, j - 1);
                continue;
            }
            if are_swapped(&ours, &theirs, i, j) && here == costs[i - 2][j - 2] + cost(MarkKind::Different) {
                for back in 1..=2 {
                    let (ours, theirs) = (Some(ours[i - back]), Some(theirs[j - back]));
                    marks.push(Mark { ours, theirs, kind: MarkKind::Swapped });
                }
                (i, j) = (i - 2, j - 2);
                continue;
            }
        }
        let alone = |ours, theirs| Mark { ours, theirs, kind: MarkKind::Alone };
        if i > 0 && here == costs[i - 1][j] + cost(MarkKind::Alone) {
            marks.push(alone(Some(ours[i - 1]), None));
            i -= 1;
        } else {
            marks.push(alone(None, Some(theirs[j - 1])));
            j -= 1;
        }
    }
    marks.reverse();
    marks
}

fn kind(a: char, b: char, characters: &Characters) -> MarkKind {
    match () {
        () if a == b => MarkKind::Same,
        () if characters.simplified(a) == characters.simplified(b) => MarkKind::Traditional,
        () if characters.same_sound(a, b) => MarkKind::SoundsAlike,
        () if characters.look_alike(a, b) => MarkKind::LooksAlike,
        () => MarkKind::Different,
    }
}

/// Likenesses are nearer than a character that stands alone.
fn cost(kind: MarkKind) -> u32 {
    match kind {
        MarkKind::Same => 0,
        MarkKind::Traditional => 1,
        MarkKind::SoundsAlike | MarkKind::LooksAlike => 4,
        MarkKind::Swapped | MarkKind::Different => 10,
        MarkKind::Alone => 9,
    }
}

fn are_swapped(ours: &[char], theirs: &[char], i: usize, j: usize) -> bool {
    i > 1 && j > 1 && ours[i - 1] == theirs[j - 2] && ours[i - 2] == theirs[j - 1]
}

fn costs(ours: &[char], theirs: &[char], characters: &Characters) -> Vec<Vec<u32>> {
    let alone = cost(MarkKind::Alone);
    let first = (0..=theirs.len() as u32).map(|j| j * alone).collect();
    let mut rows: Vec<Vec<u32>> = vec![first];
    for i in 1..=ours.len() {
        let mut row = vec![i as u32 * alone];
        for j in 1..=theirs.len() {
            let before = &rows[i - 1];
            let mut best = before[j - 1] + cost(kind(ours[i - 1], theirs[j - 1], characters));
            best = best.min(before[j] + alone).min(row[j - 1] + alone);
            if are_swapped(ours, theirs, i, j) {
                best = best.min(rows[i - 2][j - 2] + cost(MarkKind::Different));
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(ours: &str, theirs: &str) -> String {
        let all = differences(ours, theirs, &Characters::new());
        let shown = |c: Option<char>| c.unwrap_or('_');
        let told = all.iter().filter(|mark| mark.kind != MarkKind::Same);
        told.map(|m| format!("{}{}{:?} ", shown(m.ours), shown(m.theirs), m.kind)).collect()
    }

    #[test]
    fn only_what_differs_is_marked_and_named() {
        for (ours, theirs, expected) in [
            ("王秀英", "王秀英", ""),
            ("王　秀英", "王秀英", ""),
            ("王立", "王丽", "立丽SoundsAlike "),
            ("王治", "王冶", "治冶LooksAlike "),
            ("劉国强", "刘国强", "劉刘Traditional "),
            ("王英", "王秀英", "_秀Alone "),
            ("王英秀", "王秀英", "英秀Swapped 秀英Swapped "),
            ("11010519491231003X", "11010519491231002X", "32Different "),
            ("1101051949123102x", "11010519491231002X", "_0Alone "),
            ("１１０", "110", ""),
            ("", "王", "_王Alone "),
        ] {
            assert_eq!(marks(ours, theirs), expected, "{ours} {theirs}");
        }
    }
}
