//! What a row's identity cells say when they are looked at more closely. Only words leave this file, never a name or a
//! number.

use crate::identity::IdentityColumns;
use doudi_terms::roster::{ColumnKind, Derivation, ObservationBatch};
use doudi_terms::{Date, ResidentId, ResidentIdError, parse_date};

/// A row's identity cells beside what the register has of the person whom the row was linked to.
pub(crate) struct Compared<'a> {
    pub columns: &'a IdentityColumns,
    pub batch: &'a ObservationBatch,
    pub at: usize,
    pub register_name: &'a str,
    pub register_id: &'a str,
}

/// The columns that a derivation needs.
pub(crate) fn looks_at(derivation: Derivation) -> &'static [ColumnKind] {
    match derivation {
        Derivation::IdState | Derivation::IdDiffersFromRegister => &[ColumnKind::IdNumber],
        Derivation::BirthDiffersFromId => &[ColumnKind::Birth, ColumnKind::IdNumber],
        Derivation::CertificateDiffersFromId => &[ColumnKind::DisabilityCertificate, ColumnKind::IdNumber],
        Derivation::NameDiffersFromRegister => &[ColumnKind::PersonName],
    }
}

/// The word; `None` where there is nothing to compare.
pub(crate) fn word(derivation: Derivation, row: &Compared<'_>) -> Option<&'static str> {
    let differs = match derivation {
        Derivation::IdState => return Some(id_state(row.cell(ColumnKind::IdNumber))),
        Derivation::BirthDiffersFromId => row.birth()? != row.valid_id()?.birth()?,
        Derivation::CertificateDiffersFromId => {
            let certificate = plain_number(row.cell(ColumnKind::DisabilityCertificate));
            certificate.get(..18)? != row.valid_id()?.as_str()
        }
        Derivation::NameDiffersFromRegister => {
            let (own, known) = (plain_name(row.cell(ColumnKind::PersonName)), plain_name(row.register_name));
            if own.is_empty() || known.is_empty() {
                return None;
            }
            own != known
        }
        Derivation::IdDiffersFromRegister => {
            let known = plain_number(row.register_id);
            if known.is_empty() {
                return None;
            }
            !is_same_number(row.valid_id()?.as_str(), &known)
        }
    };
    Some(if differs { "是" } else { "否" })
}

impl Compared<'_> {
    fn cell(&self, kind: ColumnKind) -> &str {
        self.columns.text(self.batch, kind, self.at)
    }

    fn valid_id(&self) -> Option<ResidentId> {
        ResidentId::parse(&plain_number(self.cell(ColumnKind::IdNumber))).ok()
    }

    /// A time of day may follow the date.
    fn birth(&self) -> Option<Date> {
        let written: String = self.cell(ColumnKind::Birth).trim().chars().map(half_width).collect();
        let day = written.split([' ', 'T']).next().unwrap_or_default();
        parse_date(&written).or_else(|| parse_date(day)).or_else(|| parse_date(&plain_number(&written)))
    }
}

/// Eighteen characters that are no number at all have the wrong shape: there are not seventeen digits.
fn id_state(written: &str) -> &'static str {
    let number = plain_number(written);
    if number.is_empty() {
        return "没有";
    }
    match ResidentId::parse(&number) {
        Ok(_) => "有效",
        Err(ResidentIdError::Birth) => "日期不成立",
        Err(ResidentIdError::Check) => "校验码不符",
        Err(ResidentIdError::Shape) if number.len() == 15 && number.bytes().all(|b| b.is_ascii_digit()) => {
            "十五位"
        }
        Err(ResidentIdError::Shape) => "位数不对",
    }
}

/// A number of fifteen digits is the old form of the one with 19 before the year and a check behind.
fn is_same_number(number: &str, known: &str) -> bool {
    let old = || format!("{}{}", number.get(..6).unwrap_or_default(), number.get(8..17).unwrap_or_default());
    number == known || (known.len() == 15 && number.get(6..8) == Some("19") && old() == known)
}

fn half_width(c: char) -> char {
    match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

/// Blank space in all its forms, invisible marks, and quotation marks that make a spreadsheet keep a number as text.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{FEFF}' | '\'' | '"' | '‘' | '’' | '“' | '”' | '`')
}

/// A number as it is compared: half-width, without blanks, in capitals. Empty where nothing or a word for nothing stands.
pub(crate) fn plain_number(written: &str) -> String {
    let plain: String =
        written.chars().map(half_width).filter(|c| !is_blank(*c)).flat_map(char::to_uppercase).collect();
    match plain.as_str() {
        "无" | "没有" | "暂无" | "不详" | "未知" | "空" | "无号" | "无证" | "-" | "--" | "/" | "\\" | "0"
        | "NULL" | "N/A" | "#N/A" | "NONE" | "NAN" => String::new(),
        _ => plain,
    }
}

/// A name as it is compared: as a number is, and without the dots between the parts.
pub(crate) fn plain_name(written: &str) -> String {
    let dot = |c: &char| matches!(c, '·' | '.' | '•' | '・' | '‧' | '･' | '∙' | '⋅' | '●' | '˙' | '。' | '-');
    plain_number(written).chars().filter(|c| !dot(c)).collect()
}

/// What is compared of an account, a phone or any other cell that people share. One character over and over is how
/// people fill a cell that must not stay blank.
pub(crate) fn plain_shared(written: &str) -> String {
    let plain: String = plain_number(written).chars().filter(|c| *c != '-').collect();
    let mut characters = plain.chars();
    let first = characters.next();
    if characters.all(|c| Some(c) == first) { String::new() } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;
    use doudi_terms::roster::{Cells, ColumnSpec, RosterSpec};

    const KINDS: [(&str, ColumnKind); 4] = [
        ("身份证号", ColumnKind::IdNumber),
        ("姓名", ColumnKind::PersonName),
        ("出生日期", ColumnKind::Birth),
        ("残疾证号", ColumnKind::DisabilityCertificate),
    ];

    fn derived(derivation: Derivation, cells: [&str; 4], register: (&str, &str)) -> Option<&'static str> {
        let column = |(name, kind): &(&str, ColumnKind)| ColumnSpec {
            name: (*name).into(),
            synonyms: Vec::new(),
            kind: *kind,
            required: false,
            values: Default::default(),
            may_be_negative: false,
            blank_is_zero: false,
            has_happened: false,
        };
        let spec = RosterSpec {
            id: "r".into(),
            name: "名册".into(),
            department: "民政".into(),
            register: false,
            monthly: false,
            several_rows: false,
            valid_months: 0,
            whole_list: false,
            columns: KINDS.iter().map(column).collect(),
            facts: Vec::new(),
            records: Vec::new(),
            counts: Vec::new(),
            findings: None,
        };
        let cell = |text: &str| Some(Cells::Text(vec![(!text.is_empty()).then(|| text.into())]));
        let batch = ObservationBatch { rows: vec![2], columns: cells.map(cell).to_vec() };
        let columns = IdentityColumns::of(&spec);
        let row = Compared {
            columns: &columns,
            batch: &batch,
            at: 0,
            register_name: register.0,
            register_id: register.1,
        };
        word(derivation, &row)
    }

    #[test]
    fn every_state_of_an_id_number_has_its_word() {
        for (written, expected) in [
            ("11010519491231002X", "有效"),
            (" １１０１０５１９４９１２３１００２ｘ'", "有效"),
            ("", "没有"),
            ("无", "没有"),
            ("110105491231002", "十五位"),
            ("1101051949123100", "位数不对"),
            ("110105194912310O2X", "位数不对"),
            ("110105194912310021", "校验码不符"),
            ("11010519491331002X", "日期不成立"),
        ] {
            assert_eq!(id_state(written), expected, "{written}");
        }
    }

    #[test]
    fn only_real_differences_count() {
        let id = "11010519491231002X";
        let birth = |birth| derived(Derivation::BirthDiffersFromId, [id, "", birth, ""], ("", ""));
        assert_eq!(birth("１９４９年１２月３１日"), Some("否"));
        assert_eq!(birth("1949-12-31 00:00:00"), Some("否"));
        assert_eq!(birth("1949-12-13"), Some("是"));
        assert_eq!(birth("不记得"), None, "what cannot be read differs from nothing");
        let name =
            |name| derived(Derivation::NameDiffersFromRegister, [id, name, "", ""], ("阿米娜·伊斯马依", id));
        assert_eq!(name("阿米娜 • 伊斯马依　"), Some("否"));
        assert_eq!(name("阿米娜伊斯马衣"), Some("是"));
        assert_eq!(name(""), None);
        let number = |known| derived(Derivation::IdDiffersFromRegister, [id, "", "", ""], ("", known));
        assert_eq!(number("11010519491231002x"), Some("否"));
        assert_eq!(number("110105491231002"), Some("否"), "the old form of the same number");
        assert_eq!(number("440524188001010014"), Some("是"));
        assert_eq!(number(""), None);
        let certificate =
            |written| derived(Derivation::CertificateDiffersFromId, [id, "", "", written], ("", ""));
        assert_eq!(certificate("11010519491231002x43"), Some("否"));
        assert_eq!(certificate("44052418800101001443B1"), Some("是"));
        assert_eq!(certificate("1101"), None);
    }

    #[test]
    fn a_filler_is_no_shared_cell() {
        assert_eq!(plain_shared("６２１７ 0000-1234"), "621700001234");
        for filler in ["", "无", "000000", "11111111111", "/"] {
            assert_eq!(plain_shared(filler), "", "{filler}");
        }
    }
}
