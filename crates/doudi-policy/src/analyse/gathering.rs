//! Puts every question to every setting once, and says each thing once with all the places where it holds.

use super::boundary;
use super::clauses;
use super::findings::Finding;
use super::reach::{self, Claim};
use super::search::Place;
use super::settings::Setting;
use crate::facts::Layout;
use crate::ir::{CheckId, DefId, ExprKind, ParameterId, RuleId};
use crate::library::Library;
use crate::program::{ParameterValue, Program};
use crate::source::Span;
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashMap};
use std::hash::{Hash, Hasher};

/// What a rule comes to in a setting, as a number: equal where every rule and value below it is equal.
type Print = u64;

pub(super) struct Gathering<'g, 'l> {
    library: &'l Library,
    layout: &'g Layout,
    pub steps: u32,
    pub open: u32,
    /// Findings of a question that was asked before.
    asked: HashMap<(Question, Print), Vec<Finding>>,
    found: Vec<Finding>,
    /// Of each definition: in how many kinds of setting it stands, and what was proven in how many of them.
    proven: BTreeMap<Subject, Proven>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Question {
    Rule(RuleId),
    /// A pair of comparisons by where they stand.
    Pair(Span, Span),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Def(DefId),
    Check(CheckId),
}

#[derive(Default)]
struct Proven {
    settings: u32,
    claims: BTreeMap<(Span, Claim), (u32, Finding)>,
}

impl<'g, 'l> Gathering<'g, 'l> {
    pub fn new(library: &'l Library, layout: &'g Layout, steps: u32) -> Gathering<'g, 'l> {
        Gathering {
            library,
            layout,
            steps,
            open: 0,
            asked: HashMap::new(),
            found: Vec::new(),
            proven: BTreeMap::new(),
        }
    }

    pub fn look(&mut self, program: &Program<'l>) {
        let setting = Setting { region: program.region, date: program.date };
        let prints = prints(program);
        for rule in &program.order {
            let print = prints[rule.index()];
            let question = (Question::Rule(*rule), print);
            if !self.asked.contains_key(&question) {
                let mut place =
                    Place { program, layout: self.layout, steps: &mut self.steps, open: &mut self.open };
                let mut found: Vec<Finding> = clauses::gaps(&mut place, *rule);
                found.extend(clauses::conflicts(&mut place, *rule));
                found.extend(clauses::shared(&mut place, *rule));
                self.asked.insert(question, found);
                self.prove(program, *rule);
            }
            let found = self.asked.get(&question).cloned().unwrap_or_default();
            found.into_iter().for_each(|finding| self.add(finding, setting));
        }
        self.prove_checks(program);
        self.look_at_bounds(program, &prints, setting);
    }

    fn look_at_bounds(&mut self, program: &Program<'l>, prints: &[Print], setting: Setting) {
        let mut place = Place { program, layout: self.layout, steps: &mut self.steps, open: &mut self.open };
        let pairs = boundary::pairs(&place);
        let mut findings = Vec::new();
        for pair in pairs {
            let rules = pair.rules();
            let mut hasher = DefaultHasher::new();
            rules.map(|rule| prints[rule.index()]).hash(&mut hasher);
            let (below, above) = pair.spans();
            let question = (Question::Pair(below, above), hasher.finish());
            let found = self
                .asked
                .entry(question)
                .or_insert_with(|| boundary::hole(&mut place, &pair).into_iter().collect());
            findings.extend(found.iter().cloned());
        }
        findings.into_iter().for_each(|finding| self.add(finding, setting));
    }

    fn prove(&mut self, program: &Program<'l>, rule: RuleId) {
        let linked = &program.rules[rule.index()];
        for id in linked.base.iter().chain(&linked.exceptions) {
            let Some(def) = self.library.def(*id) else { continue };
            let name = clauses::def_path(self.library, def);
            self.prove_one(program, Subject::Def(*id), &name, |place| reach::claims(place, def));
        }
    }

    fn prove_checks(&mut self, program: &Program<'l>) {
        for id in &program.checks {
            let check = &self.library.checks[id.index()];
            self.prove_one(program, Subject::Check(*id), &check.name, |place| {
                let mut found = Vec::new();
                reach::constants(place, &check.condition, &mut found);
                found
            });
        }
    }

    /// What is proven of something counts only if it is proven in every setting in which it stands.
    fn prove_one(
        &mut self,
        program: &Program<'l>,
        subject: Subject,
        name: &str,
        claims: impl FnOnce(&mut Place<'_, 'l>) -> Vec<(Span, Claim)>,
    ) {
        let proven = self.proven.entry(subject).or_default();
        // What was not proven once need not be asked again.
        if proven.settings > 0 && proven.claims.is_empty() {
            return;
        }
        let mut place = Place { program, layout: self.layout, steps: &mut self.steps, open: &mut self.open };
        proven.settings += 1;
        for (span, claim) in claims(&mut place) {
            let entry =
                proven.claims.entry((span, claim)).or_insert_with(|| (0, reach::told(name, span, claim)));
            entry.0 += 1;
        }
        let settings = proven.settings;
        proven.claims.retain(|_, (times, _)| *times == settings);
    }

    /// The same thing in another setting only adds the setting.
    fn add(&mut self, finding: Finding, setting: Setting) {
        let known = self.found.iter_mut().find(|known| {
            known.kind == finding.kind && known.span == finding.span && known.what == finding.what
        });
        let entry = match known {
            Some(known) => known,
            None => {
                self.found.push(finding);
                let Some(last) = self.found.last_mut() else { return };
                last
            }
        };
        // A place is named with its first day, and not below a place that is named already.
        let covered = entry
            .settings
            .iter()
            .any(|known| setting.region.is_within(known.region) && known.date <= setting.date);
        if !covered {
            entry.settings.push(setting);
        }
    }

    pub fn findings(self) -> Vec<Finding> {
        let mut findings = self.found;
        for proven in self.proven.into_values() {
            findings.extend(proven.claims.into_values().map(|(_, finding)| finding));
        }
        findings
    }
}

/// By rule. Rules stand in the program's order after everything they use.
fn prints(program: &Program<'_>) -> Vec<Print> {
    let library = program.library;
    let mut prints = vec![0; library.rules.len()];
    for rule in &program.order {
        let linked = &program.rules[rule.index()];
        let mut hasher = DefaultHasher::new();
        rule.hash(&mut hasher);
        linked.base.hash(&mut hasher);
        linked.exceptions.hash(&mut hasher);
        // What depends on the day.
        let mut dated = false;
        program.walk_rule(*rule, &mut |node| match &node.kind {
            ExprKind::Rule(id) => prints[id.index()].hash(&mut hasher),
            ExprKind::Parameter { parameter, .. } | ExprKind::HasParameter { parameter, .. } => {
                parameter_print(program, *parameter, &mut hasher);
            }
            ExprKind::Now(_) => dated = true,
            _ => {}
        });
        if dated {
            program.month.index().hash(&mut hasher);
        }
        prints[rule.index()] = hasher.finish();
    }
    prints
}

fn parameter_print(program: &Program<'_>, parameter: ParameterId, hasher: &mut DefaultHasher) {
    for value in &program.parameters[parameter.index()] {
        match value {
            ParameterValue::Value(value, _) => format!("{value:?}").hash(hasher),
            ParameterValue::None(_) => 0_u8.hash(hasher),
            ParameterValue::Unpublished => 1_u8.hash(hasher),
        }
    }
}
