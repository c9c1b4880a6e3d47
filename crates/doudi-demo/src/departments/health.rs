//! Health: who is insured, large bills, covid patients.

use super::{Column, Kind, Row, per_person, phone_text, region_of, sex_word};
use crate::enrolment;
use crate::people::{PersonNo, World};
use doudi_terms::Month;

pub(super) const INSURED: &[Column] = &[
    ("序号", Kind::Number),
    ("姓名", Kind::Name),
    ("证件号码", Kind::Id),
    ("性别", Kind::Plain),
    ("出生日期", Kind::Birth),
    ("参保地区划", Kind::Region),
    ("联系电话", Kind::Phone),
    ("缴费金额", Kind::Plain),
    ("资助类别", Kind::Plain),
];

/// Ninety-two in a hundred, the same ones every month.
fn insured_at_all(no: PersonNo) -> bool {
    no.wrapping_mul(2_654_435_761) >> 16 < 60_293
}

/// Whose contribution was paid by which aid, as it stands in the month.
pub(super) fn insured(world: &World, month: Month) -> Vec<Row> {
    per_person(world, |no, person| {
        if !insured_at_all(no) || !person.known_alive(month) {
            return None;
        }
        let class = if enrolment::on_tekun(world, no, month) {
            "特困"
        } else if enrolment::on_dibao(world, no, month) {
            "低保"
        } else if world.home(no).poverty.is_some() {
            "建档立卡"
        } else {
            ""
        };
        Some(vec![
            person.name.clone(),
            person.id_number.to_string(),
            sex_word(person.sex).to_owned(),
            person.birth.to_string(),
            region_of(world, no),
            phone_text(person.phone),
            "250.00".to_owned(),
            class.to_owned(),
        ])
    })
}

pub(super) const BILLS: &[Column] = &[
    ("序号", Kind::Number),
    ("姓名", Kind::Name),
    ("证件号码", Kind::Id),
    ("个人自付金额", Kind::Plain),
    ("病种", Kind::Plain),
    ("重特大疾病", Kind::Plain),
];

pub(super) fn bills(world: &World, month: Month) -> Vec<Row> {
    per_person(world, |_, person| {
        let bill = person.bill()?;
        if !person.known_alive(month) {
            return None;
        }
        Some(vec![
            person.name.clone(),
            person.id_number.to_string(),
            bill.own_payment.to_string(),
            bill.illness.to_owned(),
            super::yes_no(bill.major),
        ])
    })
}

pub(super) const COVID: &[Column] = &[
    ("序号", Kind::Number),
    ("姓名", Kind::Name),
    ("身份证号", Kind::Id),
    ("确诊", Kind::Plain),
    ("入院日期", Kind::Plain),
    ("出院日期", Kind::Plain),
];

pub(super) fn covid(world: &World, month: Month) -> Vec<Row> {
    per_person(world, |_, person| {
        let stay = person.covid().filter(|stay| stay.admitted <= month.last_day())?;
        Some(vec![
            person.name.clone(),
            person.id_number.to_string(),
            "是".to_owned(),
            stay.admitted.to_string(),
            stay.discharged.map_or(String::new(), |day| day.to_string()),
        ])
    })
}
