//! Names in a procedure, found in the policies: `户.受理日期` is a fact, `户.低保审核确认期限` a rule.

use super::Asked;
use crate::permission::Permission;
use doudi_policy::ir::{EntityId, InputId, RuleId, Type};
use doudi_policy::{Library, parse_value};

/// Looks names up and keeps what it did not find.
pub(super) struct Names<'l> {
    pub library: &'l Library,
    pub subject: EntityId,
    pub problems: Vec<String>,
}

impl Names<'_> {
    fn problem(&mut self, place: &str, text: String) {
        self.problems.push(format!("{place}：{text}"));
    }

    /// What belongs to somebody else than whom the case is about has no row.
    fn is_subjects(&mut self, place: &str, path: &str, entity: EntityId) -> bool {
        let is_household = entity == doudi_policy::ir::HOUSEHOLD;
        let fits = is_household || entity == self.subject;
        if !fits {
            self.problem(place, format!("“{path}”说的不是这种办件的对象。subject 是谁，就用谁的或者户的"));
        }
        fits
    }

    pub fn fact(&mut self, place: &str, path: &str) -> Option<InputId> {
        let Some(id) = self.library.input_by_path(path) else {
            self.problem(place, format!("没有叫“{path}”的事实。先在词表里登记：输入 {path}: 类型"));
            return None;
        };
        let entity = self.library.inputs[id.index()].entity;
        self.is_subjects(place, path, entity).then_some(id)
    }

    pub fn facts(&mut self, place: &str, paths: &[String]) -> Vec<InputId> {
        paths.iter().filter_map(|path| self.fact(place, path)).collect()
    }

    /// A fact that takes a day, or one that takes a moment.
    pub fn stamps(&mut self, place: &str, paths: &[String], ty: Type) -> Vec<InputId> {
        let mut found = self.facts(place, paths);
        found.retain(|id| {
            let input = &self.library.inputs[id.index()];
            let fits = input.ty == ty;
            if !fits {
                let kind = if ty == Type::Date { "日期" } else { "时刻" };
                self.problems.push(format!("{place}：“{}”不是{kind}", input.name));
            }
            fits
        });
        found
    }

    /// A fact with the value that a step gives it.
    pub fn set(&mut self, place: &str, path: &str, value: &str) -> Option<(InputId, String)> {
        let id = self.fact(place, path)?;
        let input = &self.library.inputs[id.index()];
        if let Err(next) = parse_value(value, input.ty, &self.library.enums) {
            self.problem(place, format!("sets 里“{path}”写的“{value}”读不出来，{next}"));
        }
        Some((id, value.to_owned()))
    }

    /// A rule for a day or a moment.
    pub fn deadline(&mut self, place: &str, path: &str) -> Option<RuleId> {
        let Some(id) = self.library.rule_by_path(path) else {
            self.problem(place, format!("没有叫“{path}”的规则"));
            return None;
        };
        let rule = &self.library.rules[id.index()];
        if !matches!(rule.ty, Type::Date | Type::Moment) {
            self.problem(place, format!("“{path}”算出来的不是日期也不是时刻，不能当期限"));
            return None;
        }
        self.is_subjects(place, path, rule.entity).then_some(id)
    }

    /// A yes or no: rule or fact.
    pub fn asked(&mut self, place: &str, path: &str) -> Option<Asked> {
        let (found, ty, entity) = match (self.library.rule_by_path(path), self.library.input_by_path(path)) {
            (Some(id), _) => {
                let rule = &self.library.rules[id.index()];
                (Asked::Rule(id), rule.ty, rule.entity)
            }
            (None, Some(id)) => {
                let input = &self.library.inputs[id.index()];
                (Asked::Fact(id), input.ty, input.entity)
            }
            (None, None) => {
                self.problem(place, format!("政策里没有“{path}”这条规则或事实"));
                return None;
            }
        };
        if ty != Type::YesNo {
            self.problem(place, format!("“{path}”不是“是或否”"));
            return None;
        }
        self.is_subjects(place, path, entity).then_some(found)
    }

    pub fn all_asked(&mut self, place: &str, paths: &[String]) -> Vec<Asked> {
        paths.iter().filter_map(|path| self.asked(place, path)).collect()
    }

    pub fn permission(&mut self, place: &str, code: &str) -> Option<Permission> {
        let found = CODES.iter().find(|(name, _)| *name == code).map(|(_, permission)| *permission);
        if found.is_none() {
            let known = CODES.map(|(name, _)| name).join("、");
            self.problem(place, format!("没有叫“{code}”的权限。可以写：{known}"));
        }
        found
    }
}

const CODES: [(&str, Permission); 6] = [
    ("accept-cases", Permission::AcceptCases),
    ("work-cases", Permission::WorkCases),
    ("propose-cases", Permission::ProposeCases),
    ("decide-cases", Permission::DecideCases),
    ("decide-delegated", Permission::DecideDelegated),
    ("coordinate-cases", Permission::CoordinateCases),
];
