//! What clearings begun from a page have made for people: where it lies, and whose each file is.

use doudi_casework::Moment;
use doudi_terms::{Month, RegionCode};
use doudi_web::{ResultFile, ResultKind};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// The one that says that a month was done.
const CERTIFICATE: &str = "certificate.json";
const ERRORS: &str = "-错误.xlsx";

/// Where the results of a month lie.
pub fn folder(data: &Path, month: Month) -> PathBuf {
    data.join("results").join(month.to_string())
}

/// The latest month first; of each the report, the workbooks and the rows to correct. Lists for machines are not for
/// download, and what nobody can tell the area of is nobody's.
pub fn made(data: &Path, region: RegionCode) -> Vec<ResultFile> {
    let entries = std::fs::read_dir(data.join("results")).into_iter().flatten().flatten();
    let mut months: Vec<Month> =
        entries.filter_map(|entry| Month::parse(&entry.file_name().to_string_lossy())).collect();
    months.sort_unstable_by(|a, b| b.cmp(a));
    months.into_iter().flat_map(|month| of_month(&folder(data, month), month, region)).collect()
}

fn of_month(folder: &Path, month: Month, region: RegionCode) -> Vec<ResultFile> {
    let Ok(certificate) = std::fs::metadata(folder.join(CERTIFICATE)) else { return Vec::new() };
    let since = certificate.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let at = since.and_then(|since| i64::try_from(since.as_millis()).ok()).map(Moment::from_millis);
    let at = at.map_or(String::new(), |at| at.to_string());
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<ResultFile> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let (kind, area) = kind_of(&name, region)?;
            let bytes = entry.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
            Some(ResultFile {
                month: month.to_string(),
                at: at.clone(),
                name,
                kind,
                area,
                bytes,
                path: entry.path(),
            })
        })
        .collect();
    files.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    files
}

/// A workbook begins with its township's code.
fn kind_of(name: &str, region: RegionCode) -> Option<(ResultKind, RegionCode)> {
    if name == "report.html" {
        return Some((ResultKind::Report, region));
    }
    if name.ends_with(ERRORS) {
        return Some((ResultKind::Errors, region));
    }
    let (code, _) = name.strip_suffix(".xlsx")?.split_once('-')?;
    let area = RegionCode::parse(code).ok().filter(|area| area.is_within(region))?;
    Some((ResultKind::Workbook, area))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> RegionCode {
        RegionCode::parse(text).expect("a code")
    }

    #[test]
    fn a_workbook_is_its_townships_and_everything_else_the_countys() {
        let county = code("500243");
        let of = |name: &str| kind_of(name, county);
        assert_eq!(of("500243217-诸佛乡.xlsx"), Some((ResultKind::Workbook, code("500243217"))));
        assert_eq!(of("report.html"), Some((ResultKind::Report, county)));
        assert_eq!(of("低保2020-05-错误.xlsx"), Some((ResultKind::Errors, county)));
        for other in ["370902001-外县.xlsx", "persons.csv", "x.xlsx", "certificate.json", ".500243217-x"] {
            assert_eq!(of(other), None, "{other}");
        }
    }

    #[test]
    fn a_month_that_was_never_finished_has_made_nothing() {
        let data = tempfile::tempdir().expect("a folder");
        for (month, done) in [("2020-04", true), ("2020-05", false), ("2020-06", true)] {
            let folder = folder(data.path(), Month::parse(month).expect("a month"));
            std::fs::create_dir_all(&folder).expect("a folder");
            std::fs::write(folder.join("500243001-汉葭街道.xlsx"), "PK").expect("written");
            if done {
                std::fs::write(folder.join(CERTIFICATE), "{}").expect("written");
            }
        }
        let months: Vec<String> =
            made(data.path(), code("500243")).into_iter().map(|file| file.month).collect();
        assert_eq!(months, ["2020-06", "2020-04"]);
    }
}
