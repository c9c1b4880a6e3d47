//! What a roster is, as types: its specification (content, read from TOML by doudi-rosters) and the observations that
//! come of reading one. They live here because both the reader of files (rosters) and the builder of facts (engine) use
//! them, and neither may depend on the other.

use crate::date::Month;
use crate::problem::Problem;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One kind of roster: how its files are recognised, what its columns mean, what it says about people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RosterSpec {
    /// ASCII id, also the key of `roster_rows` in the certificate: `dibao`, `disabled`.
    pub id: String,
    /// Chinese name shown to people: 城乡低保在册名册.
    pub name: String,
    pub department: String,
    /// The register of all people (exactly one spec has this).
    #[serde(default)]
    pub register: bool,
    /// A county has this roster every month; a month without it is reported.
    #[serde(default)]
    pub monthly: bool,
    /// A person may rightly stand on several rows (vehicles, bills). Otherwise a second row of one person is a duplicate.
    #[serde(default)]
    pub several_rows: bool,
    /// How many months a row stays valid after the roster's month; 0 = that month only.
    #[serde(default)]
    pub valid_months: u32,
    /// Every file is the whole list: the latest month that counts replaces all earlier ones. Otherwise earlier rows stay
    /// valid (for `valid_months`) until the same person has a newer one.
    #[serde(default)]
    pub whole_list: bool,
    pub columns: Vec<ColumnSpec>,
    /// What a row says about its person or the person's household.
    #[serde(default)]
    pub facts: Vec<FactSpec>,
    /// What a row adds to a list of many (an income, a car, a payment).
    #[serde(default)]
    pub records: Vec<RecordSpec>,
    /// How many others something is shared with.
    #[serde(default)]
    pub counts: Vec<CountSpec>,
    /// This is a handout that comes back filled in: its rows answer leads and state nothing about people.
    #[serde(default)]
    pub findings: Option<FindingSpec>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnSpec {
    pub name: String,
    /// Other headers that mean the same, most usual first. Compared without blanks, full-width and case.
    #[serde(default)]
    pub synonyms: Vec<String>,
    pub kind: ColumnKind,
    /// A file without this column is not this roster.
    #[serde(default)]
    pub required: bool,
    /// For `enum` and `relation`: what is written -> the policies' word. Empty: taken as written.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// For `money` and `number`: a negative value is not an error.
    #[serde(default)]
    pub may_be_negative: bool,
    /// For `money` and `number`: a blank cell states zero. Without it blank is unknown; an unreadable cell always is.
    #[serde(default)]
    pub blank_is_zero: bool,
    /// For `date`: it speaks of what has happened; a day after the roster's month is reported.
    #[serde(default)]
    pub has_happened: bool,
}

/// What a column holds. The identity kinds (from `PersonName` to `Account`) may stand once in a spec; they identify the
/// row's person and never enter a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ColumnKind {
    PersonName,
    IdNumber,
    /// 20 or 22 characters: id number, type, grade, reissue.
    DisabilityCertificate,
    Birth,
    Sex,
    Address,
    Region,
    Phone,
    Account,
    /// Relation to the head of the household.
    Relation,
    /// Household number within the roster.
    HouseholdNumber,
    /// The row's own number in the file (序号).
    RowNumber,
    /// The register's stable number of a person.
    PersonId,
    /// The month the row speaks of (发放年月): states the roster's month.
    StatedMonth,
    Text,
    Enum,
    YesNo,
    Date,
    Month,
    Money,
    Number,
}

impl ColumnKind {
    /// Identity columns are sealed apart from facts.
    pub fn is_identity(self) -> bool {
        self <= ColumnKind::Account
    }
}

/// A fact that a row states.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactSpec {
    /// The policies' input, with its entity: `人.残疾等级`, `户.建档立卡`. A household's fact may stand on any member's row.
    pub input: String,
    /// The column the value comes from; or else `value` is stated by being listed.
    #[serde(default)]
    pub column: Option<String>,
    #[serde(default)]
    pub value: Option<String>,
    /// Or else what comparing the row with itself or with its person shows.
    #[serde(default)]
    pub derive: Option<Derivation>,
    /// What follows for people of the region who are not listed (closed roster): `否`. Without it they stay unknown.
    #[serde(default)]
    pub absent: Option<String>,
    /// Only rows for which every named column has one of the words, as [`Cells::has_word`] compares them.
    /// Several facts of one roster may state the same input under different conditions.
    #[serde(default)]
    pub when: BTreeMap<String, Vec<String>>,
}

/// What a row's identity says when it is looked at more closely; for checks on the quality of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Derivation {
    /// The id number as written: 有效、没有、十五位、位数不对、校验码不符、日期不成立.
    IdState,
    /// 是 where the row's birth date is not the one in its own valid id number.
    BirthDiffersFromId,
    /// 是 where the first 18 characters of the disability certificate are not the row's own valid id number.
    CertificateDiffersFromId,
    /// 是 where the name is not the one the register has of the person the row was linked to.
    NameDiffersFromRegister,
    /// 是 where the row has a valid id number that is not the one the register has of its person.
    IdDiffersFromRegister,
}

/// A count over the rows of this roster, stated as a whole number about every person listed. Without `same`: the
/// person's own rows; with it: all rows with the same cell in that column (blank cells count for nothing).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountSpec {
    /// The policies' input, an integer of a person: `人.低保账户领款户数`.
    pub input: String,
    #[serde(default)]
    pub same: Option<String>,
    pub of: Counted,
    /// What follows for people who are not listed: `0`.
    #[serde(default)]
    pub absent: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counted {
    Rows,
    Persons,
    /// Assistance units of the persons.
    Households,
    /// Different counties in the rows' region codes.
    Counties,
}

/// The columns of a filled-in handout that land on leads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingSpec {
    /// Column with the lead's id.
    pub lead: String,
    /// Column with what verifying came to; its `values` give the outcome words. A blank cell is no answer.
    pub outcome: String,
    #[serde(default)]
    pub by: Option<String>,
    #[serde(default)]
    pub on: Option<String>,
    #[serde(default)]
    pub note: Option<String>,
}

/// A record that a row adds: `收入` with its fields, each from a column or a constant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordSpec {
    pub record: String,
    pub fields: BTreeMap<String, FieldSource>,
    #[serde(default)]
    pub when: BTreeMap<String, Vec<String>>,
    /// The roster lists everything of this kind for everyone of the region: who is not listed has none.
    /// Otherwise a list is complete only for those whom another roster declares complete.
    #[serde(default)]
    pub complete: bool,
    /// Being listed (with an empty or zero value too) states that this person's list is complete.
    #[serde(default)]
    pub complete_for_listed: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, untagged)]
pub enum FieldSource {
    Column { column: String },
    Value { value: String },
}

/// The typed cells of one column of a batch; one entry a row; `None` = blank or unreadable (then a problem says so).
#[derive(Clone, Debug, PartialEq)]
pub enum Cells {
    /// As written, trimmed. Identity columns stay raw: linkage repairs them and keeps the repair as evidence.
    Text(Vec<Option<Box<str>>>),
    /// Whole fen.
    Money(Vec<Option<i64>>),
    /// Numbers in thousandths (exact for three decimals): 98.5 = 98_500.
    Number(Vec<Option<i64>>),
    /// Days since 1970-01-01.
    Date(Vec<Option<i32>>),
    /// Months since year 0.
    Month(Vec<Option<i32>>),
    YesNo(Vec<Option<bool>>),
}

impl Cells {
    pub fn len(&self) -> usize {
        match self {
            Cells::Text(v) => v.len(),
            Cells::Money(v) | Cells::Number(v) => v.len(),
            Cells::Date(v) | Cells::Month(v) => v.len(),
            Cells::YesNo(v) => v.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the cell of a row has a word, as the conditions of facts and records mean it: a text itself, 是 or 否
    /// of a yes/no, and for amounts 有金额 (above zero) or 无金额 (zero or below; a blank cell only where
    /// the column says that blank is zero).
    pub fn has_word(&self, index: usize, word: &str) -> bool {
        match self {
            Cells::Text(cells) => cells.get(index).is_some_and(|cell| cell.as_deref() == Some(word)),
            Cells::Money(cells) | Cells::Number(cells) => match cells.get(index).copied().flatten() {
                Some(amount) => word == if amount > 0 { WITH_AMOUNT } else { WITHOUT_AMOUNT },
                None => false,
            },
            Cells::YesNo(cells) => match cells.get(index).copied().flatten() {
                Some(truth) => word == if truth { "是" } else { "否" },
                None => false,
            },
            Cells::Date(_) | Cells::Month(_) => false,
        }
    }
}

/// The words a condition may use of an amount.
pub const WITH_AMOUNT: &str = "有金额";
pub const WITHOUT_AMOUNT: &str = "无金额";

/// A run of rows of one roster file, in file order. Rows that could not be used at all are not here but in the problems.
#[derive(Clone, Debug, PartialEq)]
pub struct ObservationBatch {
    /// Row in the file as a spreadsheet shows it (headers counted), one per observation.
    pub rows: Vec<u32>,
    /// One per `spec.columns`, in that order; `None` where the file lacks the column.
    pub columns: Vec<Option<Cells>>,
}

/// What reading one file came to; the batches themselves went to the sink.
#[derive(Clone, Debug, PartialEq)]
pub struct RosterFile {
    /// File name without its folder.
    pub file: String,
    pub sheet: Option<String>,
    pub roster: String,
    /// The month its content states, else the one its name states.
    pub month: Option<Month>,
    pub sha256: String,
    /// Data rows seen (blank rows, repeated headers and totals rows not counted).
    pub rows: u32,
    /// Rows that gave no observation; each has a problem with severity `Error`.
    pub rejected: u32,
    pub problems: Vec<Problem>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_compare_words_of_texts_answers_and_amounts() {
        let text = Cells::Text(vec![Some("服刑".into()), None]);
        assert!(text.has_word(0, "服刑") && !text.has_word(0, "强戒") && !text.has_word(1, "服刑"));
        let answers = Cells::YesNo(vec![Some(true), Some(false), None]);
        assert!(answers.has_word(0, "是") && answers.has_word(1, "否") && !answers.has_word(2, "否"));
        let amounts = Cells::Money(vec![Some(8_000), Some(0), None]);
        assert!(amounts.has_word(0, WITH_AMOUNT) && !amounts.has_word(0, WITHOUT_AMOUNT));
        assert!(amounts.has_word(1, WITHOUT_AMOUNT) && !amounts.has_word(2, WITHOUT_AMOUNT));
    }
}
