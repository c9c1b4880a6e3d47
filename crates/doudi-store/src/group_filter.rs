//! Which rows of a list of a special group are meant, column by column; and what those rows come to.

use crate::db::{Connection, Value};
use crate::error::Outcome;
use crate::kept::{GroupHead, MOST_COLUMNS};
use crate::query::Query;
use doudi_terms::{Date, epoch_day};

/// One condition; all of a query's conditions hold together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupFilter {
    /// How the name begins.
    Name(String),
    /// As the register writes it.
    Sex(String),
    /// Both days included.
    Birth { from: Option<Date>, to: Option<Date> },
    /// `column` counts the list's columns.
    Cell { column: usize, wants: CellWants },
}

/// In the numbers that the cells hold: fen, days, the place of a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellWants {
    /// Both ends included; what is not known is not between.
    Between {
        from: Option<i64>,
        to: Option<i64>,
    },
    Is(i64),
    Unknown,
}

impl GroupFilter {
    /// For the audit: by what was filtered; a name is nobody's business there.
    pub(crate) fn words(&self, head: &GroupHead) -> String {
        match self {
            GroupFilter::Name(_) => "姓名".to_owned(),
            GroupFilter::Sex(sex) => format!("性别={sex}"),
            GroupFilter::Birth { from, to } => {
                let day = |day: &Option<Date>| day.map_or(String::new(), |day| day.to_string());
                format!("出生日期={}..{}", day(from), day(to))
            }
            GroupFilter::Cell { column, wants } => {
                let name = head.columns.get(*column).map_or("", |column| column.name.as_str());
                let number = |number: &Option<i64>| number.map_or(String::new(), |number| number.to_string());
                match wants {
                    CellWants::Between { from, to } => format!("{name}={}..{}", number(from), number(to)),
                    CellWants::Is(number) => format!("{name}={number}"),
                    CellWants::Unknown => format!("{name}=不详"),
                }
            }
        }
    }

    fn condition(&self, sql: &mut Query) {
        match self {
            GroupFilter::Name(begins) => {
                sql.condition_text("g.name >= ", begins);
                sql.condition_text("g.name < ", &format!("{begins}\u{10ffff}"));
            }
            GroupFilter::Sex(sex) => {
                sql.condition(OF_REGISTER);
                sql.push("q.sex = ");
                sql.value(Value::from(sex.as_str()));
                sql.close_bracket();
            }
            GroupFilter::Birth { from, to } => {
                let number = |day: &Option<Date>| day.map(|day| i64::from(epoch_day(day)));
                sql.condition(OF_REGISTER);
                between(sql, "q.birth", number(from), number(to));
                sql.close_bracket();
            }
            GroupFilter::Cell { column, wants } => {
                let cell = cell(*column);
                match wants {
                    CellWants::Between { from, to } => {
                        sql.condition("");
                        between(sql, &cell, *from, *to);
                    }
                    CellWants::Is(number) => sql.condition_int(&format!("{cell} = "), *number),
                    CellWants::Unknown => sql.condition(&format!("{cell} IS NULL")),
                }
            }
        }
    }
}

/// Sex and birth are the register's; the lists have cells of their own only.
const OF_REGISTER: &str = "EXISTS (SELECT 1 FROM persons q WHERE q.person_id = g.person_id AND ";

/// Columns are named by our own numbers, never by what somebody typed.
fn cell(column: usize) -> String {
    format!("g.c{}", column.min(MOST_COLUMNS - 1) + 1)
}

fn between(sql: &mut Query, column: &str, from: Option<i64>, to: Option<i64>) {
    sql.push(&format!("{column} IS NOT NULL"));
    for (sign, end) in [(">=", from), ("<=", to)] {
        if let Some(end) = end {
            sql.push(&format!(" AND {column} {sign} "));
            sql.value(Value::Int(end));
        }
    }
}

pub(crate) fn conditions(sql: &mut Query, filters: &[GroupFilter]) {
    for filter in filters {
        filter.condition(sql);
    }
}

/// How many rows, and by column the sum: what is the same for a household is added up once for each, as in the sums of the
/// whole list. `sql` selects from `group_rows g` with every condition of the question.
pub(crate) fn totals(
    connection: &mut Connection,
    head: &GroupHead,
    conditions: impl FnOnce(&mut Query),
) -> Outcome<(i64, [i64; MOST_COLUMNS])> {
    let of_household = |at: usize| head.columns.get(at).is_some_and(|column| column.of_household);
    let cells: Vec<String> = (0..MOST_COLUMNS)
        .map(|at| format!("{}(c{n}) AS s{n}", if of_household(at) { "MAX" } else { "SUM" }, n = at + 1))
        .collect();
    let sums: Vec<String> = (1..=MOST_COLUMNS).map(|n| format!("CAST(SUM(s{n}) AS BIGINT)")).collect();
    let mut sql = Query::new(&format!(
        "SELECT CAST(SUM(row_count) AS BIGINT), {} FROM (SELECT COUNT(*) AS row_count, {} FROM group_rows g",
        sums.join(", "),
        cells.join(", ")
    ));
    conditions(&mut sql);
    sql.push(" GROUP BY g.household_id) h");
    let mut found = [0; MOST_COLUMNS];
    let Some(row) = connection.row(sql.sql(), &sql.params())? else { return Ok((0, found)) };
    for (at, sum) in found.iter_mut().enumerate() {
        *sum = row.opt_int(at + 1)?.unwrap_or(0);
    }
    Ok((row.opt_int(0)?.unwrap_or(0), found))
}
