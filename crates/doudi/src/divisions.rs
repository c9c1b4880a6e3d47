//! Names of divisions by code. They name codes and decide nothing: a code may be missing here.

use doudi_terms::{RegionCode, RegionLevel};
use include_dir::{Dir, include_dir};
use std::collections::BTreeMap;

static DIVISIONS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../divisions");

/// All names, by twelve-digit code.
pub struct Divisions {
    names: BTreeMap<u64, &'static str>,
}

impl Divisions {
    pub fn read() -> Divisions {
        let mut names = BTreeMap::new();
        add(&DIVISIONS, &mut names);
        Divisions { names }
    }

    /// The name of a place; its code where nobody knows the name.
    pub fn name(&self, code: RegionCode) -> String {
        if code == RegionCode::COUNTRY {
            return "全国".to_owned();
        }
        match self.names.get(&code.number()) {
            Some(name) => (*name).to_owned(),
            None => code.to_string(),
        }
    }

    pub fn known_name(&self, code: RegionCode) -> Option<&'static str> {
        self.names.get(&code.number()).copied()
    }

    /// A township's name; people of whom only the county is known are kept apart under its name.
    pub fn township_name(&self, code: RegionCode) -> String {
        match self.known_name(code) {
            Some(name) if code.level() < RegionLevel::Township => format!("{name}（乡镇不明）"),
            Some(name) => name.to_owned(),
            None => "未知乡镇".to_owned(),
        }
    }

    /// Prefecture and county, so that counties of one name are told apart: 安顺市关岭布依族苗族自治县.
    pub fn long_name(&self, code: RegionCode) -> String {
        let parent = code.parent().filter(|parent| *parent != RegionCode::COUNTRY);
        let above = parent.and_then(|parent| self.known_name(parent)).unwrap_or_default();
        // 市辖区 and 县 are headings of the list, not names.
        let above = if matches!(above, "市辖区" | "县") { "" } else { above };
        format!("{above}{}", self.name(code))
    }
}

fn add(dir: &'static Dir<'static>, names: &mut BTreeMap<u64, &'static str>) {
    for file in dir.files().filter(|file| file.path().extension().is_some_and(|ext| ext == "csv")) {
        let lines = file.contents_utf8().unwrap_or_default().lines().skip(1);
        for (code, name) in lines.filter_map(|line| line.split_once(',')) {
            if let Ok(code) = RegionCode::parse(code) {
                names.insert(code.number(), name.trim());
            }
        }
    }
    dir.dirs().for_each(|dir| add(dir, names));
}
