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
    /// The number is damaged or missing.
    NoNumber,
    /// The number is another's.
    Borrowed,
    /// The number is valid and nobody has it.
    NotInRegister,
}

impl Doubt {
    pub const ALL: [Doubt; 4] = [Doubt::Plain, Doubt::NoNumber, Doubt::Borrowed, Doubt::NotInRegister];

    /// What the kind is called in a file of weights.
    pub fn id(self) -> &'static str {
        match self {
            Doubt::Plain => "plain",
            Doubt::NoNumber => "no-number",
            Doubt::Borrowed => "borrowed",
            Doubt::NotInRegister => "not-in-register",
        }
    }

    pub fn from_id(id: &str) -> Option<Doubt> {
        Doubt::ALL.into_iter().find(|doubt| doubt.id() == id)
    }

    pub(crate) fn of(why: Option<WhyNot>, same_number: bool) -> Doubt {
        match why {
            Some(WhyNot::BorrowedId) => Doubt::Borrowed,
            Some(WhyNot::NotInRegister) => Doubt::NotInRegister,
            _ if same_number => Doubt::Plain,
            _ => Doubt::NoNumber,
        }
    }
}

/// Beyond this nothing measured says anything: one wrong in a thousand million.
const MOST: f64 = 30.0;

#[derive(Clone, PartialEq, Debug, Default)]
pub struct Calibration {
    tables: [Vec<Point>; 4],
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
        let odds = self.odds(doubt, weighed.clamp(-MOST, MOST)).exp2();
        odds / (1.0 + odds)
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
