//! Who is looked after and visited: left-behind people, children in difficulty, homes, old-age allowance, care insurance.

use super::{Column, Kind, Row, address_of, per_person, region_of, sex_word, town_of};
use crate::circumstances::days_after;
use crate::enrolment;
use crate::people::{Aid, Canvass, Person, PersonNo, Relation, World};
use doudi_terms::{Date, Fen, Month};

/// Every few weeks, unless somebody has been forgotten.
pub(crate) fn last_visit(world: &World, no: PersonNo, month: Month) -> Date {
    let forgotten = world.person(no).dossier.as_ref().and_then(|dossier| dossier.last_visit);
    forgotten.unwrap_or_else(|| days_after(month.last_day(), -1 - i64::from(no.wrapping_mul(7) % 25)))
}

fn left_behind<'a>(world: &'a World, no: PersonNo, class: &str, month: Month) -> Option<&'a Person> {
    let person = world.person(no);
    let listed = person.dossier.as_ref()?.left_behind? == class;
    (listed && person.known_alive(month)).then_some(person)
}

const AWAY: &[&str] = &["浙江省温州市", "福建省晋江市", "广东省东莞市", "重庆市渝北区", "江苏省昆山市"];

fn away(no: PersonNo) -> &'static str {
    AWAY[no as usize % AWAY.len()]
}

pub(super) const ELDERS: &[Column] = &[
    ("序号", Kind::Number),
    ("姓名", Kind::Name),
    ("身份证号", Kind::Id),
    ("性别", Kind::Plain),
    ("住址", Kind::Address),
    ("区划代码", Kind::Region),
    ("子女外出情况", Kind::Plain),
    ("最近探访日期", Kind::Plain),
];

pub(super) fn elders(world: &World, month: Month) -> Vec<Row> {
    per_person(world, |no, _| {
        let person = left_behind(world, no, "留守老年人", month)?;
        Some(vec![
            person.name.clone(),
            person.id_number.to_string(),
            sex_word(person.sex).to_owned(),
            address_of(world, no),
            region_of(world, no),
            format!("子女在{}务工", away(no)),
            last_visit(world, no, month).to_string(),
        ])
    })
}

pub(super) const CHILDREN: &[Column] = &[
    ("序号", Kind::Number),
    ("儿童姓名", Kind::Name),
    ("身份证号", Kind::Id),
    ("区划代码", Kind::Region),
    ("父母外出务工情况", Kind::Plain),
    ("受委托照护人", Kind::Plain),
    ("与受委托照护人关系", Kind::Plain),
    ("最近走访日期", Kind::Plain),
];

pub(super) fn left_behind_children(world: &World, month: Month) -> Vec<Row> {
    per_person(world, |no, _| {
        let person = left_behind(world, no, "留守儿童", month)?;
        if person.age_on(month.last_day()) >= 16 {
            return None;
        }
        Some(vec![
            person.name.clone(),
            person.id_number.to_string(),
            region_of(world, no),
            format!("父母均在{}务工", away(no)),
            world.person(world.home(no).first).name.clone(),
            "祖孙".to_owned(),
            last_visit(world, no, month).to_string(),
        ])
    })
}

pub(super) const WOMEN: &[Column] = &[
    ("序号", Kind::Number),
    ("妇女姓名", Kind::Name),
    ("身份证号", Kind::Id),
    ("住址", Kind::Address),
    ("区划代码", Kind::Region),
    ("丈夫务工地", Kind::Plain),
];

pub(super) fn women(world: &World, month: Month) -> Vec<Row> {
    per_person(world, |no, _| {
        let person = left_behind(world, no, "留守妇女", month)?;
        Some(vec![
            person.name.clone(),
            person.id_number.to_string(),
            address_of(world, no),
            region_of(world, no),
            away(no).to_owned(),
        ])
    })
}

pub(super) const DIFFICULTY: &[Column] = &[
    ("序号", Kind::Number),
    ("儿童姓名", Kind::Name),
    ("身份证号", Kind::Id),
    ("出生日期", Kind::Birth),
    ("区划代码", Kind::Region),
    ("困境儿童类别", Kind::Plain),
    ("监护人", Kind::Plain),
];

/// Whoever is not entitled to the children's allowance, by what weighs most.
pub(super) fn difficulty(world: &World, month: Month) -> Vec<Row> {
    per_person(world, |no, person| {
        let house = world.home(no);
        let allowance = person.child().is_some_and(|case| case.kind.is_some());
        let young = person.age_on(month.last_day()) < 18;
        if !young || allowance || house.canvass != Canvass::Done || !person.known_alive(month) {
            return None;
        }
        let class = if person.disability().is_some() {
            "自身残疾"
        } else if person.bill().is_some_and(|bill| bill.major) {
            "自身重病"
        } else if house.on_dibao() {
            "家庭贫困"
        } else {
            return None;
        };
        Some(vec![
            person.name.clone(),
            person.id_number.to_string(),
            person.birth.to_string(),
            region_of(world, no),
            class.to_owned(),
            world.person(house.first).name.clone(),
        ])
    })
}

pub(super) const RESIDENTS: &[Column] = &[
    ("序号", Kind::Number),
    ("姓名", Kind::Name),
    ("身份证号", Kind::Id),
    ("性别", Kind::Plain),
    ("机构名称", Kind::Plain),
    ("机构类别", Kind::Plain),
    ("入住日期", Kind::Plain),
];

pub(super) fn residents(world: &World, month: Month) -> Vec<Row> {
    per_person(world, |no, person| {
        let private = person.dossier.as_ref().and_then(|dossier| dossier.home_for_the_old);
        let care = person.rare.as_ref().and_then(|rare| rare.care);
        // A few live in a home of the next county, which sends no list.
        let next_county = care.is_some_and(|care| care.in_institution) && no % 20 == 0;
        let tekun = world.home(no).aid == Aid::Tekun && enrolment::in_tekun_home(person) && !next_county;
        let here = person.known_alive(month) && !person.struck_off(month);
        if !here || (!tekun && private.is_none()) {
            return None;
        }
        let town = town_of(world, no);
        let (name, class) = if tekun {
            (format!("彭水县{town}敬老院"), "敬老院")
        } else {
            ("彭水县乌江源老年公寓".to_owned(), "养老机构")
        };
        let since = private.unwrap_or_else(|| days_after(month.first_day(), -700 - i64::from(no % 900)));
        Some(vec![
            person.name.clone(),
            person.id_number.to_string(),
            sex_word(person.sex).to_owned(),
            name,
            class.to_owned(),
            since.to_string(),
        ])
    })
}

pub(super) const OLD_AGE: &[Column] = &[
    ("序号", Kind::Number),
    ("姓名", Kind::Name),
    ("身份证号", Kind::Id),
    ("登记出生日期", Kind::Plain),
    ("区划代码", Kind::Region),
    ("银行账号", Kind::Plain),
    ("月高龄津贴", Kind::Plain),
];

/// By age as the ledger has it.
pub(super) fn old_age_allowance(birth: Date, month: Month) -> Fen {
    match month.year() - i32::from(birth.year()) {
        100.. => Fen(50_000),
        90.. => Fen(20_000),
        _ => Fen(6_000),
    }
}

pub(super) fn old_age(world: &World, month: Month) -> Vec<Row> {
    per_person(world, |no, person| {
        let birth = enrolment::old_age_birth(world, no, month)?;
        Some(vec![
            person.name.clone(),
            person.id_number.to_string(),
            birth.to_string(),
            region_of(world, no),
            person.account.to_string(),
            old_age_allowance(birth, month).to_string(),
        ])
    })
}

pub(super) const CARE_INSURANCE: &[Column] = &[
    ("序号", Kind::Number),
    ("姓名", Kind::Name),
    ("身份证号", Kind::Id),
    ("失能等级", Kind::Plain),
    ("待遇方式", Kind::Plain),
    ("长护险月待遇", Kind::Plain),
];

pub(super) fn care_insurance(world: &World, month: Month) -> Vec<Row> {
    per_person(world, |no, person| {
        let drawn = person.dossier.as_ref()?.care_insurance && person.known_alive(month);
        let severe = no % 3 == 0;
        drawn.then(|| {
            vec![
                person.name.clone(),
                person.id_number.to_string(),
                if severe { "重度失能Ⅲ级" } else { "重度失能Ⅰ级" }.to_owned(),
                if person.relation == Relation::Head { "居家护理" } else { "机构护理" }.to_owned(),
                Fen(if severe { 150_000 } else { 90_000 }).to_string(),
            ]
        })
    })
}
