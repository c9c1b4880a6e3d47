//! Names and values as they are said in a letter: `月收入1,200.00元`, `共同生活3人`, `没有应计车辆`.

use crate::ast::Compare;
use crate::ir::Type;
use crate::library::Library;
use crate::value::{Exact, Value, multiply};
use crate::words::value_words;
use doudi_terms::{Date, Month, date_from_epoch_day};

/// A counted name ends in what it counts: 住房套数, 起算月数. The ending goes and the unit comes after the number.
const UNITS: [(&str, &str); 13] = [
    ("人数", "人"),
    ("套数", "套"),
    ("项数", "项"),
    ("次数", "次"),
    ("倍数", "倍"),
    ("县数", "个县"),
    ("户数", "户"),
    ("月数", "个月"),
    ("年数", "年"),
    ("天数", "天"),
    ("日数", "日"),
    ("周岁", "周岁"),
    ("岁数", "岁"),
];

/// `月收入1,200.00元`, `共同生活3人`, `残疾等级一级`.
pub(crate) fn named(library: &Library, name: &str, value: Value, ty: Type) -> String {
    let counted = matches!(ty, Type::Count | Type::Number);
    let stem = UNITS.iter().find_map(|(ending, _)| name.strip_suffix(ending)).filter(|_| counted);
    let gap = if matches!(ty, Type::Date | Type::Month | Type::Moment | Type::Enum(_)) { "为" } else { "" };
    format!("{}{gap}{}", stem.unwrap_or(name), said(library, name, value, ty))
}

/// A value alone, with the unit that its name tells: `1,200.00元`, `3人`, `20%`, `2020年5月1日`.
pub(crate) fn said(library: &Library, name: &str, value: Value, ty: Type) -> String {
    match (value, ty) {
        (Value::Number(fen), Type::Money | Type::Amount) => money(fen),
        (Value::Number(number), Type::Count | Type::Number) if name.ends_with("比例") => {
            format!("{}%", plain(multiply(number, Exact::from_integer(100)).unwrap_or(number)))
        }
        (Value::Number(number), Type::Count | Type::Number) => {
            let unit = UNITS.iter().find(|(ending, _)| name.contains(ending)).map_or("", |(_, unit)| unit);
            format!("{}{unit}", plain(number))
        }
        (Value::Number(day), Type::Date) => i32::try_from(day.to_integer())
            .ok()
            .and_then(date_from_epoch_day)
            .map_or(String::new(), chinese_date),
        (Value::Number(month), Type::Month) => i32::try_from(month.to_integer())
            .ok()
            .and_then(Month::from_index)
            .map_or(String::new(), |month| format!("{}年{}月", month.year(), month.month())),
        _ => value_words(library, value, ty),
    }
}

/// 2020年5月31日
pub fn chinese_date(date: Date) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

/// Yuan to the fen, thousands parted; what was divided and does not come out even is 约.
pub(crate) fn money(fen: Exact) -> String {
    let about = if fen.is_integer() { "" } else { "约" };
    format!("{about}{}元", grouped(fen.round().to_integer(), 2))
}

/// As [`money`], with two decimals more: for two amounts that rounding would make the same.
pub(crate) fn fine_money(fen: Exact) -> String {
    let Some(scaled) = multiply(fen, Exact::from_integer(100)) else { return money(fen) };
    let about = if scaled.is_integer() { "" } else { "约" };
    format!("{about}{}元", grouped(scaled.round().to_integer(), 4))
}

fn plain(number: Exact) -> String {
    if number.is_integer() {
        return grouped(number.to_integer(), 0);
    }
    let scaled = multiply(number, Exact::from_integer(10_000)).unwrap_or(number);
    let about = if scaled.is_integer() { "" } else { "约" };
    let digits = grouped(scaled.round().to_integer(), 4);
    format!("{about}{}", digits.trim_end_matches('0').trim_end_matches('.'))
}

/// Digits in groups of three, the last `places` behind the point.
fn grouped(number: i128, places: u32) -> String {
    let scale = 10_u128.pow(places);
    let (whole, fraction) = (number.unsigned_abs() / scale, number.unsigned_abs() % scale);
    let digits = whole.to_string();
    let mut out = String::from(if number < 0 { "−" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if places > 0 {
        out.push_str(&format!(".{fraction:0width$}", width = places as usize));
    }
    out
}

/// Beginnings of names that are sentences of their own, so that 没有 makes their opposite.
const VERBS: [&str; 9] = ["有", "已", "在", "领取", "享受", "参加", "患", "持", "列入"];
/// Words inside a name that carry its opposite.
const OPPOSITES: [(&str, &str); 9] = [
    ("符合", "不符合"),
    ("低于", "不低于"),
    ("超过", "没有超过"),
    ("在有效期", "不在有效期"),
    ("可以", "不可以"),
    ("有效", "无效"),
    ("能够", "不能够"),
    ("计入", "不计入"),
    ("有", "没有"),
];

/// A yes or no as a clause: 有应计车辆 → 没有应计车辆, 财产符合规定 → 财产不符合规定, 重度残疾 → 不属于“重度残疾”.
pub(crate) fn stated(name: &str, truth: bool) -> String {
    let says = VERBS.iter().any(|verb| name.starts_with(verb));
    let opposite = OPPOSITES.iter().find(|(word, _)| name.contains(word));
    match (truth, opposite) {
        (true, Some(_)) => name.to_owned(),
        (true, None) if says || name.starts_with(['无', '未', '不', '靠']) => name.to_owned(),
        (true, None) => format!("属于“{name}”"),
        (false, _) if says => format!("没有{}", name.trim_start_matches(['有', '已'])),
        (false, Some((word, opposite))) => name.replacen(word, opposite, 1),
        (false, None) => format!("不属于“{name}”"),
    }
}

/// 王德福有法定义务人, 王德福的义务人没有履行能力.
pub(crate) fn of(who: &str, statement: &str) -> String {
    let verb = statement.starts_with('没') || statement.starts_with('不') || statement.starts_with("属于");
    let glue = if who.is_empty() || verb || VERBS.iter().any(|verb| statement.starts_with(verb)) {
        ""
    } else {
        "的"
    };
    format!("{who}{glue}{statement}")
}

/// How two values stand to each other, in the law's wording where it holds and its opposite where it does not.
pub(crate) fn relation(op: Compare, holds: bool, ty: Type, age: bool) -> &'static str {
    let day = matches!(ty, Type::Date | Type::Month | Type::Moment);
    match (op, holds) {
        (Compare::Equal, true) | (Compare::NotEqual, false) => "等于",
        (Compare::NotEqual, true) | (Compare::Equal, false) => "不等于",
        (Compare::Less, true) | (Compare::GreaterEqual, false) => match (day, age) {
            (true, _) => "早于",
            (_, true) => "不满",
            _ => "低于",
        },
        (Compare::GreaterEqual, true) | (Compare::Less, false) => match (day, age) {
            (true, _) => "不早于",
            (_, true) => "已满",
            _ => "不低于",
        },
        (Compare::Greater, true) | (Compare::LessEqual, false) => {
            if day {
                "晚于"
            } else {
                "超过"
            }
        }
        (Compare::LessEqual, true) | (Compare::Greater, false) => {
            if day {
                "不晚于"
            } else {
                "不超过"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_thousands_and_two_decimals() {
        assert_eq!(money(Exact::from_integer(120_000)), "1,200.00元");
        assert_eq!(money(Exact::from_integer(-5)), "−0.05元");
        assert_eq!(money(Exact::from_integer(123_456_789)), "1,234,567.89元");
        assert_eq!(money(Exact::new(130_000, 3)), "约433.33元");
        assert_eq!(fine_money(Exact::new(4_399_999, 100)), "439.9999元");
    }

    #[test]
    fn a_no_is_said_as_people_say_it() {
        let no = |name| stated(name, false);
        assert_eq!(no("有应计车辆"), "没有应计车辆");
        assert_eq!(no("已死亡"), "没有死亡");
        assert_eq!(no("财产符合规定"), "财产不符合规定");
        assert_eq!(no("残疾人证在有效期"), "残疾人证不在有效期");
        assert_eq!(of("甲", &no("义务人有履行能力")), "甲的义务人没有履行能力");
        assert_eq!(of("甲", &stated("有法定义务人", true)), "甲有法定义务人");
        assert_eq!(no("重度残疾"), "不属于“重度残疾”");
        assert_eq!(stated("重度残疾", true), "属于“重度残疾”");
    }
}
