//! Days on which nothing says what is needed: a rule whose document was repealed before its successor began, a parameter
//! with a hole between two rows.

use super::settings::Setting;
use super::{Finding, FindingKind};
use crate::ir::{ExprKind, RuleId};
use crate::library::Library;
use crate::parameters::ParameterRow;
use crate::program::Program;
use crate::source::Span;
use doudi_terms::{Date, RegionCode};

/// Places and days that a finding names; more are counted.
const SHOWN: usize = 6;

pub(super) fn findings(library: &Library, programs: &[Program<'_>]) -> Vec<Finding> {
    let mut found = rules(library, programs);
    found.extend(parameters(library));
    found
}

/// A rule without a definition, from a day until another day.
struct Stretch {
    rule: RuleId,
    user: Span,
    region: RegionCode,
    from: Date,
    until: Option<Date>,
    last: Span,
}

fn rules(library: &Library, programs: &[Program<'_>]) -> Vec<Finding> {
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut regions: Vec<RegionCode> = programs.iter().map(|program| program.region).collect();
    regions.sort();
    regions.dedup();
    for region in regions {
        let mut here: Vec<&Program<'_>> =
            programs.iter().filter(|program| program.region == region).collect();
        here.sort_by_key(|program| program.date);
        stretches.extend(stretches_of(library, &here));
    }
    let mut found: Vec<Finding> = Vec::new();
    let mut told: Vec<(RuleId, Date)> = Vec::new();
    for stretch in &stretches {
        if told.contains(&(stretch.rule, stretch.from)) {
            continue;
        }
        told.push((stretch.rule, stretch.from));
        let settings = stretches
            .iter()
            .filter(|other| (other.rule, other.from) == (stretch.rule, stretch.from))
            .map(|other| Setting { region: other.region, date: other.from });
        found.extend(rule_finding(library, stretch, settings.take(SHOWN).collect()));
    }
    found
}

/// Rules that had a definition in one place, have none, and are asked for by a text in force.
fn stretches_of(library: &Library, programs: &[&Program<'_>]) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    // By rule: where it was last defined, while it is.
    let mut last: Vec<Option<Span>> = vec![None; library.rules.len()];
    let mut open: Vec<Option<usize>> = vec![None; library.rules.len()];
    for program in programs {
        let users = users(library, program);
        for (index, linked) in program.rules.iter().enumerate() {
            let def = linked.base.or(linked.exceptions.first().copied()).and_then(|id| library.def(id));
            if let Some(def) = def {
                last[index] = Some(def.span);
                if let Some(stretch) = open[index].take().and_then(|at| found.get_mut(at)) {
                    stretch.until = Some(program.date);
                }
            } else if let (Some(last), Some(user), None) = (last[index], users[index], open[index]) {
                let (region, from) = (program.region, program.date);
                open[index] = Some(found.len());
                found.push(Stretch { rule: RuleId(index as u32), user, region, from, until: None, last });
            }
        }
    }
    found
}

/// By rule: a text in force that uses it.
fn users(library: &Library, program: &Program<'_>) -> Vec<Option<Span>> {
    let mut users: Vec<Option<Span>> = vec![None; library.rules.len()];
    let defs = program
        .rules
        .iter()
        .flat_map(|linked| linked.base.iter().chain(&linked.exceptions))
        .filter_map(|id| library.def(*id))
        .flat_map(|def| def.exprs());
    let checks =
        program.checks.iter().filter_map(|id| library.checks.get(id.index())).map(|check| &check.condition);
    for expr in defs.chain(checks) {
        expr.walk(&mut |node| {
            if let ExprKind::Rule(id) = &node.kind {
                users[id.index()].get_or_insert(node.span);
            }
        });
    }
    users
}

fn rule_finding(library: &Library, stretch: &Stretch, settings: Vec<Setting>) -> Option<Finding> {
    let rule = library.rules.get(stretch.rule.index())?;
    let days = match stretch.until {
        Some(until) => format!("从 {} 到 {} 的前一天", stretch.from, until),
        None => format!("从 {} 起", stretch.from),
    };
    let what = format!("规则“{}”{days}没有一份有效文件规定，用它的式子没有依据", rule.name);
    let place = |span: Span| {
        library.sources.get(span.source.0 as usize).map_or(String::new(), |source| {
            format!("{}:{}", source.path, source.line_and_column(span.start).0)
        })
    };
    let mut finding = Finding::warning(FindingKind::Absent, stretch.user, what)
        .why(format!("{} 的规定那一天已经废止，没有接替的", place(stretch.last)))
        .next("核对两份文件的“施行”和“废止”；真有空档的，写明空档里按什么办");
    finding.settings = settings;
    Some(finding)
}

/// Days between two rows of one place that no row of the place or above covers.
fn parameters(library: &Library) -> Vec<Finding> {
    let mut found = Vec::new();
    for row in &library.rows {
        let Some(to) = row.to else { continue };
        let Ok(first) = to.tomorrow() else { continue };
        if library.rows.iter().any(|other| covers(row, other, first)) {
            continue;
        }
        let next = library
            .rows
            .iter()
            .filter(|other| applies(row, other) && other.from > first)
            .min_by_key(|other| other.from);
        let Some(next) = next else { continue };
        let Some(parameter) = library.parameters.get(row.parameter.index()) else { continue };
        let last = next.from.yesterday().unwrap_or(first);
        let what = format!("参数“{}”从 {first} 到 {last} 没有值", parameter.name);
        let source = library.sources.get(next.span.source.0 as usize);
        let place = source.map_or(String::new(), |source| {
            format!("{}:{}", source.path, source.line_and_column(next.span.start).0)
        });
        let mut finding = Finding::warning(FindingKind::Absent, row.span, what)
            .why(format!("这一行到 {to} 为止，下一行（{place}）从 {} 起", next.from))
            .next("核对两行的“起”“止”；那几天真没有公布的，加一行写“不详”，没有这个规定的写“无”");
        finding.settings.push(Setting { region: row.region, date: first });
        found.push(finding);
    }
    found
}

/// Whether another row speaks where this one does.
fn applies(row: &ParameterRow, other: &ParameterRow) -> bool {
    other.parameter == row.parameter
        && other.dimensions == row.dimensions
        && row.region.is_within(other.region)
}

fn covers(row: &ParameterRow, other: &ParameterRow, day: Date) -> bool {
    applies(row, other) && other.from <= day && other.to.is_none_or(|to| day <= to)
}
