//! 摸排清单: whom to look in on this month, by village and class. Classes are content; whoever has a lead, is eligible and
//! not enrolled, or is undetermined is looked in on as well. Everybody has one row, with all classes.

use super::table::{HandoutCell, HandoutTable, VISITS, blanks, column, text, with_person};
use super::{At, Maker, SheetOf, shown};
use crate::buckets::Bucket;
use crate::content::Content;
use std::collections::BTreeMap;

/// After the classes of content, in this order.
const BY_BUCKET: [(Bucket, &str); 3] = [
    (Bucket::Verifying, "核查疑点"),
    (Bucket::EligibleNotEnrolled, "符合条件未享受"),
    (Bucket::Undetermined, "情况不明"),
];

pub(super) fn table(content: &Content) -> HandoutTable {
    let look_in = &content.clearing.look_in;
    let columns = [column("类别", 15.0)]
        .into_iter()
        .chain(shown::columns(&look_in.columns))
        .chain([column("原因", 34.0)])
        .chain(VISITS);
    HandoutTable {
        name: "摸排清单".into(),
        note: "本月要上门看的人，每人一行，按村、类别排列；一人属于几类的都写上".into(),
        columns: with_person(columns),
        page_by_village: true,
        ..HandoutTable::default()
    }
}

pub(super) fn add(maker: &mut Maker<'_>, at: &At<'_>) {
    for row in at.unit.rows() {
        let classes = classes(maker, at, row);
        let Some(first) = classes.first() else { continue };
        let content = maker.content;
        let member = at.member(row);
        let shown = shown::cells(content, at, &content.rules.look_in_columns, member);
        let names: Vec<&str> = classes.iter().map(|class| class_name(content, *class)).collect();
        let order = [*first as u32, shown.first().map_or(0, |cell| cell.order)];
        let mut cells = vec![text(&names.join("、"))];
        let counts = maker.sheets.look_in.entry(maker.population.regions[row]).or_default();
        counts.add(&classes, shown.iter().map(|shown| &shown.cell));
        cells.extend(shown.into_iter().map(|shown| shown.cell));
        let placement = &maker.evaluated.placements[row];
        let is_work = BY_BUCKET.iter().any(|(bucket, _)| *bucket == placement.bucket);
        cells.push(text(if is_work { &placement.reason } else { "" }));
        cells.extend(blanks(VISITS.len()));
        maker.push(SheetOf::LookIn, row, order, cells);
    }
}

/// By their places: the classes of content, then the buckets that mean work.
fn classes(maker: &Maker<'_>, at: &At<'_>, row: usize) -> Vec<usize> {
    let bucket = maker.evaluated.placements[row].bucket;
    if bucket == Bucket::OutOfScope {
        return Vec::new();
    }
    let rules = &maker.content.rules.look_in;
    let of_content = rules
        .iter()
        .enumerate()
        .zip(&at.county.look_in)
        .filter(|((_, rule), in_force)| **in_force && maker.evaluated.determined.is_yes(**rule, row));
    let by_bucket = BY_BUCKET.iter().position(|(of, _)| *of == bucket).map(|place| rules.len() + place);
    of_content.map(|((index, _), _)| index).chain(by_bucket).collect()
}

fn class_name(content: &Content, class: usize) -> &str {
    let classes = &content.clearing.look_in.classes;
    match classes.get(class) {
        Some(class) => &class.name,
        None => BY_BUCKET.get(class - classes.len()).map_or("", |(_, name)| name),
    }
}

/// How many of a village are looked in on.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    persons: u64,
    classes: BTreeMap<usize, u64>,
    /// By column and word.
    words: BTreeMap<(usize, String), u64>,
}

impl Counts {
    fn add<'c>(&mut self, classes: &[usize], shown: impl Iterator<Item = &'c HandoutCell>) {
        self.persons += 1;
        for class in classes {
            *self.classes.entry(*class).or_default() += 1;
        }
        for (at, cell) in shown.enumerate() {
            if let HandoutCell::Text(word) = cell {
                *self.words.entry((at, word.clone())).or_default() += 1;
            }
        }
    }

    /// Adds those of other people of the village.
    pub fn add_all(&mut self, more: Counts) {
        self.persons += more.persons;
        for (class, count) in more.classes {
            *self.classes.entry(class).or_default() += count;
        }
        for (word, count) in more.words {
            *self.words.entry(word).or_default() += count;
        }
    }

    /// `12 人：未脱贫 3、核查疑点 4；劳动能力：有 5、不详 7`.
    pub fn line(&self, content: &Content) -> String {
        let counted = |name: &str, count: &u64| format!("{name} {count}");
        let classes: Vec<String> =
            self.classes.iter().map(|(class, count)| counted(class_name(content, *class), count)).collect();
        let mut line = format!("{} 人：{}", self.persons, classes.join("、"));
        for (at, column) in content.clearing.look_in.columns.iter().enumerate() {
            let words: Vec<String> = self
                .words
                .iter()
                .filter(|((of, word), _)| *of == at && !word.is_empty())
                .map(|((_, word), count)| counted(word, count))
                .collect();
            if !words.is_empty() {
                line.push_str(&format!("；{}：{}", column.name, words.join("、")));
            }
        }
        line
    }
}
