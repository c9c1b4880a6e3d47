//! Reading a procedure's table. Every mistake is told at once, with the step it stands in.

use super::names::Names;
use super::worked::WorkedCase;
use super::{Before, DecisionKind, OpenedFrom, Procedure, State, StateAt, Step};
use doudi_policy::Library;
use doudi_policy::ir::{HOUSEHOLD, PERSON, Type};
use doudi_terms::{RegionCode, parse_date};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawProcedure {
    kind: String,
    name: String,
    subject: String,
    programme: Option<String>,
    place: String,
    from: String,
    until: Option<String>,
    law: String,
    start: String,
    opened_from: RawOpened,
    #[serde(default)]
    several: bool,
    #[serde(default)]
    flags: Vec<String>,
    excluded: Option<String>,
    #[serde(default)]
    state: Vec<RawState>,
    #[serde(default)]
    step: Vec<RawStep>,
    #[serde(default)]
    example: Vec<WorkedCase>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RawOpened {
    Window,
    Case,
    Lead,
    List,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawState {
    id: String,
    name: String,
    #[serde(default)]
    due: Vec<String>,
    #[serde(default)]
    paused: bool,
    #[serde(default)]
    ends: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStep {
    id: String,
    name: String,
    from: Vec<String>,
    to: String,
    by: String,
    or_by: Option<RawOther>,
    #[serde(default)]
    not_by: Vec<String>,
    #[serde(default)]
    not_by_opening: Vec<String>,
    #[serde(default)]
    when: Vec<String>,
    #[serde(default)]
    asks: Vec<String>,
    #[serde(default)]
    optional: Vec<String>,
    #[serde(default)]
    revises: bool,
    #[serde(default)]
    today: Vec<String>,
    #[serde(default)]
    now: Vec<String>,
    #[serde(default)]
    sets: BTreeMap<String, String>,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    must_not: Vec<String>,
    note: Option<String>,
    evidence: Option<String>,
    #[serde(default)]
    prints: Vec<String>,
    decides: Option<DecisionKind>,
    opens: Option<String>,
    article: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOther {
    permission: String,
    when: String,
}

impl Procedure {
    /// Reads one table. Problems come as sentences that begin with the file's path.
    pub fn read(path: &str, text: &str, library: &Library) -> Result<Procedure, Vec<String>> {
        let raw: RawProcedure = toml::from_str(text)
            .map_err(|error| vec![format!("{path}：{error}。写法见 docs/procedures.md")])?;
        let mut names = Names { library, subject: HOUSEHOLD, problems: Vec::new() };
        let entity =
            |id: doudi_policy::ir::EntityId| library.entities.get(id.index()).map(|found| &found.name);
        names.subject = match &raw.subject {
            word if entity(HOUSEHOLD) == Some(word) => HOUSEHOLD,
            word if entity(PERSON) == Some(word) => PERSON,
            word => return Err(vec![format!("{path}：subject 写的“{word}”不是 户 或 人")]),
        };
        let procedure = build(path, raw, &mut names);
        let mut problems = names.problems;
        if let Some(procedure) = &procedure {
            dead_ends(procedure, &mut problems);
            unread_values(procedure, library, &mut problems);
        }
        match procedure {
            Some(procedure) if problems.is_empty() => Ok(procedure),
            _ => Err(problems.into_iter().map(|problem| format!("{path}：{problem}")).collect()),
        }
    }
}

fn build(path: &str, raw: RawProcedure, names: &mut Names<'_>) -> Option<Procedure> {
    let mut day = |key: &str, text: &str| {
        let found = parse_date(text);
        if found.is_none() {
            names.problems.push(format!("{key} 写的“{text}”不是日期，写成 2021-06-11 这样"));
        }
        found
    };
    let from = day("from", &raw.from);
    let until = raw.until.as_deref().map(|text| day("until", text));
    if let (Some(from), Some(Some(until))) = (from, until)
        && until < from
    {
        names.problems.push(format!("until（{until}）比 from（{from}）还早"));
    }
    let place = RegionCode::parse(&raw.place)
        .map_err(|error| names.problems.push(format!("place 写的“{}”不是地区代码：{error}", raw.place)))
        .ok();
    let states: Vec<State> = raw.state.iter().map(|state| read_state(state, names)).collect();
    let find = |id: &str| states.iter().position(|state| state.id == id);
    let start = find(&raw.start);
    if start.is_none() {
        names.problems.push(format!("start 写的“{}”不是一个环节", raw.start));
    }
    doubled("环节", states.iter().map(|state| &state.id), names);
    doubled("步骤", raw.step.iter().map(|step| &step.id), names);
    let steps: Vec<Option<Step>> =
        raw.step.iter().map(|step| read_step(step, &raw.step, &find, names)).collect();
    let flags = names.all_asked("flags", &raw.flags);
    let excluded = raw.excluded.as_deref().map(|path| names.fact("excluded", path));
    Some(Procedure {
        path: path.to_owned(),
        kind: raw.kind,
        name: raw.name,
        subject: names.subject,
        programme: raw.programme,
        place: place?,
        from: from?,
        until: match until {
            Some(day) => Some(day?),
            None => None,
        },
        law: raw.law,
        start: start?,
        opened_from: match raw.opened_from {
            RawOpened::Window => OpenedFrom::Window,
            RawOpened::Case => OpenedFrom::Case,
            RawOpened::Lead => OpenedFrom::Lead,
            RawOpened::List => OpenedFrom::List,
        },
        several: raw.several,
        flags,
        excluded: excluded.flatten(),
        states,
        steps: steps.into_iter().collect::<Option<_>>()?,
        examples: raw.example,
    })
}

fn doubled<'a>(what: &str, ids: impl Iterator<Item = &'a String>, names: &mut Names<'_>) {
    let mut seen: Vec<&String> = Vec::new();
    for id in ids {
        if seen.contains(&id) {
            names.problems.push(format!("有两个{what}都叫“{id}”"));
        }
        seen.push(id);
    }
}

fn read_state(raw: &RawState, names: &mut Names<'_>) -> State {
    let place = format!("环节 {}", raw.id);
    State {
        id: raw.id.clone(),
        name: raw.name.clone(),
        due: raw.due.iter().filter_map(|path| names.deadline(&place, path)).collect(),
        paused: raw.paused,
        ends: raw.ends,
    }
}

fn read_step(
    raw: &RawStep,
    all: &[RawStep],
    find: &impl Fn(&str) -> Option<StateAt>,
    names: &mut Names<'_>,
) -> Option<Step> {
    let place = format!("步骤 {}", raw.id);
    let state = |id: &String, names: &mut Names<'_>| {
        let found = find(id);
        if found.is_none() {
            names.problems.push(format!("{place}：“{id}”不是一个环节"));
        }
        found
    };
    let from: Vec<Option<StateAt>> = raw.from.iter().map(|id| state(id, names)).collect();
    let to = state(&raw.to, names);
    let not_by: Vec<Option<usize>> = raw
        .not_by
        .iter()
        .map(|id| {
            let found = all.iter().position(|step| step.id == *id);
            if found.is_none() {
                names.problems.push(format!("{place}：not_by 写的“{id}”不是一个步骤"));
            }
            found
        })
        .collect();
    let by = names.permission(&place, &raw.by);
    let or_by = raw
        .or_by
        .as_ref()
        .map(|other| names.permission(&place, &other.permission).zip(names.asked(&place, &other.when)));
    let sets = raw.sets.iter().filter_map(|(path, value)| names.set(&place, path, value)).collect();
    Some(Step {
        id: raw.id.clone(),
        name: raw.name.clone(),
        when: names.all_asked(&place, &raw.when),
        asks: names.facts(&place, &raw.asks),
        optional: names.facts(&place, &raw.optional),
        revises: raw.revises,
        today: names.stamps(&place, &raw.today, Type::Date),
        now: names.stamps(&place, &raw.now, Type::Moment),
        sets,
        needs: names.all_asked(&place, &raw.needs),
        must_not: names.all_asked(&place, &raw.must_not),
        note: raw.note.clone(),
        evidence: raw.evidence.clone(),
        prints: raw.prints.clone(),
        decides: raw.decides,
        opens: raw.opens.clone(),
        article: raw.article.clone(),
        from: from.into_iter().collect::<Option<_>>()?,
        to: to?,
        by: by?,
        or_by: match or_by {
            Some(other) => Some(other?),
            None => None,
        },
        not_by: not_by.into_iter().collect::<Option<_>>()?,
        not_by_opening: raw.not_by_opening.iter().map(|word| before(word)).collect(),
    })
}

/// Values that worked cases take as published, and that the policies do not know.
fn unread_values(procedure: &Procedure, library: &Library, problems: &mut Vec<String>) {
    for example in &procedure.examples {
        if let Err(wrong) = example.supposed(library) {
            problems.push(format!("算例「{}」：{wrong}", example.name));
        }
    }
}

fn before(word: &str) -> Before {
    if word == DECIDES { Before::Decided } else { Before::Took(word.to_owned()) }
}

/// Names every step that decides, whatever it is called.
const DECIDES: &str = "decides";

/// States that nobody reaches, and states that nobody leaves although nothing is decided.
fn dead_ends(procedure: &Procedure, problems: &mut Vec<String>) {
    let mut reached = vec![false; procedure.states.len()];
    let mut next = vec![procedure.start];
    while let Some(at) = next.pop() {
        if !std::mem::replace(&mut reached[at], true) {
            next.extend(procedure.steps_from(at).map(|step| step.to));
        }
    }
    let finishes = finishes(procedure);
    for (at, state) in procedure.states.iter().enumerate() {
        let leaves = procedure.steps_from(at).next().is_some();
        if !reached[at] {
            problems.push(format!("环节 {}：没有哪一步能到这里", state.id));
        }
        if !state.ends && !leaves {
            problems.push(format!("环节 {}：到了这里就没有下一步，又没有写 ends = true", state.id));
        } else if !finishes[at] {
            problems.push(format!("环节 {}：从这里怎么走也到不了办结的环节", state.id));
        }
    }
    if !procedure.states.iter().any(|state| state.ends) {
        problems.push("没有办结的环节（ends = true）".into());
    }
}

/// From which states some way leads to an end.
fn finishes(procedure: &Procedure) -> Vec<bool> {
    let mut finishes: Vec<bool> = procedure.states.iter().map(|state| state.ends).collect();
    loop {
        let leads = |step: &&Step| finishes[step.to] && step.from.iter().any(|from| !finishes[*from]);
        let Some(step) = procedure.steps.iter().find(leads) else { return finishes };
        step.from.iter().for_each(|from| finishes[*from] = true);
    }
}
