//! The poverty-alleviation office: registered poor households.

use super::{Column, Kind, Row, address_of, per_person, phone_text, region_of, sex_word};
use crate::people::World;
use doudi_terms::Month;

pub(super) const POVERTY: &[Column] = &[
    ("序号", Kind::Number),
    ("户编号", Kind::Plain),
    ("姓名", Kind::Name),
    ("证件号码", Kind::Id),
    ("性别", Kind::Plain),
    ("出生日期", Kind::Birth),
    ("与户主关系", Kind::Plain),
    ("住址", Kind::Address),
    ("区划代码", Kind::Region),
    ("联系电话", Kind::Phone),
    ("脱贫状态", Kind::Plain),
    ("致贫原因", Kind::Plain),
    ("劳动能力", Kind::Plain),
];

const CAUSES: [&str; 6] = ["因病", "因残", "因学", "缺劳力", "缺技术", "缺资金"];

pub(super) fn poverty(world: &World, month: Month) -> Vec<Row> {
    per_person(world, |no, person| {
        let house = world.home(no);
        let status = house.poverty?;
        if !person.known_alive(month) {
            return None;
        }
        Some(vec![
            format!("{}{:06}", &world.region(house.village)[..9], person.household + 1),
            person.name.clone(),
            person.id_number.to_string(),
            sex_word(person.sex).to_owned(),
            person.birth.to_string(),
            person.relation.word().to_owned(),
            address_of(world, no),
            region_of(world, no),
            phone_text(person.phone),
            status.word().to_owned(),
            CAUSES[usize::from(house.cause) % CAUSES.len()].to_owned(),
            super::canvass::labour(person, month).to_owned(),
        ])
    })
}
