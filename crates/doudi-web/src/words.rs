//! Words for what the store keeps as codes.

/// The seven buckets in the order in which a person is asked about them; codes as certificates have them.
pub(crate) const BUCKETS: [(&str, &str); 7] = [
    ("out_of_scope", "已不在范围"),
    ("verifying", "正在核查"),
    ("covered", "已享受救助"),
    ("eligible_not_enrolled", "符合条件未享受"),
    ("undetermined", "情况不明待核实"),
    ("not_eligible", "不符合条件"),
    ("no_sign_of_need", "没有困难迹象"),
];

/// How a roster's row and a person were tied.
const STANDINGS: [(&str, &str); 6] = [
    ("linked", "已对上"),
    ("new", "底册里没有的人"),
    ("review", "待人工核对"),
    ("duplicate", "同一名册重复"),
    ("doubtful", "信息不够，没有对"),
    ("rejected", "退回"),
];

/// What a record of the audit is about.
const OBJECTS: [(&str, &str); 14] = [
    ("audit", "操作记录"),
    ("backup", "备份"),
    ("group", "台账"),
    ("household", "家庭"),
    ("households", "家庭"),
    ("keys", "密钥"),
    ("lead", "疑点"),
    ("leads", "疑点清单"),
    ("month", "月份"),
    ("page", "网页"),
    ("person", "人员"),
    ("persons", "人员"),
    ("result", "摸排结果"),
    ("user", "账号"),
];

pub(crate) fn object(code: &str) -> String {
    word(&OBJECTS, code)
}

pub(crate) fn bucket(code: &str) -> String {
    word(&BUCKETS, code)
}

pub(crate) fn standing(code: &str) -> String {
    word(&STANDINGS, code)
}

/// What nobody has a word for is shown as it is, rather than not at all.
fn word(words: &[(&str, &str)], code: &str) -> String {
    words.iter().find(|(known, _)| *known == code).map_or(code, |(_, word)| word).to_owned()
}

/// `低保.xlsx#Sheet1#17`, or a case of the window's (`office#B000012/3`), as people say it.
pub(crate) fn place_words(place: &str) -> String {
    if let Some((case, step)) = place.strip_prefix("office#").and_then(|case| case.split_once('/')) {
        return format!("窗口办件 {case} 第 {step} 步");
    }
    let mut parts = place.rsplitn(3, '#');
    let (row, sheet, file) = (parts.next(), parts.next(), parts.next());
    match (file, sheet, row) {
        (Some(file), Some(""), Some(row)) => format!("{file} 第 {row} 行"),
        (Some(file), Some(sheet), Some(row)) => format!("{file}“{sheet}”第 {row} 行"),
        _ => place.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_rows_are_said_as_people_say_them() {
        assert_eq!(place_words("低保.xlsx##17"), "低保.xlsx 第 17 行");
        assert_eq!(place_words("office#B000012/3"), "窗口办件 B000012 第 3 步");
        assert_eq!(place_words("a.xlsx#五月#3"), "a.xlsx“五月”第 3 行");
    }
}
