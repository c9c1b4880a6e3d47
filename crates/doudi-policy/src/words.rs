//! Values and missing things as Chinese words.

use crate::facts::Facts;
use crate::ir::{EntityId, Type};
use crate::library::Library;
use crate::program::{ParameterValue, Program};
use crate::value::{Exact, Fault, Missing, Outcome, Value};
use doudi_terms::{Month, date_from_epoch_day};

const DAY_MINUTES: i128 = 24 * 60;

/// `560.00元`, `是`, `一级`, `2020-05-01`. Fractions of a fen are shown to four more decimals and marked 约.
pub fn value_words(library: &Library, value: Value, ty: Type) -> String {
    match (value, ty) {
        (Value::YesNo(true), _) => "是".into(),
        (Value::YesNo(false), _) => "否".into(),
        (Value::Label(label), Type::Enum(id)) => {
            library.labels(id).get(usize::from(label)).cloned().unwrap_or_else(|| format!("第{label}项"))
        }
        (Value::Label(label), _) => format!("第{label}项"),
        (Value::Number(number), Type::Money | Type::Amount) => {
            format!("{}元", decimal(number / Exact::from_integer(100), 2))
        }
        (Value::Number(number), Type::Date) => i32::try_from(number.to_integer())
            .ok()
            .and_then(date_from_epoch_day)
            .map_or_else(|| number.to_string(), |date| date.to_string()),
        (Value::Number(number), Type::Month) => i32::try_from(number.to_integer())
            .ok()
            .and_then(Month::from_index)
            .map_or_else(|| number.to_string(), |month| month.to_string()),
        (Value::Number(number), Type::Moment) => moment_words(number),
        (Value::Number(number), _) => decimal(number, 0),
    }
}

/// `2020-10-05T09:30`
fn moment_words(minutes: Exact) -> String {
    let minutes = minutes.to_integer();
    let date = i32::try_from(minutes.div_euclid(DAY_MINUTES)).ok().and_then(date_from_epoch_day);
    let of_day = minutes.rem_euclid(DAY_MINUTES);
    match date {
        Some(date) => format!("{date}T{:02}:{:02}", of_day / 60, of_day % 60),
        None => minutes.to_string(),
    }
}

/// A result in words; unknown amounts with the bounds that are known.
pub fn outcome_words(library: &Library, outcome: &Outcome, ty: Type) -> String {
    match outcome {
        Outcome::Known(value) => value_words(library, *value, ty),
        Outcome::Unknown(unknown) => {
            let word =
                |bound: Option<Exact>| bound.map(|number| value_words(library, Value::Number(number), ty));
            match (word(unknown.low), word(unknown.high)) {
                (Some(low), Some(high)) => format!("不详（{low} 至 {high} 之间）"),
                (Some(low), None) => format!("不详（不低于 {low}）"),
                (None, Some(high)) => format!("不详（不超过 {high}）"),
                (None, None) => "不详".into(),
            }
        }
    }
}

/// A number with at least `places` decimals; further decimals only as far as it has them, at most four.
fn decimal(number: Exact, places: usize) -> String {
    let scale = 10_i128.pow(4);
    let Some(scaled) = crate::value::multiply(number, Exact::from_integer(scale)) else {
        return number.to_string();
    };
    let rounded = scaled.round().to_integer();
    let sign = if rounded < 0 { "-" } else { "" };
    let (whole, fraction) = (rounded.abs() / scale, rounded.abs() % scale);
    let mut digits = format!("{fraction:04}");
    while digits.len() > places && digits.ends_with('0') {
        digits.pop();
    }
    let about = if scaled.is_integer() { "" } else { "约 " };
    if digits.is_empty() { format!("{about}{sign}{whole}") } else { format!("{about}{sign}{whole}.{digits}") }
}

/// The bare name of a missing thing, as cases write it: `劳动能力`, `车辆.状态`, `低保标准`.
pub fn missing_name(library: &Library, missing: Missing) -> String {
    match missing {
        Missing::Fact { input, .. } => library.inputs.get(input as usize).map_or(String::new(), |input| {
            let entity = library.entities.get(input.entity.index());
            // Inputs of records share short names (种类、月额): theirs carry the record's.
            if input.entity.0 > 1 {
                format!("{}.{}", entity.map_or("", |entity| entity.name.as_str()), input.name)
            } else {
                input.name.clone()
            }
        }),
        Missing::List { entity, .. } => {
            library.entities.get(usize::from(entity)).map_or(String::new(), |found| found.name.clone())
        }
        Missing::Parameter { parameter, .. } => {
            library.parameters.get(parameter as usize).map_or(String::new(), |found| found.name.clone())
        }
        Missing::Calendar { year } => format!("{year}年节假日安排"),
        Missing::Note { note } => library.notes.get(note as usize).cloned().unwrap_or_default(),
        Missing::Assumed { rule, .. } | Missing::Fault { rule, .. } => {
            library.rules.get(rule as usize).map_or(String::new(), |rule| rule.name.clone())
        }
    }
}

/// What a person has to find out, in a sentence part: `张三的残疾等级`, `低保标准[农村]（500243 在 2018-08-01
/// 没有查到公布的值，要查：……）`.
pub fn missing_words(program: &Program<'_>, facts: Option<&Facts<'_>>, missing: Missing) -> String {
    let library = program.library;
    let name = missing_name(library, missing);
    match missing {
        Missing::Fact { input, row } => {
            let Some(input) = library.inputs.get(input as usize) else { return name };
            let named = facts.is_some_and(|facts| !facts.row_name(input.entity, row).is_empty());
            // 第1条收入的 already says which record it is.
            let name = if named { &name } else { &input.name };
            format!("{}{name}", owner_words(library, facts, input.entity, row))
        }
        Missing::List { entity, owner } => {
            let parent = library.entities.get(usize::from(entity)).and_then(|entity| entity.parent);
            let owner = owner_words(library, facts, parent.unwrap_or(EntityId(0)), owner);
            format!("{owner}{name}是否还有没登记的")
        }
        Missing::Parameter { parameter, key } => {
            let words = program.key_words(crate::ir::ParameterId(parameter), key as usize);
            let dimensions =
                if words.is_empty() { String::new() } else { format!("[{}]", words.join("、")) };
            let place = format!("{name}{dimensions}（{} 在 {} ", program.region, program.date);
            let table = program.parameters.get(parameter as usize).and_then(|keys| keys.get(key as usize));
            if let Some(ParameterValue::None(row)) = table {
                let document = library.rows.get(*row as usize).map_or("", |row| row.document.as_str());
                return format!("{place}没有这项规定：{document}）");
            }
            let wanted = library.parameters.get(parameter as usize).and_then(|found| found.note.as_deref());
            let wanted = wanted.map_or(String::new(), |note| format!("，要查：{note}"));
            // A table without a row may mean that nothing was published, or that nobody has entered it yet.
            format!("{place}没有查到公布的值{wanted}）")
        }
        Missing::Calendar { .. } => format!("{name}（国务院办公厅的通知没有收入程序，不能数工作日）"),
        Missing::Note { .. } | Missing::Assumed { .. } => name,
        Missing::Fault { fault, .. } => match fault {
            Fault::DivisionByZero => format!("“{name}”的除数是零，请检查人数等数据"),
            Fault::Overflow => format!("“{name}”算出来的数太大，请检查数据"),
            Fault::Conflict { .. } => format!("“{name}”有两个例外同时适用而结果不同，请政策人员处理"),
            Fault::Undecided => format!("“{name}”在这个日期没有依据"),
        },
    }
}

/// Whose fact it is, before its name: nothing for the household, `张三的`, `张三的第2条收入的`.
pub(crate) fn owner_words(
    library: &Library,
    facts: Option<&Facts<'_>>,
    entity: EntityId,
    row: u32,
) -> String {
    if entity == crate::ir::HOUSEHOLD {
        return String::new();
    }
    let name = facts.map_or("", |facts| facts.row_name(entity, row));
    if !name.is_empty() {
        return format!("{name}的");
    }
    let Some(found) = library.entities.get(entity.index()) else { return String::new() };
    if entity == crate::ir::PERSON {
        return format!("第{}位成员的", row + 1);
    }
    // A record is counted among those of its own member, as the list was given.
    let owner = facts.zip(found.parent).and_then(|(facts, parent)| {
        let owner = facts.ancestor_row(entity, row, parent)?;
        let number = facts.children(entity, owner).position(|sibling| sibling == row)?;
        Some((owner_words(library, Some(facts), parent, owner), number + 1))
    });
    let (whose, number) = owner.unwrap_or((String::new(), row as usize + 1));
    format!("{whose}第{number}条{}的", found.name)
}
