//! Numbers of people in sentences and cells: whoever sees to a roster sees that one was read, and which row it is in; all
//! of it stands in the workbook of rows to correct.

use doudi_terms::roster::ColumnKind;

/// In a column of such numbers one may lack some of its digits.
const IN_ITS_COLUMN: usize = 7;

/// So many digits together are somebody's number: elsewhere ids, telephones and accounts, but no code of a village (12),
/// no date and no amount, which are shorter or in parts.
fn is_somebodys(digits: usize, sealed: bool) -> bool {
    if sealed { digits > IN_ITS_COLUMN } else { digits == 11 || digits > 12 }
}

pub fn is_sealed(kind: ColumnKind) -> bool {
    matches!(
        kind,
        ColumnKind::IdNumber | ColumnKind::DisabilityCertificate | ColumnKind::Phone | ColumnKind::Account
    )
}

/// A cell of such a column. A certificate is hidden as the id number that it begins with.
pub fn cell(kind: ColumnKind, text: &str) -> String {
    const ID_NUMBER: usize = 18;
    let end = match kind {
        ColumnKind::DisabilityCertificate => text.char_indices().nth(ID_NUMBER),
        _ => None,
    };
    let (id, rest) = text.split_at(end.map_or(text.len(), |(at, _)| at));
    format!("{}{rest}", number(id))
}

fn number(text: &str) -> String {
    let signs: Vec<char> = text.chars().collect();
    if signs.len() <= IN_ITS_COLUMN {
        return text.to_owned();
    }
    let (first, last) = if signs.len() >= 15 { (6, 4) } else { (3, 4) };
    let hidden =
        |(at, sign): (usize, &char)| if at < first || at + last >= signs.len() { *sign } else { '*' };
    signs.iter().enumerate().map(hidden).collect()
}

/// A sentence that may quote a cell; `sealed` = of a column of such numbers.
pub fn sentence(text: &str, sealed: bool) -> String {
    let mut said = String::new();
    let mut run = String::new();
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        // Digits of any width, letters among them, and single spaces between groups of four.
        let is_gap = matches!(sign, ' ' | '\u{3000}') && !run.is_empty();
        let goes_on = is_gap && signs.peek().is_some_and(|next| is_digit(*next));
        if is_digit(sign) || sign.is_ascii_alphabetic() || goes_on {
            run.push(sign);
            continue;
        }
        end_run(&mut run, sealed, &mut said);
        said.push(sign);
    }
    end_run(&mut run, sealed, &mut said);
    said
}

fn is_digit(sign: char) -> bool {
    sign.is_ascii_digit() || ('０'..='９').contains(&sign)
}

fn end_run(run: &mut String, sealed: bool, said: &mut String) {
    let digits = run.chars().filter(|sign| is_digit(*sign)).count();
    match is_somebodys(digits, sealed) {
        true => said.push_str(&number(run)),
        false => said.push_str(run),
    }
    run.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_hidden_in_the_middle_and_a_short_cell_is_not() {
        assert_eq!(number("500243195003070011"), "500243********0011");
        assert_eq!(number("13800001234"), "138****1234");
        assert_eq!(number("无"), "无");
        let certificate = cell(ColumnKind::DisabilityCertificate, "50024319500307001143");
        assert_eq!(certificate, "500243********001143");
        assert_eq!(cell(ColumnKind::IdNumber, "50024319500307001143"), "500243**********1143");
    }

    #[test]
    fn a_sentence_quotes_nobodys_number() {
        for (quoted, hidden) in [
            ("身份证号“50024319500307001”少一位", "身份证号“500243*******7001”少一位"),
            ("“５００２４３１９５００３０７００１１”不对", "“５００２４３********００１１”不对"),
            ("“6217 0000 1234 5678 903”不是账号", "“6217 0************* 903”不是账号"),
            ("“50024319500307001X”", "“500243********001X”"),
            ("2020-05-08 的 1320.50 元，代码 500243001202", "2020-05-08 的 1320.50 元，代码 500243001202"),
        ] {
            assert_eq!(sentence(quoted, false), hidden);
        }
        assert_eq!(sentence("“138000012”不是电话", false), "“138000012”不是电话", "of no such column");
        assert_eq!(sentence("“138000012”不是电话", true), "“138**0012”不是电话");
        assert_eq!(sentence("第 1234567 行", true), "第 1234567 行");
    }
}
