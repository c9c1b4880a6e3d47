//! Administrative division codes, from country to village.

use std::fmt;

/// How far down a code goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RegionLevel {
    Country,
    Province,
    Prefecture,
    County,
    Township,
    Village,
}

/// A division code held as twelve digits (GB/T 2260 plus township and village), zeros below its level.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RegionCode(u64);

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RegionError {
    #[error("区划代码“{0}”应为 2、4、6、9 或 12 位数字")]
    Shape(String),
}

impl RegionCode {
    pub const COUNTRY: RegionCode = RegionCode(0);

    /// Accepts 2, 4, 6, 9 or 12 digits; `000000` is the country.
    pub fn parse(text: &str) -> Result<RegionCode, RegionError> {
        let text = text.trim();
        let shape = || RegionError::Shape(text.to_owned());
        if !matches!(text.len(), 2 | 4 | 6 | 9 | 12) || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(shape());
        }
        let digits: u64 = text.parse().map_err(|_| shape())?;
        Ok(RegionCode(digits * 10_u64.pow(12 - text.len() as u32)))
    }

    /// The twelve digits as a number (the form codes have in columns); `None` above twelve digits.
    pub fn from_number(number: u64) -> Option<RegionCode> {
        (number < 1_000_000_000_000).then_some(RegionCode(number))
    }

    pub fn number(self) -> u64 {
        self.0
    }

    pub fn level(self) -> RegionLevel {
        let zeros_below = |power: u32| self.0.is_multiple_of(10_u64.pow(power));
        match () {
            () if self.0 == 0 => RegionLevel::Country,
            () if zeros_below(10) => RegionLevel::Province,
            () if zeros_below(8) => RegionLevel::Prefecture,
            () if zeros_below(6) => RegionLevel::County,
            () if zeros_below(3) => RegionLevel::Township,
            () => RegionLevel::Village,
        }
    }

    /// The numbers of this place and of everything in it.
    pub fn numbers(self) -> std::ops::Range<u64> {
        let below = match self.level() {
            RegionLevel::Country => 12,
            RegionLevel::Province => 10,
            RegionLevel::Prefecture => 8,
            RegionLevel::County => 6,
            RegionLevel::Township => 3,
            RegionLevel::Village => 0,
        };
        self.0..self.0 + 10_u64.pow(below)
    }

    /// The code cut at a level; a code above that level is returned as it is.
    pub fn at(self, level: RegionLevel) -> RegionCode {
        let power = match level {
            RegionLevel::Country => return RegionCode::COUNTRY,
            RegionLevel::Province => 10,
            RegionLevel::Prefecture => 8,
            RegionLevel::County => 6,
            RegionLevel::Township => 3,
            RegionLevel::Village => 0,
        };
        let unit = 10_u64.pow(power);
        RegionCode(self.0 / unit * unit)
    }

    pub fn county(self) -> RegionCode {
        self.at(RegionLevel::County)
    }

    pub fn township(self) -> RegionCode {
        self.at(RegionLevel::Township)
    }

    pub fn parent(self) -> Option<RegionCode> {
        let level = match self.level() {
            RegionLevel::Country => return None,
            RegionLevel::Province => RegionLevel::Country,
            RegionLevel::Prefecture => RegionLevel::Province,
            RegionLevel::County => RegionLevel::Prefecture,
            RegionLevel::Township => RegionLevel::County,
            RegionLevel::Village => RegionLevel::Township,
        };
        Some(self.at(level))
    }

    /// Whether this place lies in `other` (every place lies in itself and in the country).
    pub fn is_within(self, other: RegionCode) -> bool {
        self.at(other.level()) == other
    }
}

/// Six digits down to the county (`500243`, country `000000`), nine for a township, twelve for a village.
impl fmt::Display for RegionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.level() {
            RegionLevel::Township => write!(f, "{:09}", self.0 / 1_000),
            RegionLevel::Village => write!(f, "{:012}", self.0),
            _ => write!(f, "{:06}", self.0 / 1_000_000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_holds_the_numbers_of_what_lies_in_it_and_no_others() {
        let places =
            ["000000", "500000", "500200", "500243", "500243001", "500243001202", "500244", "510000"];
        let place = |code: &str| RegionCode::parse(code).expect("a code");
        for (outer, inner) in places.iter().flat_map(|outer| places.map(|inner| (place(outer), place(inner))))
        {
            assert_eq!(outer.numbers().contains(&inner.number()), inner.is_within(outer), "{outer} {inner}");
        }
    }

    #[test]
    fn a_code_knows_its_level_and_its_ancestors() {
        let village = RegionCode::parse("500243001202").expect("a code");
        assert_eq!(village.level(), RegionLevel::Village);
        assert_eq!(village.township().to_string(), "500243001");
        assert_eq!(village.county().to_string(), "500243");
        let up: Vec<String> =
            std::iter::successors(Some(village), |code| code.parent()).map(|code| code.to_string()).collect();
        assert_eq!(up, ["500243001202", "500243001", "500243", "500200", "500000", "000000"]);
        assert!(village.is_within(RegionCode::COUNTRY) && village.is_within(village.county()));
        assert!(!village.county().is_within(village));
    }

    #[test]
    fn a_code_of_the_wrong_shape_is_refused() {
        for text in ["", "50024", "5002430", "5002４3", "50024300120x"] {
            assert!(RegionCode::parse(text).is_err(), "{text}");
        }
    }
}
