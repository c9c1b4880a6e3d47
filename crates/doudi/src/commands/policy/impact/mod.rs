//! What other policies come to on a month that was cleared, as `simulate` and `diff` tell it: on the screen in figures,
//! in files by name.

mod example;
mod files;
mod json;
mod month;
mod text;

pub use files::write as write_files;
pub use json::value as json;
pub use month::{Month, MonthArgs, Policies, find, open};
pub use text::{Detail, text};

use doudi_terms::Fen;

/// `1,234.50`; with `sign`, also the plus.
pub fn yuan(fen: i128, sign: bool) -> String {
    let plain = match i64::try_from(fen) {
        Ok(fen) => Fen(fen).to_string(),
        Err(_) => return "（数额太大）".to_owned(),
    };
    let digits = plain.trim_start_matches('-');
    let (whole, cents) = digits.split_once('.').unwrap_or((digits, "00"));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let mark = if fen < 0 {
        "-"
    } else if sign && fen > 0 {
        "+"
    } else {
        ""
    };
    format!("{mark}{grouped}.{cents}")
}

#[cfg(test)]
mod tests {
    use super::yuan;

    #[test]
    fn money_is_grouped_by_thousands_and_keeps_its_sign() {
        assert_eq!(yuan(123_456_789, false), "1,234,567.89");
        assert_eq!(yuan(-100_000, true), "-1,000.00");
        assert_eq!(yuan(99_900, true), "+999.00");
        assert_eq!(yuan(0, true), "0.00");
    }
}
