//! Headers as different offices write them, made comparable.

/// A header without blanks, line breaks, marks, case and full-width forms. Brackets go, what is inside stays, so that
/// `个人自付金额（12个月）` and `个人自付金额12个月` are one header.
pub(crate) fn header_key(text: &str) -> String {
    text.chars().filter_map(plain_char).filter(|c| !matches!(c, '(' | ')')).collect()
}

/// The key without what stands in brackets: `月保障金（元）` is `月保障金` with its unit.
pub(crate) fn header_key_without_brackets(text: &str) -> String {
    let mut depth = 0_u32;
    let mut key = String::new();
    for c in text.chars().filter_map(plain_char) {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => key.push(c),
            _ => {}
        }
    }
    key
}

/// One character in its plain form; `None` for what carries no meaning in a header.
fn plain_char(c: char) -> Option<char> {
    let half = half_width(c);
    match half {
        _ if half.is_whitespace() || is_invisible(half) => None,
        '*' | ':' | '"' | '\'' | '、' | '_' => None,
        '【' | '〔' | '[' | '{' | '《' | '〈' => Some('('),
        '】' | '〕' | ']' | '}' | '》' | '〉' => Some(')'),
        _ => Some(half.to_ascii_lowercase()),
    }
}

/// Full-width digits, letters and signs as ASCII.
pub(crate) fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' => ' ',
        other => other,
    }
}

/// Characters that copying from web pages leaves behind and nobody sees.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{0}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_compared_without_what_offices_vary() {
        for text in ["身份证号", " 身份证 号", "身份证号\n", "*身份证号", "【身份证号】"]
        {
            assert_eq!(header_key(text), "身份证号", "{text}");
        }
        assert_eq!(header_key("ＩＤ号"), "id号");
        assert_eq!(header_key("个人自付金额（12个月）"), "个人自付金额12个月");
        assert_eq!(header_key_without_brackets("月保障金（元）"), "月保障金");
    }
}
