//! Households as JSON, right or nearly right, drawn from what a library declares.

use crate::Dice;
use doudi_policy::Library;
use doudi_policy::ir::{EntityId, HOUSEHOLD, Input, PERSON, Type};
use serde_json::{Map, Value as Json, json};

/// Draws one household. `wrong`: percent of values that are not what the declaration asks for.
pub fn draw(library: &Library, wrong: usize, dice: &mut Dice) -> Json {
    let known = *dice.pick(&[5, 40, 80, 100]);
    let mut drawer = Drawer { library, wrong, known, dice };
    let household = drawer.row(HOUSEHOLD);
    let count = 1 + drawer.dice.below(8);
    let members: Vec<Json> = (0..count).map(|_| drawer.row(PERSON)).collect();
    json!({"household": household, "members": members})
}

struct Drawer<'d> {
    library: &'d Library,
    wrong: usize,
    known: usize,
    dice: &'d mut Dice,
}

impl Drawer<'_> {
    fn row(&mut self, entity: EntityId) -> Json {
        let mut fields = Map::new();
        for input in self.library.inputs.iter().filter(|input| input.entity == entity) {
            if self.dice.percent(self.known) {
                let value = self.value(input);
                fields.insert(input.name.clone(), value);
            }
        }
        for (index, record) in self.library.entities.iter().enumerate().skip(2) {
            if record.parent == Some(entity) && self.dice.percent(self.known) {
                let records: Vec<Json> =
                    (0..self.dice.below(3)).map(|_| self.row(EntityId(index as u8))).collect();
                let list = if self.dice.percent(70) { json!(records) } else { json!({"已知": records}) };
                fields.insert(record.name.clone(), list);
            }
        }
        if entity == PERSON {
            let name = *self.dice.pick(&["甲", "乙", "", "甲", "\u{202e}", "<b>&\"'", "{成员}"]);
            fields.insert("姓名".into(), json!(name));
        }
        if self.dice.percent(10) {
            fields.insert("来源".into(), json!("入户调查"));
        }
        if self.dice.percent(self.wrong) {
            fields.insert("没有这项".into(), self.nonsense());
        }
        Json::Object(fields)
    }

    fn value(&mut self, input: &Input) -> Json {
        if self.dice.percent(self.wrong) {
            return self.nonsense();
        }
        if input.ty.is_numeric() && self.dice.percent(10) {
            let (low, high) =
                (*self.dice.pick(&["0", "1"]), *self.dice.pick(&["1", "3", "440", "999999999"]));
            return match self.dice.below(3) {
                0 => json!({"不低于": low}),
                1 => json!({"不超过": high}),
                _ => json!({"不低于": low, "不超过": high}),
            };
        }
        match self.written(input.ty) {
            text if input.non_negative && text.starts_with('-') => json!(text[1..]),
            text => json!(text),
        }
    }

    fn written(&mut self, ty: Type) -> String {
        let pick = |choices: &[&str], dice: &mut Dice| (*dice.pick(choices)).to_owned();
        match ty {
            Type::YesNo => pick(&["是", "否"], self.dice),
            Type::Enum(id) => self.dice.pick(self.library.labels(id)).clone(),
            Type::Money => match self.dice.below(3) {
                0 => pick(
                    &[
                        "0",
                        "0.01元",
                        "-1元",
                        "440元",
                        "580元",
                        "922337203685477.07元",
                        "-999999999999999元",
                        "10万元",
                    ],
                    self.dice,
                ),
                _ => format!("{}.{:02}元", self.dice.below(20_000), self.dice.below(100)),
            },
            Type::Amount => {
                pick(&["0", "0.005元", "440.005元", "-3.333元", "999999999999999.999元", "1/3"], self.dice)
            }
            Type::Count => pick(&["0", "1", "2", "-1", "12", "60", "999999999999999999"], self.dice),
            Type::Number => pick(
                &["0", "0.2", "20%", "1/3", "-1.5", "999999999999999999", "1/999999999999999999"],
                self.dice,
            ),
            Type::Date => match self.dice.below(4) {
                0 => pick(&["0001-01-01", "9999-12-31", "2020-02-29", "1900-01-01", "2020-05-31"], self.dice),
                _ => format!(
                    "{}-{:02}-{:02}",
                    1930 + self.dice.below(96),
                    1 + self.dice.below(12),
                    1 + self.dice.below(28)
                ),
            },
            Type::Month => {
                pick(&["2020-05", "2020-04", "0001-01", "9999-12", "2018Q2", "2019-12"], self.dice)
            }
            Type::Moment => pick(&["2020-10-05T09:30", "9999-12-31T23:59", "0001-01-01T00:00"], self.dice),
        }
    }

    /// Values that no declaration asks for.
    fn nonsense(&mut self) -> Json {
        match self.dice.below(12) {
            0 => Json::Null,
            1 => json!([]),
            2 => json!({}),
            3 => json!([[[[1]]]]),
            4 => json!(-0.0),
            5 => json!(1e308),
            6 => json!(u64::MAX),
            7 => json!("9".repeat(400)),
            8 => json!("NaN"),
            9 => json!({"不低于": "9", "不超过": "1", "别的": null}),
            10 => json!({"已知": [{"已知": []}]}),
            _ => json!("\u{0}\u{feff}、/至"),
        }
    }
}
