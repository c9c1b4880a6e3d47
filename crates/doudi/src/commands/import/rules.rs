//! `import.toml` in a folder of rosters: what its files do not say themselves.

use super::codes::System;
use crate::commands::clear::Stop;
use doudi_rosters::SpecSet;
use doudi_terms::Month;
use std::collections::BTreeMap;
use std::path::Path;
use toml::{Table, Value};

/// Name of the file.
pub const FILE: &str = "import.toml";

const KEYS: [&str; 4] = ["month", "code_system", "accept_small", "file"];
const FILE_KEYS: [&str; 3] = ["roster", "month", "code_system"];

/// What somebody has declared about a folder.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    /// Of files that state none in content or name.
    pub month: Option<Month>,
    pub code_system: Option<System>,
    /// Ids of rosters that may be unusually small this time.
    pub accept_small: Vec<String>,
    pub files: BTreeMap<String, FileRules>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileRules {
    pub roster: Option<String>,
    pub month: Option<Month>,
    pub code_system: Option<System>,
}

impl Rules {
    /// Reads the folder's `import.toml`; nothing is declared where there is none.
    pub fn of_folder(folder: &Path, set: &SpecSet) -> Result<Rules, Stop> {
        let path = folder.join(FILE);
        if !path.is_file() {
            return Ok(Rules::default());
        }
        let wrong = |what: String| Stop::bad_input(format!("{}：{what}", path.display()));
        let text = std::fs::read_to_string(&path).map_err(|error| wrong(format!("读不了：{error}")))?;
        Rules::parse(&text, set).map_err(wrong)
    }

    fn parse(text: &str, set: &SpecSet) -> Result<Rules, String> {
        let table: Table = toml::from_str(text).map_err(|error| format!("读不懂：{}", error.message()))?;
        known(&table, &KEYS, "")?;
        let mut rules = Rules {
            month: month(&table)?,
            code_system: system(&table)?,
            accept_small: Vec::new(),
            files: BTreeMap::new(),
        };
        if let Some(list) = table.get("accept_small") {
            let names = list.as_array().ok_or("accept_small 应写成 [\"deaths\"] 的样子")?;
            for name in names {
                rules.accept_small.push(roster_id(set, name.as_str().unwrap_or_default())?);
            }
        }
        if let Some(files) = table.get("file") {
            let files = files.as_table().ok_or("file 应写成 [file.\"死亡.xls\"] 的样子")?;
            for (name, value) in files {
                let table = value.as_table().ok_or_else(|| format!("[file.\"{name}\"] 下面应是一行一项"))?;
                known(table, &FILE_KEYS, &format!("[file.\"{name}\"] 里"))?;
                let roster = text_of(table, "roster")?.map(|name| roster_id(set, name)).transpose()?;
                let of_file = FileRules { roster, month: month(table)?, code_system: system(table)? };
                rules.files.insert(name.clone(), of_file);
            }
        }
        Ok(rules)
    }

    pub fn of_file(&self, file: &str) -> FileRules {
        self.files.get(file).cloned().unwrap_or_default()
    }
}

/// A key that nobody reads would be taken for one that works.
fn known(table: &Table, keys: &[&str], place: &str) -> Result<(), String> {
    match table.keys().find(|key| !keys.contains(&key.as_str())) {
        Some(key) => Err(format!("{place}不认识“{key}”。能写的有：{}", keys.join("、"))),
        None => Ok(()),
    }
}

fn text_of<'t>(table: &'t Table, key: &str) -> Result<Option<&'t str>, String> {
    match table.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("{key} 的值要加引号")),
    }
}

fn month(table: &Table) -> Result<Option<Month>, String> {
    let month = |text: &str| {
        Month::parse(text).ok_or_else(|| format!("month：“{text}”不是月份，请写成 \"2020-05\" 的样子"))
    };
    text_of(table, "month")?.map(month).transpose()
}

fn system(table: &Table) -> Result<Option<System>, String> {
    let system = |text: &str| {
        System::parse(text).ok_or_else(|| {
            format!("code_system：“{text}”不认识。能写 \"nbs\"（统计局代码）或 \"mca\"（民政部代码）")
        })
    };
    text_of(table, "code_system")?.map(system).transpose()
}

/// The id of a roster given by id or name.
pub fn roster_id(set: &SpecSet, name: &str) -> Result<String, String> {
    match set.iter().find(|spec| spec.id == name || spec.name == name) {
        Some(spec) => Ok(spec.id.clone()),
        None => {
            let ids: Vec<&str> = set.iter().map(|spec| spec.id.as_str()).collect();
            Err(format!("没有叫“{name}”的名册。现有：{}", ids.join("、")))
        }
    }
}
