//! A worked case under a mapping: facts, assumptions, parameters and calendar of one evaluation.

use super::mapping::{Line, List, Mapping, Rows, Words};
use super::sheet::{WorkedCase, at, word};
use doudi_policy::ir::{EntityId, HOUSEHOLD, PERSON, ParameterId, RuleId, Type};
use doudi_policy::{
    Calendar, Exact, Fact, FactValue, Facts, Layout, Library, Missing, Outcome, ParameterValue, Program,
    Unknown, Value, parse_value,
};
use doudi_terms::{Month, parse_date};
use serde_json::Value as Json;

/// No row of a table stands behind a value that a case gives.
const NO_ROW: u32 = u32::MAX;
const UNKNOWN: &str = "不详";
const BOTH_AREAS: &str = "城乡统一";

pub struct Applied<'l> {
    pub facts: Facts<'l>,
    pub assumed: Vec<(RuleId, u32, Outcome)>,
}

/// Where a value goes: an entity and the row of it, by the list it stands in.
#[derive(Clone, Copy)]
struct Place {
    entity: EntityId,
    row: u32,
}

/// What a field says: nothing is to be set, it is not known, or a word.
enum Said {
    Nothing,
    Unknown,
    Word(String),
}

pub struct Applier<'a, 'l> {
    pub library: &'a Library,
    pub mapping: &'a Mapping,
    pub case: &'a WorkedCase,
    pub facts: Facts<'l>,
    assumed: Vec<(RuleId, u32, Outcome)>,
    /// Names of members and their rows.
    members: Vec<(String, u32)>,
}

impl<'a, 'l> Applier<'a, 'l> {
    pub fn new(
        library: &'a Library,
        layout: &'l Layout,
        mapping: &'a Mapping,
        case: &'a WorkedCase,
    ) -> Applier<'a, 'l> {
        let facts = Facts::new(layout);
        Applier { library, mapping, case, facts, assumed: Vec::new(), members: Vec::new() }
    }

    /// `Err` says why the case cannot be expressed in the policies' words.
    pub fn facts(mut self) -> Result<Applied<'l>, String> {
        self.add_members()?;
        self.close_lists();
        let here = Place { entity: HOUSEHOLD, row: 0 };
        for (name, text) in &self.mapping.fixed {
            self.set(name, &Said::Word(text.clone()), here)?;
        }
        for line in &self.mapping.facts {
            self.line(line, &self.case.given, here)?;
        }
        if let Some(list) = &self.mapping.members {
            let items = self.items(list)?;
            for (index, item) in items.iter().enumerate() {
                let row = Place { entity: PERSON, row: index as u32 };
                self.row(list, item, row)?;
            }
        }
        for list in &self.mapping.records {
            self.records(list)?;
        }
        Ok(Applied { facts: self.facts, assumed: self.assumed })
    }

    fn add_members(&mut self) -> Result<(), String> {
        let items = match &self.mapping.members {
            Some(list) => self.items(list)?,
            None => Vec::new(),
        };
        for item in &items {
            let name = self.mapping.members.as_ref().and_then(|list| list.name.as_deref());
            let name = name.and_then(|name| item.get(name)).and_then(word).unwrap_or_default();
            let row = self.facts.add_row(PERSON, 0, &name);
            self.members.push((name, row));
        }
        if items.is_empty() {
            let row = self.facts.add_row(PERSON, 0, "");
            self.members.push((String::new(), row));
        }
        Ok(())
    }

    /// What a case does not list does not exist; of a list that is null nobody knows what is in it.
    fn close_lists(&mut self) {
        let unknown: Vec<&str> = self
            .mapping
            .records
            .iter()
            .filter(|list| list.word.is_none() && self.is_null(list))
            .filter_map(|list| list.record.as_deref())
            .collect();
        for (index, entity) in self.library.entities.iter().enumerate() {
            let Some(parent) = entity.parent.filter(|_| index > PERSON.index()) else { continue };
            if unknown.contains(&entity.name.as_str()) {
                continue;
            }
            for owner in 0..self.facts.rows(parent) {
                self.facts.set_complete(EntityId(index as u8), owner);
            }
        }
    }

    fn is_null(&self, list: &List) -> bool {
        at(&self.case.given, &list.field).is_some_and(Json::is_null)
    }

    fn items(&self, list: &List) -> Result<Vec<Json>, String> {
        match at(&self.case.given, &list.field) {
            None => Ok(Vec::new()),
            Some(Json::Null) if list.word.is_none() => Ok(Vec::new()),
            Some(Json::Array(items)) => Ok(items.clone()),
            // One value is a list of one.
            Some(Json::Object(_)) => Err(format!("“{}”应是一个清单", list.field)),
            Some(one) => Ok(vec![one.clone()]),
        }
    }

    fn records(&mut self, list: &List) -> Result<(), String> {
        let name = list.record.as_deref().unwrap_or("");
        let Some(record) = self.library.entity_named(name) else {
            return Err(format!("对照表里的记录“{name}”在政策文件里没有"));
        };
        let of_household = self.library.entities[record.index()].parent == Some(HOUSEHOLD);
        for item in &self.items(list)? {
            let owner = match &list.owner {
                _ if of_household => 0,
                None => self.member_with(&list.belongs_to)?,
                Some(field) => {
                    let who = item.get(field).and_then(word).unwrap_or_default();
                    let found = self.members.iter().find(|(name, _)| *name == who);
                    found
                        .map(|(_, row)| *row)
                        .ok_or_else(|| format!("{}：没有叫“{who}”的成员", list.field))?
                }
            };
            let shown = list.name.as_deref().and_then(|name| item.get(name)).and_then(word);
            let row = self.facts.add_row(record, owner, &shown.unwrap_or_default());
            self.row(list, item, Place { entity: record, row })?;
        }
        Ok(())
    }

    /// The row of the member that has these words: rows of the whole household must not go to somebody who does not count.
    fn member_with(&self, words: &Words) -> Result<u32, String> {
        let items = match &self.mapping.members {
            Some(members) if !words.is_empty() => self.items(members)?,
            _ => Vec::new(),
        };
        let has = |item: &Json| {
            words.iter().all(|(field, own)| item.get(field).and_then(word).as_ref() == Some(own))
        };
        Ok(items.iter().position(has).unwrap_or(0) as u32)
    }

    fn row(&mut self, list: &List, item: &Json, here: Place) -> Result<(), String> {
        for (name, text) in &list.fixed {
            self.set(name, &Said::Word(text.clone()), here)?;
        }
        if let Some(line) = &list.word {
            let said = self.said(line, Some(item))?;
            return self.set_all(line, &said, here);
        }
        for line in &list.fields {
            self.line(line, item, here)?;
        }
        Ok(())
    }

    fn line(&mut self, line: &Line, from: &Json, here: Place) -> Result<(), String> {
        let found = at(from, &line.field);
        if !line.each.is_empty() {
            return self.each(line, found, here);
        }
        let something = match found {
            None | Some(Json::Null) => false,
            Some(Json::Array(items)) => !items.is_empty(),
            Some(_) => true,
        };
        let presence = match (found, line.null.as_deref()) {
            (Some(Json::Null), Some(UNKNOWN)) => Said::Unknown,
            _ => Said::Word(if something { "是" } else { "否" }.to_owned()),
        };
        for target in line.presence.iter() {
            self.set(target, &presence, here)?;
        }
        if let (Some(Json::Null), Some([low, high])) = (found, &line.bounds) {
            let bound = |field: &str| from.get(field).and_then(word);
            return self.set_bounds(line, bound(low), bound(high), here);
        }
        if line.to.iter().next().is_none() {
            return Ok(());
        }
        let said = self.said(line, found.or_else(|| null_around(from, &line.field)))?;
        let said = match said {
            Said::Word(text) if line.month_only && is_month(&text) => Said::Word(format!("{text}-01")),
            said => said,
        };
        self.set_all(line, &said, here)
    }

    fn each(&mut self, line: &Line, found: Option<&Json>, here: Place) -> Result<(), String> {
        let words: Vec<String> = match found {
            None => Vec::new(),
            Some(Json::Array(items)) => items.iter().filter_map(word).collect(),
            Some(_) => return Err(format!("“{}”应是一个清单", line.field)),
        };
        if let Some(strange) = words.iter().find(|word| !line.each.contains_key(*word)) {
            return Err(format!("“{}”里的“{strange}”在对照表里没有", line.field));
        }
        for (name, target) in &line.each {
            let answer = if words.contains(name) { "是" } else { "否" };
            // Several words may stand for one thing: a 是 is not taken back.
            if answer == "是" || !line.each.iter().any(|(other, to)| to == target && words.contains(other)) {
                self.set(target, &Said::Word(answer.to_owned()), here)?;
            }
        }
        Ok(())
    }

    fn said(&self, line: &Line, found: Option<&Json>) -> Result<Said, String> {
        let text = match found {
            None => line.absent.clone().unwrap_or_else(|| UNKNOWN.to_owned()),
            Some(Json::Null) => line.null.clone().unwrap_or_else(|| UNKNOWN.to_owned()),
            Some(json) => {
                let own = word(json).ok_or_else(|| format!("“{}”应是一个值", line.field))?;
                replaced(&own, &line.words)
            }
        };
        Ok(match text.as_str() {
            "" => Said::Nothing,
            UNKNOWN => Said::Unknown,
            _ => Said::Word(text),
        })
    }

    fn set_all(&mut self, line: &Line, said: &Said, here: Place) -> Result<(), String> {
        line.to.iter().try_for_each(|target| self.set(target, said, here))
    }

    fn set(&mut self, target: &str, said: &Said, here: Place) -> Result<(), String> {
        let value = match said {
            Said::Nothing => return Ok(()),
            Said::Unknown => None,
            Said::Word(text) => Some(FactValue::Known(self.parse(target, text)?)),
        };
        self.put(target, value, here)
    }

    fn set_bounds(
        &mut self,
        line: &Line,
        low: Option<String>,
        high: Option<String>,
        here: Place,
    ) -> Result<(), String> {
        for target in line.to.iter() {
            let bound = |text: &Option<String>| -> Result<Option<Exact>, String> {
                match text.as_ref().map(|text| self.parse(target, text)).transpose()? {
                    Some(Value::Number(number)) => Ok(Some(number)),
                    Some(_) => Err(format!("“{}”的上下限只能是数", line.field)),
                    None => Ok(None),
                }
            };
            let value = FactValue::Between(bound(&low)?, bound(&high)?);
            self.put(target, Some(value), here)?;
        }
        Ok(())
    }

    fn parse(&self, target: &str, text: &str) -> Result<Value, String> {
        let ty = self.type_of(target)?;
        parse_value(of_type(text, ty), ty, &self.library.enums)
            .map_err(|next| format!("{target}：“{text}”用不上，{next}"))
    }

    fn type_of(&self, target: &str) -> Result<Type, String> {
        let input = self.library.input_by_path(target).map(|id| self.library.inputs[id.index()].ty);
        let rule = || self.library.rule_by_path(target).map(|id| self.library.rules[id.index()].ty);
        input.or_else(rule).ok_or_else(|| format!("对照表里的“{target}”在政策文件里没有"))
    }

    fn put(&mut self, target: &str, value: Option<FactValue>, here: Place) -> Result<(), String> {
        let row = |entity: EntityId| if entity == here.entity { here.row } else { 0 };
        if let Some(id) = self.library.input_by_path(target) {
            let entity = self.library.inputs[id.index()].entity;
            match value {
                Some(value) => self.facts.set(entity, row(entity), id, Fact { value, source: None }),
                None => self.facts.forget(entity, row(entity), id),
            }
            return Ok(());
        }
        let rule = self.library.rule_by_path(target);
        let id = rule.ok_or_else(|| format!("对照表里的“{target}”在政策文件里没有"))?;
        let row = row(self.library.rules[id.index()].entity);
        let missing = vec![Missing::Assumed { rule: id.0, row }];
        self.assumed.push((
            id,
            row,
            match value {
                Some(FactValue::Known(value)) => Outcome::Known(value),
                Some(FactValue::Between(low, high)) => Outcome::Unknown(Unknown { low, high, missing }),
                None => Outcome::Unknown(Unknown { low: None, high: None, missing }),
            },
        ));
        Ok(())
    }
}

/// `father: null` leaves everything about him unknown, unless the mapping says what the group's absence stands for.
fn null_around<'j>(from: &'j Json, field: &str) -> Option<&'j Json> {
    let around = field.match_indices('.').map(|(end, _)| &field[..end]);
    around.filter_map(|group| at(from, group)).find(|json| json.is_null())
}

fn is_month(text: &str) -> bool {
    text.len() == 7 && Month::parse(text).is_some()
}

/// A full day where a month is asked, a time where a day is asked, seconds that are zero: the part that is asked.
fn of_type(text: &str, ty: Type) -> &str {
    let day = || text.split(['T', ' ']).next().filter(|day| parse_date(day).is_some());
    match ty {
        Type::Month => day().and_then(|day| day.get(..7)).filter(|month| is_month(month)).unwrap_or(text),
        Type::Date => day().unwrap_or(text),
        Type::Moment if text.matches(':').count() == 2 => text.strip_suffix(":00").unwrap_or(text),
        _ => text,
    }
}

fn replaced(own: &str, words: &Words) -> String {
    words.get(own).cloned().unwrap_or_else(|| own.to_owned())
}

/// Puts the case's parameters in place of the shipped ones: what it does not carry does not exist in its place.
pub fn set_parameters(program: &mut Program<'_>, mapping: &Mapping, case: &WorkedCase) -> Result<(), String> {
    // A place whose area is not told is neither rural nor urban: the case's standard is the one for both.
    let area = at(&case.given, "place.area").and_then(word).unwrap_or_else(|| BOTH_AREAS.to_owned());
    let mut setter = Setter { program, case, area };
    for values in &mut setter.program.parameters {
        values.fill(ParameterValue::None(NO_ROW));
    }
    for name in &mapping.unpublished {
        let id = setter.parameter(name)?;
        setter.program.parameters[id.index()].fill(ParameterValue::Unpublished);
    }
    for line in &mapping.parameters {
        setter.line(line)?;
    }
    if let Some(fields) = &mapping.calendar {
        let calendar = Calendar::whole(&days(case, &fields.holidays)?, &days(case, &fields.working)?);
        setter.program.own_calendar = Some(calendar);
    }
    Ok(())
}

fn days(case: &WorkedCase, field: &str) -> Result<Vec<doudi_terms::Date>, String> {
    let Some(found) = at(&case.given, field) else { return Ok(Vec::new()) };
    let items = found.as_array().ok_or_else(|| format!("“{field}”应是一列日期"))?;
    let day = |item: &Json| item.as_str().and_then(parse_date);
    items.iter().map(|item| day(item).ok_or_else(|| format!("“{field}”里的 {item} 不是日期"))).collect()
}

struct Setter<'p, 'l, 'c> {
    program: &'p mut Program<'l>,
    case: &'c WorkedCase,
    area: String,
}

impl Setter<'_, '_, '_> {
    fn parameter(&self, name: &str) -> Result<ParameterId, String> {
        let found = self.program.library.parameter_named(name);
        found.ok_or_else(|| format!("对照表里的参数“{name}”在政策文件里没有"))
    }

    fn line(&mut self, line: &Line) -> Result<(), String> {
        let case = self.case;
        let field = format!("parameters.{}", line.field);
        let found = at(&case.given, &field);
        if let Some(rows) = &line.rows {
            return self.rows(rows, &line.field, found);
        }
        if let Some(Json::Array(items)) = found {
            return self.list(line, items);
        }
        let value = match found {
            Some(Json::Null) => ParameterText::Unpublished,
            Some(json) => {
                let own = word(json).ok_or_else(|| format!("参数“{}”应是一个值", line.field))?;
                ParameterText::Value(replaced(&own, &line.words))
            }
            None => match self.table_around(&field) {
                Some(Json::Null) => ParameterText::Unpublished,
                Some(_) if line.table_row => ParameterText::Unpublished,
                _ => line.absent.clone().map_or(ParameterText::None, ParameterText::Value),
            },
        };
        for target in line.presence.iter() {
            let there = !matches!(value, ParameterText::None);
            self.put(target, &ParameterText::Value(if there { "是" } else { "否" }.into()))?;
        }
        let targets = line.to.iter().chain(line.parts.iter().map(String::as_str));
        targets.collect::<Vec<_>>().into_iter().try_for_each(|target| self.put(target, &value))
    }

    /// A list: whether there is anything in it, or one parameter for each item.
    fn list(&mut self, line: &Line, items: &[Json]) -> Result<(), String> {
        for target in line.presence.iter() {
            let there = if items.is_empty() { "否" } else { "是" };
            self.put(target, &ParameterText::Value(there.into()))?;
        }
        if line.to.iter().next().is_some() {
            return Err(format!("参数“{}”应是一个值", line.field));
        }
        for (item, target) in items.iter().zip(&line.parts) {
            let text = word(item).map_or(ParameterText::Unpublished, ParameterText::Value);
            self.put(target, &text)?;
        }
        Ok(())
    }

    /// `parameters.护理补贴` of `parameters.护理补贴.2`.
    fn table_around(&self, field: &str) -> Option<&Json> {
        let (table, _) = field.rsplit_once('.')?;
        at(&self.case.given, table).filter(|_| table != "parameters")
    }

    fn rows(&mut self, rows: &Rows, field: &str, found: Option<&Json>) -> Result<(), String> {
        let items = match found {
            None => return Ok(()),
            Some(Json::Null) => {
                let names = rows.by_word.iter().chain(rows.by_order.values());
                for name in names.cloned().collect::<Vec<_>>() {
                    let id = self.parameter(&name)?;
                    self.program.parameters[id.index()].fill(ParameterValue::Unpublished);
                }
                return Ok(());
            }
            Some(Json::Array(items)) => in_order(items, rows.sorted_by.as_deref()),
            Some(_) => return Err(format!("参数“{field}”应是一个清单")),
        };
        if let Some(name) = &rows.by_word {
            let id = self.parameter(name)?;
            self.program.parameters[id.index()].fill(ParameterValue::Value(Value::YesNo(false), NO_ROW));
            for item in items.iter().filter_map(word) {
                self.put(&format!("{name}[{item}]"), &ParameterText::Value("是".into()))?;
            }
            return Ok(());
        }
        for (source, name) in &rows.by_order {
            let id = self.parameter(name)?;
            let options = self.program.library.parameters[id.index()].dimensions.first();
            let labels = options.map_or(&[][..], |options| self.program.library.labels(*options));
            if items.len() > labels.len() {
                return Err(format!(
                    "参数“{field}”有 {} 档，政策文件里最多 {} 档",
                    items.len(),
                    labels.len()
                ));
            }
            let targets: Vec<String> = labels.iter().map(|label| format!("{name}[{label}]")).collect();
            for (item, target) in items.iter().zip(targets) {
                let text = cell(item, source).map_or(ParameterText::Unpublished, ParameterText::Value);
                self.put(&target, &text)?;
            }
        }
        Ok(())
    }

    /// `target`: `低保标准[本地]`, `照料护理月额[全自理]`, `舍入单位`. 本地 = the place's area, or all areas.
    fn put(&mut self, target: &str, text: &ParameterText) -> Result<(), String> {
        let (name, options) = match target.split_once('[') {
            Some((name, rest)) => (name, rest.trim_end_matches(']').split('、').collect()),
            None => (target, Vec::new()),
        };
        let id = self.parameter(name)?;
        let parameter = &self.program.library.parameters[id.index()];
        let (ty, dimensions) = (parameter.ty, parameter.dimensions.clone());
        if dimensions.len() != options.len() {
            return Err(format!("对照表里的“{target}”维度不对"));
        }
        let mut keys: Vec<Vec<u16>> = vec![Vec::new()];
        for (option, dimension) in options.into_iter().zip(dimensions) {
            let labels = self.program.library.labels(dimension);
            let option = if option == "本地" { self.area.as_str() } else { option };
            let chosen: Vec<u16> = match labels.iter().position(|label| label == option) {
                Some(at) => vec![at as u16],
                None if option == BOTH_AREAS => (0..labels.len() as u16).collect(),
                None => return Err(format!("{name}：“{option}”不是它的选项")),
            };
            keys = keys
                .iter()
                .flat_map(|key| chosen.iter().map(move |label| [key.as_slice(), &[*label]].concat()))
                .collect();
        }
        let value = match text {
            ParameterText::None => ParameterValue::None(NO_ROW),
            ParameterText::Unpublished => ParameterValue::Unpublished,
            ParameterText::Value(text) => {
                let parsed = parse_value(of_type(text, ty), ty, &self.program.library.enums);
                ParameterValue::Value(
                    parsed.map_err(|next| format!("参数 {name}：“{text}”用不上，{next}"))?,
                    NO_ROW,
                )
            }
        };
        for labels in keys {
            let key = self.program.key(id, &labels);
            if let Some(slot) = self.program.parameters[id.index()].get_mut(key) {
                *slot = value;
            }
        }
        Ok(())
    }
}

enum ParameterText {
    None,
    Unpublished,
    Value(String),
}

/// Rows by the number in this field, the lowest first. An unknown number may be the lowest.
fn in_order(rows: &[Json], field: Option<&str>) -> Vec<Json> {
    let number = |row: &Json| match parse_value(&cell(row, field?)?, Type::Amount, &[]) {
        Ok(Value::Number(number)) => Some(number),
        _ => None,
    };
    let mut rows = rows.to_vec();
    if field.is_some() {
        rows.sort_by_key(number);
    }
    rows
}

/// `年龄[0]` or a plain field of a row.
fn cell(item: &Json, source: &str) -> Option<String> {
    match source.split_once('[') {
        Some((field, rest)) => word(item.get(field)?.get(rest.trim_end_matches(']').parse::<usize>().ok()?)?),
        None => word(item.get(source)?),
    }
}
