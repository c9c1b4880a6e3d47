//! The disabled persons' federation: certificates, and the two allowances.

use super::{Column, Kind, Row, address_of, per_person, phone_text, region_of};
use crate::enrolment;
use crate::people::{Disability, Person, World};
use doudi_terms::{Fen, Month};

pub(super) const DISABLED: &[Column] = &[
    ("序号", Kind::Number),
    ("姓名", Kind::Name),
    ("残疾人证号", Kind::Certificate),
    ("残疾类别", Kind::Plain),
    ("残疾等级", Kind::Plain),
    ("签发日期", Kind::Plain),
    ("有效期至", Kind::Plain),
    ("残疾人证状态", Kind::Plain),
    ("住址", Kind::Address),
    ("区划代码", Kind::Region),
    ("联系电话", Kind::Phone),
];

const KINDS: [&str; 7] = ["视力", "听力", "言语", "肢体", "智力", "精神", "多重"];
const GRADES: [&str; 4] = ["一级", "二级", "三级", "四级"];

fn certificate(person: &Person, card: &Disability) -> String {
    let suffix = if card.reissued { "B1" } else { "" };
    format!("{}{}{}{suffix}", person.id_number, card.kind, card.grade)
}

pub(super) fn disabled(world: &World, month: Month) -> Vec<Row> {
    per_person(world, |no, person| {
        let card = person.disability()?;
        if !person.known_alive(month) {
            return None;
        }
        Some(vec![
            person.name.clone(),
            certificate(person, card),
            KINDS[usize::from(card.kind - 1)].to_owned(),
            GRADES[usize::from(card.grade - 1)].to_owned(),
            card.issued.to_string(),
            card.until.to_string(),
            if card.cancelled(month) { "注销" } else { "正常" }.to_owned(),
            address_of(world, no),
            region_of(world, no),
            phone_text(person.phone),
        ])
    })
}

pub(super) const BENEFITS: &[Column] = &[
    ("序号", Kind::Number),
    ("姓名", Kind::Name),
    ("残疾人证号", Kind::Certificate),
    ("区划代码", Kind::Plain),
    ("生活补贴金额", Kind::Plain),
    ("护理补贴金额", Kind::Plain),
];

pub(super) fn benefits(world: &World, month: Month) -> Vec<Row> {
    per_person(world, |no, person| {
        let card = person.disability()?;
        let (living, nursing) = (enrolment::living(world, no, month), enrolment::nursing(world, no, month));
        if living.is_none() && nursing.is_none() {
            return None;
        }
        let text = |amount: Option<Fen>| amount.map_or(String::new(), |amount| amount.to_string());
        Some(vec![
            person.name.clone(),
            certificate(person, card),
            region_of(world, no),
            text(living),
            text(nursing),
        ])
    })
}
