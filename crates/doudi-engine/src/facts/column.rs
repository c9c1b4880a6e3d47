//! One input as a column: whole numbers, which of them are known, and where each comes from.

use arrow_array::{ArrayRef, BooleanArray, Int8Array, Int32Array, Int64Array};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer};
use doudi_policy::ir::Type;
use doudi_policy::{Exact, Library, Value};
use doudi_terms::roster::Cells;
use doudi_terms::{Date, Month, epoch_day, parse_date};
use std::ops::Range;
use std::sync::Arc;

/// Held with three decimals.
const THOUSANDTHS: i64 = 1_000;
/// Source of a cell that nobody gave.
pub(crate) const NO_SOURCE: u16 = u16::MAX;

/// Whole numbers in as few bytes as hold all of them: most inputs are yes or no, a label or a small count.
#[derive(Clone, Debug)]
enum Numbers {
    Small(Vec<i8>),
    Middle(Vec<i32>),
    Large(Vec<i64>),
}

impl Numbers {
    fn get(&self, row: usize) -> Option<i64> {
        match self {
            Numbers::Small(cells) => cells.get(row).copied().map(i64::from),
            Numbers::Middle(cells) => cells.get(row).copied().map(i64::from),
            Numbers::Large(cells) => cells.get(row).copied(),
        }
    }

    /// Replaces a cell that is there.
    fn set(&mut self, row: usize, value: i64) {
        self.make_room_for(value);
        match self {
            Numbers::Small(cells) => replace(cells, row, value as i8),
            Numbers::Middle(cells) => replace(cells, row, value as i32),
            Numbers::Large(cells) => replace(cells, row, value),
        }
    }

    fn push(&mut self, value: i64) {
        self.make_room_for(value);
        match self {
            Numbers::Small(cells) => cells.push(value as i8),
            Numbers::Middle(cells) => cells.push(value as i32),
            Numbers::Large(cells) => cells.push(value),
        }
    }

    /// Widens the cells until a value fits.
    fn make_room_for(&mut self, value: i64) {
        if let Numbers::Small(cells) = self
            && i8::try_from(value).is_err()
        {
            *self = Numbers::Middle(cells.iter().copied().map(i32::from).collect());
        }
        if let Numbers::Middle(cells) = self
            && i32::try_from(value).is_err()
        {
            *self = Numbers::Large(cells.iter().copied().map(i64::from).collect());
        }
    }
}

/// Rows for which a word has a bit each.
const WORD: usize = u64::BITS as usize;

/// Packs whether something holds of each cell; what `holds` gives for sixty-four of them is worked out at once.
fn packed<T: Copy>(cells: &[T], holds: impl Fn(T) -> bool) -> BooleanBuffer {
    const LOW: u64 = 0x0102_0408_1020_4080;
    let mut words = Vec::with_capacity(cells.len().div_ceil(WORD));
    for cells in cells.chunks(WORD) {
        let mut bytes = [0_u8; WORD];
        bytes.iter_mut().zip(cells).for_each(|(byte, cell)| *byte = u8::from(holds(*cell)));
        let (eights, _) = bytes.as_chunks::<8>();
        let eights = eights.iter().map(|eight| u64::from_le_bytes(*eight).wrapping_mul(LOW) >> 56);
        words.push(eights.enumerate().fold(0, |word, (at, byte)| word | byte << (8 * at)));
    }
    BooleanBuffer::new(Buffer::from_vec(words), 0, cells.len())
}

fn replace<T>(cells: &mut [T], row: usize, value: T) {
    if let Some(cell) = cells.get_mut(row) {
        *cell = value;
    }
}

/// Cells of one input. A value is: 0/1, fen, a count, thousandths, days since 1970, months since year 0, or the index of
/// a label.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    values: Numbers,
    /// Index into the sources; [`NO_SOURCE`] = not known.
    sources: Vec<u16>,
}

impl PartialEq for Column {
    fn eq(&self, other: &Column) -> bool {
        self.sources == other.sources && (0..self.len()).all(|row| self.get(row) == other.get(row))
    }
}

impl Column {
    pub fn unknown(rows: usize) -> Column {
        Column { values: Numbers::Small(vec![0; rows]), sources: vec![NO_SOURCE; rows] }
    }

    /// Some rows as an array of this width; `None` where a cell's type asks for looking at each.
    pub fn cells(&self, ty: Type, rows: Range<usize>) -> Option<ArrayRef> {
        let nulls = NullBuffer::new(packed(self.sources.get(rows.clone())?, |source| source != NO_SOURCE));
        let nulls = Some(nulls).filter(|nulls| nulls.null_count() > 0);
        Some(match (&self.values, ty) {
            (Numbers::Small(cells), Type::YesNo) => {
                Arc::new(BooleanArray::new(packed(cells.get(rows)?, |cell| cell != 0), nulls))
            }
            (_, Type::YesNo) => return None,
            (Numbers::Small(cells), _) => Arc::new(Int8Array::new(cells.get(rows)?.to_vec().into(), nulls)),
            (Numbers::Middle(cells), ty) if !matches!(ty, Type::Enum(_)) => {
                Arc::new(Int32Array::new(cells.get(rows)?.to_vec().into(), nulls))
            }
            (Numbers::Middle(_), _) | (Numbers::Large(_), Type::Date | Type::Month | Type::Enum(_)) => {
                return None;
            }
            (Numbers::Large(cells), _) => Arc::new(Int64Array::new(cells.get(rows)?.to_vec().into(), nulls)),
        })
    }

    /// Sets up to sixty-four neighbouring cells to yes or no, with source 0, where they are known; the others are not
    /// known.
    pub fn set_yes_no(&mut self, row: usize, rows: usize, truth: u64, known: u64) {
        let Some(sources) = self.sources.get_mut(row..row + rows) else { return };
        for (at, source) in sources.iter_mut().enumerate() {
            *source = ((known >> at & 1) as u16).wrapping_sub(1);
        }
        match &mut self.values {
            Numbers::Small(cells) => {
                for (at, cell) in cells[row..row + rows].iter_mut().enumerate() {
                    *cell = (truth >> at & 1) as i8;
                }
            }
            wider => (0..rows).for_each(|at| wider.set(row + at, (truth >> at & 1) as i64)),
        }
    }

    /// Sets neighbouring cells, with source 0.
    pub fn set_all(&mut self, row: usize, values: impl Iterator<Item = i64> + Clone) {
        let (low, high) = values.clone().fold((0, 0), |(low, high), value| (value.min(low), value.max(high)));
        self.values.make_room_for(low);
        self.values.make_room_for(high);
        let sources = self.sources.iter_mut().skip(row).zip(values.clone());
        sources.for_each(|(source, _)| *source = 0);
        match &mut self.values {
            Numbers::Small(cells) => {
                cells.iter_mut().skip(row).zip(values).for_each(|(cell, value)| *cell = value as i8)
            }
            Numbers::Middle(cells) => {
                cells.iter_mut().skip(row).zip(values).for_each(|(cell, value)| *cell = value as i32)
            }
            Numbers::Large(cells) => {
                cells.iter_mut().skip(row).zip(values).for_each(|(cell, value)| *cell = value)
            }
        }
    }

    /// Cells that all have source 0, where they are known.
    pub fn of(cells: impl Iterator<Item = Option<i64>>) -> Column {
        let mut column = Column::unknown(0);
        column.extend(cells);
        column
    }

    /// Adds cells that have source 0, where they are known.
    pub fn extend(&mut self, cells: impl Iterator<Item = Option<i64>>) {
        for cell in cells {
            self.values.push(cell.unwrap_or(0));
            self.sources.push(if cell.is_some() { 0 } else { NO_SOURCE });
        }
    }

    pub fn len(&self) -> usize {
        self.sources.len()
    }

    pub fn get(&self, row: usize) -> Option<i64> {
        if self.source(row) == NO_SOURCE { None } else { self.values.get(row) }
    }

    /// [`NO_SOURCE`] where nothing is known.
    pub fn source(&self, row: usize) -> u16 {
        self.sources.get(row).copied().unwrap_or(NO_SOURCE)
    }

    pub fn into_sources(self) -> Vec<u16> {
        self.sources
    }

    pub fn sources(&self) -> &[u16] {
        &self.sources
    }

    pub fn set(&mut self, row: usize, value: i64, source: u16) {
        if let Some(from) = self.sources.get_mut(row) {
            *from = source;
            self.values.set(row, value);
        }
    }

    pub fn is_blank(&self) -> bool {
        self.sources.iter().all(|source| *source == NO_SOURCE)
    }
}

/// For a file that nobody but this run reads.
impl Column {
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend((self.len() as u64).to_le_bytes());
        match &self.values {
            Numbers::Small(cells) => {
                out.push(1);
                out.extend(cells.iter().flat_map(|cell| cell.to_le_bytes()));
            }
            Numbers::Middle(cells) => {
                out.push(4);
                out.extend(cells.iter().flat_map(|cell| cell.to_le_bytes()));
            }
            Numbers::Large(cells) => {
                out.push(8);
                out.extend(cells.iter().flat_map(|cell| cell.to_le_bytes()));
            }
        }
        out.extend(self.sources.iter().flat_map(|source| source.to_le_bytes()));
    }

    /// The column at the beginning of `bytes`, which then begin after it.
    pub fn read(bytes: &mut &[u8]) -> Option<Column> {
        let rows = usize::try_from(u64::from_le_bytes(*bytes.split_off(..8)?.first_chunk()?)).ok()?;
        let values = match bytes.split_off_first()? {
            1 => Numbers::Small(numbers(bytes, rows, i8::from_le_bytes)?),
            4 => Numbers::Middle(numbers(bytes, rows, i32::from_le_bytes)?),
            8 => Numbers::Large(numbers(bytes, rows, i64::from_le_bytes)?),
            _ => return None,
        };
        Some(Column { values, sources: numbers(bytes, rows, u16::from_le_bytes)? })
    }
}

/// So many numbers from the beginning of `bytes`, which then begin after them.
pub(super) fn numbers<const N: usize, T>(
    bytes: &mut &[u8],
    count: usize,
    number: impl Fn([u8; N]) -> T,
) -> Option<Vec<T>> {
    let taken = bytes.split_off(..count.checked_mul(N)?)?;
    let (cells, _) = taken.as_chunks::<N>();
    Some(cells.iter().map(|cell| number(*cell)).collect())
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
    fn a_cell_holds_any_number_whatever_came_before_it() {
        let mut column = Column::unknown(4);
        for (row, value) in [(0, 1), (1, -129), (2, i64::MAX), (3, i64::from(i32::MIN))] {
            column.set(row, value, 7);
        }
        let cells: Vec<Option<i64>> = (0..5).map(|row| column.get(row)).collect();
        let expected = [Some(1), Some(-129), Some(i64::MAX), Some(i64::from(i32::MIN)), None];
        assert_eq!(cells, expected);
        let read_back = Column::of([Some(1), None].into_iter());
        let mut same = Column::unknown(2);
        same.set(1, 70_000, 0);
        assert_ne!(read_back, same);
        same.set(0, 1, 0);
        same.set(1, 0, NO_SOURCE);
        assert_eq!(read_back, same, "how wide the cells are says nothing");
    }

    #[test]
    fn columns_of_any_width_come_back_from_bytes_and_a_cut_one_does_not() {
        let mut column = Column::unknown(3);
        for value in [7, 70_000, i64::MIN] {
            column.set(1, value, 3);
            let mut bytes = Vec::new();
            column.write(&mut bytes);
            bytes.push(9);
            let mut rest = bytes.as_slice();
            assert_eq!(Column::read(&mut rest).as_ref(), Some(&column));
            assert_eq!(rest, [9]);
            assert_eq!(Column::read(&mut &bytes[..bytes.len() - 2]), None);
        }
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
