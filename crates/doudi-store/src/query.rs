//! A query under construction. The only maker of conditions on places, so that none is forgotten or spelled otherwise.

use crate::db::{Param, Value};
use crate::error::{Outcome, StoreError};
use crate::scope::Areas;
use doudi_terms::RegionCode;

pub(crate) struct Query {
    sql: String,
    values: Vec<Value>,
    has_condition: bool,
}

impl Query {
    pub fn new(select: &str) -> Query {
        Query { sql: select.to_owned(), values: Vec::new(), has_condition: false }
    }

    pub fn sql(&self) -> &str {
        &self.sql
    }

    pub fn params(&self) -> Vec<Param<'_>> {
        self.values.iter().map(Value::param).collect()
    }

    pub fn push(&mut self, text: &str) {
        self.sql.push_str(text);
    }

    fn begin(&mut self) {
        self.sql.push_str(if self.has_condition { " AND " } else { " WHERE " });
        self.has_condition = true;
    }

    /// A condition without a value.
    pub fn condition(&mut self, text: &str) {
        self.begin();
        self.sql.push_str(text);
    }

    /// A condition that ends in a value: `"state = "`.
    pub fn condition_text(&mut self, text: &str, value: &str) {
        self.condition(text);
        self.value(Value::from(value));
    }

    pub fn condition_int(&mut self, text: &str, value: i64) {
        self.condition(text);
        self.value(Value::Int(value));
    }

    pub fn condition_bytes(&mut self, column: &str, any_of: Vec<Vec<u8>>) {
        self.condition(column);
        self.push(" IN (");
        for (at, value) in any_of.into_iter().enumerate() {
            if at > 0 {
                self.push(", ");
            }
            self.value(Value::Bytes(value));
        }
        self.push(")");
    }

    pub fn close_bracket(&mut self) {
        self.sql.push(')');
    }

    /// Appends a parameter.
    pub fn value(&mut self, value: Value) {
        self.values.push(value);
        self.sql.push_str(&format!("${}", self.values.len()));
    }

    /// Only rows whose place is in one of the areas; of none, nothing.
    pub fn areas(&mut self, column: &str, areas: &Areas) {
        if areas.is_everywhere() {
            return;
        }
        self.begin();
        if areas.list().is_empty() {
            self.push("1 = 0");
            return;
        }
        self.push("(");
        for (at, area) in areas.list().iter().enumerate() {
            if at > 0 {
                self.push(" OR ");
            }
            let (from, to) = span(*area);
            self.push(&format!("({column} >= "));
            self.value(Value::Int(from));
            self.push(&format!(" AND {column} < "));
            self.value(Value::Int(to));
            self.push(")");
        }
        self.push(")");
    }
}

/// The numbers of all places within one: from it (included) to that (excluded).
pub(crate) fn span(area: RegionCode) -> (i64, i64) {
    // Thirteen digits at most.
    let numbers = area.numbers();
    (numbers.start as i64, numbers.end as i64)
}

pub(crate) fn region(number: i64) -> Outcome<RegionCode> {
    let code = u64::try_from(number).ok().and_then(RegionCode::from_number);
    code.ok_or_else(|| StoreError::damaged(format!("{number} 不是区划代码")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_span_of_a_place_holds_exactly_what_lies_in_it() {
        let place = |text: &str| RegionCode::parse(text).expect("a code");
        let places =
            ["000000", "500000", "500200", "500243", "500243001", "500243001202", "500244", "510000"];
        for area in places {
            let (from, to) = span(place(area));
            for inner in places {
                let number = place(inner).number() as i64;
                assert_eq!(
                    place(inner).is_within(place(area)),
                    (from..to).contains(&number),
                    "{inner} {area}"
                );
            }
        }
    }
}
