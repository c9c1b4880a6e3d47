//! The police and the courts: the register of residents, moves, deaths, custody.

use super::{Column, Kind, Row, address_of, house_number, per_person, phone_text, region_of, sex_word};
use crate::people::World;
use doudi_terms::Month;

pub(super) const REGISTER: &[Column] = &[
    ("person_id", Kind::Plain),
    ("身份证号", Kind::Plain),
    ("姓名", Kind::Plain),
    ("性别", Kind::Plain),
    ("出生日期", Kind::Plain),
    ("民族", Kind::Plain),
    ("户号", Kind::Plain),
    ("与户主关系", Kind::Plain),
    ("区划代码", Kind::Plain),
    ("住址", Kind::Plain),
    ("联系电话", Kind::Plain),
    ("银行账号", Kind::Plain),
    ("城乡", Kind::Plain),
];

/// Everybody, the dead and those who moved away during the year too: their own rosters tell of them.
pub(super) fn register(world: &World, _month: Month) -> Vec<Row> {
    per_person(world, |no, person| {
        Some(vec![
            (no + 1).to_string(),
            person.id_number.to_string(),
            person.name.clone(),
            sex_word(person.sex).to_owned(),
            person.birth.to_string(),
            person.ethnicity.to_owned(),
            house_number(person.household),
            person.relation.word().to_owned(),
            region_of(world, no),
            address_of(world, no),
            phone_text(person.phone),
            person.account.to_string(),
            if world.home(no).urban { "城镇" } else { "农村" }.to_owned(),
        ])
    })
}

pub(super) const MOVED: &[Column] = &[
    ("序号", Kind::Number),
    ("姓名", Kind::Name),
    ("身份证号", Kind::Id),
    ("迁移类别", Kind::Plain),
    ("迁出日期", Kind::Plain),
    ("迁往地", Kind::Plain),
];

const DESTINATIONS: &[&str] = &[
    "重庆市渝北区",
    "重庆市涪陵区",
    "重庆市南岸区",
    "贵州省遵义市",
    "浙江省温州市",
    "福建省泉州市",
    "广东省东莞市",
];

pub(super) fn moved(world: &World, month: Month) -> Vec<Row> {
    per_person(world, |_, person| {
        let cancelled = person.dossier.as_ref().and_then(|dossier| dossier.cancelled);
        if let Some(cancelled) = cancelled.filter(|cancelled| cancelled.day <= month.last_day()) {
            let reason = cancelled.reason.to_owned();
            let (name, id) = (person.name.clone(), person.id_number.to_string());
            return Some(vec![name, id, reason, cancelled.day.to_string(), String::new()]);
        }
        let day = person.moved().filter(|day| *day <= month.last_day())?;
        let destination = DESTINATIONS[person.household as usize % DESTINATIONS.len()];
        Some(vec![
            person.name.clone(),
            person.id_number.to_string(),
            "迁出".to_owned(),
            day.to_string(),
            destination.to_owned(),
        ])
    })
}

pub(super) const DEATHS: &[Column] = &[
    ("序号", Kind::Number),
    ("姓名", Kind::Name),
    ("身份证号", Kind::Id),
    ("性别", Kind::Plain),
    ("出生日期", Kind::Birth),
    ("死亡日期", Kind::Plain),
    ("住址", Kind::Address),
    ("区划代码", Kind::Region),
    ("信息来源", Kind::Plain),
];

pub(super) fn deaths(world: &World, month: Month) -> Vec<Row> {
    per_person(world, |no, person| {
        let day = person.death.filter(|day| *day <= month.last_day())?;
        let source = ["火化", "卫健死亡证明", "派出所注销"][no as usize % 3];
        Some(vec![
            person.name.clone(),
            person.id_number.to_string(),
            sex_word(person.sex).to_owned(),
            person.birth.to_string(),
            day.to_string(),
            address_of(world, no),
            region_of(world, no),
            source.to_owned(),
        ])
    })
}

pub(super) const CUSTODY: &[Column] = &[
    ("序号", Kind::Number),
    ("姓名", Kind::Name),
    ("身份证号", Kind::Id),
    ("类别", Kind::Plain),
    ("入所日期", Kind::Plain),
];

pub(super) fn custody(world: &World, _month: Month) -> Vec<Row> {
    per_person(world, |_, person| {
        let term = person.custody()?;
        let class = if term.detoxification { "强制隔离戒毒" } else { "服刑" };
        Some(vec![
            person.name.clone(),
            person.id_number.to_string(),
            class.to_owned(),
            term.since.to_string(),
        ])
    })
}
