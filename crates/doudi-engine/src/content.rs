//! Which rules of the policies the clearing asks for: content, read from `programs.toml`.

use crate::case_words::{CaseRules, CaseWords, LeadStanding, StandingRules, find_cases, find_standing};
use crate::digest::{Hasher, short};
use crate::error::{EngineError, Outcome};
use doudi_linkage::{WeightSet, is_weights};
use doudi_policy::ir::{HOUSEHOLD, InputId, PERSON, RuleId, Type};
use doudi_policy::{Library, Source, has_errors};
use doudi_terms::Problem;
use doudi_terms::roster::RosterSpec;
use serde::{Deserialize, Serialize};

/// `programs.toml`. Rule paths are `人.规则名` or `户.规则名`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ClearingContent {
    pub clearing: ClearingRules,
    #[serde(default, rename = "programme")]
    pub programmes: Vec<Programme>,
    #[serde(default, rename = "ledger")]
    pub ledgers: Vec<Ledger>,
    #[serde(default)]
    pub look_in: LookIn,
    #[serde(default, rename = "group")]
    pub groups: Vec<Group>,
    #[serde(default)]
    pub received: Received,
    #[serde(default)]
    pub sheet: FamilySheet,
    /// How the window's cases are read; without it they say nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cases: Option<CaseWords>,
    #[serde(default, rename = "standing", skip_serializing_if = "Vec::is_empty")]
    pub standings: Vec<LeadStanding>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ClearingRules {
    pub out_of_scope: String,
    pub sign_of_need: String,
    pub covered: String,
    /// Inputs that the register gives.
    #[serde(default = "birth_input")]
    pub birth: String,
    #[serde(default = "sex_input")]
    pub sex: String,
}

fn birth_input() -> String {
    "人.出生日期".into()
}

fn sex_input() -> String {
    "人.性别".into()
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Programme {
    pub id: String,
    pub name: String,
    /// 人 or 户: to whom the amount belongs.
    #[serde(default)]
    pub unit: String,
    pub entitled: String,
    pub enrolled: String,
    #[serde(default)]
    pub amount: Option<String>,
    #[serde(default)]
    pub citation: Option<String>,
    /// How rosters of payments call it.
    #[serde(default)]
    pub paid_as: Option<String>,
    /// A fact: the month from which it has been given.
    #[serde(default)]
    pub since: Option<String>,
}

/// A list of people that is reported each month.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Ledger {
    pub name: String,
    pub rule: String,
    /// To whom it is reported, and when.
    #[serde(default)]
    pub filing: String,
    #[serde(default)]
    pub columns: Vec<ShownColumn>,
}

/// A group of people that the office keeps a list of. `rule` and `fact` say who is on it: a rule that says yes, or a
/// fact with one of these values.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Group {
    pub name: String,
    #[serde(default)]
    pub rule: Option<String>,
    #[serde(default)]
    pub fact: Option<String>,
    #[serde(default)]
    pub is: Vec<String>,
    /// Where it comes from, in a few words.
    #[serde(default)]
    pub note: String,
    #[serde(default)]
    pub columns: Vec<ShownColumn>,
}

/// Where the facts have what somebody received: a list of records, and its inputs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Received {
    pub record: String,
    pub item: String,
    pub amount: String,
    pub month: String,
    pub day: String,
    pub returned: String,
}

/// What stands on every family's sheet whatever it receives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FamilySheet {
    /// Whom to turn to.
    pub call: String,
    /// What to do if one does not agree.
    pub appeal: String,
}

/// Whom to look in on every month, lead or not.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LookIn {
    /// In the order in which they are visited.
    #[serde(default, rename = "class")]
    pub classes: Vec<LookInClass>,
    /// What else is shown of a person; people of a class are sorted by it.
    #[serde(default)]
    pub columns: Vec<ShownColumn>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LookInClass {
    pub name: String,
    /// A yes/no rule of a person.
    pub rule: String,
}

/// A column that shows what a rule says or what is known; with neither it is left free to be filled in.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ShownColumn {
    pub name: String,
    #[serde(default)]
    pub rule: Option<String>,
    #[serde(default)]
    pub fact: Option<String>,
    /// In characters of half width.
    #[serde(default)]
    pub width: Option<u16>,
    /// Adding this money up says nothing (an income per head).
    #[serde(default)]
    pub no_sum: bool,
}

/// A text file of the policies or specifications folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentFile {
    /// Relative, with `/`.
    pub path: String,
    pub text: String,
}

/// The policies with the rules that a clearing asks for, found and checked.
#[derive(Debug)]
pub struct Content {
    pub library: Library,
    pub clearing: ClearingContent,
    pub rules: Rules,
    pub specs: Vec<RosterSpec>,
    /// How rows are weighed; what was kept by an older version has none and can be verified, not linked by.
    pub weights: Option<WeightSet>,
    /// Why weights that were kept with a month cannot be read any more.
    weights_fault: Option<String>,
    pub policy_files: Vec<ContentFile>,
    pub spec_files: Vec<ContentFile>,
}

/// The rules and inputs by number.
#[derive(Debug)]
pub struct Rules {
    pub out_of_scope: RuleId,
    pub sign_of_need: RuleId,
    pub covered: RuleId,
    pub programmes: Vec<ProgrammeRules>,
    pub ledgers: Vec<RuleId>,
    /// By ledger and column.
    pub ledger_columns: Vec<Vec<Shown>>,
    pub look_in: Vec<RuleId>,
    pub look_in_columns: Vec<Shown>,
    pub groups: Vec<GroupRules>,
    pub cases: Option<CaseRules>,
    /// In their order: the first that holds is told.
    pub standings: Vec<StandingRules>,
    pub birth: Option<InputId>,
    pub sex: Option<InputId>,
}

#[derive(Clone, Copy, Debug)]
pub struct ProgrammeRules {
    pub entitled: RuleId,
    pub enrolled: RuleId,
    pub amount: Option<RuleId>,
}

/// Who is on a group's list, and what it shows.
#[derive(Clone, Debug)]
pub struct GroupRules {
    pub who: Shown,
    /// Of a fact, the cells that count.
    pub cells: Vec<i64>,
    pub columns: Vec<Shown>,
}

impl GroupRules {
    /// Rules that have to be asked for it.
    pub fn rules(&self) -> impl Iterator<Item = RuleId> + '_ {
        std::iter::once(&self.who).chain(&self.columns).filter_map(|shown| match shown {
            Shown::Rule(rule) => Some(*rule),
            Shown::Fact(_) | Shown::Blank => None,
        })
    }
}

/// Where a column of a list gets its cells from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    Rule(RuleId),
    Fact(InputId),
    /// Filled in by hand.
    Blank,
}

impl Content {
    /// Reads the policies and finds every rule that `clearing` names.
    pub fn new(
        policy_files: Vec<ContentFile>,
        spec_files: Vec<ContentFile>,
        specs: Vec<RosterSpec>,
        clearing: ClearingContent,
    ) -> Outcome<Content> {
        let sources: Vec<Source> = policy_files
            .iter()
            .filter(|file| file.path.ends_with(".md") || file.path.ends_with(".csv"))
            .map(|file| Source { path: file.path.clone(), text: file.text.clone() })
            .collect();
        let (library, problems) = Library::read(sources);
        if has_errors(&problems) {
            let errors = problems.iter().filter(|problem| problem.level == doudi_policy::Level::Error);
            let text: Vec<String> = errors.take(10).map(|problem| problem.render(&library.sources)).collect();
            return Err(EngineError::Content(text.join("\n")));
        }
        let rules = find_rules(&library, &clearing)?;
        let weights = read_weights(&spec_files).map_err(|problems| {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            EngineError::Content(lines.join("\n"))
        })?;
        let weights_fault = None;
        Ok(Content { library, clearing, rules, specs, weights, weights_fault, policy_files, spec_files })
    }

    /// Content as a month was cleared with: weights that this program does not know how to read are not missed as long as
    /// nobody asks for them, for the links of the month are kept too.
    pub fn kept(
        policy_files: Vec<ContentFile>,
        spec_files: Vec<ContentFile>,
        specs: Vec<RosterSpec>,
        clearing: ClearingContent,
    ) -> Outcome<Content> {
        let (of_weights, others) = spec_files.into_iter().partition(|file| is_weights(&file.path));
        let mut content = Content::new(policy_files, others, specs, clearing)?;
        match read_weights(&of_weights) {
            Ok(weights) => content.weights = weights,
            Err(problems) => {
                // What to do about them is not to mend the file.
                let fault = |problem: &Problem| format!("{}：{}", problem.place.file, problem.what);
                content.weights_fault = Some(problems.iter().map(fault).collect::<Vec<_>>().join("\n"));
            }
        }
        content.spec_files.extend(of_weights);
        content.spec_files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(content)
    }

    /// The same content with another library, as one with a proposed value.
    pub fn with_library(&self, library: Library) -> Outcome<Content> {
        let rules = find_rules(&library, &self.clearing)?;
        Ok(Content {
            library,
            clearing: self.clearing.clone(),
            rules,
            specs: self.specs.clone(),
            weights: self.weights.clone(),
            weights_fault: self.weights_fault.clone(),
            policy_files: self.policy_files.clone(),
            spec_files: self.spec_files.clone(),
        })
    }

    /// What rosters say and no policy has a name for, by the id of the specification.
    pub fn unknown_names(&self) -> Vec<(String, String)> {
        let of = |spec: &RosterSpec| {
            let names = crate::facts::unknown_names(&self.library, spec);
            names.into_iter().map(|name| (spec.id.clone(), name)).collect::<Vec<_>>()
        };
        self.specs.iter().flat_map(of).collect()
    }

    /// The register's specification.
    pub fn register_spec(&self) -> Outcome<(usize, &RosterSpec)> {
        let found = self.specs.iter().enumerate().find(|(_, spec)| spec.register);
        found.ok_or_else(|| EngineError::Content("名册说明里没有户籍登记名册（register = true）".into()))
    }

    /// How rows are weighed.
    pub fn weights(&self) -> Outcome<&WeightSet> {
        self.weights_if_any()?.ok_or_else(|| {
            EngineError::Content("名册说明里没有比对的分值（default.weights.toml），不能比对".into())
        })
    }

    /// The same, where rows that nobody was found for need not be asked again if nobody knows how.
    pub(crate) fn weights_if_any(&self) -> Outcome<Option<&WeightSet>> {
        match &self.weights_fault {
            None => Ok(self.weights.as_ref()),
            Some(fault) => Err(EngineError::BadInput(format!(
                "这个月是用旧的比对分值摸排的，现在的程序读不全，没有办法照原样再比：\n{fault}\n\
                 这是程序换了，不是数据被改动；存着的分值文件不要改，改了就核验不了。\
                 请用摸排时的那个版本的程序核验；不需要原来的证书的，用现在的程序重新摸排这个月"
            ))),
        }
    }

    /// Names what follows from the register, the weights and the version of linkage, whatever the rosters are.
    pub(crate) fn register_links_key(&self, register: &str) -> String {
        let mut hasher = Hasher::default();
        let mut files: Vec<_> = self.spec_files.iter().filter(|file| is_weights(&file.path)).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        hasher.part(&doudi_linkage::VERSION.to_le_bytes());
        for file in files {
            hasher.part(file.path.as_bytes()).part(file.text.as_bytes());
        }
        format!("{register}-{}", short(&hasher.hex()))
    }

    pub fn spec(&self, id: &str) -> Option<(usize, &RosterSpec)> {
        self.specs.iter().enumerate().find(|(_, spec)| spec.id == id)
    }
}

fn read_weights(files: &[ContentFile]) -> Result<Option<WeightSet>, Vec<Problem>> {
    if !files.iter().any(|file| is_weights(&file.path)) {
        return Ok(None);
    }
    WeightSet::from_files(files.iter().map(|file| (&file.path, &file.text))).map(Some)
}

fn find_rules(library: &Library, clearing: &ClearingContent) -> Outcome<Rules> {
    let mut faults = Vec::new();
    let mut yes_no = |path: &str, entity_matters: bool| match library.rule_by_path(path) {
        Some(id) => {
            let rule = &library.rules[id.index()];
            if rule.ty != Type::YesNo || (entity_matters && rule.entity != PERSON) {
                faults.push(format!("programs.toml 里的“{path}”应是人的是否规则"));
            }
            id
        }
        None => {
            faults.push(format!("programs.toml 里的规则“{path}”在政策文件里没有"));
            RuleId(0)
        }
    };
    let out_of_scope = yes_no(&clearing.clearing.out_of_scope, true);
    let sign_of_need = yes_no(&clearing.clearing.sign_of_need, true);
    let covered = yes_no(&clearing.clearing.covered, true);
    let ledgers = clearing.ledgers.iter().map(|ledger| yes_no(&ledger.rule, false)).collect();
    let look_in = clearing.look_in.classes.iter().map(|class| yes_no(&class.rule, true)).collect();
    let mut programmes = Vec::new();
    for programme in &clearing.programmes {
        programmes.push(ProgrammeRules {
            entitled: yes_no(&programme.entitled, true),
            enrolled: yes_no(&programme.enrolled, true),
            amount: None,
        });
    }
    for (programme, found) in clearing.programmes.iter().zip(&mut programmes) {
        let Some(path) = &programme.amount else { continue };
        found.amount = library.rule_by_path(path);
        if found.amount.is_none_or(|id| !library.rules[id.index()].ty.is_money()) {
            faults.push(format!("programs.toml 里的金额规则“{path}”在政策文件里没有，或不是金额"));
        }
    }
    let mut shown = |columns: &[ShownColumn]| -> Vec<Shown> {
        columns.iter().map(|column| find_shown(library, column, &mut faults)).collect()
    };
    let ledger_columns = clearing.ledgers.iter().map(|ledger| shown(&ledger.columns)).collect();
    let look_in_columns = shown(&clearing.look_in.columns);
    let group_columns: Vec<Vec<Shown>> = clearing.groups.iter().map(|group| shown(&group.columns)).collect();
    let who = clearing.groups.iter().map(|group| find_members(library, group, &mut faults));
    let groups = who.collect::<Vec<_>>().into_iter().zip(group_columns);
    let groups = groups.map(|((who, cells), columns)| GroupRules { who, cells, columns }).collect();
    let cases = clearing.cases.as_ref().and_then(|words| find_cases(library, words, &mut faults));
    let standings = clearing.standings.iter().map(|standing| find_standing(library, standing, &mut faults));
    let standings = standings.collect();
    if !faults.is_empty() {
        faults.push("请改正 programs.toml，或在政策文件里补上这些规则".into());
        return Err(EngineError::Content(faults.join("\n")));
    }
    Ok(Rules {
        out_of_scope,
        sign_of_need,
        covered,
        programmes,
        ledgers,
        ledger_columns,
        look_in,
        look_in_columns,
        groups,
        cases,
        standings,
        birth: library.input_by_path(&clearing.clearing.birth),
        sex: library.input_by_path(&clearing.clearing.sex),
    })
}

/// Who is on a group's list: a yes/no rule, or a fact and the values that count.
fn find_members(library: &Library, group: &Group, faults: &mut Vec<String>) -> (Shown, Vec<i64>) {
    let column = ShownColumn {
        name: group.name.clone(),
        rule: group.rule.clone(),
        fact: group.fact.clone(),
        ..ShownColumn::default()
    };
    let who = find_shown(library, &column, faults);
    let wrong = match who {
        Shown::Rule(rule) => library.rules[rule.index()].ty != Type::YesNo || !group.is.is_empty(),
        Shown::Fact(_) => group.is.is_empty(),
        Shown::Blank => true,
    };
    if wrong {
        faults.push(format!(
            "programs.toml 里的台账“{}”：rule 要写是否规则，或者写 fact 和 is（哪几个值列入）",
            group.name
        ));
    }
    let Shown::Fact(input) = who else { return (who, Vec::new()) };
    let ty = library.inputs[input.index()].ty;
    let mut cells = Vec::new();
    for word in &group.is {
        match crate::facts::from_word(library, ty, word) {
            Some(cell) => cells.push(cell),
            None => faults.push(format!("programs.toml 里的台账“{}”：“{word}”不是这项事实的值", group.name)),
        }
    }
    (who, cells)
}

fn find_shown(library: &Library, column: &ShownColumn, faults: &mut Vec<String>) -> Shown {
    let name = &column.name;
    let (path, found, entity) = match (&column.rule, &column.fact) {
        (None, None) => return Shown::Blank,
        (Some(path), None) => {
            let rule = library.rule_by_path(path);
            (path, rule.map(Shown::Rule), rule.map(|rule| library.rules[rule.index()].entity))
        }
        (None, Some(path)) => {
            let input = library.input_by_path(path);
            (path, input.map(Shown::Fact), input.map(|input| library.inputs[input.index()].entity))
        }
        (Some(_), Some(_)) => {
            faults.push(format!("programs.toml 里的栏“{name}”既写了 rule 又写了 fact，只能写一个"));
            return Shown::Blank;
        }
    };
    match found {
        Some(shown) if entity.is_some_and(|entity| entity == PERSON || entity == HOUSEHOLD) => shown,
        Some(_) => {
            faults.push(format!("programs.toml 里的栏“{name}”应是人或户的规则或事实，“{path}”不是"));
            Shown::Blank
        }
        None => {
            faults.push(format!("programs.toml 里的栏“{name}”用到的“{path}”在政策文件里没有"));
            Shown::Blank
        }
    }
}
