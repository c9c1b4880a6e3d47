//! Values that go in and come out.

use crate::error::{Outcome, StoreError};

/// Something to bind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Param<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Value {
    pub fn param(&self) -> Param<'_> {
        match self {
            Value::Null => Param::Null,
            Value::Int(number) => Param::Int(*number),
            Value::Text(text) => Param::Text(text),
            Value::Bytes(bytes) => Param::Bytes(bytes),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row(pub Vec<Value>);

impl Row {
    fn at(&self, at: usize) -> &Value {
        self.0.get(at).unwrap_or(&Value::Null)
    }

    pub fn opt_int(&self, at: usize) -> Outcome<Option<i64>> {
        match self.at(at) {
            Value::Int(number) => Ok(Some(*number)),
            Value::Null => Ok(None),
            other => Err(wrong_kind(at, "数", other)),
        }
    }

    pub fn int(&self, at: usize) -> Outcome<i64> {
        self.opt_int(at)?.ok_or_else(|| StoreError::damaged(format!("第{at}列空着")))
    }

    pub fn opt_text(&self, at: usize) -> Outcome<Option<&str>> {
        match self.at(at) {
            Value::Text(text) => Ok(Some(text)),
            Value::Null => Ok(None),
            other => Err(wrong_kind(at, "文字", other)),
        }
    }

    pub fn text(&self, at: usize) -> Outcome<&str> {
        self.opt_text(at)?.ok_or_else(|| StoreError::damaged(format!("第{at}列空着")))
    }

    pub fn string(&self, at: usize) -> Outcome<String> {
        self.text(at).map(str::to_owned)
    }

    pub fn bytes(&self, at: usize) -> Outcome<&[u8]> {
        match self.at(at) {
            Value::Bytes(bytes) => Ok(bytes),
            other => Err(wrong_kind(at, "字节", other)),
        }
    }
}

/// Says of what kind the value is and not what it is: the message goes to a log, the value may be somebody's name.
fn wrong_kind(at: usize, wanted: &str, found: &Value) -> StoreError {
    let found = match found {
        Value::Null => "空",
        Value::Int(_) => "数",
        Value::Text(_) => "文字",
        Value::Bytes(_) => "字节",
    };
    StoreError::damaged(format!("第{at}列应是{wanted}，是{found}"))
}

impl From<i64> for Param<'_> {
    fn from(number: i64) -> Self {
        Param::Int(number)
    }
}

impl<'p> From<Option<&'p str>> for Param<'p> {
    fn from(value: Option<&'p str>) -> Param<'p> {
        value.map_or(Param::Null, Param::from)
    }
}

impl From<Option<i64>> for Param<'_> {
    fn from(number: Option<i64>) -> Self {
        number.map_or(Param::Null, Param::Int)
    }
}

impl<'a> From<&'a str> for Param<'a> {
    fn from(text: &'a str) -> Self {
        Param::Text(text)
    }
}

impl<'a> From<&'a String> for Param<'a> {
    fn from(text: &'a String) -> Self {
        Param::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Param<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Param::Bytes(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Param<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Param::Bytes(bytes)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Int(number)
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        number.map_or(Value::Null, Value::Int)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Value::Bytes(bytes)
    }
}

impl From<Option<Vec<u8>>> for Value {
    fn from(bytes: Option<Vec<u8>>) -> Self {
        bytes.map_or(Value::Null, Value::Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_the_wrong_kind_is_not_repeated() {
        let row = Row(vec![Value::from("冉光明"), Value::from(b"13800001234".to_vec())]);
        let told = [row.int(0).map(drop), row.text(1).map(drop), row.bytes(0).map(drop)];
        for error in told.map(|told| told.expect_err("of another kind").to_string()) {
            assert!(error.contains("应是"), "{error}");
            for secret in ["冉光明", "1380000", "49, 51"] {
                assert!(!error.contains(secret), "{error}");
            }
        }
    }
}
