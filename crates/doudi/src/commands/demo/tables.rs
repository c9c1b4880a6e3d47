//! The demo county's tables as files: big ones csv, the others xlsx, as departments send them.

use doudi_demo::{DemoConfig, Format, KINDS, Month, Table, Truth, generate};
use doudi_rosters::{CellValue, Sheet, SheetColumn, SheetKind, write_csv, write_table_xlsx};
use std::path::Path;

/// Excel files of a hundred thousand rows are slow to open on an office computer: above this, csv.
const XLSX_ROWS: usize = 30_000;

/// Writes `rosters/<month>/` and `truth/` below `out`; returns the truth.
pub fn write(config: &DemoConfig, out: &Path, progress: &mut dyn FnMut(&str)) -> Result<Truth, String> {
    let mut failure = None;
    let truth = generate(config, progress, &mut |month, table| {
        if failure.is_none() {
            failure = write_table(&out.join("rosters").join(month.to_string()), month, &table).err();
        }
    });
    if let Some(failure) = failure {
        return Err(failure);
    }
    write_truth(&out.join("truth"), &truth)?;
    Ok(truth)
}

fn folder(path: &Path) -> Result<(), String> {
    std::fs::create_dir_all(path).map_err(|error| format!("建不了文件夹 {}：{error}", path.display()))
}

fn write_table(to: &Path, month: Month, table: &Table) -> Result<(), String> {
    folder(to)?;
    let xlsx = table.format == Format::Xlsx && table.rows.len() <= XLSX_ROWS;
    let path = to.join(format!("{}.{}", table.file, if xlsx { "xlsx" } else { "csv" }));
    let wrong = |error: &dyn std::fmt::Display| format!("写不了 {}（{month}）：{error}", path.display());
    if xlsx {
        write_table_xlsx(&path, &[sheet(table)]).map_err(|error| wrong(&error))
    } else {
        let title = table.title.iter().map(|title| vec![title.clone()]);
        let headers =
            std::iter::once(table.headers.iter().map(|header| (*header).to_owned()).collect::<Vec<_>>());
        let lines: Vec<Vec<String>> = title.chain(headers).collect();
        let (first, rest) = lines.split_first().ok_or("没有表头")?;
        let first: Vec<&str> = first.iter().map(String::as_str).collect();
        let rows = rest.iter().chain(&table.rows).chain(&table.totals);
        write_csv(&path, &first, rows.map(|row| row.iter())).map_err(|error| wrong(&error))
    }
}

fn sheet(table: &Table) -> Sheet {
    let text = |cell: &String| if cell.is_empty() { CellValue::Blank } else { CellValue::Text(cell.clone()) };
    Sheet {
        name: "Sheet1".into(),
        title: table.title.clone(),
        notes: Vec::new(),
        printed_columns: None,
        columns: table.headers.iter().map(|header| SheetColumn::new(*header, SheetKind::Text)).collect(),
        rows: table.rows.iter().chain(&table.totals).map(|row| row.iter().map(text).collect()).collect(),
    }
}

fn write_truth(to: &Path, truth: &Truth) -> Result<(), String> {
    folder(to)?;
    let wrong =
        |name: &str, error: &dyn std::fmt::Display| format!("写不了 {}：{error}", to.join(name).display());
    let planted = truth.planted.iter().map(|planted| {
        [planted.month.to_string(), planted.kind.to_owned(), planted.person_id.clone(), planted.note.clone()]
    });
    write_csv(&to.join("planted.csv"), &["month", "kind", "person_id", "note"], planted)
        .map_err(|error| wrong("planted.csv", &error))?;
    let rows = truth.row_persons.iter().flat_map(|table| {
        table.persons.iter().enumerate().map(|(index, person)| {
            [table.month.to_string(), table.roster.to_owned(), (index + 1).to_string(), person.to_string()]
        })
    });
    write_csv(&to.join("rows.csv"), &["month", "roster", "row", "person_id"], rows)
        .map_err(|error| wrong("rows.csv", &error))?;
    let kinds = KINDS.iter().map(|(id, name, definition)| [*id, *name, *definition]);
    write_csv(&to.join("kinds.csv"), &["kind", "name", "definition"], kinds)
        .map_err(|error| wrong("kinds.csv", &error))
}
