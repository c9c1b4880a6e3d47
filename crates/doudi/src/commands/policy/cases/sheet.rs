//! A file of worked cases as an office hands it over: YAML with `version`, `sources` and `cases`.

use crate::strict::Strict;
use doudi_terms::{Date, RegionCode, parse_date};
use serde_json::{Map, Value as Json};

/// One worked case, its fields still in the file's own words.
pub struct WorkedCase {
    pub id: String,
    pub title: String,
    /// The kind of question (`rule`).
    pub kind: String,
    pub region: RegionCode,
    pub date: Date,
    /// `facts`, `parameters` and `place` under their own names, as the mapping addresses them.
    pub given: Json,
    pub expected: Map<String, Json>,
}

/// A file: what can be run, and what cannot be read.
pub struct Sheet {
    pub cases: Vec<WorkedCase>,
    pub unread: Vec<UnreadCase>,
}

/// A case that does not run, with its place in the file.
pub struct UnreadCase {
    /// Counted from one.
    pub number: usize,
    pub id: Option<String>,
    pub why: String,
}

impl UnreadCase {
    /// cases 第 3 个（A-7）
    pub fn place(&self) -> String {
        format!("cases 第 {} 个（{}）", self.number, self.id.as_deref().unwrap_or("没有编号"))
    }
}

/// Reads a file. A case that is wrong does not keep the others from being run; `Err`: there is no list of cases at all.
pub fn read(text: &str) -> Result<Sheet, String> {
    // Windows editors put a mark in front of the first line.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Strict(file) = serde_yaml_ng::from_str(text).map_err(|error| format!("不是能读的 YAML：{error}"))?;
    let Some(cases) = file.get("cases").and_then(Json::as_array) else {
        return Err("没有 cases 一节。案例文件要有 version、sources、cases 三节".into());
    };
    let mut sheet = Sheet { cases: Vec::new(), unread: Vec::new() };
    for (index, case) in cases.iter().enumerate() {
        let read = worked_case(case).and_then(|read| {
            let is_used = sheet.cases.iter().any(|earlier| earlier.id == read.id);
            if is_used {
                Err(format!("编号 {} 用了两次，后面这个没有运行。换一个编号", read.id))
            } else {
                Ok(read)
            }
        });
        match read {
            Ok(case) => sheet.cases.push(case),
            Err(why) => {
                let id = case.get("id").and_then(word);
                sheet.unread.push(UnreadCase { number: index + 1, id, why });
            }
        }
    }
    Ok(sheet)
}

fn worked_case(case: &Json) -> Result<WorkedCase, String> {
    let text = |path: &str| -> Result<String, String> {
        match at(case, path) {
            Some(Json::String(text)) => Ok(text.clone()),
            Some(Json::Number(number)) => Ok(number.to_string()),
            Some(_) => Err(format!("{path} 应是文字")),
            None => Err(format!("缺少 {path}")),
        }
    };
    let code = text("place.code")?;
    let day = text("as_of")?;
    let section = |name: &str| match case.get(name) {
        None | Some(Json::Null) => Ok(Json::Object(Map::new())),
        Some(Json::Object(fields)) => Ok(Json::Object(fields.clone())),
        Some(_) => Err(format!("{name} 应是一组“名称: 值”")),
    };
    let Json::Object(expected) = section("expected")? else { return Err("缺少 expected".into()) };
    if expected.is_empty() {
        return Err("expected 是空的，没有要核对的结果".into());
    }
    let mut given = Map::new();
    for name in ["place", "facts", "parameters"] {
        given.insert(name.to_owned(), section(name)?);
    }
    given.insert("as_of".to_owned(), Json::String(day.clone()));
    Ok(WorkedCase {
        id: text("id")?,
        title: text("title").unwrap_or_default(),
        kind: text("rule")?,
        region: RegionCode::parse(&code).map_err(|error| format!("place.code：{error}"))?,
        date: parse_date(&day).ok_or_else(|| format!("as_of：“{day}”不是日期，写成 2020-05-31 这样"))?,
        given: Json::Object(given),
        expected,
    })
}

/// The value at a dotted path; `None` if a part of it is not there.
pub fn at<'j>(json: &'j Json, path: &str) -> Option<&'j Json> {
    path.split('.').try_fold(json, |json, part| json.get(part))
}

/// A word of the file as text: yes/no as `true` and `false`, numbers as written.
pub fn word(json: &Json) -> Option<String> {
    match json {
        Json::Bool(value) => Some(value.to_string()),
        Json::Number(number) => Some(number.to_string()),
        Json::String(text) => Some(text.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASE: &str = "version: 1\ncases:\n- id: A\n  rule: r\n  place: {code: '500243', area: 农村}\n  \
                        as_of: '2020-05-10'\n  facts: {n: 2, ok: true}\n  expected: {eligible: 'no'}\n";

    #[test]
    fn a_case_is_read_with_its_place_and_day() {
        let cases = read(CASE).expect("it reads").cases;
        assert_eq!((cases[0].id.as_str(), cases[0].kind.as_str()), ("A", "r"));
        assert_eq!(at(&cases[0].given, "facts.ok").and_then(word).as_deref(), Some("true"));
        assert_eq!(cases[0].expected["eligible"], "no");
    }

    #[test]
    fn problems_name_the_case_and_the_field_and_the_other_cases_are_read() {
        let good = &CASE[CASE.find("- id").expect("a case")..];
        let bad = format!("{}{good}", CASE.replace("2020-05-10", "2020-02-30").replace("id: A", "id: B"));
        let sheet = read(&bad).expect("a list of cases");
        assert_eq!(sheet.cases.iter().map(|case| case.id.as_str()).collect::<Vec<_>>(), ["A"]);
        let [unread] = &sheet.unread[..] else { panic!("{}", sheet.unread.len()) };
        assert_eq!(unread.place(), "cases 第 1 个（B）");
        assert!(unread.why.contains("as_of"), "{}", unread.why);
        let nameless = read(&CASE.replace("- id: A\n  rule", "- rule")).expect("a list of cases");
        assert_eq!(nameless.unread[0].place(), "cases 第 1 个（没有编号）");
        assert!(read("cases: [").err().expect("a problem").contains("YAML"));
        assert!(read("version: 1").err().expect("a problem").contains("cases"));
    }

    #[test]
    fn of_two_cases_with_one_number_the_later_does_not_run() {
        let twice = format!("{CASE}{}", &CASE[CASE.find("- id").expect("a case")..]);
        let sheet = read(&twice).expect("a list of cases");
        assert_eq!((sheet.cases.len(), sheet.unread[0].number), (1, 2));
        assert!(sheet.unread[0].why.contains("编号 A 用了两次"), "{}", sheet.unread[0].why);
    }
}
