//! The filters of a list of a special group: what the address says of each column, and the fields that say it.
//!
//! In addresses: `name=冉`, `sex=女`, `birth-from=1950-01-01`, and of the list's own columns `is.类别=孤儿`, `is.户月收入=不详`,
//! `from.户月收入=300`, `to.户月收入=500`. Columns go by name, so an address goes on to mean the same.

use crate::form::Wrongs;
use crate::trouble::in_query;
use doudi_store::{CellKind, CellWants, GroupColumn, GroupFilter, GroupHead};
use doudi_terms::{Date, Fen, Month, epoch_day, parse_date};

const SEXES: [&str; 2] = ["男", "女"];
const UNKNOWN: &str = "不详";

/// What was typed, by the name of its field; blanks are left out.
#[derive(Clone, Default)]
pub(super) struct Typed(Vec<(String, String)>);

/// What is asked of the store, and what could not be read.
pub(super) struct Read {
    pub filters: Vec<GroupFilter>,
    pub wrongs: Wrongs,
}

/// One column's fields: a choice of values, or both ends of a range, or both.
pub(super) struct FilterField {
    pub label: String,
    /// Name and id of the choice; empty without one.
    pub is: String,
    pub choices: Vec<Choice>,
    pub ends: Vec<End>,
}

pub(super) struct Choice {
    pub value: String,
    pub chosen: bool,
}

pub(super) struct End {
    pub name: String,
    pub label: &'static str,
    pub kind: &'static str,
    pub value: String,
}

impl Typed {
    /// Whether a pair of the address is a filter; then it is kept.
    pub fn take(&mut self, name: &str, value: &str) -> bool {
        let is_filter = matches!(name, "name" | "sex" | "birth-from" | "birth-to")
            || ["is.", "from.", "to."].iter().any(|begins| name.starts_with(begins));
        if is_filter && !value.trim().is_empty() {
            self.0.push((name.to_owned(), value.trim().to_owned()));
        }
        is_filter
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// `&is.类别=孤儿`, encoded; empty without filters.
    pub fn query(&self) -> String {
        self.0.iter().map(|(name, value)| format!("&{}={}", in_query(name), in_query(value))).collect()
    }

    pub fn of(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// Both ends where one is given; an end that cannot be read is said beside its field.
    fn ends<T: Copy + PartialOrd>(
        &self,
        names: (String, String),
        wrongs: &mut Wrongs,
        label: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<(Option<T>, Option<T>)> {
        let mut end = |name: &str| match self.of(name) {
            "" => None,
            text => read(text).map_err(|why| wrongs.add(name.to_owned(), format!("{label}：{why}"))).ok(),
        };
        let (from, to) = (end(&names.0), end(&names.1));
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            wrongs.add(names.1, format!("{label}：到的比起的小，什么也不会有。请把两头对调"));
        }
        (from.is_some() || to.is_some()).then_some((from, to))
    }

    pub fn read(&self, head: &GroupHead) -> Read {
        let (mut filters, mut wrongs) = (Vec::new(), Wrongs::default());
        if !self.of("name").is_empty() {
            filters.push(GroupFilter::Name(self.of("name").to_owned()));
        }
        if !self.of("sex").is_empty() {
            filters.push(GroupFilter::Sex(self.of("sex").to_owned()));
        }
        let names = ("birth-from".to_owned(), "birth-to".to_owned());
        if let Some((from, to)) = self.ends(names, &mut wrongs, "出生日期", day) {
            filters.push(GroupFilter::Birth { from, to });
        }
        for (at, column) in head.columns.iter().enumerate() {
            let cell = |wants| GroupFilter::Cell { column: at, wants };
            match self.of(&format!("is.{}", column.name)) {
                "" => {}
                UNKNOWN => filters.push(cell(CellWants::Unknown)),
                text => match value_of(column, text) {
                    Some(number) => filters.push(cell(CellWants::Is(number))),
                    None => wrongs.add(
                        format!("is.{}", column.name),
                        format!("{}：没有“{text}”这一种，请从列出的里面选", column.name),
                    ),
                },
            }
            let names = (format!("from.{}", column.name), format!("to.{}", column.name));
            if let Some((from, to)) =
                self.ends(names, &mut wrongs, &column.name, |text| number_of(column.kind, text))
            {
                filters.push(cell(CellWants::Between { from, to }));
            }
        }
        for (name, _) in &self.0 {
            if let Some((_, column)) = name.split_once('.').filter(|(_, column)| !has(head, column)) {
                wrongs.add(name.clone(), format!("这份台账没有“{column}”这一列，不能按它筛"));
            }
        }
        Read { filters, wrongs }
    }

    /// The fields of the form, those of the columns in their order.
    pub fn fields(&self, head: &GroupHead) -> Vec<FilterField> {
        let choice = |name: &str, values: Vec<String>| -> Vec<Choice> {
            let chosen = self.of(name);
            values.into_iter().map(|value| Choice { chosen: value == chosen, value }).collect()
        };
        let sexes = SEXES.iter().map(|sex| (*sex).to_owned()).collect();
        let mut fields = vec![
            FilterField {
                label: "性别".into(),
                is: "sex".into(),
                choices: choice("sex", sexes),
                ends: Vec::new(),
            },
            FilterField {
                label: "出生日期".into(),
                is: String::new(),
                choices: Vec::new(),
                ends: self.range(["birth-from".to_owned(), "birth-to".to_owned()], "date"),
            },
        ];
        fields.extend(head.columns.iter().map(|column| {
            let is = format!("is.{}", column.name);
            let mut values = match column.kind {
                CellKind::YesNo => vec!["是".to_owned(), "否".to_owned()],
                CellKind::Label => column.labels.clone(),
                _ => Vec::new(),
            };
            values.push(UNKNOWN.to_owned());
            let kind = match column.kind {
                CellKind::YesNo | CellKind::Label => None,
                CellKind::Day => Some("date"),
                CellKind::Month => Some("month"),
                CellKind::Money | CellKind::Count | CellKind::Thousandths => Some("text"),
            };
            let names = [format!("from.{}", column.name), format!("to.{}", column.name)];
            FilterField {
                label: column.name.clone(),
                choices: choice(&is, values),
                is,
                ends: kind.map_or_else(Vec::new, |kind| self.range(names, kind)),
            }
        }));
        fields
    }

    fn range(&self, names: [String; 2], kind: &'static str) -> Vec<End> {
        let end = |(name, label): (String, &'static str)| End {
            value: self.of(&name).to_owned(),
            name,
            label,
            kind,
        };
        names.into_iter().zip(["从", "到"]).map(end).collect()
    }
}

fn has(head: &GroupHead, column: &str) -> bool {
    head.columns.iter().any(|of| of.name == column)
}

fn value_of(column: &GroupColumn, text: &str) -> Option<i64> {
    match (column.kind, text) {
        (CellKind::YesNo, "是") => Some(1),
        (CellKind::YesNo, "否") => Some(0),
        (CellKind::Label, _) => {
            let at = column.labels.iter().position(|label| label == text)?;
            i64::try_from(at).ok()
        }
        _ => None,
    }
}

fn day(text: &str) -> Result<Date, String> {
    parse_date(text).ok_or_else(|| format!("“{text}”不是日期，请写成 2020-05-31 这样"))
}

/// As the cells hold it: fen, thousandths, days, months.
fn number_of(kind: CellKind, text: &str) -> Result<i64, String> {
    match kind {
        CellKind::Money => Fen::parse_yuan(text)
            .map(|fen| fen.0)
            .map_err(|_| format!("“{text}”不是金额，请写多少元，例如 440 或 440.50")),
        CellKind::Count => text.parse().map_err(|_| format!("“{text}”不是整数，请只写数字")),
        CellKind::Thousandths => {
            thousandths(text).ok_or_else(|| format!("“{text}”不是数字，请写成 3 或 3.5 这样"))
        }
        CellKind::Day => day(text).map(|day| i64::from(epoch_day(day))),
        CellKind::Month => Month::parse(text)
            .map(|month| i64::from(month.index()))
            .ok_or_else(|| format!("“{text}”不是月份，请写成 2020-05 这样")),
        CellKind::YesNo | CellKind::Label => Err("这一列不分大小，不能写从几到几".to_owned()),
    }
}

fn thousandths(text: &str) -> Option<i64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || rest.len() > 3 || !digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        return None;
    }
    let rest: i64 = format!("{rest:0<3}").parse().ok()?;
    whole.parse::<i64>().ok()?.checked_mul(1_000)?.checked_add(rest)?.checked_mul(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> GroupHead {
        let column = |name: &str, kind, labels: &[&str]| GroupColumn {
            name: name.into(),
            kind,
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            of_household: false,
            is_summed: false,
        };
        GroupHead {
            name: "低保".into(),
            note: String::new(),
            columns: vec![
                column("月收入", CellKind::Money, &[]),
                column("类别", CellKind::Label, &["甲", "乙"]),
                column("残疾", CellKind::YesNo, &[]),
                column("比例", CellKind::Thousandths, &[]),
                column("起", CellKind::Month, &[]),
            ],
        }
    }

    fn read(pairs: &[(&str, &str)]) -> Read {
        let mut typed = Typed::default();
        for (name, value) in pairs {
            assert!(typed.take(name, value), "{name}");
        }
        typed.read(&head())
    }

    #[test]
    fn every_kind_of_column_is_filtered_in_its_own_unit() {
        let cell = |column, wants| GroupFilter::Cell { column, wants };
        let found = read(&[
            ("name", " 冉 "),
            ("from.月收入", "300.50"),
            ("to.月收入", "５００"),
            ("is.类别", "乙"),
            ("is.残疾", "否"),
            ("from.比例", "-1.5"),
            ("is.起", "不详"),
            ("sex", ""),
        ]);
        assert!(found.wrongs.is_empty(), "{:?}", found.wrongs);
        assert_eq!(
            found.filters,
            [
                GroupFilter::Name("冉".into()),
                cell(0, CellWants::Between { from: Some(30_050), to: Some(50_000) }),
                cell(1, CellWants::Is(1)),
                cell(2, CellWants::Is(0)),
                cell(3, CellWants::Between { from: Some(-1_500), to: None }),
                cell(4, CellWants::Unknown),
            ]
        );
    }

    #[test]
    fn what_cannot_be_read_is_said_at_its_field_and_filters_nothing() {
        for (field, text) in [
            ("from.月收入", "很少"),
            ("is.类别", "丙"),
            ("from.类别", "1"),
            ("to.比例", "1.2345"),
            ("to.比例", "99999999999999999999"),
            ("from.起", "五月"),
            ("birth-to", "19500230"),
            ("is.没有", "甲"),
        ] {
            let found = read(&[(field, text)]);
            assert!(found.filters.is_empty(), "{field}");
            assert_eq!(found.wrongs.len(), 1, "{field} {text}");
            assert!(found.wrongs.of(field).is_some(), "{field}: {:?}", found.wrongs);
        }
        let turned = read(&[("from.月收入", "500"), ("to.月收入", "300")]);
        assert!(turned.wrongs.of("to.月收入").is_some_and(|text| text.contains("对调")));
    }
}
