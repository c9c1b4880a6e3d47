//! Two systems give some townships each other's codes. Which one a roster uses is seen by comparing names; codes of the
//! ministry of civil affairs are turned into those of the bureau of statistics, which everything behind uses.

use crate::divisions::Divisions;
use clap::ValueEnum;
use doudi_engine::lake::CodeReading;
use doudi_terms::roster::{Cells, ColumnKind, ObservationBatch, RosterSpec};
use doudi_terms::{RegionCode, RegionLevel};

/// Rows that are named where the systems cannot be told apart.
const SHOWN: usize = 5;
/// One row in a hundred may disagree: people move and clerks slip.
const TOLERATED_PER: u32 = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum System {
    /// 国家统计局
    Nbs,
    /// 民政部
    Mca,
}

impl System {
    pub fn parse(text: &str) -> Option<System> {
        match text {
            "nbs" => Some(System::Nbs),
            "mca" => Some(System::Mca),
            _ => None,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            System::Nbs => "nbs",
            System::Mca => "mca",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            System::Nbs => "统计局代码",
            System::Mca => "民政部代码",
        }
    }
}

/// What the rows of one roster say about the system of its codes.
#[derive(Default)]
pub struct Votes {
    nbs: u32,
    mca: u32,
    /// The first rows for each, in words.
    shown: [Vec<String>; 2],
    /// Rows with a code below the county.
    coded: u32,
    /// Of these, rows whose code means two places.
    telling: u32,
}

/// Where code and address stand in a batch.
struct Columns {
    code: usize,
    address: Option<usize>,
}

impl Columns {
    fn of(spec: &RosterSpec) -> Option<Columns> {
        let place = |kind| spec.columns.iter().position(|column| column.kind == kind);
        Some(Columns { code: place(ColumnKind::Region)?, address: place(ColumnKind::Address) })
    }
}

fn texts(batch: &ObservationBatch, column: usize) -> &[Option<Box<str>>] {
    match batch.columns.get(column) {
        Some(Some(Cells::Text(cells))) => cells,
        _ => &[],
    }
}

/// A code that names a township or a village.
fn low_code(text: &str) -> Option<RegionCode> {
    RegionCode::parse(text).ok().filter(|code| code.level() >= RegionLevel::Township)
}

impl Votes {
    /// Counts the rows of a batch whose code means two places and whose address names one of them.
    pub fn count(&mut self, spec: &RosterSpec, divisions: &Divisions, batch: &ObservationBatch) {
        let Some(columns) = Columns::of(spec) else { return };
        let addresses = columns.address.map_or(&[][..], |at| texts(batch, at));
        for (at, code) in texts(batch, columns.code).iter().enumerate() {
            let Some(code) = code.as_deref().and_then(low_code) else { continue };
            let address = addresses.get(at).and_then(Option::as_deref).unwrap_or_default();
            self.count_row(divisions, batch.rows[at], code, address);
        }
    }

    /// Counts one row with a code of a township or a village.
    pub fn count_row(&mut self, divisions: &Divisions, row: u32, code: RegionCode, address: &str) {
        self.coded += 1;
        let township = code.township();
        if !divisions.differs_in_mca(township) {
            return;
        }
        self.telling += 1;
        let nbs = divisions.known_name(township).filter(|name| address.contains(name));
        let mca = divisions.mca_township(township).filter(|(name, _)| address.contains(name));
        let (system, name) = match (nbs, mca) {
            (Some(name), None) => (System::Nbs, name),
            (None, Some((name, _))) => (System::Mca, name),
            _ => return,
        };
        let (count, shown) = match system {
            System::Nbs => (&mut self.nbs, &mut self.shown[0]),
            System::Mca => (&mut self.mca, &mut self.shown[1]),
        };
        *count += 1;
        if shown.len() < SHOWN {
            shown.push(format!("第 {row} 行 {code} 写的是{name}"));
        }
    }

    /// How many rows say which system it is.
    pub fn speaking(&self) -> u32 {
        self.nbs + self.mca
    }

    /// The system that the names agree with; `Ok(None)` where no row says it, `Err` with the rows where they disagree.
    pub fn verdict(&self) -> Result<Option<System>, String> {
        let (most, least) = (self.nbs.max(self.mca), self.nbs.min(self.mca));
        if most == 0 {
            return Ok(None);
        }
        // A single slip in a short list is a slip.
        let tolerated = (most + least) / TOLERATED_PER;
        if least <= tolerated || (least == 1 && most >= 10) {
            return Ok(Some(if self.nbs > self.mca { System::Nbs } else { System::Mca }));
        }
        Err(format!(
            "区划代码分不清是统计局的还是民政部的：{} 行的地址与统计局的名称相符（{}），{} 行与民政部的相符（{}）。\
             请核对这些行；或用 --code-system nbs、--code-system mca 指明，或在 import.toml 里写 code_system",
            self.nbs,
            self.shown[0].join("；"),
            self.mca,
            self.shown[1].join("；"),
        ))
    }

    /// Codes mean two places, and no name says which.
    pub fn undecided(&self) -> bool {
        self.telling > 0 && self.nbs + self.mca == 0
    }

    /// For the record; `None` where the roster has no code below the county.
    pub fn record(&self, system: Option<System>, declared: bool, translated: u32) -> Option<CodeReading> {
        if self.coded == 0 {
            return None;
        }
        Some(CodeReading {
            system: system.map_or("unchecked", System::word).to_owned(),
            declared,
            rows_nbs: self.nbs,
            rows_mca: self.mca,
            translated,
        })
    }
}

/// Turns codes of the ministry of civil affairs into ours, and says how many rows that changed. The township goes by its
/// name in the list of differences. Villages are numbered differently altogether: the one that the address names is
/// taken, else the code is cut at the township.
pub fn translate(spec: &RosterSpec, divisions: &Divisions, batch: &mut ObservationBatch) -> u32 {
    let Some(columns) = Columns::of(spec) else { return 0 };
    let addresses: Vec<Option<Box<str>>> =
        columns.address.map_or_else(Vec::new, |at| texts(batch, at).to_vec());
    let Some(Some(Cells::Text(codes))) = batch.columns.get_mut(columns.code) else { return 0 };
    let mut changed = 0;
    for (at, text) in codes.iter_mut().enumerate() {
        let Some(code) = text.as_deref().and_then(low_code) else { continue };
        let address = addresses.get(at).and_then(Option::as_deref).unwrap_or_default();
        let ours = our_code(divisions, code, address);
        if ours != code {
            changed += 1;
            *text = Some(ours.to_string().into());
        }
    }
    changed
}

/// Our code of a place that a code of the ministry names.
pub fn our_code(divisions: &Divisions, code: RegionCode, address: &str) -> RegionCode {
    let township = code.township();
    let ours = divisions.mca_township(township).map_or(township, |(_, ours)| ours);
    if code.level() == RegionLevel::Township {
        return ours;
    }
    let named: Vec<RegionCode> = divisions
        .villages(ours)
        .filter(|(_, name)| address.contains(village_stem(name)))
        .map(|(village, _)| village)
        .collect();
    match named.as_slice() {
        [village] => *village,
        _ if ours == township => code,
        _ => ours,
    }
}

/// 北斗村 of 北斗村村民委员会, as it stands in addresses.
fn village_stem(name: &str) -> &str {
    const ENDINGS: [&str; 5] = ["村民委员会", "居民委员会", "村委会", "居委会", "委会"];
    ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> RosterSpec {
        let column =
            |name: &str, kind: &str| serde_json::json!({ "name": name, "kind": kind, "required": true });
        let columns =
            [column("姓名", "person-name"), column("住址", "address"), column("区划代码", "region")];
        serde_json::from_value(serde_json::json!({
            "id": "x", "name": "册", "department": "部门", "columns": columns
        }))
        .expect("a specification")
    }

    fn batch(rows: &[(&str, &str)]) -> ObservationBatch {
        let text = |cells: Vec<&str>| Some(Cells::Text(cells.into_iter().map(|c| Some(c.into())).collect()));
        ObservationBatch {
            rows: (2..2 + rows.len() as u32).collect(),
            columns: vec![
                text(vec!["甲"; rows.len()]),
                text(rows.iter().map(|row| row.0).collect()),
                text(rows.iter().map(|row| row.1).collect()),
            ],
        }
    }

    fn votes(rows: &[(&str, &str)]) -> Votes {
        let mut votes = Votes::default();
        votes.count(&spec(), &Divisions::read(), &batch(rows));
        votes
    }

    #[test]
    fn the_system_is_the_one_whose_names_stand_in_the_addresses() {
        let nbs = votes(&[("彭水县平安镇", "500243111"), ("彭水县新田镇1组", "500243113")]);
        assert_eq!(nbs.verdict(), Ok(Some(System::Nbs)));
        let mca = votes(&[("彭水县新田镇", "500243111"), ("彭水县平安镇1组", "500243113")]);
        assert_eq!(mca.verdict(), Ok(Some(System::Mca)));
        // Codes that mean one place in both systems, and codes of counties, say nothing.
        let neither = votes(&[("汉葭街道北斗村", "500243001202"), ("平安镇", "500243")]);
        assert_eq!(neither.verdict(), Ok(None));
        assert_eq!(neither.record(None, false, 0).map(|record| record.system), Some("unchecked".into()));
        assert_eq!(votes(&[("平安镇", "500243")]).record(None, false, 0), None);
    }

    #[test]
    fn a_roster_of_two_minds_is_refused_with_rows_and_a_single_slip_is_not() {
        let mut rows = vec![("平安镇", "500243111"); 12];
        rows.push(("新田镇", "500243111"));
        assert_eq!(votes(&rows).verdict(), Ok(Some(System::Nbs)));
        rows.push(("新田镇", "500243111"));
        let refused = votes(&rows).verdict().expect_err("a tie");
        assert!(refused.contains("第 14 行 500243111 写的是新田镇"), "{refused}");
        assert!(refused.contains("--code-system mca"), "{refused}");
    }

    #[test]
    fn codes_of_the_ministry_are_translated_by_name() {
        let divisions = Divisions::read();
        let villages: Vec<_> =
            divisions.villages(RegionCode::parse("500243113").expect("a code")).take(1).collect();
        let (village, name) = villages[0];
        let address = format!("新田镇{}2组", village_stem(name));
        let mut rows = batch(&[
            (&address, "500243111201"),
            ("新田镇某处", "500243111201"),
            ("平安镇", "500243113"),
            ("汉葭街道", "500243001202"),
        ]);
        assert_eq!(translate(&spec(), &divisions, &mut rows), 3);
        let codes: Vec<String> =
            texts(&rows, 2).iter().map(|code| code.as_deref().unwrap_or_default().to_owned()).collect();
        assert_eq!(codes, [village.to_string().as_str(), "500243113", "500243111", "500243001202"]);
    }
}
