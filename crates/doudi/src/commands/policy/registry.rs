//! The registry of programmes, as far as pages and comparisons need it.

use crate::content::ContentFile;
use doudi_policy::{Library, Named};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Programme {
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub unit: String,
    #[serde(default)]
    pub entitled: String,
    #[serde(default)]
    pub enrolled: String,
    #[serde(default)]
    pub amount: String,
    #[serde(default)]
    pub citation: String,
}

#[derive(Deserialize)]
struct Registry {
    #[serde(default)]
    programme: Vec<Programme>,
    #[serde(default)]
    trial: Trial,
}

/// Facts that a trial starts from, shown and open to change: by input name, as a household's JSON has them.
#[derive(Debug, Default, Deserialize)]
pub struct Trial {
    #[serde(default)]
    pub household: BTreeMap<String, String>,
    #[serde(default)]
    pub member: BTreeMap<String, String>,
}

/// The programmes of a policies folder; none where it has no registry.
pub fn programmes(files: &[ContentFile]) -> Result<Vec<Programme>, String> {
    Ok(read(files)?.programme)
}

/// What a trial starts from; nothing where the folder does not say.
pub fn trial(files: &[ContentFile]) -> Result<Trial, String> {
    Ok(read(files)?.trial)
}

fn read(files: &[ContentFile]) -> Result<Registry, String> {
    let text = files.iter().find(|file| file.path == "programs.toml").map_or("", |file| file.text.as_str());
    toml::from_str(text).map_err(|error| {
        format!(
            "programs.toml 读不出来：{error}。每个项目要有 id 和 name，写法见 docs/policy-language.md 第七节"
        )
    })
}

impl Programme {
    /// What the clearing asks about a person: each rule with the question that it answers.
    pub fn questions(&self, library: &Library) -> Vec<(&'static str, Named)> {
        [("应不应当享受", &self.entitled), ("现在有没有享受", &self.enrolled), ("每月多少钱", &self.amount)]
            .into_iter()
            .filter_map(|(question, path)| Some((question, Named::Rule(library.rule_by_path(path)?))))
            .collect()
    }
}

/// What is wrong with the register beside these policies, in words: it cannot be read, or names what is not declared.
pub fn problems(files: &[ContentFile], library: &Library) -> Vec<String> {
    let read = match read(files) {
        Ok(read) => read,
        Err(problem) => return vec![problem],
    };
    let mut found = Vec::new();
    for programme in &read.programme {
        let rules = [
            ("entitled", &programme.entitled),
            ("enrolled", &programme.enrolled),
            ("amount", &programme.amount),
        ];
        for (key, path) in rules {
            if !path.is_empty() && library.rule_by_path(path).is_none() {
                found.push(format!(
                    "programs.toml 的项目 {}：{key} 写的“{path}”不是一条规则，写成 户.月收入 这样",
                    programme.id
                ));
            }
        }
    }
    for (entity, facts) in [("户", &read.trial.household), ("人", &read.trial.member)] {
        let unknown =
            facts.keys().filter(|name| library.input_by_path(&format!("{entity}.{name}")).is_none());
        found.extend(
            unknown.map(|name| format!("programs.toml 的 [trial] 里，“{entity}.{name}”不是一项事实")),
        );
    }
    found
}
