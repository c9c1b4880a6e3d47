//! Money as whole fen.

use std::fmt;

/// An amount of money in fen (1/100 yuan). May be negative (a recovery, a loss).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Fen(pub i64);

/// Why a text is not an amount of money.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FenError {
    #[error("“{0}”不是金额")]
    NotMoney(String),
    #[error("金额“{0}”小数超过两位，无法精确到分")]
    TooManyDecimals(String),
    #[error("金额“{0}”太大")]
    TooLarge(String),
}

impl Fen {
    pub const ZERO: Fen = Fen(0);

    /// Parses yuan as people write it: `440`, `440.5`, `1,234.50`, `¥440`, `440元`, `26.8万元`, full-width digits.
    /// More than two decimals is an error unless the further digits are zeros: nothing is rounded silently.
    pub fn parse_yuan(text: &str) -> Result<Fen, FenError> {
        let plain = normalise_number(text);
        let (body, scale) = match plain.strip_suffix('万') {
            Some(body) => (body, 1_000_000_i128),
            None => (plain.as_str(), 100),
        };
        let (negative, digits) = match body.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, body.strip_prefix('+').unwrap_or(body)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
            return Err(FenError::NotMoney(text.trim().to_owned()));
        }
        let too_large = || FenError::TooLarge(text.trim().to_owned());
        if whole.len() > 15 || fraction.len() > 20 {
            return Err(too_large());
        }
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| too_large())? };
        let mut fen = whole * scale;
        let mut unit = scale;
        for digit in fraction.bytes().map(|b| i128::from(b - b'0')) {
            if unit % 10 != 0 {
                if digit != 0 {
                    return Err(FenError::TooManyDecimals(text.trim().to_owned()));
                }
                continue;
            }
            unit /= 10;
            fen += digit * unit;
        }
        let signed = if negative { -fen } else { fen };
        i64::try_from(signed).map(Fen).map_err(|_| too_large())
    }

    /// `None` on overflow: callers report it, they never wrap.
    pub fn checked_add(self, other: Fen) -> Option<Fen> {
        self.0.checked_add(other.0).map(Fen)
    }
}

/// Drops thousands separators, currency marks, blanks; makes full-width digits and signs plain.
fn normalise_number(text: &str) -> String {
    let mut plain: String = text
        .chars()
        .filter_map(|c| match c {
            '０'..='９' => char::from_u32(u32::from(c) - 0xFEE0),
            '．' => Some('.'),
            '－' | '−' | '—' => Some('-'),
            ',' | '，' | '¥' | '￥' | ' ' | '\u{3000}' | '\u{a0}' | '\t' => None,
            other => Some(other),
        })
        .collect();
    if plain.ends_with('元') {
        plain.pop();
    }
    plain
}

/// Two decimals without a unit: `720.00`.
impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let abs = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", abs / 100, abs % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_write_money_in_many_ways() {
        for (text, fen) in [
            ("440", 44_000),
            ("440.5", 44_050),
            ("１，２３４.50元", 123_450),
            ("26.8万元", 26_800_000),
            ("-3.10", -310),
            ("￥ 12", 1_200),
            ("325.670", 32_567),
        ] {
            assert_eq!(Fen::parse_yuan(text), Ok(Fen(fen)), "{text}");
        }
    }

    #[test]
    fn nothing_is_rounded_or_guessed() {
        assert!(matches!(Fen::parse_yuan("1.005"), Err(FenError::TooManyDecimals(_))));
        assert!(matches!(Fen::parse_yuan("4E5"), Err(FenError::NotMoney(_))));
        assert!(matches!(Fen::parse_yuan("四百"), Err(FenError::NotMoney(_))));
        assert!(matches!(Fen::parse_yuan(""), Err(FenError::NotMoney(_))));
        assert!(matches!(Fen::parse_yuan("9999999999999999"), Err(FenError::TooLarge(_))));
    }

    #[test]
    fn fen_print_as_yuan_with_two_decimals() {
        assert_eq!(Fen(-5).to_string(), "-0.05");
        assert_eq!(Fen(72_000).to_string(), "720.00");
    }
}
