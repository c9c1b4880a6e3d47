//! JSON and YAML as an office or a page hands them over: no key twice in one object. Of two values under one name a reader
//! would silently take the last; which one was meant only who wrote it knows.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value as Json};
use std::fmt;

/// A value every object of which has each key once.
pub struct Strict(pub Json);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Strict, D::Error> {
        deserializer.deserialize_any(StrictVisitor)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Strict;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("文字、数、是否、列表或一组“名称: 值”")
    }

    fn visit_unit<E: Error>(self) -> Result<Strict, E> {
        Ok(Strict(Json::Null))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Strict, E> {
        Ok(Strict(Json::Bool(value)))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Strict, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom(format!("“{value}”不是一个数")))?;
        Ok(Strict(Json::Number(number)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Strict, E> {
        Ok(Strict(Json::String(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Strict, A::Error> {
        let mut read = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            read.push(item);
        }
        Ok(Strict(Json::Array(read)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Strict, A::Error> {
        let mut read = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            if read.contains_key(&name) {
                return Err(A::Error::custom(format!("“{name}”写了两次，只留一个")));
            }
            let Strict(value) = fields.next_value()?;
            read.insert(name, value);
        }
        Ok(Strict(Json::Object(read)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Result<Json, String> {
        serde_json::from_str(text).map(|Strict(value)| value).map_err(|error| error.to_string())
    }

    #[test]
    fn it_reads_what_a_plain_reader_reads() {
        let text = r#"{"a": [1, -2, 0.5, true, null, "字"], "b": {"a": {}}}"#;
        assert_eq!(json(text), Ok(serde_json::from_str(text).expect("JSON")));
    }

    #[test]
    fn a_name_written_twice_is_told_wherever_it_stands() {
        assert!(
            json(r#"{"m": [{"存款": 1, "存款": 2}]}"#).is_err_and(|told| told.contains("“存款”写了两次"))
        );
    }
}
