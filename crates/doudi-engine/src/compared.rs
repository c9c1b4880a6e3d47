//! The rows that leads compare, as their rosters write them: for the page on which somebody verifies a lead.

use crate::content::Content;
use crate::data_folder::DataFolder;
use crate::error::Outcome;
use crate::lake::{self, Half};
use crate::settle::SettledRoster;
use doudi_linkage::MatchGrade;
use doudi_terms::roster::{Cells, ColumnKind, ObservationBatch, RosterSpec};
use doudi_terms::{Fen, Month, date_from_epoch_day};
use std::collections::{BTreeSet, HashMap};

/// One row of a roster, with everything that it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedRow {
    /// What the roster is called.
    pub roster: String,
    pub department: String,
    pub month: String,
    /// Number in the register; stands for nobody where there is none.
    pub person: u32,
    pub grade: char,
    pub cells: Vec<ComparedCell>,
}

/// One cell that is not blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedCell {
    /// As the column is called.
    pub label: String,
    /// Which identity it states; empty for anything else.
    pub kind: &'static str,
    pub text: String,
}

/// The rows of these places (`file#sheet#row`), by place. Of each roster only the rows that are wanted are read.
pub(crate) fn compared<'p>(
    folder: &DataFolder,
    content: &Content,
    rosters: &[SettledRoster],
    places: impl Iterator<Item = &'p String>,
) -> Outcome<HashMap<String, ComparedRow>> {
    let mut wanted: HashMap<&str, BTreeSet<u32>> = HashMap::new();
    for place in places {
        let Some((file, row)) = place.rsplit_once('#') else { continue };
        let Ok(row) = row.parse() else { continue };
        wanted.entry(file).or_default().insert(row);
    }
    let mut found = HashMap::new();
    // The latest month of a file that comes every month under the same name.
    let mut latest: Vec<&SettledRoster> = rosters.iter().collect();
    latest.sort_by(|a, b| b.stored.month.cmp(&a.stored.month));
    for settled in latest {
        let file = format!("{}#{}", settled.stored.file, settled.stored.sheet.as_deref().unwrap_or_default());
        let Some(rows) = wanted.remove(file.as_str()) else { continue };
        let positions: Vec<u32> =
            (0..).zip(&settled.rows).filter(|(_, row)| rows.contains(&row.row)).map(|(at, _)| at).collect();
        read_rows(folder, content, settled, (&file, &positions), &mut found)?;
    }
    Ok(found)
}

fn read_rows(
    folder: &DataFolder,
    content: &Content,
    settled: &SettledRoster,
    (file, positions): (&str, &[u32]),
    found: &mut HashMap<String, ComparedRow>,
) -> Outcome<()> {
    let spec = &content.specs[settled.spec];
    for position in positions {
        let Some(row) = settled.rows.get(*position as usize) else { continue };
        let compared = ComparedRow {
            roster: spec.name.clone(),
            department: spec.department.clone(),
            month: settled.stored.month.clone(),
            person: row.person,
            grade: match row.grade {
                MatchGrade::A => 'A',
                MatchGrade::B => 'B',
                MatchGrade::C => 'C',
            },
            cells: Vec::new(),
        };
        found.insert(format!("{file}#{}", row.row), compared);
    }
    for half in [Half::Identity, Half::Facts] {
        for batch in lake::read_some(folder, &settled.stored, spec, half, Some(positions))? {
            let batch = batch?;
            for (at, row) in batch.rows.iter().enumerate() {
                if let Some(compared) = found.get_mut(&format!("{file}#{row}")) {
                    compared.cells.extend(cells(spec, &batch, at));
                }
            }
        }
    }
    Ok(())
}

/// In the order of the specification. The row's own number in its file says nothing of anybody.
fn cells(spec: &RosterSpec, batch: &ObservationBatch, at: usize) -> Vec<ComparedCell> {
    let columns = spec.columns.iter().zip(&batch.columns);
    let told = columns.filter(|(column, _)| column.kind != ColumnKind::RowNumber);
    told.filter_map(|(column, cells)| {
        let text = text(cells.as_ref()?, at).filter(|text| !text.trim().is_empty())?;
        Some(ComparedCell { label: column.name.clone(), kind: identity(column.kind), text })
    })
    .collect()
}

fn identity(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::PersonName => "name",
        ColumnKind::IdNumber => "id-number",
        ColumnKind::DisabilityCertificate => "certificate",
        ColumnKind::Birth => "birth",
        ColumnKind::Sex => "sex",
        ColumnKind::Address => "address",
        ColumnKind::Region => "region",
        ColumnKind::Phone => "phone",
        ColumnKind::Account => "account",
        _ => "",
    }
}

fn text(cells: &Cells, at: usize) -> Option<String> {
    match cells {
        Cells::Text(values) => values.get(at)?.as_deref().map(str::to_owned),
        Cells::Money(values) => Some(format!("{}元", Fen((*values.get(at)?)?))),
        Cells::Number(values) => Some(thousandths((*values.get(at)?)?)),
        Cells::Date(values) => Some(date_from_epoch_day((*values.get(at)?)?)?.to_string()),
        Cells::Month(values) => Some(Month::from_index((*values.get(at)?)?)?.to_string()),
        Cells::YesNo(values) => Some(if (*values.get(at)?)? { "是" } else { "否" }.to_owned()),
    }
}

fn thousandths(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let text = format!("{sign}{}.{:03}", number.unsigned_abs() / 1_000, number.unsigned_abs() % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_told_as_people_write_them() {
        assert_eq!([thousandths(12_000), thousandths(-500), thousandths(1_250)], ["12", "-0.5", "1.25"]);
        let money = Cells::Money(vec![Some(44_000), None]);
        assert_eq!((text(&money, 0), text(&money, 1)), (Some("440.00元".into()), None));
        assert_eq!(text(&Cells::YesNo(vec![Some(false)]), 0).as_deref(), Some("否"));
    }
}
