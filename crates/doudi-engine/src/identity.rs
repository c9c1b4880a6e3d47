//! The identity cells of a roster's rows, by what they are.

use arrow_array::{Array, RecordBatch, StringArray};
use doudi_linkage::RosterRow;
use doudi_terms::roster::{Cells, ColumnKind, ObservationBatch, RosterSpec};
use doudi_terms::{RegionCode, RegionLevel, ResidentId, Sex, epoch_day, parse_date};

/// Where a specification has its identity columns.
pub(crate) struct IdentityColumns {
    places: Vec<(ColumnKind, usize)>,
}

impl IdentityColumns {
    pub fn of(spec: &RosterSpec) -> IdentityColumns {
        IdentityColumns {
            places: spec.columns.iter().enumerate().map(|(at, column)| (column.kind, at)).collect(),
        }
    }

    /// Empty where the roster or the row has nothing.
    pub fn text<'b>(&self, batch: &'b ObservationBatch, kind: ColumnKind, row: usize) -> &'b str {
        let place = self.places.iter().find(|(known, _)| *known == kind).map(|(_, at)| *at);
        match place.and_then(|at| batch.columns.get(at)) {
            Some(Some(Cells::Text(cells))) => cells.get(row).and_then(Option::as_deref).unwrap_or_default(),
            _ => "",
        }
    }
}

/// The identity cells of a batch as they lie in the lake: no cell is copied.
pub(crate) struct StoredTexts<'b> {
    columns: [Option<&'b StringArray>; KINDS.len()],
}

/// What linkage asks a row for.
const KINDS: [ColumnKind; 9] = [
    ColumnKind::IdNumber,
    ColumnKind::PersonName,
    ColumnKind::DisabilityCertificate,
    ColumnKind::Birth,
    ColumnKind::Sex,
    ColumnKind::Region,
    ColumnKind::Address,
    ColumnKind::Phone,
    ColumnKind::Account,
];

impl<'b> StoredTexts<'b> {
    pub fn of(spec: &RosterSpec, batch: &'b RecordBatch) -> StoredTexts<'b> {
        let column = |kind| {
            let column = spec.columns.iter().find(|column| column.kind == kind)?;
            batch.column_by_name(&column.name)?.as_any().downcast_ref::<StringArray>()
        };
        StoredTexts { columns: KINDS.map(column) }
    }

    fn text(&self, kind: ColumnKind, row: usize) -> &'b str {
        let place = KINDS.iter().position(|known| *known == kind);
        match place.and_then(|at| self.columns[at]) {
            Some(column) if column.is_valid(row) => column.value(row),
            _ => "",
        }
    }

    /// Of the row only what one person's phone is told by from another's.
    pub fn phone_and_name(&self, row: usize) -> RosterRow<'b> {
        let [phone, name] = [ColumnKind::Phone, ColumnKind::PersonName].map(|kind| self.text(kind, row));
        RosterRow { phone, name, ..RosterRow::default() }
    }

    /// The row as linkage takes it.
    pub fn roster_row(&self, row: usize) -> RosterRow<'b> {
        roster_row(|kind| self.text(kind, row))
    }
}

/// The row as linkage takes it, of its cells by what they are.
pub(crate) fn roster_row<'b>(text: impl Fn(ColumnKind) -> &'b str) -> RosterRow<'b> {
    let number = text(ColumnKind::IdNumber);
    let certificate = text(ColumnKind::DisabilityCertificate);
    let by_certificate = number.is_empty() && !certificate.is_empty();
    let birth = text(ColumnKind::Birth);
    RosterRow {
        id_number: if by_certificate { certificate } else { number },
        name: text(ColumnKind::PersonName),
        birth: (!birth.is_empty()).then_some(birth),
        sex: sex(text(ColumnKind::Sex)),
        region: region(text(ColumnKind::Region)),
        address: text(ColumnKind::Address),
        phone: text(ColumnKind::Phone),
        account: text(ColumnKind::Account),
        disability_certificate: by_certificate,
    }
}

/// `None` for a code that is missing or malformed. A person lives in a county at least: a shorter code would put him in
/// no county, and so in nobody's count.
pub(crate) fn region(text: &str) -> Option<RegionCode> {
    RegionCode::parse(text).ok().filter(|code| code.level() >= RegionLevel::County)
}

pub(crate) fn sex(text: &str) -> Option<Sex> {
    match text.trim() {
        "男" | "男性" | "1" => Some(Sex::Male),
        "女" | "女性" | "2" => Some(Sex::Female),
        _ => None,
    }
}

/// Sex and day of birth: the valid number's, else the columns'.
pub(crate) fn sex_and_birth(
    id: Option<ResidentId>,
    sex_column: Option<Sex>,
    birth: &str,
) -> (Option<Sex>, Option<i32>) {
    match id {
        Some(id) => (Some(id.sex()), id.birth().map(epoch_day)),
        None => (sex_column, parse_date(birth).map(epoch_day)),
    }
}
