//! Parameter values from CSV: by place, date and dimension, every row with its document and how sure we are.

use crate::ast::Confidence;
use crate::diagnostic::{Diagnostic, suggestion};
use crate::ir::{EnumId, EnumType, Parameter, ParameterId, Type};
use crate::source::{Source, SourceId, Span};
use crate::value::{Exact, Value};
use doudi_terms::{Date, Fen, Month, RegionCode, parse_date};

/// One row. Values are never edited: a new standard is a new row.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterRow {
    pub parameter: ParameterId,
    pub region: RegionCode,
    /// Label indexes, one per dimension of the parameter.
    pub dimensions: Vec<u16>,
    pub from: Date,
    /// Last day, inclusive.
    pub to: Option<Date>,
    pub value: RowValue,
    pub document: String,
    pub confidence: Confidence,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RowValue {
    Value(Value),
    /// 无: the place says that it has no such rule.
    None,
    /// 不详: published, but nobody here knows the figure.
    Unpublished,
}

const HEADERS: [&str; 8] = ["参数", "维度", "起", "止", "值", "文件", "把握", "地区"];

/// Reads one CSV file of a policies folder. The region is the folder's (`500243-pengshui`), unless a row says another.
pub(crate) fn read_parameters(
    source: &Source,
    id: SourceId,
    parameters: &[Parameter],
    enums: &[EnumType],
) -> (Vec<ParameterRow>, Vec<Diagnostic>) {
    let mut reader =
        Reader { id, source, parameters, enums, region: folder_region(&source.path), problems: Vec::new() };
    let rows = reader.read();
    (rows, reader.problems)
}

fn folder_region(path: &str) -> RegionCode {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let code = folder.rsplit('/').next().and_then(|name| name.split('-').next()).unwrap_or("");
    RegionCode::parse(code).unwrap_or(RegionCode::COUNTRY)
}

struct Reader<'a> {
    id: SourceId,
    source: &'a Source,
    parameters: &'a [Parameter],
    enums: &'a [EnumType],
    region: RegionCode,
    problems: Vec<Diagnostic>,
}

/// Cells of a row by header.
struct Line<'r> {
    record: &'r csv::StringRecord,
    columns: &'r [Option<usize>; HEADERS.len()],
    span: Span,
}

impl Line<'_> {
    fn get(&self, header: &str) -> &str {
        let at = HEADERS.iter().position(|name| *name == header).and_then(|index| self.columns[index]);
        at.and_then(|at| self.record.get(at)).unwrap_or("").trim()
    }
}

/// Where more rows than this cannot be read, the table is another kind of table.
const MOST_PROBLEMS: usize = 100;

impl Reader<'_> {
    fn read(&mut self) -> Vec<ParameterRow> {
        let text = self.source.text.trim_start_matches('\u{feff}');
        let shift = (self.source.text.len() - text.len()) as u32;
        let mut csv = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let headers = csv.headers().cloned().unwrap_or_default();
        let first_line = Span { source: self.id, start: shift, end: shift + 1 };
        let mut columns = [None; HEADERS.len()];
        for (at, header) in headers.iter().enumerate().take(MOST_PROBLEMS) {
            match HEADERS.iter().position(|name| *name == header.trim()) {
                Some(index) => columns[index] = Some(at),
                None => self.problems.push(
                    Diagnostic::error(first_line, format!("参数表没有“{header}”这一列"))
                        .next(suggestion(header, &HEADERS)),
                ),
            }
        }
        for required in ["参数", "起", "值", "文件", "把握"] {
            if HEADERS.iter().position(|name| *name == required).and_then(|index| columns[index]).is_none() {
                self.problems.push(
                    Diagnostic::error(first_line, format!("参数表缺少“{required}”列"))
                        .next("表头写：参数,维度,起,止,值,文件,把握"),
                );
                return Vec::new();
            }
        }
        let mut rows = Vec::new();
        for record in csv.records() {
            if self.problems.len() > MOST_PROBLEMS {
                self.problems.push(
                    Diagnostic::error(first_line, "这张表读不出来的行太多，后面的没有再读")
                        .next("先改好上面的，再看还有没有"),
                );
                break;
            }
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    self.problems.push(Diagnostic::error(first_line, format!("参数表读不出来：{error}")));
                    continue;
                }
            };
            let start = shift + record.position().map_or(0, |position| position.byte() as u32);
            let length = record.iter().map(|cell| cell.len() + 1).sum::<usize>().saturating_sub(1);
            let span = Span { source: self.id, start, end: start + length as u32 };
            if let Some(row) = self.row(&Line { record: &record, columns: &columns, span }) {
                rows.push(row);
            }
        }
        rows
    }

    fn row(&mut self, line: &Line<'_>) -> Option<ParameterRow> {
        let name = line.get("参数");
        let Some(index) = self.parameters.iter().position(|parameter| parameter.name == name) else {
            let names: Vec<&str> = self.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
            return self.fail(line, format!("没有叫“{name}”的参数"), suggestion(name, &names));
        };
        let parameter = &self.parameters[index];
        let dimensions = self.dimensions(line, parameter)?;
        let from = self.day(line, "起", true)?;
        let to = if line.get("止").is_empty() { None } else { Some(self.day(line, "止", false)?) };
        let value = self.value(line, parameter.ty)?;
        let confidence = match line.get("把握") {
            "高" => Confidence::High,
            "中" => Confidence::Medium,
            "低" => Confidence::Low,
            other => return self.fail(line, format!("把握“{other}”不对"), "写 高、中 或 低".into()),
        };
        if line.get("文件").is_empty() {
            return self.fail(
                line,
                "没有写出处文件".into(),
                "写上文号；没有查到就写“（待核）”并把“把握”写成 中 或 低".into(),
            );
        }
        let region = match line.get("地区") {
            "" => self.region,
            code => match RegionCode::parse(code) {
                Ok(region) => region,
                Err(error) => return self.fail(line, error.to_string(), "写国家标准代码，如 500243".into()),
            },
        };
        Some(ParameterRow {
            parameter: ParameterId(index as u32),
            region,
            dimensions,
            from,
            to,
            value,
            document: line.get("文件").to_owned(),
            confidence,
            span: line.span,
        })
    }

    fn fail<T>(&mut self, line: &Line<'_>, what: String, next: String) -> Option<T> {
        self.problems.push(Diagnostic::error(line.span, what).next(next));
        None
    }

    fn dimensions(&mut self, line: &Line<'_>, parameter: &Parameter) -> Option<Vec<u16>> {
        let written: Vec<&str> =
            line.get("维度").split(['/', '|']).map(str::trim).filter(|part| !part.is_empty()).collect();
        if written.len() != parameter.dimensions.len() {
            let next = format!("这个参数有 {} 个维度，多个维度之间用“/”隔开", parameter.dimensions.len());
            return self.fail(line, format!("“{}”的维度写了 {} 个", parameter.name, written.len()), next);
        }
        let mut found = Vec::new();
        for (word, enum_id) in written.into_iter().zip(&parameter.dimensions) {
            let labels = label_names(self.enums, *enum_id);
            match labels.iter().position(|label| *label == word) {
                Some(at) => found.push(at as u16),
                None => return self.fail(line, format!("维度“{word}”不对"), suggestion(word, &labels)),
            }
        }
        Some(found)
    }

    fn day(&mut self, line: &Line<'_>, column: &str, start: bool) -> Option<Date> {
        let text = line.get(column);
        let by_month =
            Month::parse(text).map(|month| if start { month.first_day() } else { month.last_day() });
        match parse_date(text).or(by_month) {
            Some(date) => Some(date),
            None => self.fail(
                line,
                format!("“{column}”栏的“{text}”不是日期"),
                "写成 2019-09 或 2019-09-01".into(),
            ),
        }
    }

    fn value(&mut self, line: &Line<'_>, ty: Type) -> Option<RowValue> {
        let text = line.get("值");
        match text {
            "无" => return Some(RowValue::None),
            "不详" => return Some(RowValue::Unpublished),
            _ => {}
        }
        match parse_value(text, ty, self.enums) {
            Ok(value) if is_negative_money(value, ty) => self.fail(
                line,
                format!("值“{text}”小于零"),
                "标准、限额不会小于零，看看是不是多写了负号".to_owned(),
            ),
            Ok(value) => Some(RowValue::Value(value)),
            Err(next) => self.fail(line, format!("值“{text}”读不出来"), next),
        }
    }
}

fn label_names(enums: &[EnumType], id: EnumId) -> Vec<&str> {
    enums.get(id.index()).map_or(Vec::new(), |found| found.labels.iter().map(String::as_str).collect())
}

/// A standard or a limit is never below zero.
pub(crate) fn is_negative_money(value: Value, ty: Type) -> bool {
    matches!(value, Value::Number(number) if ty.is_money() && number < crate::ir::whole(0))
}

/// Reads a value of a type as people write it. The error says how to write it.
pub fn parse_value(text: &str, ty: Type, enums: &[EnumType]) -> Result<Value, String> {
    let text = text.trim();
    match ty {
        Type::YesNo => match text {
            "是" | "true" | "yes" => Ok(Value::YesNo(true)),
            "否" | "false" | "no" => Ok(Value::YesNo(false)),
            _ => Err("写 是 或 否".into()),
        },
        Type::Money => match Fen::parse_yuan(text) {
            Ok(fen) => Ok(Value::Number(Exact::from_integer(i128::from(fen.0)))),
            Err(error) => Err(format!("{error}；写成 440元 这样")),
        },
        Type::Amount => {
            let plain = text.strip_suffix('元').unwrap_or(text);
            let yuan = parse_number(plain).ok_or("写成 440.005元 这样")?;
            crate::value::multiply(yuan, Exact::from_integer(100))
                .map(Value::Number)
                .ok_or_else(|| "数太大".to_owned())
        }
        Type::Count => parse_number(text)
            .filter(Exact::is_integer)
            .map(Value::Number)
            .ok_or_else(|| "写一个整数，如 3".to_owned()),
        Type::Number => {
            parse_number(text).map(Value::Number).ok_or_else(|| "写成 0.2、20% 或 3 这样".to_owned())
        }
        Type::Date => parse_date(text)
            .map(|date| Value::Number(Exact::from_integer(i128::from(doudi_terms::epoch_day(date)))))
            .ok_or_else(|| "写成 2020-04-30 这样".to_owned()),
        Type::Moment => parse_moment(text)
            .map(|minutes| Value::Number(Exact::from_integer(minutes)))
            .ok_or_else(|| "写成 2020-10-05T09:30 这样".to_owned()),
        Type::Month => Month::parse(text)
            .or_else(|| last_month_of_quarter(text))
            .map(|month| Value::Number(Exact::from_integer(i128::from(month.index()))))
            .ok_or_else(|| "写成 2020-04 这样".to_owned()),
        Type::Enum(id) => {
            let labels = label_names(enums, id);
            match labels.iter().position(|label| *label == text) {
                Some(at) => Ok(Value::Label(at as u16)),
                None => Err(suggestion(text, &labels)),
            }
        }
    }
}

/// `2018Q2`, `2018年第2季度`: a quarter is told by its last month.
fn last_month_of_quarter(text: &str) -> Option<Month> {
    let (year, quarter) = match text.split_once('Q') {
        Some(parts) => parts,
        None => text.strip_suffix("季度")?.split_once("年第")?,
    };
    let quarter: i32 = quarter.parse().ok().filter(|quarter| (1..=4).contains(quarter))?;
    Month::new(year.parse().ok()?, quarter * 3)
}

/// Minutes since 1970-01-01 of `2020-10-05T09:30` or `2020-10-05 09:30`.
fn parse_moment(text: &str) -> Option<i128> {
    let (day, time) = text.split_once(['T', ' '])?;
    let (hour, minute) = time.trim().split_once(':')?;
    let part = |text: &str, below: i128| -> Option<i128> {
        let two_digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|number| two_digits && *number < below)
    };
    let day = i128::from(doudi_terms::epoch_day(parse_date(day)?));
    Some((day * 24 + part(hour, 24)?) * 60 + part(minute, 60)?)
}

/// `0.2`, `20%`, `1/3`, `3`, with an optional unit of counting.
pub(crate) fn parse_number(text: &str) -> Option<Exact> {
    match text.split_once('/') {
        Some((a, b)) => crate::value::divide(parse_decimal(a)?, parse_decimal(b)?),
        None => parse_decimal(text),
    }
}

fn parse_decimal(text: &str) -> Option<Exact> {
    let text = text.trim();
    let (body, denominator) = match text.strip_suffix(['%', '％']) {
        Some(body) => (body, 100),
        None => {
            (text.trim_end_matches(['倍', '人', '岁', '年', '月', '天', '日', '个', '项', '次', '周']), 1)
        }
    };
    let (negative, digits) = body.strip_prefix('-').map_or((false, body), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !all(whole) || !all(fraction) || whole.len() + fraction.len() > 18 {
        return None;
    }
    let scale = 10_i128.pow(fraction.len() as u32);
    let number: i128 = format!("{whole}{fraction}").parse().ok()?;
    Some(Exact::new(if negative { -number } else { number }, scale * denominator))
}
