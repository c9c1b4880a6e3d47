//! The law of one place and day: which documents speak, which definition of each rule holds, which exceptions follow,
//! which parameter values apply. Both evaluators run a program.

use crate::calendar::Calendar;
use crate::diagnostic::Diagnostic;
use crate::document::Document;
use crate::ir::{Body, CheckId, Def, DefId, Expr, ExprKind, LastMonth, ParameterId, RuleId};
use crate::library::Library;
use crate::parameters::RowValue;
use crate::source::Span;
use crate::value::Value;
use doudi_terms::{Date, Month, RegionCode};

/// One rule as it holds here and now.
#[derive(Clone, Debug, Default)]
pub struct LinkedRule {
    /// `None`: no document in force defines it.
    pub base: Option<DefId>,
    /// In the order in which they take effect: higher and wider documents first, then by date and position.
    pub exceptions: Vec<DefId>,
}

/// A parameter at one combination of dimensions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ParameterValue {
    /// The value, and its row in [`Library::rows`].
    Value(Value, u32),
    /// The place says it has no such rule.
    None(u32),
    Unpublished,
}

/// How many levels of formulas may stand below a rule, those of the rules it uses included: an evaluation goes down all
/// of them, and a browser's stack is small.
const MOST_LEVELS: u32 = 400;

/// What going from a rule to one that it uses takes, in levels of a formula.
const RULE_LEVELS: u32 = 3;

#[derive(Clone, Debug)]
pub struct Program<'l> {
    pub library: &'l Library,
    pub region: RegionCode,
    /// The day whose law applies.
    pub date: Date,
    pub month: Month,
    /// By `RuleId`.
    pub rules: Vec<LinkedRule>,
    /// Rules that have a definition, each after everything it uses.
    pub order: Vec<RuleId>,
    pub checks: Vec<CheckId>,
    /// By `ParameterId`, then by packed dimensions (last dimension varies fastest).
    pub parameters: Vec<Vec<ParameterValue>>,
    /// Stands in for the library's calendar: an example brings its own.
    pub own_calendar: Option<Calendar>,
}

impl<'l> Program<'l> {
    /// Links the documents in force in `region` on `date`. Fails, with every reason, where two documents define one
    /// rule and neither says that it goes first, and where rules use each other in a circle.
    pub fn link(
        library: &'l Library,
        region: RegionCode,
        date: Date,
    ) -> Result<Program<'l>, Vec<Diagnostic>> {
        Program::link_with(library, region, date, true)
    }

    /// As [`Program::link`]; without `shipped_parameters` every parameter is unpublished until it is set.
    pub fn link_with(
        library: &'l Library,
        region: RegionCode,
        date: Date,
        shipped_parameters: bool,
    ) -> Result<Program<'l>, Vec<Diagnostic>> {
        let mut linker =
            Linker { library, region, date, problems: Vec::new(), levels: vec![0; library.rules.len()] };
        let rules: Vec<LinkedRule> = library.rules.iter().map(|rule| linker.rule(&rule.defs)).collect();
        let checks = linker.checks();
        let order = linker.order(&rules);
        if !linker.problems.is_empty() {
            return Err(linker.problems);
        }
        let rows = linker.rows_in_force(shipped_parameters);
        let parameters = rows
            .iter()
            .enumerate()
            .map(|(id, rows)| linker.parameter(ParameterId(id as u32), rows))
            .collect();
        let month = Month::of(date);
        Ok(Program { library, region, date, month, rules, order, checks, parameters, own_calendar: None })
    }

    pub(crate) fn calendar(&self) -> &Calendar {
        self.own_calendar.as_ref().unwrap_or(&self.library.calendar)
    }

    /// How many combinations of dimensions a parameter has.
    pub fn key_count(&self, parameter: ParameterId) -> usize {
        self.parameters.get(parameter.index()).map_or(0, Vec::len)
    }

    /// Packs label indexes into the index of [`Program::parameters`].
    pub fn key(&self, parameter: ParameterId, labels: &[u16]) -> usize {
        let dimensions = &self.library.parameters[parameter.index()].dimensions;
        labels.iter().zip(dimensions).fold(0, |key, (label, dimension)| {
            key * self.library.labels(*dimension).len() + usize::from(*label)
        })
    }

    /// The dimension words of a packed key: `农村`.
    pub fn key_words(&self, parameter: ParameterId, key: usize) -> Vec<&'l str> {
        let mut words = Vec::new();
        let mut rest = key;
        for dimension in self.library.parameters[parameter.index()].dimensions.iter().rev() {
            let labels = self.library.labels(*dimension);
            words.push(labels.get(rest % labels.len().max(1)).map_or("", String::as_str));
            rest /= labels.len().max(1);
        }
        words.reverse();
        words
    }

    /// Visits every node of a rule's formulas in force here, and of the conditions that they ask about with 适用.
    pub(crate) fn walk_rule(&self, rule: RuleId, visit: &mut dyn FnMut(&'l Expr)) {
        let linked = &self.rules[rule.index()];
        let defs = linked.base.iter().chain(&linked.exceptions).filter_map(|id| self.library.def(*id));
        let mut pending: Vec<&'l Expr> = defs.flat_map(Def::exprs).collect();
        let mut asked: Vec<*const Expr> = Vec::new();
        while let Some(expr) = pending.pop() {
            expr.walk(&mut |node| {
                visit(node);
                let ExprKind::Applies { rule, label } = &node.kind else { return };
                let def = self.exception(*rule, label);
                if let Some(Body::Exception { condition, .. }) = def.map(|def| &def.body)
                    && !asked.iter().any(|known| std::ptr::eq(*known, condition))
                {
                    asked.push(condition);
                    pending.push(condition);
                }
            });
        }
    }

    /// The exception of a rule with this label, if it is in force here.
    pub fn exception(&self, rule: RuleId, label: &str) -> Option<&'l Def> {
        let linked = self.rules.get(rule.index())?;
        linked
            .exceptions
            .iter()
            .filter_map(|id| self.library.def(*id))
            .find(|def| def.label.as_deref() == Some(label))
    }
}

mod linked;
pub(crate) use linked::Linked;

struct Linker<'l> {
    library: &'l Library,
    region: RegionCode,
    date: Date,
    problems: Vec<Diagnostic>,
    /// By rule: levels of formulas from it down.
    levels: Vec<u32>,
}

impl<'l> Linker<'l> {
    fn document(&self, index: u32) -> Option<&'l Document> {
        self.library.documents.get(index as usize)
    }

    fn speaks(&self, document: u32) -> bool {
        self.document(document)
            .is_some_and(|found| found.applies_in(self.region) && found.in_force(self.date))
    }

    fn rule(&mut self, defs: &[DefId]) -> LinkedRule {
        let speaking: Vec<(DefId, &'l Def)> = defs
            .iter()
            .filter_map(|id| Some((*id, self.library.def(*id)?)))
            .filter(|(_, def)| self.speaks(def.document))
            .collect();
        let bases: Vec<(DefId, &Def)> =
            speaking.iter().copied().filter(|(_, def)| def.label.is_none()).collect();
        let base = self.first(&bases, "规则");
        let mut exceptions = Vec::new();
        for (_, def) in &speaking {
            let Some(label) = &def.label else { continue };
            let same: Vec<(DefId, &Def)> =
                speaking.iter().copied().filter(|(_, other)| other.label.as_ref() == Some(label)).collect();
            if let Some(id) = self.first(&same, "例外")
                && !exceptions.contains(&id)
            {
                exceptions.push(id);
            }
        }
        exceptions
            .sort_by_key(|id| self.library.def(*id).map(|def| self.effect_order(def.document, def.span)));
        LinkedRule { base, exceptions }
    }

    fn effect_order(&self, document: u32, span: Span) -> (doudi_terms::RegionLevel, Option<Date>, Span) {
        let found = self.document(document);
        (
            found.map_or(doudi_terms::RegionLevel::Country, |document| document.region.level()),
            found.map(|document| document.from),
            span,
        )
    }

    /// The definition that goes before all others, as its document declares.
    fn first(&mut self, defs: &[(DefId, &Def)], kind: &str) -> Option<DefId> {
        let winner = defs.iter().find(|(id, def)| {
            defs.iter()
                .all(|(other_id, other)| other_id == id || self.goes_before(def.document, other.document))
        });
        match (winner, defs) {
            (Some((id, _)), _) => Some(*id),
            (None, []) => None,
            (None, [(_, a), (_, b), ..]) => {
                let rule = &self.library.rules[a.rule.index()].name;
                let name = |def: &Def| {
                    self.document(def.document).map_or("", |document| document.id.as_str()).to_owned()
                };
                let (one, other) = (name(a), name(b));
                let problem = Diagnostic::error(
                    b.span,
                    format!("{kind}“{rule}”在《{one}》和《{other}》里都有，不知道用哪个"),
                )
                .why(format!("{} 在 {} 两份文件都有效", self.date, self.region))
                .next(format!("在应当优先的文件头里写“优先于: {one}”（或“优先于: {other}”）"));
                if !self.problems.contains(&problem) {
                    self.problems.push(problem);
                }
                None
            }
            (None, [(id, _)]) => Some(*id),
        }
    }

    fn goes_before(&self, winner: u32, loser: u32) -> bool {
        let (Some(a), Some(b)) = (self.document(winner), self.document(loser)) else { return false };
        a.overrides.contains(&b.id)
    }

    fn checks(&mut self) -> Vec<CheckId> {
        let mut chosen: Vec<CheckId> = Vec::new();
        for (index, check) in self.library.checks.iter().enumerate() {
            if !self.speaks(check.document) {
                continue;
            }
            let same = chosen.iter().position(|id| self.library.checks[id.index()].name == check.name);
            match same {
                None => chosen.push(CheckId(index as u32)),
                Some(at)
                    if self.goes_before(check.document, self.library.checks[chosen[at].index()].document) =>
                {
                    chosen[at] = CheckId(index as u32);
                }
                Some(at)
                    if self.goes_before(self.library.checks[chosen[at].index()].document, check.document) => {
                }
                Some(_) => self.problems.push(
                    Diagnostic::error(check.span, format!("疑点“{}”有两处，不知道用哪个", check.name))
                        .next("改名，或在应当优先的文件头里写“优先于”"),
                ),
            }
        }
        chosen
    }

    fn order(&mut self, rules: &[LinkedRule]) -> Vec<RuleId> {
        let mut order = Vec::new();
        let mut state = vec![Visit::New; rules.len()];
        for index in 0..rules.len() {
            self.visit(RuleId(index as u32), rules, &mut state, &mut Vec::new(), &mut order);
        }
        let mut asked = vec![Visit::New; self.library.defs.len()];
        for id in rules.iter().flat_map(|linked| &linked.exceptions) {
            self.visit_exception(*id, rules, &mut asked, &mut Vec::new());
        }
        order
    }

    fn visit(
        &mut self,
        rule: RuleId,
        rules: &[LinkedRule],
        state: &mut [Visit],
        path: &mut Vec<RuleId>,
        order: &mut Vec<RuleId>,
    ) {
        match state[rule.index()] {
            Visit::Done => return,
            Visit::Open => {
                let from = path.iter().position(|id| *id == rule).unwrap_or(0);
                let circle: Vec<RuleId> = path[from..].iter().chain([&rule]).copied().collect();
                let names: Vec<&str> =
                    circle.iter().map(|id| self.library.rules[id.index()].name.as_str()).collect();
                let span = rules[rule.index()].base.and_then(|id| self.library.def(id)).map(|def| def.span);
                let span = span.unwrap_or(Span { source: crate::source::SourceId(0), start: 0, end: 0 });
                let texts = circle.windows(2).filter_map(|pair| self.who_asks(pair[0], pair[1], rules));
                let texts = texts.collect::<Vec<_>>().join("，");
                self.problems.push(
                    Diagnostic::error(span, format!("规则互相引用成了一圈：{}", names.join(" → ")))
                        .why(format!("在 {} {} 的有效文件里，{texts}", self.region, self.date))
                        .next("去掉其中一处引用；要用上个月的结果请写 上月.名称"),
                );
                return;
            }
            Visit::New => {}
        }
        if path.len() as u32 >= MOST_LEVELS {
            return self.too_long(rule, rules);
        }
        state[rule.index()] = Visit::Open;
        path.push(rule);
        let linked = &rules[rule.index()];
        for def in linked.base.iter().chain(&linked.exceptions).filter_map(|id| self.library.def(*id)) {
            let mut below = 0;
            for used in used_rules(def, rules, self.library) {
                self.visit(used, rules, state, path, order);
                below = below.max(self.levels[used.index()]);
            }
            let own = def.exprs().into_iter().map(Expr::height).max().unwrap_or(0);
            self.levels[rule.index()] = self.levels[rule.index()].max(below + own + RULE_LEVELS);
        }
        if self.levels[rule.index()] > MOST_LEVELS {
            self.too_long(rule, rules);
        }
        path.pop();
        state[rule.index()] = Visit::Done;
        if linked.base.is_some() || !linked.exceptions.is_empty() {
            order.push(rule);
        }
    }

    /// Which text makes one rule use another: “甲”用“乙”（《文件》第一条）.
    fn who_asks(&self, user: RuleId, used: RuleId, rules: &[LinkedRule]) -> Option<String> {
        let library = self.library;
        let linked = rules.get(user.index())?;
        let defs = linked.base.iter().chain(&linked.exceptions).filter_map(|id| library.def(*id));
        let def = defs.into_iter().find(|def| used_rules(def, rules, library).contains(&used))?;
        let (user, used) = (library.rules.get(user.index())?, library.rules.get(used.index())?);
        Some(format!("“{}”用“{}”（{}）", user.name, used.name, library.citation(def.article)))
    }

    fn too_long(&mut self, rule: RuleId, rules: &[LinkedRule]) {
        let Some(def) = rules[rule.index()].base.and_then(|id| self.library.def(id)) else { return };
        let problem = Diagnostic::error(def.span, "规则一条用一条，连得太长")
            .why(format!("一条规则和它用到的规则，式子一层套一层，最多 {MOST_LEVELS} 层"))
            .next("把中间的几条合并成一条");
        // What uses a rule that is too long is too long as well: once is enough.
        if !self.problems.iter().any(|known| known.what == problem.what) {
            self.problems.push(problem);
        }
    }

    /// Conditions that ask for each other with 适用 have no answer.
    fn visit_exception(
        &mut self,
        id: DefId,
        rules: &[LinkedRule],
        state: &mut [Visit],
        path: &mut Vec<DefId>,
    ) {
        let library = self.library;
        match state[id.index()] {
            Visit::Done => return,
            Visit::Open => {
                let from = path.iter().position(|open| *open == id).unwrap_or(0);
                let circle: Vec<DefId> = path[from..].iter().chain([&id]).copied().collect();
                let Some(def) = library.def(id) else { return };
                let labels: Vec<String> = circle
                    .iter()
                    .filter_map(|id| library.def(*id))
                    .map(|def| {
                        let rule = &library.rules[def.rule.index()].name;
                        format!("{rule}「{}」", def.label.as_deref().unwrap_or(""))
                    })
                    .collect();
                let what = format!("例外用“适用”互相问成了一圈：{}", labels.join(" → "));
                self.problems.push(
                    Diagnostic::error(def.span, what)
                        .why(format!("在 {} {} 的有效文件里", self.region, self.date))
                        .next("去掉其中一处“适用”，把条件直接写出来"),
                );
                return;
            }
            Visit::New => {}
        }
        state[id.index()] = Visit::Open;
        path.push(id);
        if let Some(condition) = condition_of(id, library) {
            for asked in asked_exceptions(condition, rules, library) {
                self.visit_exception(asked, rules, state, path);
            }
        }
        path.pop();
        state[id.index()] = Visit::Done;
    }

    /// By parameter: the rows that may hold here and now, so that a long table is gone through once.
    fn rows_in_force(&self, shipped: bool) -> Vec<Vec<u32>> {
        let mut found = vec![Vec::new(); self.library.parameters.len()];
        for (index, row) in self.library.rows.iter().enumerate().filter(|_| shipped) {
            let holds = self.region.is_within(row.region)
                && row.from <= self.date
                && row.to.is_none_or(|to| self.date <= to);
            if let Some(rows) = found.get_mut(row.parameter.index()).filter(|_| holds) {
                rows.push(index as u32);
            }
        }
        found
    }

    /// As [`Library::row_in_force`] chooses, for every combination of dimensions at once.
    fn parameter(&self, id: ParameterId, rows: &[u32]) -> Vec<ParameterValue> {
        let dimensions = &self.library.parameters[id.index()].dimensions;
        let keys: usize = dimensions.iter().map(|dimension| self.library.labels(*dimension).len()).product();
        let mut best = vec![None; keys];
        for index in rows {
            let row = &self.library.rows[*index as usize];
            let key = row.dimensions.iter().zip(dimensions).fold(0, |key, (label, dimension)| {
                key * self.library.labels(*dimension).len() + usize::from(*label)
            });
            let rank = (row.region.level(), row.from, *index);
            if let Some(known) = best.get_mut(key)
                && known.is_none_or(|known| known < rank)
            {
                *known = Some(rank);
            }
        }
        let value = |rank: Option<(doudi_terms::RegionLevel, Date, u32)>| match rank {
            None => ParameterValue::Unpublished,
            Some((_, _, index)) => match self.library.rows[index as usize].value {
                RowValue::Value(value) => ParameterValue::Value(value, index),
                RowValue::None => ParameterValue::None(index),
                RowValue::Unpublished => ParameterValue::Unpublished,
            },
        };
        best.into_iter().map(value).collect()
    }
}

impl Library {
    /// The row of a parameter that holds in a place on a day: the nearest ancestor region with a row in force wins;
    /// within a region, the latest start, then the last written.
    pub fn row_in_force(
        &self,
        id: ParameterId,
        labels: &[u16],
        region: RegionCode,
        date: Date,
    ) -> Option<usize> {
        let rows = self.rows.iter().enumerate().filter(|(_, row)| {
            row.parameter == id
                && row.dimensions == labels
                && region.is_within(row.region)
                && row.from <= date
                && row.to.is_none_or(|to| date <= to)
        });
        rows.max_by_key(|(index, row)| (row.region.level(), row.from, *index)).map(|(index, _)| index)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Visit {
    New,
    Open,
    Done,
}

/// Rules that a definition uses. 适用 uses what the exception's condition uses, not the rule itself.
fn used_rules(def: &Def, rules: &[LinkedRule], library: &Library) -> Vec<RuleId> {
    let mut used = Vec::new();
    let mut pending: Vec<&Expr> = def.exprs();
    let mut followed: Vec<DefId> = Vec::new();
    while let Some(expr) = pending.pop() {
        expr.walk(&mut |node| {
            if let ExprKind::Rule(id) = &node.kind {
                used.push(*id);
            }
        });
        for id in asked_exceptions(expr, rules, library) {
            if followed.contains(&id) {
                continue;
            }
            followed.push(id);
            pending.extend(condition_of(id, library));
        }
    }
    used.sort();
    used.dedup();
    used
}

/// Exceptions in force that a formula asks for with 适用.
fn asked_exceptions(expr: &Expr, rules: &[LinkedRule], library: &Library) -> Vec<DefId> {
    let mut asked = Vec::new();
    expr.walk(&mut |node| {
        if let ExprKind::Applies { rule, label } = &node.kind {
            asked.extend(rules[rule.index()].exceptions.iter().filter(|id| {
                library.def(**id).is_some_and(|def| def.label.as_deref() == Some(label.as_str()))
            }));
        }
    });
    asked
}

fn condition_of(id: DefId, library: &Library) -> Option<&Expr> {
    match &library.def(id)?.body {
        Body::Exception { condition, .. } => Some(condition),
        _ => None,
    }
}

/// Last-month facts that a library's documents ask for, with what they are the last month of.
pub fn last_month_inputs(library: &Library) -> impl Iterator<Item = (crate::ir::InputId, LastMonth)> + '_ {
    library
        .inputs
        .iter()
        .enumerate()
        .filter_map(|(index, input)| Some((crate::ir::InputId(index as u32), input.last_month_of?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Level;
    use crate::source::Source;

    fn links(articles: &str) -> Result<(), Vec<String>> {
        let front = "---\n编号: 试\n名称: 试验\n位阶: 工作口径\n施行: 2010-01-01\n---\n## 第一条\n";
        let text = format!("{front}```条文\n{articles}\n```\n");
        let (library, problems) = Library::read(vec![Source { path: "national/t.md".into(), text }]);
        assert!(problems.iter().all(|problem| problem.level != Level::Error), "{problems:?}");
        let day = doudi_terms::parse_date("2020-05-31").expect("a day");
        let linked = Program::link(&library, RegionCode::COUNTRY, day);
        linked.map(|_| ()).map_err(|problems| problems.into_iter().map(|problem| problem.what).collect())
    }

    #[test]
    fn an_exception_that_asks_for_itself_does_not_link() {
        let problems = links("规则 户.甲: 是否 = 否\n例外 户.甲 「一」 当 适用 户.甲「一」 则 是");
        assert_eq!(problems, Err(vec!["例外用“适用”互相问成了一圈：甲「一」 → 甲「一」".to_owned()]));
    }

    #[test]
    fn a_circle_through_two_questions_for_exceptions_is_found() {
        let problems = links(
            "规则 户.乙: 是否 = 否\n规则 户.丙: 是否 = 否\n规则 户.甲: 是否 = 适用 户.乙「一」\n\
             例外 户.乙 「一」 当 适用 户.丙「二」 则 是\n例外 户.丙 「二」 当 甲 则 是",
        );
        let problems = problems.expect_err("a circle");
        assert!(problems[0].contains("互相引用成了一圈"), "{problems:?}");
    }

    #[test]
    fn asking_for_an_earlier_exception_is_no_circle() {
        let linked = links(
            "规则 户.甲: 是否 = 否\n例外 户.甲 「一」 当 是 则 是\n例外 户.甲 「二」 当 适用 户.甲「一」 则 否",
        );
        assert_eq!(linked, Ok(()));
    }
}
