//! What `explain` and `ask` are given: one household's facts, a place, a day, and the rules asked about.

use super::PolicyFolder;
use crate::content::{self, ContentFile};
use crate::divisions::Divisions;
use crate::strict::{self, Strict};
use clap::Args;
use doudi_policy::ir::{HOUSEHOLD, RuleId};
use doudi_policy::{Facts, Layout, Library, Program, facts_from_json};
use doudi_terms::{RegionCode, RegionLevel, parse_date};
use std::path::PathBuf;

#[derive(Args)]
pub struct HouseholdArgs {
    #[command(flatten)]
    folder: PolicyFolder,
    /// 一户的事实：{"household": {…}, "members": [{…}]}，没有写的就是不详
    #[arg(long, value_name = "FILE.json")]
    facts: PathBuf,
    /// 地区代码，如 500243
    #[arg(long)]
    pub region: String,
    /// 依哪一天的规定，如 2020-05-31
    #[arg(long)]
    pub date: String,
}

/// A programme of the registry, as far as one household is concerned.
pub struct Programme {
    pub id: String,
    pub name: String,
    pub entitled: Option<String>,
    pub amount: Option<String>,
    /// For letters: the rule they answer by, the month it begins, the article that lets one ask to look again.
    pub decision: Option<String>,
    pub start: Option<String>,
    pub objection: Option<String>,
    /// The article that the programme rests on.
    pub citation: Option<String>,
}

impl HouseholdArgs {
    pub fn read_policies(&self) -> Result<(Library, Vec<ContentFile>), String> {
        let files = content::policies(self.folder.policies.as_deref())?;
        let (library, _) = content::library(&files)?;
        Ok((library, files))
    }

    pub fn link<'l>(&self, library: &'l Library) -> Result<Program<'l>, String> {
        let region = RegionCode::parse(&self.region).map_err(|error| format!("--region：{error}"))?;
        // National law would answer for a mistyped code, and nobody would notice.
        let named = region == RegionCode::COUNTRY || Divisions::read().known_name(region).is_some();
        if !named && region.level() < RegionLevel::Village {
            return Err(format!("没有区划代码 {region} 这个地方。请核对 --region，全国的规定用 000000"));
        }
        let date = parse_date(&self.date)
            .ok_or_else(|| format!("--date：“{}”不是日期，写成 2020-05-31 这样", self.date))?;
        Program::link(library, region, date).map_err(|problems| {
            problems.iter().map(|problem| problem.render(&library.sources)).collect::<Vec<_>>().join("\n")
        })
    }

    pub fn read_facts<'l>(&self, library: &Library, layout: &'l Layout) -> Result<Facts<'l>, String> {
        let text = strict::read_text(&self.facts)?;
        let Strict(json) = serde_json::from_str(&text)
            .map_err(|error| format!("{} 不是 JSON：{error}", self.facts.display()))?;
        facts_from_json(library, layout, &json).map_err(|problems| {
            format!("{} 里有 {} 处要改：\n  {}", self.facts.display(), problems.len(), problems.join("\n  "))
        })
    }
}

/// `programs.toml`; empty where the folder has none.
pub fn registry(files: &[ContentFile]) -> Result<toml::Table, String> {
    let registry = files.iter().find(|file| file.path == "programs.toml");
    registry
        .map_or(Ok(toml::Table::new()), |file| file.text.parse())
        .map_err(|error| format!("programs.toml 读不出来：{error}"))
}

/// The programmes of `programs.toml`; none where the folder has no registry.
pub fn programmes(files: &[ContentFile]) -> Result<Vec<Programme>, String> {
    let table = registry(files)?;
    let listed = table.get("programme").and_then(|list| list.as_array()).cloned().unwrap_or_default();
    let key = |programme: &toml::Value, key: &str| {
        programme.get(key).and_then(|text| text.as_str()).map(str::to_owned)
    };
    Ok(listed
        .iter()
        .map(|programme| Programme {
            id: key(programme, "id").unwrap_or_default(),
            name: key(programme, "name").unwrap_or_default(),
            entitled: key(programme, "entitled"),
            amount: key(programme, "amount"),
            decision: key(programme, "decision"),
            start: key(programme, "start"),
            objection: key(programme, "objection"),
            citation: key(programme, "citation"),
        })
        .collect())
}

pub fn rule_at(library: &Library, path: &str) -> Result<RuleId, String> {
    library.rule_by_path(path).ok_or_else(|| format!("没有叫“{path}”的规则，写成 户.月收入 这样"))
}

/// The rows of this household that a rule speaks of.
pub fn rows(program: &Program<'_>, facts: &Facts<'_>, rule: RuleId) -> u32 {
    let entity = program.library.rules[rule.index()].entity;
    if entity == HOUSEHOLD { 1 } else { facts.rows(entity) }
}
