//! Civil affairs: dibao, tekun and what was sent to the bank.

use super::care::{last_visit, old_age_allowance};
use super::{Column, Kind, Row, address_of, per_person, phone_text, region_of, sex_word};
use crate::circumstances::days_after;
use crate::enrolment;
use crate::incomes::TEKUN_BASIC;
use crate::people::{Aid, ChildKind, HouseNo, Person, PersonNo, World};
use doudi_terms::{Date, Fen, Month};

pub(super) const DIBAO: &[Column] = &[
    ("序号", Kind::Number),
    ("低保证号", Kind::Plain),
    ("户主姓名", Kind::Plain),
    ("姓名", Kind::Name),
    ("身份证号", Kind::Id),
    ("性别", Kind::Plain),
    ("与户主关系", Kind::Plain),
    ("出生日期", Kind::Birth),
    ("家庭住址", Kind::Address),
    ("区划代码", Kind::Region),
    ("联系电话", Kind::Phone),
    ("银行账号", Kind::Plain),
    ("城乡", Kind::Plain),
    ("户月保障金", Kind::Plain),
    ("起始年月", Kind::Plain),
    ("保障类型", Kind::Plain),
    ("最近复核日期", Kind::Plain),
];

/// One certificate's part of a dibao row.
struct Certificate<'a> {
    number: String,
    head: PersonNo,
    holder: &'a Person,
    account: u64,
    village: u16,
    address: String,
    urban: bool,
    amount: Fen,
    since: Month,
    single: bool,
    reviewed: Date,
}

pub(super) fn dibao(world: &World, month: Month) -> Vec<Row> {
    let mut rows = Vec::new();
    for home in world.homes() {
        let house = world.household(home);
        let Some(head) = enrolment::payee(world, house, month) else { continue };
        let certificate = Certificate {
            number: certificate_number(world, house.village, home),
            head,
            holder: world.person(head),
            account: world.person(house.paid_to.unwrap_or(head)).account,
            village: house.village,
            address: world.address(house),
            urban: house.urban,
            amount: enrolment::roster_amount(world, house, month),
            since: match house.aid {
                Aid::Dibao { since } => since,
                Aid::None | Aid::Tekun => {
                    let alone = world.person(head).dossier.as_ref().and_then(|dossier| dossier.alone_since);
                    alone.unwrap_or_else(|| month.plus(-14).unwrap_or(month))
                }
            },
            single: enrolment::alone(world.person(head), month),
            reviewed: days_after(month.first_day(), -4 - i64::from(home.wrapping_mul(13) % 170)),
        };
        for no in enrolment::enrolled(world, house, month) {
            rows.push(dibao_row(world, no, &certificate));
        }
    }
    for no in world.all() {
        rows.extend(duplicate_row(world, no, month));
    }
    rows.sort_by_key(|row: &Row| row.cells[0].clone());
    rows
}

/// Nine digits of the township, the household's number, and where the certificate was issued.
fn certificate_number(world: &World, village: u16, home: HouseNo) -> String {
    let region = world.region(village);
    format!("{}DB{:06}", &region[..9], home + 1)
}

fn dibao_row(world: &World, no: PersonNo, certificate: &Certificate) -> Row {
    let person = world.person(no);
    let relation = if no == certificate.head { "户主" } else { person.relation.word() };
    let cells = vec![
        certificate.number.clone(),
        certificate.holder.name.clone(),
        person.name.clone(),
        person.id_number.to_string(),
        sex_word(person.sex).to_owned(),
        relation.to_owned(),
        person.birth.to_string(),
        certificate.address.clone(),
        world.region(certificate.village),
        phone_text(enrolment::roster_phone(world, no)),
        certificate.account.to_string(),
        if certificate.urban { "城镇" } else { "农村" }.to_owned(),
        certificate.amount.to_string(),
        certificate.since.to_string(),
        if certificate.single { "单人户" } else { "整户" }.to_owned(),
        certificate.reviewed.to_string(),
    ];
    Row { person: no, cells }
}

fn duplicate_row(world: &World, no: PersonNo, month: Month) -> Option<Row> {
    let person = world.person(no);
    let village = person.rare.as_ref()?.duplicate_in?;
    let address = world.places.address(village, 1 + (no % 9) as u8, 1 + (no % 150) as u16);
    let certificate = Certificate {
        number: certificate_number(world, village, 900_000 + no % 90_000),
        head: no,
        holder: person,
        account: person.account,
        village,
        address,
        urban: world.home(no).urban,
        amount: enrolment::duplicate_amount(world, no, month),
        since: month.plus(-9).unwrap_or(month),
        single: false,
        reviewed: days_after(month.first_day(), -40),
    };
    Some(dibao_row(world, no, &certificate))
}

pub(super) const TEKUN: &[Column] = &[
    ("序号", Kind::Number),
    ("姓名", Kind::Name),
    ("身份证号", Kind::Id),
    ("性别", Kind::Plain),
    ("出生日期", Kind::Birth),
    ("住址", Kind::Address),
    ("区划代码", Kind::Region),
    ("供养方式", Kind::Plain),
    ("自理能力丧失项数", Kind::Plain),
    ("有法定义务人", Kind::Plain),
    ("月供养金", Kind::Plain),
    ("最近探访日期", Kind::Plain),
];

pub(super) fn tekun(world: &World, month: Month) -> Vec<Row> {
    per_person(world, |no, person| {
        if !enrolment::on_tekun(world, no, month) {
            return None;
        }
        let care = person.rare.as_ref()?.care?;
        Some(vec![
            person.name.clone(),
            person.id_number.to_string(),
            sex_word(person.sex).to_owned(),
            person.birth.to_string(),
            address_of(world, no),
            region_of(world, no),
            if care.in_institution { "集中" } else { "分散" }.to_owned(),
            care.lost.to_string(),
            "否".to_owned(),
            TEKUN_BASIC.to_string(),
            if care.in_institution { String::new() } else { last_visit(world, no, month).to_string() },
        ])
    })
}

pub(super) const PAYMENTS: &[Column] = &[
    ("序号", Kind::Number),
    ("发放年月", Kind::Plain),
    ("补贴项目", Kind::Plain),
    ("姓名", Kind::Name),
    ("身份证号", Kind::Id),
    ("银行账号", Kind::Plain),
    ("发放金额", Kind::Plain),
    ("到账日期", Kind::Plain),
    ("发放状态", Kind::Plain),
];

/// Dibao once per household, to whoever it is paid to; everything else to the person.
pub(super) fn payments(world: &World, month: Month) -> Vec<Row> {
    let mut rows = Vec::new();
    let paid_on = days_after(month.first_day(), 19).to_string();
    let mut pay = |no: PersonNo, item: &str, amount: Option<Fen>| {
        let Some(amount) = amount else { return };
        let (person, house) = (world.person(no), world.home(no));
        let holder = if item == "低保" { house.paid_to.unwrap_or(no) } else { no };
        // The old-age allowance is sent by another office, through another bank.
        let back = enrolment::returned(person, month) && item != "高龄津贴";
        let cells = vec![
            month.to_string(),
            item.to_owned(),
            person.name.clone(),
            person.id_number.to_string(),
            world.person(holder).account.to_string(),
            amount.to_string(),
            if back { String::new() } else { paid_on.clone() },
            if back { "退回" } else { "成功" }.to_owned(),
        ];
        rows.push(Row { person: no, cells });
    };
    for home in world.homes() {
        let house = world.household(home);
        if let Some(head) = enrolment::payee(world, house, month) {
            pay(head, "低保", enrolment::paid_amount(world, house, month));
        }
    }
    for no in world.all() {
        let (person, house) = (world.person(no), world.home(no));
        let old = enrolment::old_age_birth(world, no, month);
        pay(no, "高龄津贴", old.map(|birth| old_age_allowance(birth, month)));
        if person.rare.is_none() {
            continue;
        }
        if person.rare.as_ref().is_some_and(|rare| rare.duplicate_in.is_some()) {
            pay(no, "低保", Some(enrolment::duplicate_amount(world, no, month)));
        }
        let tekun = enrolment::on_tekun(world, no, month) && house.unpaid_in != Some(month);
        pay(no, "特困", tekun.then_some(TEKUN_BASIC));
        pay(no, "困难残疾人生活补贴", enrolment::living(world, no, month));
        pay(no, "重度残疾人护理补贴", enrolment::nursing(world, no, month));
        if let Some(kind) = enrolment::child_allowance(world, no, month) {
            let item = match kind {
                ChildKind::Orphan => "孤儿基本生活费",
                ChildKind::Unattended => "事实无人抚养儿童补贴",
            };
            pay(no, item, Some(enrolment::CHILD_ALLOWANCE));
        }
        pay(no, "疫情临时救助", enrolment::covid_aid(world, no, month));
    }
    rows
}
