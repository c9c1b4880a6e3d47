//! A value that is not in force anywhere yet, as somebody writes it to see what it would do:
//! `NAME[500243,农村]=500元`. It is one more row of a parameter table, and nothing else.

use crate::ast::Confidence;
use crate::diagnostic::suggestion;
use crate::ir::{ParameterId, Type};
use crate::library::Library;
use crate::parameters::{ParameterRow, RowValue, is_negative_money, parse_value};
use crate::source::{Source, SourceId, Span};
use doudi_terms::{Month, RegionCode};

/// What stands where a row names its document.
const DOCUMENT: &str = "模拟的值";

/// A proposed value of one parameter in one place, for one choice of dimensions.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    pub parameter: ParameterId,
    pub region: RegionCode,
    pub dimensions: Vec<u16>,
    pub value: RowValue,
    written: String,
}

/// Why a proposal cannot be tried, in words with what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProposalError {
    /// It is not written as `NAME[REGION,…]=VALUE`.
    Form(String),
    /// The policies have no such parameter, dimension or value.
    Content(String),
}

const FORM: &str = "写成 参数名[500243,维度]=500元 这样：方括号里先写地区代码，再写各个维度，等号后面是值";

impl Proposal {
    /// Reads a proposal; where it names no region, `place` is meant.
    pub fn parse(library: &Library, text: &str, place: RegionCode) -> Result<Proposal, ProposalError> {
        let form = |what: &str| ProposalError::Form(format!("“{text}”{what}。{FORM}"));
        let (left, value) = text.split_once(['=', '＝']).ok_or_else(|| form("没有等号"))?;
        let (name, inside) = split_brackets(left).ok_or_else(|| form("的方括号不成对"))?;
        if name.is_empty() {
            return Err(form("没有写参数名"));
        }
        if value.trim().is_empty() {
            return Err(form("等号后面没有值"));
        }
        let parameter = library.parameter_named(name).ok_or_else(|| {
            let names: Vec<&str> = library.parameters.iter().map(|found| found.name.as_str()).collect();
            ProposalError::Content(format!("没有叫“{name}”的参数。{}", suggestion(name, &names)))
        })?;
        let mut words: Vec<&str> =
            inside.split([',', '，', '、', '/']).map(str::trim).filter(|word| !word.is_empty()).collect();
        let region = match words.first() {
            Some(code) if code.bytes().all(|byte| byte.is_ascii_digit()) => {
                let region = RegionCode::parse(code)
                    .map_err(|error| ProposalError::Form(format!("{error}。{FORM}")))?;
                words.remove(0);
                region
            }
            _ => place,
        };
        let dimensions = read_dimensions(library, parameter, &words)?;
        let value = read_value(library, parameter, value.trim())?;
        Ok(Proposal { parameter, region, dimensions, value, written: text.trim().to_owned() })
    }

    /// The same parameter, place and dimensions: only one of the two could hold.
    pub fn is_of_same_row(&self, other: &Proposal) -> bool {
        (self.parameter, self.region, &self.dimensions) == (other.parameter, other.region, &other.dimensions)
    }

    /// As it was written.
    pub fn written(&self) -> &str {
        &self.written
    }
}

/// `NAME[500243,农村]` -> the name and what stands in the brackets.
fn split_brackets(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    match text.split_once(['[', '［', '【']) {
        Some((name, rest)) => Some((name.trim(), rest.strip_suffix([']', '］', '】'])?)),
        None if text.contains([']', '］', '】']) => None,
        None => Some((text, "")),
    }
}

fn read_dimensions(library: &Library, id: ParameterId, words: &[&str]) -> Result<Vec<u16>, ProposalError> {
    let parameter = &library.parameters[id.index()];
    let wrong = |what: String| Err(ProposalError::Content(what));
    let kinds = &parameter.dimensions;
    if words.len() != kinds.len() {
        let choices: Vec<String> = kinds.iter().map(|kind| library.labels(*kind).join("、")).collect();
        let next = match choices.as_slice() {
            [] => "它没有维度，方括号里只写地区代码".to_owned(),
            [one] => format!("方括号里地区代码后面写其中一项：{one}"),
            several => format!("方括号里地区代码后面各写一项：{}", several.join("；")),
        };
        let given = if words.is_empty() {
            "没有写".to_owned()
        } else {
            format!("写了“{}”", words.join("、"))
        };
        return wrong(format!("“{}”有 {} 个维度，{given}。{next}", parameter.name, kinds.len()));
    }
    let mut found = Vec::with_capacity(words.len());
    for (word, kind) in words.iter().zip(kinds) {
        let labels: Vec<&str> = library.labels(*kind).iter().map(String::as_str).collect();
        match labels.iter().position(|label| label == word) {
            Some(at) => found.push(at as u16),
            None => {
                let next = format!("可以写：{}", labels.join("、"));
                return wrong(format!("“{}”的维度里没有“{word}”。{next}", parameter.name));
            }
        }
    }
    Ok(found)
}

fn read_value(library: &Library, id: ParameterId, text: &str) -> Result<RowValue, ProposalError> {
    let parameter = &library.parameters[id.index()];
    match text {
        "无" => return Ok(RowValue::None),
        "不详" => return Ok(RowValue::Unpublished),
        _ => {}
    }
    // A table may leave the unit to its column; here a bare number could be meant by the year, or in 万元.
    if matches!(parameter.ty, Type::Money | Type::Amount) && !text.ends_with('元') {
        let what = format!("“{}”是金额，值“{text}”没有写单位。写成 500元 这样", parameter.name);
        return Err(ProposalError::Content(what));
    }
    match parse_value(text, parameter.ty, &library.enums) {
        Ok(value) if is_negative_money(value, parameter.ty) => {
            let what = format!("“{}”的值“{text}”小于零：标准、限额不会小于零", parameter.name);
            Err(ProposalError::Content(what))
        }
        Ok(value) => Ok(RowValue::Value(value)),
        Err(next) => Err(ProposalError::Content(format!("“{}”的值“{text}”读不出来：{next}", parameter.name))),
    }
}

impl Library {
    /// This library with the proposals as further rows of its tables, in force on the last day of `month`. The row of
    /// the first proposal is the first after the library's own, and so on.
    pub fn with_proposals(&self, proposals: &[Proposal], month: Month) -> Library {
        let mut library = self.clone();
        for proposal in proposals {
            let source = SourceId(library.sources.len() as u32);
            let text = proposal.written.clone();
            let span = Span { source, start: 0, end: text.len() as u32 };
            library.sources.push(Source { path: DOCUMENT.into(), text });
            // Within a place the latest start wins: a row of its own that starts in this month must not hide it.
            let own = library.rows.iter().filter(|row| {
                row.parameter == proposal.parameter
                    && row.region == proposal.region
                    && row.dimensions == proposal.dimensions
                    && row.from <= month.last_day()
            });
            let from = own.map(|row| row.from).fold(month.first_day(), Ord::max);
            library.rows.push(ParameterRow {
                parameter: proposal.parameter,
                region: proposal.region,
                dimensions: proposal.dimensions.clone(),
                from,
                to: None,
                value: proposal.value,
                document: DOCUMENT.into(),
                confidence: Confidence::High,
                span,
            });
        }
        library
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Exact, Value};
    use crate::{ParameterValue, Program};

    const LAW: &str = "---\n编号: 试\n名称: 试验\n位阶: 工作口径\n施行: 2010-01-01\n---\n## 第一条\n```条文\n\
        输入 户.城乡: 农村、城镇\n参数 低保标准[城乡]: 金额/月\n参数 减除比例: 比例\n参数 起点: 月份\n```\n";

    fn library(rows: &str) -> Library {
        let table = format!("参数,维度,起,止,值,文件,把握,地区\n{rows}");
        let (library, problems) = Library::read(vec![
            Source { path: "national/t.md".into(), text: LAW.into() },
            Source { path: "national/t.csv".into(), text: table },
        ]);
        assert!(!crate::has_errors(&problems), "{problems:?}");
        library
    }

    fn read(text: &str) -> Result<Proposal, ProposalError> {
        Proposal::parse(&library(""), text, RegionCode::parse("500243").expect("a code"))
    }

    fn complaint(text: &str) -> String {
        match read(text) {
            Err(ProposalError::Form(message) | ProposalError::Content(message)) => message,
            Ok(found) => panic!("{found:?}"),
        }
    }

    #[test]
    fn a_proposal_is_read_with_either_kind_of_marks_and_the_place_may_be_left_out() {
        let plain = read("低保标准[500243,农村]=500元").expect("a proposal");
        let wide = read("低保标准［500243，农村］＝500.00元").expect("a proposal");
        let here = read("低保标准[农村]=500元").expect("a proposal");
        assert!(plain.is_of_same_row(&wide) && plain.is_of_same_row(&here));
        assert_eq!((plain.value, wide.value), (here.value, here.value));
        assert_eq!(plain.value, RowValue::Value(Value::Number(Exact::from_integer(50_000))));
        assert_eq!(read("减除比例[50]=20%").expect("one").region.to_string(), "500000");
        assert_eq!(read("减除比例=20%").expect("one").dimensions, Vec::<u16>::new());
        assert_eq!(read("低保标准[000000,城镇]=无").expect("one").value, RowValue::None);
    }

    #[test]
    fn every_mistake_is_told_with_what_would_have_been_right() {
        assert!(complaint("低宝标准[农村]=500元").contains("是不是想写 低保标准？"));
        assert!(complaint("低保标准[500243,乡村]=500元").contains("可以写：农村、城镇"));
        assert!(complaint("低保标准[500243]=500元").contains("有 1 个维度，没有写"));
        assert!(complaint("减除比例[500243,农村]=20%").contains("它没有维度"));
        assert!(complaint("低保标准[500243,农村]=500").contains("没有写单位。写成 500元 这样"));
        assert!(complaint("低保标准[500243,农村]=500.005元").contains("无法精确到分"));
        assert!(complaint("低保标准[500243,农村]=-5元").contains("小于零"));
        assert!(complaint("起点[500243]=五月").contains("写成 2020-04 这样"));
        for text in ["低保标准[500243,农村]", "低保标准[500243,农村=500元", "=500元", "低保标准[农村]="]
        {
            assert!(matches!(read(text), Err(ProposalError::Form(_))), "{text}");
        }
        assert!(matches!(read("低保标准[5002,43,农村]=500元"), Err(ProposalError::Content(_))));
        assert!(matches!(read("低保标准[50024,农村]=500元"), Err(ProposalError::Form(_))));
    }

    /// What holds in a county after a proposal for a place.
    fn held(rows: &str, proposal: &str, county: &str) -> ParameterValue {
        let library = library(rows);
        let place = RegionCode::parse(county).expect("a code");
        let proposal = Proposal::parse(&library, proposal, place).expect("a proposal");
        let month = Month::parse("2020-05").expect("a month");
        let library = library.with_proposals(&[proposal], month);
        Program::link(&library, place, month.last_day()).expect("links").parameters[0][0]
    }

    #[test]
    fn a_nearer_row_hides_a_proposal_and_a_row_of_the_same_place_never_does() {
        let yuan =
            |yuan: i128, row| ParameterValue::Value(Value::Number(Exact::from_integer(yuan * 100)), row);
        let county = "低保标准,农村,2019-09,,440元,文,高,500243\n";
        assert_eq!(held(county, "低保标准[50,农村]=500元", "500243"), yuan(440, 0));
        assert_eq!(held(county, "低保标准[50,农村]=500元", "500101"), yuan(500, 1));
        assert_eq!(held(county, "低保标准[500243,农村]=500元", "500243"), yuan(500, 1));
        let in_this_month = "低保标准,农村,2020-05-20,,496元,文,高,500243\n";
        assert_eq!(held(in_this_month, "低保标准[500243,农村]=500元", "500243"), yuan(500, 1));
    }
}
