//! A cell as it was typed, before it means anything.

/// Full-width ASCII made plain, everything else as it is.
pub(crate) fn half_width(c: char) -> char {
    match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

/// Blank space in all its forms, invisible marks, and the quotation mark that makes Excel keep a number as text.
pub(crate) fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{FEFF}' | '\'' | '"' | '‘' | '’' | '“' | '”' | '`')
}

/// Words that clerks write where they have no value.
pub(crate) fn is_placeholder(text: &str) -> bool {
    /// The longest of them, in bytes, with some blanks around.
    const LONGEST: usize = 24;
    // What one of them, or a blank before it, begins with: most cells are told by that.
    let may_begin = |c: char| is_blank(c) || "无没暂不未空-/\\0Nn#".contains(c);
    text.len() <= LONGEST
        && text.chars().next().is_none_or(may_begin)
        && matches!(
            text.trim_matches(is_blank),
            "" | "无"
                | "没有"
                | "暂无"
                | "不详"
                | "未知"
                | "空"
                | "无号"
                | "无证"
                | "-"
                | "--"
                | "/"
                | "\\"
                | "0"
                | "NULL"
                | "null"
                | "N/A"
                | "#N/A"
                | "None"
                | "nan"
        )
}

/// The digits of a phone or account; `None` for what cannot be one: too short, or one digit over and over.
pub(crate) fn digits(text: &str, at_least: usize) -> Option<u64> {
    if let Some(value) = plain_digits(text.as_bytes()) {
        let first = text.as_bytes().first();
        let varied = text.bytes().any(|digit| Some(&digit) != first);
        return (text.len() >= at_least && varied).then_some(value);
    }
    let (mut value, mut count, mut first, mut varied) = (0_u64, 0_usize, None, false);
    for digit in text.chars().map(half_width).filter_map(|c| c.to_digit(10)) {
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        count += 1;
        varied |= *first.get_or_insert(digit) != digit;
    }
    (count >= at_least && varied).then_some(value)
}

/// Nothing but digits, as most numbers are written, and not so many that a number of this size could not hold them.
fn plain_digits(text: &[u8]) -> Option<u64> {
    const MOST: usize = 19;
    let digit = |value: u64, byte: &u8| byte.is_ascii_digit().then(|| value * 10 + u64::from(byte - b'0'));
    if text.len() > MOST { None } else { text.iter().try_fold(0, digit) }
}

/// A phone number without the country's prefix.
pub(crate) fn phone(text: &str) -> Option<u64> {
    let value = digits(text, 7)?;
    let prefixed = (8_600_000_000_000..=8_699_999_999_999).contains(&value);
    Some(if prefixed { value % 100_000_000_000 } else { value })
}

/// An account; its digits past the twentieth wrap around, which keeps different accounts different all the same.
pub(crate) fn account(text: &str) -> Option<u64> {
    digits(text, 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_digits_are_read_as_digits_among_other_signs_are() {
        for text in ["13800000000", "1380000", "138000", "0237800000", "11111111", "6217000012345678901", ""]
        {
            let marked = format!("-{text}");
            assert_eq!(digits(text, 7), digits(&marked, 7), "{text}");
        }
        assert_eq!(digits("13800000000", 7), Some(13_800_000_000));
        // One more than a number of this size holds wraps around, as it did.
        let long = "62170000123456789012345";
        assert_eq!(digits(long, 8), digits(&format!("{long} "), 8));
    }

    #[test]
    fn words_for_nothing_are_no_values() {
        for text in [
            "",
            " ",
            "无",
            "　没有 ",
            "暂无",
            "不详",
            "未知",
            "空",
            "'无号",
            "无证",
            "-",
            "--",
            "/",
            "\\",
            "0",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["NULL", "null", "N/A", "#N/A", "None", "nan"] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["吴春玉", "无名", "不二", "00", "N"] {
            assert!(!is_placeholder(text), "{text}");
        }
    }

    #[test]
    fn a_phone_is_its_digits() {
        for text in ["13614512160", "１３６１４５１２１６０", "+86 136-1451-2160", "'13614512160"]
        {
            assert_eq!(phone(text), Some(13_614_512_160), "{text}");
        }
        for text in ["", "无", "00000000000", "12345"] {
            assert_eq!(phone(text), None, "{text}");
        }
    }
}
