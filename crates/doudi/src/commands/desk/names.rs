//! What a county calls the columns of its rosters: said once by hand, known from then on. Content beside the data, in the
//! folder `names`, one file a roster, that anybody can read and put right.

use crate::content::ContentFile;
use doudi_engine::write_file;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Header as the county writes it -> column of the specification.
pub type Names = BTreeMap<String, String>;

const SECTION: &str = "列名";

fn path(data: &Path, roster: &str) -> PathBuf {
    data.join("names").join(format!("{roster}.toml"))
}

pub fn read(data: &Path, roster: &str) -> Result<Names, String> {
    let path = path(data, roster);
    if !path.is_file() {
        return Ok(Names::new());
    }
    let wrong = |what: String| format!("{}：{what}。请改正，或者把它移走", path.display());
    let text = std::fs::read_to_string(&path).map_err(|error| wrong(error.to_string()))?;
    let table: Table = toml::from_str(&text).map_err(|error| wrong(error.message().to_owned()))?;
    let names = table.get(SECTION).and_then(Value::as_table).cloned().unwrap_or_default();
    let pair = |(header, column): (String, Value)| Some((header, column.as_str()?.to_owned()));
    Ok(names.into_iter().filter_map(pair).collect())
}

pub fn write(data: &Path, roster: &str, names: &Names) -> Result<(), String> {
    let pairs = names.iter().map(|(header, column)| (header.clone(), Value::String(column.clone())));
    let mut table = Table::new();
    table.insert(SECTION.to_owned(), Value::Table(pairs.collect()));
    let body = toml::to_string(&table).map_err(|error| error.to_string())?;
    let text = format!("# 本地的列名：左边是文件里的写法，右边是名册说明里的列。导入时一并认。\n{body}");
    write_file(&path(data, roster), text.as_bytes()).map_err(|error| error.to_string())
}

/// The specifications with the names of a data folder among their synonyms.
pub fn with_local(specs: Vec<ContentFile>, data: &Path) -> Result<Vec<ContentFile>, String> {
    if !data.join("names").is_dir() {
        return Ok(specs);
    }
    specs.into_iter().map(|file| local(file, data)).collect()
}

fn local(file: ContentFile, data: &Path) -> Result<ContentFile, String> {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    let Some(roster) = name.strip_suffix(".toml").filter(|name| !name.contains('.')) else { return Ok(file) };
    let names = read(data, roster)?;
    if names.is_empty() {
        return Ok(file);
    }
    let text = with_names(&file.text, &names)?;
    Ok(ContentFile { text, ..file })
}

/// A specification's text with more synonyms.
pub fn with_names(text: &str, names: &Names) -> Result<String, String> {
    let mut spec: Table = toml::from_str(text).map_err(|error| error.message().to_owned())?;
    let columns = spec.get_mut("columns").and_then(Value::as_array_mut);
    for column in columns.into_iter().flatten().filter_map(Value::as_table_mut) {
        let own = column.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let more = names.iter().filter(|(_, column)| **column == own).map(|(header, _)| header.clone());
        let more: Vec<Value> = more.map(Value::String).collect();
        if more.is_empty() {
            continue;
        }
        let synonyms = column.entry("synonyms").or_insert_with(|| Value::Array(Vec::new()));
        if let Some(synonyms) = synonyms.as_array_mut() {
            let more = more.into_iter().filter(|name| !synonyms.contains(name)).collect::<Vec<_>>();
            synonyms.extend(more);
        }
    }
    toml::to_string(&spec).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use doudi_rosters::SpecSet;

    #[test]
    fn every_shipped_specification_says_the_same_with_local_names_and_knows_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let specs = crate::content::specs(None).expect("specs");
        let names = Names::from([("当地叫法甲".to_owned(), "姓名".to_owned())]);
        write(folder.path(), "dibao", &names).expect("written");
        assert_eq!(read(folder.path(), "dibao").expect("read"), names);
        let local = with_local(specs.clone(), folder.path()).expect("specs");
        let set = |specs: &[ContentFile]| {
            SpecSet::from_files(specs.iter().map(|file| (file.path.as_str(), file.text.as_str())))
                .expect("a set")
        };
        let (plain, local) = (set(&specs), set(&local));
        for (one, other) in plain.iter().zip(local.iter()) {
            let mut one = one.clone();
            if one.id == "dibao" {
                let column = one.columns.iter_mut().find(|column| column.name == "姓名").expect("a column");
                column.synonyms.push("当地叫法甲".to_owned());
            }
            assert_eq!(one, *other);
        }
    }
}
