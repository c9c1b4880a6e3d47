//! Whether a roster specification says what it must, and whether the specifications can be told apart.

use crate::header::header_key;
use crate::recognise::{HeadRow, recognise};
use crate::spec::SpecSet;
use doudi_terms::roster::{ColumnKind, ColumnSpec, FieldSource, RosterSpec, WITH_AMOUNT, WITHOUT_AMOUNT};
use doudi_terms::{Place, Problem, Severity};
use std::collections::{BTreeMap, BTreeSet};

fn problem(path: &str, what: String, next: &str) -> Problem {
    Problem {
        severity: Severity::Error,
        place: Place { file: path.to_owned(), ..Place::default() },
        what,
        next: next.to_owned(),
    }
}

/// Checks one specification by itself.
pub(crate) fn spec(path: &str, spec: &RosterSpec) -> Vec<Problem> {
    let mut found = Vec::new();
    let stem = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".toml");
    let ascii = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if spec.id.is_empty() || !spec.id.chars().all(ascii) || spec.id != stem {
        found.push(problem(
            path,
            format!("编号“{}”应与文件名“{stem}”相同，只用小写字母、数字和短横线", spec.id),
            "请让 id 与文件名一致",
        ));
    }
    if spec.name.trim().is_empty() || spec.department.trim().is_empty() {
        found.push(problem(path, "缺少名称或部门".to_owned(), "请填写 name 和 department"));
    }
    found.extend(columns(path, spec));
    found.extend(facts(path, spec));
    found.extend(records(path, spec));
    found.extend(counts_and_findings(path, spec));
    found
}

fn counts_and_findings(path: &str, spec: &RosterSpec) -> Vec<Problem> {
    let mut found = Vec::new();
    for count in &spec.counts {
        if count.input.strip_prefix("人.").is_none_or(str::is_empty) {
            let what = format!("counts 的“{}”应写成 人.某某", count.input);
            found.push(problem(path, what, "请照 policies/national/facts.md 中的名称写"));
        }
        if let Some(column) = &count.same {
            found.extend(known_column(path, spec, column, &count.input));
        }
    }
    if let Some(finding) = &spec.findings {
        let columns = [Some(&finding.lead), Some(&finding.outcome), finding.by.as_ref(), finding.on.as_ref()];
        for column in columns.into_iter().flatten().chain(&finding.note) {
            found.extend(known_column(path, spec, column, "findings"));
        }
        if !(spec.facts.is_empty() && spec.records.is_empty() && spec.counts.is_empty()) {
            let what = "核查结果表（findings）只回答疑点，不能再说明事实".to_owned();
            found.push(problem(path, what, "请删去 facts、records、counts，或者另立一种名册"));
        }
    }
    found
}

fn columns(path: &str, spec: &RosterSpec) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut names: BTreeMap<String, &str> = BTreeMap::new();
    let mut kinds: BTreeSet<ColumnKind> = BTreeSet::new();
    for column in &spec.columns {
        for name in std::iter::once(&column.name).chain(&column.synonyms) {
            if let Some(other) = names.insert(header_key(name), &column.name) {
                let what = format!("“{name}”既是“{other}”列又是“{}”列的名字", column.name);
                found.push(problem(path, what, "一个列名只能属于一列，请删去其中一个"));
            }
        }
        if once(column.kind) && !kinds.insert(column.kind) {
            let what = format!("“{}”列的 kind 在一种名册里只能用一次", column.name);
            found.push(problem(path, what, "其余的列请改用 text"));
        }
        let words = matches!(column.kind, ColumnKind::Enum | ColumnKind::Relation);
        if !words && !column.values.is_empty() {
            let what = format!("“{}”列写了 values，但它不是 enum 或 relation", column.name);
            found.push(problem(path, what, "请把 kind 改成 enum，或删去 values"));
        }
        let amount = matches!(column.kind, ColumnKind::Money | ColumnKind::Number);
        if column.has_happened && column.kind != ColumnKind::Date {
            let what = format!("“{}”列写了 has_happened，但它不是 date", column.name);
            found.push(problem(path, what, "请删去 has_happened"));
        }
        for (word, used) in
            [("may_be_negative", column.may_be_negative), ("blank_is_zero", column.blank_is_zero)]
        {
            if used && !amount {
                let what = format!("“{}”列写了 {word}，但它不是 money 或 number", column.name);
                found.push(problem(path, what, &format!("请删去 {word}")));
            }
        }
    }
    if !spec.columns.iter().any(|column| column.required) {
        let what = "没有一列是 required，任何文件都会被当成这种名册".to_owned();
        found.push(problem(path, what, "请给必有的列写上 required = true"));
    }
    if !spec.columns.iter().any(|column| identifies(column.kind)) {
        let what = "没有能认出人的列（姓名、证件号码、残疾人证号或人员编号）".to_owned();
        found.push(problem(path, what, "请至少写一列 person-name、id-number 或 disability-certificate"));
    }
    found
}

/// Kinds that name one thing about the row; two columns of such a kind would contradict each other.
fn once(kind: ColumnKind) -> bool {
    use ColumnKind::{HouseholdNumber, PersonId, Relation, RowNumber, StatedMonth};
    kind.is_identity() || matches!(kind, Relation | HouseholdNumber | RowNumber | PersonId | StatedMonth)
}

/// Kinds of which a row needs at least one: without them nobody can say whose row it is.
pub(crate) fn identifies(kind: ColumnKind) -> bool {
    use ColumnKind::{DisabilityCertificate, IdNumber, PersonId, PersonName};
    matches!(kind, PersonName | IdNumber | DisabilityCertificate | PersonId)
}

fn facts(path: &str, spec: &RosterSpec) -> Vec<Problem> {
    let mut found = Vec::new();
    for fact in &spec.facts {
        let named = fact.input.strip_prefix("人.").or_else(|| fact.input.strip_prefix("户."));
        if !named.is_some_and(|name| !name.is_empty() && !name.contains('.')) {
            let what = format!("事实“{}”应写成 人.某某 或 户.某某", fact.input);
            found.push(problem(path, what, "请照 policies/national/facts.md 中的名称写"));
        }
        let ways = [fact.column.is_some(), fact.value.is_some(), fact.derive.is_some()];
        if ways.iter().filter(|given| **given).count() != 1 {
            let what = format!("事实“{}”应在 column、value 和 derive 中写一个，且只写一个", fact.input);
            found.push(problem(path, what, "从某列取值用 column，只要在册就成立用 value，比对得出用 derive"));
        }
        if let Some(column) = &fact.column {
            found.extend(known_column(path, spec, column, &fact.input));
        }
        found.extend(conditions(path, spec, &fact.when, &fact.input));
    }
    found
}

fn records(path: &str, spec: &RosterSpec) -> Vec<Problem> {
    let mut found = Vec::new();
    for record in &spec.records {
        if record.fields.is_empty() {
            let what = format!("记录“{}”没有 fields", record.record);
            found.push(problem(path, what, "请写明每一项取自哪一列"));
        }
        for source in record.fields.values() {
            if let FieldSource::Column { column } = source {
                found.extend(known_column(path, spec, column, &record.record));
            }
        }
        found.extend(conditions(path, spec, &record.when, &record.record));
    }
    found
}

fn column_named<'s>(spec: &'s RosterSpec, name: &str) -> Option<&'s ColumnSpec> {
    spec.columns.iter().find(|column| column.name == name)
}

fn known_column(path: &str, spec: &RosterSpec, name: &str, user: &str) -> Option<Problem> {
    if column_named(spec, name).is_some() {
        return None;
    }
    let names: Vec<&str> = spec.columns.iter().map(|column| column.name.as_str()).collect();
    let what = format!("“{user}”用到的“{name}”列不存在");
    Some(problem(path, what, &format!("可用的列有：{}", names.join("、"))))
}

/// A condition on a word that the column never gives would silently never hold.
fn conditions(
    path: &str,
    spec: &RosterSpec,
    when: &BTreeMap<String, Vec<String>>,
    user: &str,
) -> Vec<Problem> {
    let mut found = Vec::new();
    for (name, words) in when {
        let Some(column) = column_named(spec, name) else {
            found.extend(known_column(path, spec, name, user));
            continue;
        };
        let possible: BTreeSet<&str> = match column.kind {
            ColumnKind::YesNo => BTreeSet::from(["是", "否"]),
            ColumnKind::Money | ColumnKind::Number => BTreeSet::from([WITH_AMOUNT, WITHOUT_AMOUNT]),
            _ => column.values.values().map(String::as_str).collect(),
        };
        for word in words.iter().filter(|word| !possible.is_empty() && !possible.contains(word.as_str())) {
            let what = format!("“{user}”的条件里，“{name}”列不会是“{word}”");
            let words: Vec<&str> = possible.iter().copied().collect();
            found.push(problem(path, what, &format!("可能的值有：{}", words.join("、"))));
        }
    }
    found
}

/// Ids are unique, and there is one register.
pub(crate) fn ids(specs: &[(String, RosterSpec)]) -> Vec<Problem> {
    let mut found = Vec::new();
    for pair in specs.windows(2) {
        if pair[0].1.id == pair[1].1.id {
            let what = format!("编号“{}”已被 {} 使用", pair[1].1.id, pair[0].0);
            found.push(problem(&pair[1].0, what, "请换一个编号"));
        }
    }
    let registers: Vec<&str> =
        specs.iter().filter(|(_, spec)| spec.register).map(|(path, _)| path.as_str()).collect();
    if registers.len() != 1 {
        let place = registers.last().copied().unwrap_or("rosters");
        let what = format!("应当恰好有一种名册是户籍底册（register = true），现在有 {} 种", registers.len());
        found.push(problem(place, what, "请只在户籍登记名册里写 register = true"));
    }
    found
}

/// Every roster's own headers must be recognised as that roster: with all columns, and with the required ones only.
pub(crate) fn told_apart(set: &SpecSet, paths: &[&str]) -> Vec<Problem> {
    let mut found = Vec::new();
    for (index, indexed) in set.indexed().iter().enumerate() {
        let all = indexed.spec.columns.iter();
        let required = all.clone().filter(|column| column.required);
        let headers: [Vec<String>; 2] =
            [all.map(|column| column.name.clone()).collect(), required.map(|c| c.name.clone()).collect()];
        for cells in headers {
            let verdict = recognise(set, &[HeadRow { number: 1, cells }]);
            if !verdict.is_ok_and(|header| header.spec == index) {
                let what = format!("“{}”的表头会被认成另一种名册", indexed.spec.name);
                let next = "请把最能区别它的列写成 required = true";
                found.push(problem(paths.get(index).copied().unwrap_or_default(), what, next));
                break;
            }
        }
    }
    found
}
