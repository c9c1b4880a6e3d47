//! From weights to a probability that means what it says: of a hundred links at 0.95, ninety-five are right.
//!
//! Weights add up as if every field were a witness of its own. They are not quite, so the sum is too sure of itself, and
//! how much too sure depends on what is in doubt. A table per kind of doubt, measured on rows whose person is known, sets
//! that right; between its points a straight line is drawn in log2 odds.

use crate::evidence::WhyNot;

/// One point: what the weights said and what was so, both as log2 odds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Point {
    pub weighed: f64,
    pub observed: f64,
}

/// What is in doubt about a link: each kind has its own table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Doubt {
    /// The number is the person's and so is the name.
    Plain,
    /// The number is damaged or missing, and something tells the person from the rest of the household.
    NoNumber,
    /// The number is missing, and all that is known is the name and what a household has in common.
    HouseholdOnly,
    /// The number is another's.
    Borrowed,
    /// The number is valid and nobody has it.
    NotInRegister,
}

impl Doubt {
    pub const ALL: [Doubt; 5] =
        [Doubt::Plain, Doubt::NoNumber, Doubt::HouseholdOnly, Doubt::Borrowed, Doubt::NotInRegister];

    /// What the kind is called in a file of weights.
    pub fn id(self) -> &'static str {
        match self {
            Doubt::Plain => "plain",
            Doubt::NoNumber => "no-number",
            Doubt::HouseholdOnly => "household-only",
            Doubt::Borrowed => "borrowed",
            Doubt::NotInRegister => "not-in-register",
        }
    }

    /// The same for people.
    pub fn label(self) -> &'static str {
        match self {
            Doubt::Plain => "号码就是这个人的",
            Doubt::NoNumber => "号码有误或没有，有别的能认出本人",
            Doubt::HouseholdOnly => "号码有误或没有，只有姓名和同户的人共有的几项",
            Doubt::Borrowed => "号码是别人的",
            Doubt::NotInRegister => "号码有效而底册里没有",
        }
    }

    pub fn from_id(id: &str) -> Option<Doubt> {
        Doubt::ALL.into_iter().find(|doubt| doubt.id() == id)
    }

    pub(crate) fn of(why: Option<WhyNot>, same_number: bool, own: bool) -> Doubt {
        match why {
            Some(WhyNot::BorrowedId) => Doubt::Borrowed,
            Some(WhyNot::NotInRegister) => Doubt::NotInRegister,
            _ if same_number => Doubt::Plain,
            _ if own => Doubt::NoNumber,
            _ => Doubt::HouseholdOnly,
        }
    }
}

/// Beyond this nothing measured says anything: one wrong in a thousand million.
const MOST: f64 = 30.0;

#[derive(Clone, PartialEq, Debug, Default)]
pub struct Calibration {
    tables: [Vec<Point>; Doubt::ALL.len()],
}

impl Calibration {
    pub fn table(&self, doubt: Doubt) -> &[Point] {
        &self.tables[doubt as usize]
    }

    /// `points` in rising order on both sides.
    pub fn set(&mut self, doubt: Doubt, points: Vec<Point>) {
        self.tables[doubt as usize] = points;
    }

    /// The probability for what the weights say; without a table it is left as it is.
    pub fn probability(&self, doubt: Doubt, weighed: f64) -> f64 {
        share(self.odds(doubt, weighed.clamp(-MOST, MOST)))
    }

    fn odds(&self, doubt: Doubt, weighed: f64) -> f64 {
        let table = self.table(doubt);
        let (Some(first), Some(last)) = (table.first(), table.last()) else { return weighed };
        // Beyond the ends the table's last word holds, moved along: what was not measured is no surer than what was.
        if weighed <= first.weighed {
            return first.observed - (first.weighed - weighed);
        }
        if weighed >= last.weighed {
            return last.observed;
        }
        let after = table.partition_point(|point| point.weighed <= weighed);
        let (from, to) = (table[after - 1], table[after]);
        let part = (weighed - from.weighed) / (to.weighed - from.weighed);
        from.observed + part * (to.observed - from.observed)
    }
}

/// log2 odds of a probability.
pub fn log2_odds(probability: f64) -> f64 {
    (probability / (1.0 - probability)).log2().clamp(-MOST, MOST)
}

/// The probability of log2 odds.
pub(crate) fn share(log2_odds: f64) -> f64 {
    let odds = log2_odds.exp2();
    odds / (1.0 + odds)
}

/// What the weights said of a row's person, and whether it was so.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Observed {
    pub doubt: Doubt,
    pub weighed: f64,
    pub right: bool,
}

/// So many rows make a table: fewer say nothing of shares.
const LEAST_ROWS: usize = 200;
/// Neighbours are counted together up to so many rows and so many bits.
const LEAST_IN_POINT: usize = 200;
const MOST_POINTS: usize = 24;
const WIDE: f64 = 4.0;
/// What the weights say counts as much as so many rows: where there are hardly any, nothing else is known.
const ROWS_OF_PRIOR: f64 = 2.0;
/// Points of a table stand so far apart at least (bits), so that two decimals tell them apart.
const NARROW: f64 = 0.02;

/// A table of one kind of doubt: shares of neighbours, pooled until they rise (isotonic regression). Empty where there are
/// too few rows.
pub fn fit(observed: &[Observed], doubt: Doubt) -> Vec<Point> {
    let mut rows: Vec<(f64, bool)> = (observed.iter().filter(|row| row.doubt == doubt))
        .map(|row| (row.weighed.clamp(-MOST, MOST), row.right))
        .collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    if rows.len() < LEAST_ROWS {
        return Vec::new();
    }
    let size = LEAST_IN_POINT.max(rows.len() / MOST_POINTS);
    let mut pools: Vec<Pool> = Vec::new();
    for chunk in
        rows.chunk_by(|a, b| (a.0 / WIDE).floor() == (b.0 / WIDE).floor()).flat_map(|c| c.chunks(size))
    {
        let mut pool = Pool::default();
        chunk.iter().for_each(|&(weighed, right)| pool.add(weighed, right));
        pools.push(pool);
        while let [.., before, last] = pools.as_mut_slice()
            && before.share() >= last.share()
        {
            before.join(*last);
            pools.pop();
        }
    }
    let mut points: Vec<Point> = Vec::new();
    for pool in pools {
        let observed = log2_odds(pool.share());
        // One share holds from the first of its rows to the last.
        let first = points.last().map_or(pool.first, |last| pool.first.max(last.weighed + NARROW));
        points.push(Point { weighed: first, observed });
        if pool.last > first + NARROW {
            points.push(Point { weighed: pool.last, observed });
        }
    }
    points
}

#[derive(Clone, Copy, Default)]
struct Pool {
    count: f64,
    right: f64,
    /// Sum of what the weights said.
    said: f64,
    first: f64,
    last: f64,
}

impl Pool {
    /// Rows come in rising order.
    fn add(&mut self, weighed: f64, right: bool) {
        self.first = if self.count == 0.0 { weighed } else { self.first };
        self.count += 1.0;
        self.right += f64::from(u8::from(right));
        self.said += share(weighed);
        self.last = weighed;
    }

    fn join(&mut self, other: Pool) {
        self.count += other.count;
        self.right += other.right;
        self.said += other.said;
        self.last = other.last;
    }

    fn share(&self) -> f64 {
        (self.right + ROWS_OF_PRIOR * self.said / self.count) / (self.count + ROWS_OF_PRIOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_table_the_odds_are_left_as_they_are() {
        let calibration = Calibration::default();
        assert!((calibration.probability(Doubt::Plain, 0.0) - 0.5).abs() < 1e-12);
        assert!(calibration.probability(Doubt::Plain, 1e9) < 1.0);
    }

    #[test]
    fn a_fitted_table_gives_back_the_shares_it_was_fitted_to_and_never_falls() {
        // Weighed 6 is said of links of which four in five are right; 12 of nineteen in twenty.
        let rows = |weighed: f64, wrong_each: usize| {
            (0..2000).map(move |n| Observed {
                doubt: Doubt::NoNumber,
                weighed: weighed + n as f64 / 2000.0,
                right: n % wrong_each != 0,
            })
        };
        let observed: Vec<Observed> = rows(6.0, 5).chain(rows(12.0, 20)).collect();
        let points = fit(&observed, Doubt::NoNumber);
        assert!(points.len() < 100 && points.windows(2).all(|p| p[0].observed <= p[1].observed));
        let mut calibration = Calibration::default();
        calibration.set(Doubt::NoNumber, points);
        let at = |weighed| calibration.probability(Doubt::NoNumber, weighed);
        assert!((at(6.5) - 0.8).abs() < 0.01 && (at(12.5) - 0.95).abs() < 0.01, "{} {}", at(6.5), at(12.5));
        assert!(fit(&observed, Doubt::Borrowed).is_empty(), "no rows, no table");
    }

    #[test]
    fn a_table_is_followed_in_straight_lines_and_no_further_than_it_goes() {
        let mut calibration = Calibration::default();
        let point = |weighed, observed| Point { weighed, observed };
        calibration.set(Doubt::Borrowed, vec![point(0.0, -2.0), point(10.0, 2.0), point(20.0, 6.0)]);
        let at = |weighed| log2_odds(calibration.probability(Doubt::Borrowed, weighed));
        for (weighed, observed) in [(0.0, -2.0), (5.0, 0.0), (15.0, 4.0), (25.0, 6.0), (-1.0, -3.0)] {
            assert!((at(weighed) - observed).abs() < 1e-9, "{weighed}: {}", at(weighed));
        }
    }
}
