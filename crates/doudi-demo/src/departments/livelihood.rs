//! Wages, pensions, rent of land, unemployment.

use super::{Column, Kind, Row, per_person, town_of};
use crate::incomes;
use crate::people::World;
use crate::truth::contribution_base;
use doudi_terms::{Fen, Month};

pub(super) const PAYROLL: &[Column] = &[
    ("序号", Kind::Number),
    ("姓名", Kind::Name),
    ("身份证号", Kind::Id),
    ("预算单位", Kind::Plain),
    ("人员类别", Kind::Plain),
    ("月实发工资", Kind::Plain),
];
pub(super) const WAGES: &[Column] = &[
    ("序号", Kind::Number),
    ("姓名", Kind::Name),
    ("身份证号", Kind::Id),
    ("单位名称", Kind::Plain),
    ("月工资", Kind::Plain),
    ("养老保险缴费基数", Kind::Plain),
    ("住房公积金缴存基数", Kind::Plain),
];

const OFFICES: &[&str] = &["人民政府", "中心小学校", "中学校", "卫生院", "农业服务中心", "财政所"];
const EMPLOYERS: &[&str] = &[
    "彭水县九黎旅游开发有限公司",
    "彭水县鼎泰能源有限公司",
    "重庆茂田农业有限公司",
    "温州市瓯海鞋业有限公司",
    "晋江市恒信鞋服有限公司",
    "东莞市长安五金制品厂",
    "重庆建工第九建设有限公司",
    "彭水县城市环卫服务有限公司",
];

pub(super) fn payroll(world: &World, month: Month) -> Vec<Row> {
    per_person(world, |no, person| {
        let wage = person.payroll()?;
        if !person.known_alive(month) {
            return None;
        }
        let office = OFFICES[no as usize % OFFICES.len()];
        Some(vec![
            person.name.clone(),
            person.id_number.to_string(),
            format!("彭水县{}{office}", town_of(world, no)),
            if no % 4 == 0 { "行政" } else { "事业" }.to_owned(),
            wage.to_string(),
        ])
    })
}

pub(super) fn wages(world: &World, month: Month) -> Vec<Row> {
    per_person(world, |no, person| {
        let wage = person.income.formal_wage;
        if wage == Fen::ZERO || !person.known_alive(month) {
            return None;
        }
        let employer = EMPLOYERS[no as usize % EMPLOYERS.len()];
        let base = contribution_base(person).map_or(String::new(), |base| base.to_string());
        let fund = if no % 3 == 0 { base.clone() } else { String::new() };
        let (name, id) = (person.name.clone(), person.id_number.to_string());
        Some(vec![name, id, employer.to_owned(), wage.to_string(), base, fund])
    })
}

pub(super) const PENSIONS: &[Column] = &[
    ("序号", Kind::Number),
    ("姓名", Kind::Name),
    ("身份证号", Kind::Id),
    ("养老金类别", Kind::Plain),
    ("月养老金", Kind::Plain),
];

pub(super) fn pensions(world: &World, month: Month) -> Vec<Row> {
    per_person(world, |_, person| {
        let amount = incomes::pension(person, month);
        if amount == Fen::ZERO || !person.known_alive(month) {
            return None;
        }
        let employee = person.income.employee_pension > Fen::ZERO;
        let class = if employee { "职工养老金" } else { "城乡居民养老金" };
        Some(vec![person.name.clone(), person.id_number.to_string(), class.to_owned(), amount.to_string()])
    })
}

pub(super) const LAND: &[Column] =
    &[("序号", Kind::Number), ("姓名", Kind::Name), ("身份证号", Kind::Id), ("月均流转收入", Kind::Plain)];

pub(super) fn land(world: &World, month: Month) -> Vec<Row> {
    per_person(world, |_, person| {
        let rent = person.income.land;
        let listed = rent > Fen::ZERO && person.known_alive(month);
        listed.then(|| vec![person.name.clone(), person.id_number.to_string(), rent.to_string()])
    })
}

pub(super) const UNEMPLOYED: &[Column] =
    &[("序号", Kind::Number), ("姓名", Kind::Name), ("身份证号", Kind::Id), ("登记失业日期", Kind::Plain)];

pub(super) fn unemployed(world: &World, month: Month) -> Vec<Row> {
    per_person(world, |_, person| {
        let since = person.rare.as_ref()?.unemployed_since?;
        let listed = since <= month.last_day() && person.known_alive(month);
        listed.then(|| vec![person.name.clone(), person.id_number.to_string(), since.to_string()])
    })
}
