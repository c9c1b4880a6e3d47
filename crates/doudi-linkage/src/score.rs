//! How good links are, where the truth is known: right and wrong, found and missed, and whether 0.9 means nine of ten.

use crate::evidence::LinkClass;
use std::collections::BTreeMap;

/// One row's link beside the truth.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Judged {
    pub class: LinkClass,
    /// 0 where no person is named.
    pub probability: f64,
    /// A person is named.
    pub linked: bool,
    /// It is the right one.
    pub right: bool,
    /// The row's person is in the register.
    pub known: bool,
}

/// What counts as a link, scored.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Score {
    pub linked: u64,
    pub right: u64,
    /// Rows whose person is in the register.
    pub known: u64,
    /// Links of rows whose person is not.
    pub invented: u64,
}

impl Score {
    fn add(&mut self, row: &Judged, counts: bool) {
        self.known += u64::from(row.known);
        if counts && row.linked {
            self.linked += 1;
            self.right += u64::from(row.right);
            self.invented += u64::from(!row.known);
        }
    }

    pub fn precision(&self) -> f64 {
        share(self.right, self.linked)
    }

    pub fn recall(&self) -> f64 {
        share(self.right, self.known)
    }

    pub fn f1(&self) -> f64 {
        share(2 * self.right, self.linked + self.known)
    }
}

/// Of nothing, nothing is wrong.
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// Where one bin of probabilities ends and the next begins.
pub const BIN_ENDS: [f64; 14] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 1.0];

/// Of fewer rows a share says nothing: among a hundred links at 0.95 one wrong more is a point.
const LEAST_IN_BIN: u64 = 100;

/// Links of about one probability: what was said of them and what was so.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Bin {
    pub from: f64,
    pub to: f64,
    pub count: u64,
    pub right: u64,
    said: f64,
}

impl Bin {
    pub fn said(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.said / self.count as f64 }
    }

    pub fn observed(&self) -> f64 {
        share(self.right, self.count)
    }

    /// How far the observed share may be off by chance alone (two standard deviations).
    pub fn chance(&self) -> f64 {
        let said = self.said();
        if self.count == 0 { 1.0 } else { 2.0 * (said * (1.0 - said) / self.count as f64).sqrt() }
    }
}

/// Everything that is said of one file of links.
#[derive(Clone, PartialEq, Debug)]
pub struct Evaluation {
    pub rows: u64,
    pub review: u64,
    /// Rows whose person is not in the register.
    pub unknown: u64,
    /// Links at the default threshold.
    pub by_default: Score,
    pub auto: Score,
    pub bins: Vec<Bin>,
    /// Rows by what is wrong with them: all, found by default, found without anybody looking.
    pub by_error: BTreeMap<String, [u64; 3]>,
}

impl Evaluation {
    /// `tags` of a row: the errors planted in it.
    pub fn of<'t, T>(rows: impl IntoIterator<Item = (Judged, T)>) -> Evaluation
    where
        T: IntoIterator<Item = &'t str>,
    {
        let mut from = 0.0;
        let bins = BIN_ENDS.map(|to| Bin { from: std::mem::replace(&mut from, to), to, ..Bin::default() });
        let mut all = Evaluation {
            rows: 0,
            review: 0,
            unknown: 0,
            by_default: Score::default(),
            auto: Score::default(),
            bins: bins.to_vec(),
            by_error: BTreeMap::new(),
        };
        for (row, tags) in rows {
            all.add(&row, tags.into_iter());
        }
        all
    }

    fn add<'t>(&mut self, row: &Judged, tags: impl Iterator<Item = &'t str>) {
        let default = row.probability >= crate::weights::LINK;
        let auto = row.class == LinkClass::Auto;
        self.rows += 1;
        self.review += u64::from(row.class == LinkClass::Review);
        self.unknown += u64::from(!row.known);
        self.by_default.add(row, default);
        self.auto.add(row, auto);
        if row.linked {
            let at = self.bins.partition_point(|bin| bin.to <= row.probability).min(self.bins.len() - 1);
            let bin = &mut self.bins[at];
            bin.count += 1;
            bin.right += u64::from(row.right);
            bin.said += row.probability;
        }
        if row.known {
            for tag in tags {
                let counts = self.by_error.entry(tag.to_owned()).or_default();
                counts[0] += 1;
                counts[1] += u64::from(row.right && default);
                counts[2] += u64::from(row.right && auto);
            }
        }
    }

    /// The bin from 0.9 up in which what was said is furthest from what was so, among those with enough rows to tell.
    pub fn worst_above_nine_tenths(&self) -> Option<&Bin> {
        let off = |bin: &Bin| (bin.said() - bin.observed()).abs();
        let above = self.bins.iter().filter(|bin| bin.from >= 0.9 && bin.count >= LEAST_IN_BIN);
        above.max_by(|a, b| off(a).total_cmp(&off(b)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(class: LinkClass, probability: f64, right: bool, known: bool) -> (Judged, Vec<&'static str>) {
        (Judged { class, probability, linked: class != LinkClass::None, right, known }, vec!["digit1"])
    }

    #[test]
    fn a_link_below_the_default_threshold_counts_for_nobody_and_a_stranger_linked_is_a_wrong_link() {
        let all = Evaluation::of([
            row(LinkClass::Auto, 0.999, true, true),
            row(LinkClass::Auto, 0.995, false, false),
            row(LinkClass::Review, 0.6, true, true),
            row(LinkClass::Review, 0.4, true, true),
            row(LinkClass::None, 0.0, false, true),
            row(LinkClass::None, 0.0, false, false),
        ]);
        assert_eq!((all.rows, all.review, all.unknown), (6, 2, 2));
        assert_eq!(all.by_default, Score { linked: 3, right: 2, known: 4, invented: 1 });
        assert_eq!(all.auto, Score { linked: 2, right: 1, known: 4, invented: 1 });
        assert!((all.by_default.f1() - 4.0 / 7.0).abs() < 1e-12);
        assert_eq!(all.by_error["digit1"], [4, 2, 1]);
    }

    #[test]
    fn a_bin_tells_what_was_said_from_what_was_so() {
        let rows = (0..100).map(|n| row(LinkClass::Review, 0.92, n < 80, true));
        let all = Evaluation::of(rows);
        let bin = all.worst_above_nine_tenths().expect("a bin");
        assert_eq!((bin.count, bin.right, bin.from), (100, 80, 0.9));
        assert!((bin.said() - 0.92).abs() < 1e-9 && (bin.observed() - 0.8).abs() < 1e-9);
        let few = Evaluation::of((0..99).map(|n| row(LinkClass::Review, 0.92, n < 10, true)));
        assert_eq!(few.worst_above_nine_tenths(), None, "too few rows to say anything");
        let certain = Evaluation::of([row(LinkClass::Auto, 1.0, true, true)]);
        assert_eq!(certain.bins.last().expect("a bin").count, 1, "one is in the last bin");
    }
}
