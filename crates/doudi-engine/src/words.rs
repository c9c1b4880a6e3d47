//! Chinese words for values and for what is missing.

use doudi_policy::ir::{EntityId, HOUSEHOLD, PERSON, Type};
use doudi_policy::{Exact, Fault, Library, Missing, Outcome, Program, Rounding, Value, round};
use doudi_terms::{Fen, Month, date_from_epoch_day};

/// A value as people write it: `560.00元`, `2020-04-30`, `是`.
pub(crate) fn value(library: &Library, ty: Type, value: Value) -> String {
    match (value, ty) {
        (Value::YesNo(yes), _) => if yes { "是" } else { "否" }.to_owned(),
        (Value::Label(label), Type::Enum(id)) => {
            library.labels(id).get(usize::from(label)).cloned().unwrap_or_default()
        }
        (Value::Label(label), _) => label.to_string(),
        (Value::Number(number), Type::Money | Type::Amount) => format!("{}元", yuan(number)),
        (Value::Number(number), Type::Date) => i32::try_from(number.to_integer())
            .ok()
            .and_then(date_from_epoch_day)
            .map_or_else(String::new, |date| date.to_string()),
        (Value::Number(number), Type::Month) => i32::try_from(number.to_integer())
            .ok()
            .and_then(Month::from_index)
            .map_or_else(String::new, |month| month.to_string()),
        (Value::Number(number), _) => plain(number),
    }
}

/// Two decimals; fractions of a fen are rounded for reading only.
pub(crate) fn yuan(fen: Exact) -> String {
    let whole = round(fen, Rounding::HalfUp, 1).map(|fen| fen.to_integer());
    match whole.and_then(|fen| i64::try_from(fen).ok()) {
        Some(fen) => Fen(fen).to_string(),
        None => "（数额太大）".to_owned(),
    }
}

/// Up to three decimals, without zeros at the end.
fn plain(number: Exact) -> String {
    let Some(thousandths) = round(number * Exact::from_integer(1000), Rounding::HalfUp, 1) else {
        return String::new();
    };
    let thousandths = thousandths.to_integer();
    let sign = if thousandths < 0 { "-" } else { "" };
    let (whole, rest) = (thousandths.unsigned_abs() / 1000, thousandths.unsigned_abs() % 1000);
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}.{}", format!("{rest:03}").trim_end_matches('0'))
}

/// A value, or what is known of it.
pub(crate) fn outcome(library: &Library, ty: Type, found: &Outcome) -> String {
    match found {
        Outcome::Known(known) => value(library, ty, *known),
        Outcome::Unknown(unknown) => {
            let number = |exact| value(library, ty, Value::Number(exact));
            match (unknown.low, unknown.high) {
                (Some(low), Some(high)) => format!("{}至{}", number(low), number(high)),
                (Some(low), None) if low > Exact::from_integer(0) => format!("不少于{}", number(low)),
                (None, Some(high)) => format!("不超过{}", number(high)),
                _ => "不详".to_owned(),
            }
        }
    }
}

/// Whose fact is missing, seen from the person that the sentence is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    Own,
    OtherMember,
    Household,
}

/// What somebody has to find out or get.
pub(crate) fn missing(
    program: &Program<'_>,
    missing: &Missing,
    whose: impl Fn(EntityId, u32) -> Whose,
) -> String {
    let library = program.library;
    let of = |whose: Whose| if whose == Whose::OtherMember { "同户成员的" } else { "" };
    match *missing {
        Missing::Fact { input, row } => {
            let Some(found) = library.inputs.get(input as usize) else { return String::new() };
            format!("缺{}“{}”", of(whose(found.entity, row)), found.name)
        }
        Missing::List { entity, owner } => {
            let Some(found) = library.entities.get(usize::from(entity)) else { return String::new() };
            let parent = found.parent.unwrap_or(HOUSEHOLD);
            format!("缺{}“{}”清单", of(whose(parent, owner)), found.name)
        }
        Missing::Parameter { parameter, key } => {
            let Some(found) = library.parameters.get(parameter as usize) else { return String::new() };
            let id = doudi_policy::ir::ParameterId(parameter);
            let words = program.key_words(id, key as usize).join("、");
            let dimensions = if words.is_empty() { String::new() } else { format!("[{words}]") };
            let month = program.month;
            let note = found.note.as_deref().map_or(String::new(), |note| format!("（{note}）"));
            format!("参数“{}{dimensions}”在 {} {month} 未公布{note}", found.name, program.region)
        }
        Missing::Assumed { rule, .. } => {
            let name = library.rules.get(rule as usize).map_or("", |rule| rule.name.as_str());
            format!("“{name}”暂按假定，待核实")
        }
        Missing::Calendar { year } => format!("{year}年节假日安排没有收入程序，不能数工作日"),
        Missing::Note { note } => library.notes.get(note as usize).cloned().unwrap_or_default(),
        Missing::Fault { fault, rule } => {
            let name = library.rules.get(rule as usize).map_or("条文", |rule| rule.name.as_str());
            match fault {
                Fault::DivisionByZero => format!("“{name}”里出现除以零，请政策人员查看条文"),
                Fault::Overflow => format!("“{name}”算出的数太大，请核对所填金额"),
                Fault::Conflict { .. } => format!("“{name}”有两个例外同时适用而结果不同，请政策人员查看条文"),
                Fault::Undecided => format!("“{name}”没有规定这种情形，请政策人员查看条文"),
            }
        }
    }
}

/// Whose a row is, for a sentence about the person at `own`.
pub(crate) fn whose(own: u32, entity: EntityId, row: u32) -> Whose {
    match entity {
        HOUSEHOLD => Whose::Household,
        PERSON if row != own => Whose::OtherMember,
        _ => Whose::Own,
    }
}
