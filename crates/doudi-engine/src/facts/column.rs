//! One input as a column: whole numbers, which of them are known, and where each comes from.

use doudi_policy::ir::Type;
use doudi_policy::{Exact, Library, Value};
use doudi_terms::roster::Cells;
use doudi_terms::{Date, Month, epoch_day, parse_date};

/// Held with three decimals.
const THOUSANDTHS: i64 = 1_000;
/// Source of a cell that nobody gave.
pub(crate) const NO_SOURCE: u16 = u16::MAX;

/// Cells of one input. A value is: 0/1, fen, a count, thousandths, days since 1970, months since year 0, or the index of
/// a label.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    pub values: Vec<i64>,
    /// Index into the sources; [`NO_SOURCE`] = not known.
    pub sources: Vec<u16>,
}

impl Column {
    pub fn unknown(rows: usize) -> Column {
        Column { values: vec![0; rows], sources: vec![NO_SOURCE; rows] }
    }

    pub fn get(&self, row: usize) -> Option<i64> {
        if self.sources.get(row).is_some_and(|source| *source != NO_SOURCE) {
            self.values.get(row).copied()
        } else {
            None
        }
    }

    pub fn set(&mut self, row: usize, value: i64, source: u16) {
        if let (Some(cell), Some(from)) = (self.values.get_mut(row), self.sources.get_mut(row)) {
            *cell = value;
            *from = source;
        }
    }

    pub fn is_blank(&self) -> bool {
        self.sources.iter().all(|source| *source == NO_SOURCE)
    }
}

/// Divided amounts and numbers are held in thousandths (of a fen, of one), everything else whole.
pub(crate) fn scale(ty: Type) -> i64 {
    if matches!(ty, Type::Number | Type::Amount) { THOUSANDTHS } else { 1 }
}

/// A stored cell as the evaluators take it.
pub(crate) fn to_value(ty: Type, cell: i64) -> Value {
    match ty {
        Type::YesNo => Value::YesNo(cell != 0),
        Type::Enum(_) => Value::Label(u16::try_from(cell).unwrap_or(u16::MAX)),
        Type::Number | Type::Amount => Value::Number(Exact::new(i128::from(cell), i128::from(THOUSANDTHS))),
        _ => Value::Number(Exact::from_integer(i128::from(cell))),
    }
}

/// The inverse; `None` for what does not fit (fractions of a fen, thousandths of thousandths).
pub(crate) fn from_value(ty: Type, value: Value) -> Option<i64> {
    match value {
        Value::YesNo(yes) => Some(i64::from(yes)),
        Value::Label(label) => Some(i64::from(label)),
        Value::Number(number) => {
            let scale = i128::from(scale(ty));
            let scaled = i128::checked_mul(*number.numer(), scale)?;
            if scaled % number.denom() != 0 {
                return None;
            }
            i64::try_from(scaled / number.denom()).ok()
        }
    }
}

/// A constant of a specification (`是`, `未脱贫`, `440元`), as the input's type has it.
pub(crate) fn from_word(library: &Library, ty: Type, word: &str) -> Option<i64> {
    let word = word.trim();
    match ty {
        Type::YesNo => match word {
            "是" => Some(1),
            "否" => Some(0),
            _ => None,
        },
        Type::Enum(id) => library.labels(id).iter().position(|label| label == word).map(|at| at as i64),
        Type::Money | Type::Amount => doudi_terms::Fen::parse_yuan(word).ok()?.0.checked_mul(scale(ty)),
        Type::Count => word.parse().ok(),
        Type::Number => thousandths(word),
        Type::Date => parse_date(word).map(|date: Date| i64::from(epoch_day(date))),
        Type::Month => Month::parse(word).map(|month| i64::from(month.index())),
        // No roster tells hours; those who decide one case enter them.
        Type::Moment => None,
    }
}

/// `98.5` -> 98500; more than three decimals are not a number here.
fn thousandths(word: &str) -> Option<i64> {
    let (whole, fraction) = word.split_once('.').unwrap_or((word, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits: i64 = format!("{fraction:0<3}").parse().ok()?;
    let whole: i64 = whole.parse().ok()?;
    let sign = if word.starts_with('-') { -1 } else { 1 };
    whole.checked_mul(THOUSANDTHS)?.checked_add(sign * digits)
}

/// What became of a roster's cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    Blank,
    Value(i64),
    /// The cell's kind or word is not one of the input's.
    Unfit,
}

/// A cell of a roster, as the input's type has it.
pub(crate) fn from_cell(library: &Library, ty: Type, cells: &Cells, row: usize) -> Reading {
    let whole = |value: Option<i64>| value.map_or(Reading::Blank, Reading::Value);
    let flat = |cells: &[Option<i64>]| cells.get(row).copied().flatten();
    let small = |cells: &[Option<i32>]| cells.get(row).copied().flatten().map(i64::from);
    match (cells, ty) {
        (Cells::Text(texts), _) => match texts.get(row).and_then(Option::as_deref) {
            None | Some("") => Reading::Blank,
            Some(word) => from_word(library, ty, word).map_or(Reading::Unfit, Reading::Value),
        },
        (Cells::Money(cells), Type::Money | Type::Amount) => {
            whole(flat(cells).and_then(|fen| fen.checked_mul(scale(ty))))
        }
        (Cells::Number(cells), Type::Number) => whole(flat(cells)),
        (Cells::Number(cells), Type::Count) => match flat(cells) {
            Some(value) if value % THOUSANDTHS == 0 => Reading::Value(value / THOUSANDTHS),
            Some(_) => Reading::Unfit,
            None => Reading::Blank,
        },
        (Cells::Date(cells), Type::Date) | (Cells::Month(cells), Type::Month) => whole(small(cells)),
        (Cells::YesNo(cells), Type::YesNo) => whole(cells.get(row).copied().flatten().map(i64::from)),
        // 是/否 columns may feed an input that names the two words itself.
        (Cells::YesNo(cells), Type::Enum(_)) => match cells.get(row).copied().flatten() {
            None => Reading::Blank,
            Some(yes) => {
                from_word(library, ty, if yes { "是" } else { "否" }).map_or(Reading::Unfit, Reading::Value)
            }
        },
        _ => Reading::Unfit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_read_exactly() {
        let library = Library::default();
        assert_eq!(from_word(&library, Type::Number, "98.5"), Some(98_500));
        assert_eq!(from_word(&library, Type::Number, "-0.25"), Some(-250));
        assert_eq!(from_word(&library, Type::Number, "1.0005"), None);
        assert_eq!(from_word(&library, Type::Money, "26.8万元"), Some(26_800_000));
        assert_eq!(from_word(&library, Type::YesNo, "是"), Some(1));
    }

    #[test]
    fn values_go_there_and_back() {
        for (ty, cell) in [(Type::YesNo, 1), (Type::Money, -5), (Type::Number, 98_500), (Type::Date, 18_000)]
        {
            assert_eq!(from_value(ty, to_value(ty, cell)), Some(cell));
        }
        assert_eq!(from_value(Type::Money, Value::Number(Exact::new(1, 3))), None);
    }
}
