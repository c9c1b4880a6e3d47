//! A decision as a letter: the wording of a template, the reasons and the sums from the articles that applied.

mod page;
mod template;

use crate::ask::{Goal, Question, inquire};
use crate::ast::Confidence;
use crate::document::{Document, Rank};
use crate::eval::Evaluation;
use crate::explain::{Change, deciding_defs, nearest_changes};
use crate::ir::{ArticleId, HOUSEHOLD, InputId, RuleId, Type};
use crate::library::Library;
use crate::narrate::phrases::{chinese_date, money, said};
use crate::narrate::{Account, accounts};
use crate::value::{Exact, Missing, Outcome, Value};
use doudi_terms::Date;
use num_traits::Signed;
use serde::Serialize;
use template::{Part, TemplateLine};

pub use template::{LetterKind, LetterTemplate, LineStyle, Slot};

/// Changes told in one letter: the nearest of each sort, not everything that could be.
const MOST_CHANGES: usize = 3;

/// What a letter is about, and what only the office knows.
pub struct LetterRequest<'r> {
    pub programme: &'r str,
    /// The yes or no, at a row of its entity.
    pub decision: (RuleId, u32),
    pub amount: Option<(RuleId, u32)>,
    /// The month from which it is paid.
    pub start: Option<(RuleId, u32)>,
    /// Whose article lets the household ask the office itself to look again.
    pub objection: Option<RuleId>,
    /// The fact that says what somebody is in the family, for members without a name.
    pub role: Option<InputId>,
    /// Sources that are the household's own word; what other sources hold, the office looks up.
    pub own_word: &'r [String],
    pub addressee: &'r str,
    pub office: &'r str,
    pub place: &'r str,
    pub date: Date,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Letter {
    #[serde(serialize_with = "kind_word")]
    pub kind: LetterKind,
    pub title: String,
    pub text: String,
    /// The reasons and the sums alone.
    pub sentences: Vec<String>,
    /// What the official looks at before signing; never printed on the letter.
    pub to_check: Vec<String>,
    #[serde(skip)]
    pub lines: Vec<LetterLine>,
}

fn kind_word<S: serde::Serializer>(kind: &LetterKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.word())
}

#[derive(Clone, Debug, PartialEq)]
pub struct LetterLine {
    pub style: LineStyle,
    pub text: String,
}

/// What stands at each slot; a slot that is not there is empty.
type Filling = Vec<(Slot, Vec<String>)>;

/// Writes the letter that the facts call for. `None` if no template serves this place, day and answer.
pub fn write_letter(evaluation: &mut Evaluation<'_>, request: &LetterRequest<'_>) -> Option<Letter> {
    let kind = kind_of(evaluation, request);
    let program = evaluation.program;
    let template = program
        .library
        .letters
        .iter()
        .filter(|template| template.kind == kind && template.applies(program.region, program.date))
        .max_by_key(|template| (template.region.level(), template.from))?;
    let told = match kind {
        LetterKind::Granted | LetterKind::Refused => accounts(evaluation, &[request.decision], request.role),
        LetterKind::Open => Account::default(),
    };
    let whole = match (kind, request.amount) {
        (LetterKind::Granted, Some(amount)) => {
            accounts(evaluation, &[request.decision, amount], request.role)
        }
        _ => told.clone(),
    };
    let mut filling: Filling = vec![
        (Slot::Programme, vec![request.programme.to_owned()]),
        (Slot::Addressee, vec![request.addressee.to_owned()]),
        (Slot::Office, vec![request.office.to_owned()]),
        (Slot::Place, vec![request.place.to_owned()]),
        (Slot::Date, vec![chinese_date(request.date)]),
        (Slot::Reckoning, whole.sentences.get(told.sentences.len()..).unwrap_or_default().to_vec()),
        (Slot::Reasons, told.sentences),
        (Slot::Basis, basis(program.library, &whole)),
    ];
    if kind == LetterKind::Granted {
        filling.extend(paid(evaluation, request));
    }
    if kind == LetterKind::Refused {
        filling.push((Slot::Changes, changes(evaluation, request)));
    }
    if kind == LetterKind::Open {
        filling.extend(wanted(evaluation, request));
    }
    if let Some(objection) = request.objection {
        filling.push((Slot::Objection, citation(evaluation, &[objection]).into_iter().collect()));
    }
    let lines = fill(evaluation, &template.lines, &filling);
    let to_check = to_check(program.library, &whole);
    Some(Letter {
        kind,
        title: title(&lines),
        text: text(&lines),
        sentences: whole.sentences,
        to_check,
        lines,
    })
}

/// Granted is only what also has an amount: a sum that nobody knows cannot be promised.
fn kind_of(evaluation: &mut Evaluation<'_>, request: &LetterRequest<'_>) -> LetterKind {
    let entitled = evaluation.rule(request.decision.0, request.decision.1).as_yes_no();
    let amount = request.amount.map(|(rule, row)| evaluation.rule(rule, row));
    match entitled {
        Some(false) => LetterKind::Refused,
        Some(true) if amount.is_none_or(|amount| amount.known().is_some()) => LetterKind::Granted,
        _ => LetterKind::Open,
    }
}

fn paid(evaluation: &mut Evaluation<'_>, request: &LetterRequest<'_>) -> Filling {
    let mut filling = Vec::new();
    for (slot, result) in [(Slot::Amount, request.amount), (Slot::StartMonth, request.start)] {
        let Some((rule, row)) = result else { continue };
        if let Outcome::Known(value) = evaluation.rule(rule, row) {
            let library = evaluation.program.library;
            let found = &library.rules[rule.index()];
            filling.push((slot, vec![said(library, &found.name, value, found.ty)]));
        }
    }
    filling
}

/// Documents with their articles, highest first; working rules of the office are no basis for a citizen.
fn basis(library: &Library, account: &Account) -> Vec<String> {
    let defs = account.defs.iter().filter_map(|id| library.def(*id));
    let mut articles: Vec<ArticleId> = defs.map(|def| def.article).collect();
    articles.sort();
    articles.dedup();
    let mut documents = by_document(library, &articles);
    documents.retain(|(document, _)| document.rank > Rank::WorkingRule);
    documents.sort_by_key(|(document, _)| std::cmp::Reverse(document.rank));
    let mut lines: Vec<String> = documents
        .into_iter()
        .map(|(document, headings)| {
            // Laws go by their names, everything below also by its number.
            let plain = document.rank == Rank::Law || document.id == document.title;
            let number = if plain { String::new() } else { format!("（{}）", document.id) };
            format!("《{}》{number}{}", document.title, headings.join("、"))
        })
        .collect();
    lines.extend(account.rows.iter().filter_map(|row| library.rows.get(*row as usize)).filter_map(|row| {
        let name = &library.parameters.get(row.parameter.index())?.name;
        (!unverified(&row.document)).then(|| format!("{name}：{}", row.document))
    }));
    lines.dedup();
    lines
}

fn by_document<'l>(library: &'l Library, articles: &[ArticleId]) -> Vec<(&'l Document, Vec<&'l str>)> {
    let mut documents: Vec<(u32, Vec<&str>)> = Vec::new();
    for article in articles.iter().filter_map(|id| library.articles.get(id.index())) {
        let heading = article.heading.as_str();
        match documents.iter_mut().find(|(document, _)| *document == article.document) {
            Some((_, headings)) if headings.contains(&heading) => {}
            Some((_, headings)) => headings.push(heading),
            None => documents.push((article.document, vec![heading])),
        }
    }
    documents
        .into_iter()
        .filter_map(|(at, headings)| Some((library.documents.get(at as usize)?, headings)))
        .collect()
}

/// A document that nobody has found yet stands in the tables in these words.
fn unverified(document: &str) -> bool {
    document.contains("待核") || document.contains("没有另外公布")
}

/// What rests on something uncertain, for the official who signs.
fn to_check(library: &Library, account: &Account) -> Vec<String> {
    let mut notes = Vec::new();
    for row in account.rows.iter().filter_map(|row| library.rows.get(*row as usize)) {
        let Some(parameter) = library.parameters.get(row.parameter.index()) else { continue };
        if row.confidence != Confidence::High {
            notes.push(format!("“{}”的值要核对文件：{}", parameter.name, row.document));
        }
    }
    let mut working: Vec<String> = Vec::new();
    for def in account.defs.iter().filter_map(|id| library.def(*id)) {
        let place = library.citation(def.article);
        match &def.confidence {
            Some((level, why)) if *level != Confidence::High && !why.is_empty() => {
                notes.push(format!("{place}：{why}"));
            }
            _ => {}
        }
        let document = library.documents.get(def.document as usize);
        if document.is_some_and(|document| document.rank <= Rank::WorkingRule) && !working.contains(&place) {
            working.push(place);
        }
    }
    if !working.is_empty() {
        notes.push(format!("下列是工作口径，不是公开文件，没有写进依据：{}", working.join("；")));
    }
    notes.dedup();
    notes
}

/// The nearest amount first, one sentence for facts that would need the same step; then what is no amount.
fn changes(evaluation: &mut Evaluation<'_>, request: &LetterRequest<'_>) -> Vec<String> {
    let found = nearest_changes(evaluation, request.decision.0, request.decision.1);
    let library = evaluation.program.library;
    let step = |change: &Change| match (change.now, change.values.first()) {
        (Value::Number(now), Some(Value::Number(then))) => Some(*then - now),
        _ => None,
    };
    let ty = |change: &Change| library.inputs[change.input.index()].ty;
    let (mut amounts, others): (Vec<&Change>, Vec<&Change>) =
        found.iter().partition(|change| ty(change).is_money() && step(change).is_some());
    amounts.sort_by_key(|change| step(change).map(|step| step.abs()));
    let mut told: Vec<(Exact, Vec<String>)> = Vec::new();
    for change in amounts {
        let Some(step) = step(change) else { continue };
        let subject = subject(evaluation, change, request.role);
        match told.iter_mut().find(|(known, _)| *known == step) {
            Some((_, subjects)) => subjects.push(subject),
            None => told.push((step, vec![subject])),
        }
    }
    let mut sentences: Vec<String> = told
        .into_iter()
        .map(|(step, subjects)| {
            let way = if step.is_negative() { "少" } else { "多" };
            let which = if subjects.len() > 1 { "其中一项" } else { "" };
            let joined = subjects.join("或者");
            let gap = if which.is_empty() { "" } else { "，" };
            format!("如果{joined}{gap}{which}再{way}{}，就符合条件。", money(step.abs()))
        })
        .collect();
    sentences.extend(others.into_iter().map(|change| other_change(evaluation, change, request.role)));
    sentences.truncate(MOST_CHANGES);
    sentences
}

/// 如果查明王德福的义务人没有履行能力，就符合条件。
fn other_change(evaluation: &mut Evaluation<'_>, change: &Change, role: Option<InputId>) -> String {
    let library = evaluation.program.library;
    let declared = &library.inputs[change.input.index()];
    if let (Type::YesNo, Some(Value::YesNo(truth))) = (declared.ty, change.values.first()) {
        let who = crate::narrate::owner_name(evaluation, declared.entity, change.row, role);
        let statement = crate::narrate::phrases::stated(&change.name, *truth);
        return format!("如果查明{}，就符合条件。", crate::narrate::phrases::of(&who, &statement));
    }
    let value = |value: Value| said(library, &change.name, value, declared.ty);
    let to: Vec<String> = change.values.iter().map(|to| value(*to)).collect();
    let now = value(change.now);
    let subject = subject(evaluation, change, role);
    format!("如果查明{subject}是{}（现在登记的是{now}），就符合条件。", to.join("或者"))
}

/// 张建国的工资性收入, 存款总额, 张建国的残疾等级.
fn subject(evaluation: &mut Evaluation<'_>, change: &Change, role: Option<InputId>) -> String {
    let library = evaluation.program.library;
    let entity = library.inputs[change.input.index()].entity;
    if entity == HOUSEHOLD {
        return change.name.clone();
    }
    crate::narrate::fact_name(evaluation, entity, change.row, &change.name, role)
}

/// What is missing, by who can find it out.
fn wanted(evaluation: &mut Evaluation<'_>, request: &LetterRequest<'_>) -> Filling {
    let mut goals = vec![Goal { rule: request.decision.0, row: request.decision.1 }];
    goals.extend(request.amount.map(|(rule, row)| Goal { rule, row }));
    let inquiry = inquire(evaluation.program, evaluation.facts, &goals, &[]);
    let (mut offices, mut household) = (Vec::new(), Vec::new());
    for question in &inquiry.questions {
        let lookups: Vec<&str> = question
            .sources
            .as_deref()
            .unwrap_or("")
            .split('、')
            .filter(|source| !source.is_empty() && !request.own_word.iter().any(|own| own == source))
            .collect();
        if lookups.is_empty() {
            let whose =
                if question.whose.is_empty() { String::new() } else { format!("{}：", question.whose) };
            household.push(format!("{whose}{}", asked(evaluation.program.library, question)));
        } else {
            offices.push(format!("{}：向{}查。", question.about, lookups.join("、")));
        }
    }
    let awaited = inquiry.documents.iter().map(|document| format!("{document}。")).collect();
    vec![(Slot::AskedOfOffices, offices), (Slot::AskedOfHousehold, household), (Slot::Awaited, awaited)]
}

/// A list is asked for as the register asks: what there is.
fn asked<'q>(library: &'q Library, question: &'q Question) -> &'q str {
    match question.missing {
        Missing::List { entity, .. } => {
            let list = library.entities.get(usize::from(entity));
            list.and_then(|list| list.question.as_deref()).unwrap_or(&question.text)
        }
        _ => &question.text,
    }
}

/// 《行政复议法》第二十条、第二十四条: where the answers of these rules stand at this place and day.
fn citation(evaluation: &mut Evaluation<'_>, rules: &[RuleId]) -> Option<String> {
    let program = evaluation.program;
    let mut articles = Vec::new();
    for rule in rules {
        program.rules[rule.index()].base?;
        evaluation.rule(*rule, 0).known()?;
        let fired = evaluation.fired(*rule, 0)?;
        articles.push(deciding_defs(program.library, fired).last()?.article);
    }
    let documents = by_document(program.library, &articles).into_iter();
    let words =
        documents.map(|(document, headings)| format!("《{}》{}", document.title, headings.join("、")));
    Some(words.collect::<Vec<_>>().join("，"))
}

fn fill(evaluation: &mut Evaluation<'_>, template: &[TemplateLine], filling: &Filling) -> Vec<LetterLine> {
    let at = |slot: Slot| {
        let found = filling.iter().find(|(known, _)| *known == slot);
        found.map_or(&[][..], |(_, lines)| lines.as_slice())
    };
    let mut lines: Vec<LetterLine> = Vec::new();
    for line in template {
        if let [Part::Slot(slot)] = line.parts[..]
            && slot.is_list()
        {
            let several = at(slot).len() > 1;
            lines.extend(at(slot).iter().enumerate().map(|(index, text)| LetterLine {
                style: LineStyle::Item,
                text: if several { format!("{}．{text}", index + 1) } else { text.clone() },
            }));
            continue;
        }
        let words: Option<Vec<String>> = line
            .parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => Some(text.clone()),
                Part::Slot(slot) => Some(at(*slot).join("；")).filter(|words| !words.is_empty()),
                Part::Rule(rule) => rule_words(evaluation, *rule),
                Part::Citation(rules) => citation(evaluation, rules),
            })
            .collect();
        // A sentence of which a part is not there is not said at all.
        if let Some(words) = words {
            lines.push(LetterLine { style: line.style, text: words.concat() });
        }
    }
    numbered(without_empty_headings(lines))
}

fn rule_words(evaluation: &mut Evaluation<'_>, rule: RuleId) -> Option<String> {
    let value = evaluation.rule(rule, 0).known()?;
    let library = evaluation.program.library;
    let found = &library.rules[rule.index()];
    match (value, found.ty) {
        // A sentence that holds only if so is there for its article.
        (Value::YesNo(truth), Type::YesNo) => truth.then(String::new),
        _ => Some(said(library, &found.name, value, found.ty)),
    }
}

fn without_empty_headings(lines: Vec<LetterLine>) -> Vec<LetterLine> {
    let followed = |at: usize| {
        lines.get(at + 1).is_some_and(|next| !matches!(next.style, LineStyle::Heading | LineStyle::Signature))
    };
    let keep: Vec<bool> =
        (0..lines.len()).map(|at| lines[at].style != LineStyle::Heading || followed(at)).collect();
    lines.into_iter().zip(keep).filter(|(_, keep)| *keep).map(|(line, _)| line).collect()
}

/// Headings count on, whichever of them are there.
fn numbered(mut lines: Vec<LetterLine>) -> Vec<LetterLine> {
    let numerals = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];
    let headings = lines.iter_mut().filter(|line| line.style == LineStyle::Heading);
    for (line, numeral) in headings.zip(numerals) {
        line.text = format!("{numeral}、{}", line.text);
    }
    lines
}

fn title(lines: &[LetterLine]) -> String {
    lines.iter().find(|line| line.style == LineStyle::Title).map_or(String::new(), |line| line.text.clone())
}

fn text(lines: &[LetterLine]) -> String {
    let mut out = String::new();
    for (index, line) in lines.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| lines[before].style);
        let ends = matches!(before, Some(LineStyle::Title | LineStyle::Text | LineStyle::Item));
        if before == Some(LineStyle::Title)
            || (ends && matches!(line.style, LineStyle::Heading | LineStyle::Signature))
        {
            out.push('\n');
        }
        out.push_str(&line.text);
        out.push('\n');
    }
    out
}
