//! How the fields of a worked case are called in the policies: content that an official can read and mend.
//!
//! One file for each kind of question, under `worked-cases` in the policies folder. It renames, fills in what a field
//! left out stands for, turns words into the policies' words and lists into records. It cannot compute.

use crate::content::ContentFile;
use serde::Deserialize;
use std::collections::BTreeMap;

pub type Words = BTreeMap<String, String>;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    #[serde(rename = "种类")]
    pub kind: String,
    #[serde(rename = "说明")]
    pub about: String,
    /// What every case of the kind takes for granted.
    #[serde(rename = "固定", default)]
    pub fixed: Words,
    #[serde(rename = "事实", default)]
    pub facts: Vec<Line>,
    #[serde(rename = "成员")]
    pub members: Option<List>,
    #[serde(rename = "记录", default)]
    pub records: Vec<List>,
    #[serde(rename = "参数", default)]
    pub parameters: Vec<Line>,
    /// Parameters that this kind cannot state and that no place has published.
    #[serde(rename = "未公布", default)]
    pub unpublished: Vec<String>,
    #[serde(rename = "日历")]
    pub calendar: Option<CalendarFields>,
    #[serde(rename = "结果", default)]
    pub results: Vec<ResultLine>,
    /// Fields that decide nothing, each with the reason.
    #[serde(rename = "不用", default)]
    pub unused: Words,
}

/// One field.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Line {
    #[serde(rename = "栏")]
    pub field: String,
    #[serde(rename = "对应", default)]
    pub to: Targets,
    /// What a field left out stands for.
    #[serde(rename = "没写")]
    pub absent: Option<String>,
    /// What an explicit null stands for, where it is not “unknown”.
    #[serde(rename = "空")]
    pub null: Option<String>,
    #[serde(rename = "换词", default)]
    pub words: Words,
    /// Fields with the lower and the upper bound of an amount that is not known.
    #[serde(rename = "上下限")]
    pub bounds: Option<[String; 2]>,
    /// Whether there is anything: yes-no target.
    #[serde(rename = "有没有", default)]
    pub presence: Targets,
    /// A list of words: each word's yes-no target, 否 for those not in the list.
    #[serde(rename = "逐项", default)]
    pub each: BTreeMap<String, String>,
    /// A list of words or of objects that fills a parameter's dimension: the words are its options, or the rows take its
    /// options in order.
    #[serde(rename = "各档")]
    pub rows: Option<Rows>,
    /// A list of two or more values: the n-th goes to the n-th parameter.
    #[serde(rename = "依次", default)]
    pub parts: Vec<String>,
    /// A day of which only the month counts: a case may give the month alone.
    #[serde(rename = "只论月份", default)]
    pub month_only: bool,
    /// A row of a table: where the table is given without it, it is not published, rather than not existing.
    #[serde(rename = "表里的行", default)]
    pub table_row: bool,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Rows {
    /// The parameter whose options are the words.
    #[serde(rename = "按词")]
    pub by_word: Option<String>,
    /// For objects: field -> parameter; the n-th row goes to the n-th option. `年龄[0]` is an item of a list.
    #[serde(rename = "按序", default)]
    pub by_order: Words,
    /// The field whose number puts the rows in order, the lowest first; without it they stay as the case lists them.
    #[serde(rename = "从低到高")]
    pub sorted_by: Option<String>,
}

/// One name or several.
#[derive(Deserialize, Default)]
#[serde(untagged)]
pub enum Targets {
    #[default]
    None,
    One(String),
    Several(Vec<String>),
}

impl Targets {
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let names: &[String] = match self {
            Targets::None => &[],
            Targets::One(name) => std::slice::from_ref(name),
            Targets::Several(names) => names,
        };
        names.iter().map(String::as_str)
    }
}

/// A list of objects that become members or records.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    #[serde(rename = "栏")]
    pub field: String,
    /// The record; not for members.
    #[serde(rename = "记录")]
    pub record: Option<String>,
    /// The field with the row's own name.
    #[serde(rename = "名")]
    pub name: Option<String>,
    /// The field that names the member it belongs to; without it, the first member.
    #[serde(rename = "属于")]
    pub owner: Option<String>,
    /// The member that has these words, for rows of the whole household; without it, the first member.
    #[serde(rename = "归", default)]
    pub belongs_to: Words,
    /// For a list of words: where the word goes.
    #[serde(rename = "每项")]
    pub word: Option<Line>,
    /// What every row takes for granted.
    #[serde(rename = "固定", default)]
    pub fixed: Words,
    #[serde(rename = "栏目", default)]
    pub fields: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarFields {
    #[serde(rename = "放假")]
    pub holidays: String,
    #[serde(rename = "上班")]
    pub working: String,
}

/// Where an expected field is read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResultLine {
    #[serde(rename = "栏")]
    pub field: String,
    /// The rule; without it the field is always null (or `值`).
    #[serde(rename = "规则")]
    pub rule: Option<String>,
    #[serde(rename = "值")]
    pub value: Option<String>,
    #[serde(rename = "换词", default)]
    pub words: Words,
    /// 下限 or 上限 of an amount that cannot be said.
    #[serde(rename = "取")]
    pub bound: Option<Bound>,
    /// Shown to four decimals.
    #[serde(rename = "四位小数", default)]
    pub four_decimals: bool,
    /// A table of results by this field of a record.
    #[serde(rename = "按")]
    pub key: Option<String>,
    /// Results under each answer to this question, `eligible` and amount in one line.
    #[serde(rename = "假设")]
    pub hypothesis: Option<Hypothesis>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    #[serde(rename = "下限")]
    Low,
    #[serde(rename = "上限")]
    High,
}

/// What if a parameter that is not known were 是, or 否 (that is, did not exist)?
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hypothesis {
    #[serde(rename = "参数")]
    pub parameter: String,
    /// Words in a label that turn its meaning round: 不豁免, 豁免到期.
    #[serde(rename = "否的字样")]
    pub no: Vec<String>,
    /// Words that name the opposite of 是: 计入 of an exemption, so 不计入 is 是 again.
    #[serde(rename = "反义字样", default)]
    pub opposite: Vec<String>,
    #[serde(rename = "金额")]
    pub amount: String,
}

impl Hypothesis {
    /// Whether a label means 是: each turn of meaning in it counts.
    pub fn means_yes(&self, label: &str) -> bool {
        let turns = self.no.iter().filter(|word| label.contains(word.as_str())).count();
        let opposite = self.opposite.iter().any(|word| label.contains(word.as_str()));
        (turns + usize::from(opposite)).is_multiple_of(2)
    }
}

/// Reads the mappings of a policies folder, by kind.
pub fn read(files: &[ContentFile]) -> Result<BTreeMap<String, Mapping>, String> {
    let mut mappings = BTreeMap::new();
    for file in files {
        let in_folder = file.path.rsplit('/').nth(1) == Some("worked-cases");
        if !in_folder || !file.path.ends_with(".yaml") {
            continue;
        }
        let mapping: Mapping = serde_yaml_ng::from_str(&file.text)
            .map_err(|error| format!("{} 读不出来：{error}", file.path))?;
        if let Some(earlier) = mappings.insert(mapping.kind.clone(), mapping) {
            return Err(format!("{}：种类“{}”在别的文件里已经写过", file.path, earlier.kind));
        }
    }
    if mappings.is_empty() {
        return Err("政策文件夹里没有案例对照表（worked-cases/*.yaml）".into());
    }
    Ok(mappings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_a_hypothesis_are_understood_with_their_turns() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let hypothesis = Hypothesis {
            parameter: String::new(),
            no: words(&["不", "免计", "到期", "no"]),
            opposite: words(&["计", "count"]),
            amount: String::new(),
        };
        for yes in ["豁免", "免计", "不计入", "not_counted", "exempt", "是"] {
            assert!(hypothesis.means_yes(yes), "{yes}");
        }
        for no in ["不豁免", "计入", "不免计", "豁免到期", "counted", "not_exempt", "no"] {
            assert!(!hypothesis.means_yes(no), "{no}");
        }
    }
}
