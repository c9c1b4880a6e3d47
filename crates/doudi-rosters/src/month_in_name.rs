//! The month that a file name or a title states.

use doudi_terms::Month;

use crate::header::half_width;

/// Finds the month in a file name or title: `2020-04`, `202004`, `20200430`, `2020年4月`, `2020.4`. `None` where there is
/// none, or where two different months stand (a range is not a month: a person has to say which one is meant).
pub fn month_in_text(text: &str) -> Option<Month> {
    let chars: Vec<char> = text.chars().map(half_width).filter(|c| !c.is_whitespace()).collect();
    let mut found: Option<Month> = None;
    let mut at = 0;
    while at < chars.len() {
        if !chars[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let end = at + chars[at..].iter().take_while(|c| c.is_ascii_digit()).count();
        if let Some(month) = month_at(&chars, at, end) {
            if found.is_some_and(|earlier| earlier != month) {
                return None;
            }
            found = Some(month);
        }
        at = end;
    }
    found
}

/// The month that begins with the digits `chars[start..end]`.
fn month_at(chars: &[char], start: usize, end: usize) -> Option<Month> {
    let number = |range: std::ops::Range<usize>| chars[range].iter().collect::<String>().parse::<i32>().ok();
    match end - start {
        // 202004, and 20200430 whose day does not matter here.
        6 | 8 => plausible(number(start..start + 4)?, number(start + 4..start + 6)?),
        4 => {
            if !matches!(chars.get(end), Some('-' | '.' | '/' | '年' | '_')) {
                return None;
            }
            let digits = chars[end + 1..].iter().take_while(|c| c.is_ascii_digit()).count();
            if !(1..=2).contains(&digits) {
                return None;
            }
            plausible(number(start..end)?, number(end + 1..end + 1 + digits)?)
        }
        _ => None,
    }
}

/// Rosters are of this age; any other number is a serial or a document number.
fn plausible(year: i32, month: i32) -> Option<Month> {
    if (1990..=2099).contains(&year) { Month::new(year, month) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_month_is_found_in_file_names() {
        let april = Month::new(2020, 4);
        for text in [
            "2020-04低保.csv",
            "低保202004.xlsx",
            "低保_20200430",
            "2020年4月城乡低保发放表",
            "２０２０年４月",
            "2020.4",
            "彭水2020年 4 月",
        ] {
            assert_eq!(month_in_text(text), april, "{text}");
        }
        for text in ["dibao.csv", "2020年低保", "500243低保", "2020-13", "2020-03至2020-04", "12345678"]
        {
            assert_eq!(month_in_text(text), None, "{text}");
        }
    }
}
