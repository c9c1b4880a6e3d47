//! Civil affairs beyond the monthly rosters: near-dibao households, temporary aid, relatives of officials, resettlement,
//! weddings.

use super::{Column, Kind, Row, address_of, house_number, per_person, region_of, sex_word, yes_no};
use crate::people::{Relation, World};
use crate::truth::near_dibao;
use doudi_terms::Month;

pub(super) const NEAR_DIBAO: &[Column] = &[
    ("序号", Kind::Number),
    ("家庭编号", Kind::Plain),
    ("姓名", Kind::Name),
    ("身份证号", Kind::Id),
    ("与户主关系", Kind::Plain),
    ("区划代码", Kind::Region),
    ("低保边缘认定日期", Kind::Plain),
];

pub(super) fn near(world: &World, month: Month) -> Vec<Row> {
    let mut rows = Vec::new();
    for house in world.households.iter().filter(|house| near_dibao(world, house)) {
        let on = format!("2019-{:02}-{:02}", 3 + house.first % 9, 1 + house.first % 28);
        for no in house.members().filter(|&no| world.person(no).known_alive(month)) {
            let person = world.person(no);
            let cells = vec![
                house_number(person.household),
                person.name.clone(),
                person.id_number.to_string(),
                person.relation.word().to_owned(),
                region_of(world, no),
                on.clone(),
            ];
            rows.push(Row { person: no, cells });
        }
    }
    rows
}

pub(super) const TEMPORARY_AID: &[Column] = &[
    ("序号", Kind::Number),
    ("申请人姓名", Kind::Name),
    ("身份证号", Kind::Id),
    ("住址", Kind::Address),
    ("区划代码", Kind::Region),
    ("救助类型", Kind::Plain),
    ("救助事由", Kind::Plain),
    ("受理日期", Kind::Plain),
    ("发放日期", Kind::Plain),
    ("救助金额", Kind::Plain),
];

/// Everything of the last twelve months.
pub(super) fn temporary_aid(world: &World, month: Month) -> Vec<Row> {
    let mut rows = Vec::new();
    for no in world.all() {
        let person = world.person(no);
        let Some(dossier) = &person.dossier else { continue };
        for aid in dossier.aids.iter().filter(|aid| aid.paid <= month.last_day()) {
            let cells = vec![
                person.name.clone(),
                person.id_number.to_string(),
                address_of(world, no),
                region_of(world, no),
                if aid.urgent { "急难型" } else { "支出型" }.to_owned(),
                aid.cause.to_owned(),
                aid.accepted.to_string(),
                aid.paid.to_string(),
                aid.amount.to_string(),
            ];
            rows.push(Row { person: no, cells });
        }
    }
    rows
}

pub(super) const RELATIVES: &[Column] = &[
    ("序号", Kind::Number),
    ("近亲属姓名", Kind::Name),
    ("近亲属身份证号", Kind::Id),
    ("区划代码", Kind::Region),
    ("经办人员姓名", Kind::Plain),
    ("职务", Kind::Plain),
    ("与经办人员关系", Kind::Plain),
    ("是否备案", Kind::Plain),
];

const POSTS: &[&str] = &["村党支部书记", "村委会主任", "民政干事", "村民小组组长", "社区专职干部"];

pub(super) fn relatives(world: &World, month: Month) -> Vec<Row> {
    per_person(world, |no, person| {
        let kinship = person.kinship()?;
        person.known_alive(month).then(|| {
            vec![
                person.name.clone(),
                person.id_number.to_string(),
                region_of(world, no),
                world.person(kinship.official).name.clone(),
                POSTS[kinship.official as usize % POSTS.len()].to_owned(),
                kinship.relation.to_owned(),
                yes_no(kinship.filed),
            ]
        })
    })
}

pub(super) const RESETTLED: &[Column] = &[
    ("序号", Kind::Number),
    ("户编号", Kind::Plain),
    ("姓名", Kind::Name),
    ("身份证号", Kind::Id),
    ("区划代码", Kind::Region),
    ("安置点", Kind::Plain),
    ("迁出地", Kind::Plain),
    ("搬迁入住日期", Kind::Plain),
    ("迁出地是否享受低保", Kind::Plain),
];

pub(super) fn resettled(world: &World, month: Month) -> Vec<Row> {
    per_person(world, |no, person| {
        let house = world.home(no);
        let moved = house.resettled?;
        if !person.known_alive(month) {
            return None;
        }
        let (old, new) = (
            &world.places.villages[usize::from(moved.from)],
            &world.places.villages[usize::from(house.village)],
        );
        Some(vec![
            house_number(person.household),
            person.name.clone(),
            person.id_number.to_string(),
            region_of(world, no),
            format!("{}{}集中安置点", new.town, new.short),
            format!("{}{}", old.town, old.short),
            moved.day.to_string(),
            yes_no(moved.dibao_there),
        ])
    })
}

pub(super) const MARRIAGES: &[Column] = &[
    ("序号", Kind::Number),
    ("姓名", Kind::Name),
    ("身份证号", Kind::Id),
    ("性别", Kind::Plain),
    ("登记类别", Kind::Plain),
    ("结婚登记日期", Kind::Plain),
    ("配偶姓名", Kind::Plain),
];

/// The month's own.
pub(super) fn marriages(world: &World, month: Month) -> Vec<Row> {
    per_person(world, |no, person| {
        let day = person.dossier.as_ref()?.married.filter(|day| Month::of(*day) == month)?;
        let spouse = world.home(no).members().find(|&other| {
            other != no && matches!(world.person(other).relation, Relation::Head | Relation::Spouse)
        })?;
        Some(vec![
            person.name.clone(),
            person.id_number.to_string(),
            sex_word(person.sex).to_owned(),
            "结婚登记".to_owned(),
            day.to_string(),
            world.person(spouse).name.clone(),
        ])
    })
}
