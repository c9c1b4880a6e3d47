//! Children: the allowance roster, the survey of children at risk, schools.

use super::{Column, Kind, Row, per_person, region_of, town_of, yes_no};
use crate::enrolment;
use crate::people::{ChildKind, Relation, Stage, World};
use doudi_terms::Month;

pub(super) const CHILDREN: &[Column] = &[
    ("序号", Kind::Number),
    ("姓名", Kind::Name),
    ("身份证号", Kind::Id),
    ("出生日期", Kind::Birth),
    ("区划代码", Kind::Plain),
    ("类别", Kind::Plain),
    ("监护人", Kind::Plain),
    ("月补贴金额", Kind::Plain),
];

pub(super) fn children(world: &World, month: Month) -> Vec<Row> {
    per_person(world, |no, person| {
        let class = match enrolment::child_allowance(world, no, month)? {
            ChildKind::Orphan => "孤儿",
            ChildKind::Unattended => "事实无人抚养",
        };
        let guardian = world.person(world.home(no).first);
        Some(vec![
            person.name.clone(),
            person.id_number.to_string(),
            person.birth.to_string(),
            region_of(world, no),
            class.to_owned(),
            guardian.name.clone(),
            enrolment::CHILD_ALLOWANCE.to_string(),
        ])
    })
}

pub(super) const SURVEY: &[Column] = &[
    ("序号", Kind::Number),
    ("姓名", Kind::Name),
    ("身份证号", Kind::Id),
    ("区划代码", Kind::Plain),
    ("父亲状态", Kind::Plain),
    ("父亲状态月数", Kind::Plain),
    ("母亲状态", Kind::Plain),
    ("母亲状态月数", Kind::Plain),
    ("父母履行义务", Kind::Plain),
];

/// Everybody under eighteen whose parents are not both alive, or do not both live in the household: the survey writes
/// down what became of them. Those under eighteen only: whoever grew up is not surveyed any more.
pub(super) fn survey(world: &World, month: Month) -> Vec<Row> {
    const WELL: (&str, u16) = ("正常", 0);
    per_person(world, |no, person| {
        if person.age_on(month.last_day()) >= 18 || !person.known_alive(month) {
            return None;
        }
        let (father, mother, cared_for) = match person.child() {
            Some(case) => ((case.father.0, case.father.1), (case.mother.0, case.mother.1), case.cared_for),
            None if with_both_parents(world, no) => return None,
            None => (WELL, WELL, true),
        };
        Some(vec![
            person.name.clone(),
            person.id_number.to_string(),
            region_of(world, no),
            father.0.to_owned(),
            father.1.to_string(),
            mother.0.to_owned(),
            mother.1.to_string(),
            yes_no(cared_for),
        ])
    })
}

fn with_both_parents(world: &World, no: crate::people::PersonNo) -> bool {
    let mut couple = world
        .home(no)
        .members()
        .filter(|other| matches!(world.person(*other).relation, Relation::Head | Relation::Spouse));
    world.person(no).relation == Relation::Child && couple.next().is_some() && couple.next().is_some()
}

pub(super) const STUDENTS: &[Column] = &[
    ("序号", Kind::Number),
    ("姓名", Kind::Name),
    ("证件号码", Kind::Id),
    ("学校", Kind::Plain),
    ("学段", Kind::Plain),
];

const COLLEGES: &[&str] =
    &["重庆三峡职业学院", "重庆工程职业技术学院", "重庆电子工程职业学院", "铜仁职业技术学院"];
const UNIVERSITIES: &[&str] = &["长江师范学院", "重庆师范大学", "西南大学", "重庆交通大学", "遵义医科大学"];

pub(super) fn students(world: &World, month: Month) -> Vec<Row> {
    per_person(world, |no, person| {
        let stage = person.stage?;
        if !person.known_alive(month) {
            return None;
        }
        let town = town_of(world, no);
        let (school, word) = match stage {
            Stage::Preschool => (format!("彭水县{town}幼儿园"), "学前"),
            Stage::Compulsory => {
                let school =
                    if person.age_on(month.last_day()) < 12 { "中心小学校" } else { "中学校" };
                (format!("彭水县{town}{school}"), "义务教育")
            }
            Stage::HighSchool => ("彭水第一中学校".to_owned(), "高中"),
            Stage::Vocational => ("彭水县职业教育中心".to_owned(), "中职"),
            Stage::College => (COLLEGES[no as usize % COLLEGES.len()].to_owned(), "专科"),
            Stage::University => (UNIVERSITIES[no as usize % UNIVERSITIES.len()].to_owned(), "本科"),
        };
        Some(vec![person.name.clone(), person.id_number.to_string(), school, word.to_owned()])
    })
}
