//! The canvass ledger of villages and communities: every household with a sign of need, and what it lives on.

use super::{Column, Kind, Row, house_number, region_of, yes_no};
use crate::enrolment;
use crate::people::{Aid, Canvass, Household, Person, PersonNo, Stage, World};
use doudi_terms::{Fen, Month};

pub(super) const CANVASS: &[Column] = &[
    ("序号", Kind::Number),
    ("户号", Kind::Plain),
    ("姓名", Kind::Name),
    ("身份证号", Kind::Id),
    ("区划代码", Kind::Plain),
    ("城乡", Kind::Plain),
    ("长期共同居住", Kind::Plain),
    ("不能独立生活", Kind::Plain),
    ("工资性月收入", Kind::Plain),
    ("经营净月收入", Kind::Plain),
    ("财产净月收入", Kind::Plain),
    ("转移净月收入", Kind::Plain),
    ("学费年支出", Kind::Plain),
    ("家庭存款", Kind::Plain),
    ("劳动能力", Kind::Plain),
    ("有法定义务人", Kind::Plain),
    ("义务人有履行能力", Kind::Plain),
    ("需长期照护", Kind::Plain),
    ("靠家庭供养", Kind::Plain),
    ("无法单独立户", Kind::Plain),
    ("经济状况已核对", Kind::Plain),
];

pub(super) fn labour(person: &Person, month: Month) -> &'static str {
    let age = person.age_on(month.last_day());
    match person.disability() {
        Some(card) if card.severe() => "完全丧失",
        _ if !(16..75).contains(&age) => "完全丧失",
        Some(_) => "部分丧失",
        None if age >= 60 || person.bill().is_some_and(|bill| bill.major) => "部分丧失",
        None => "有",
    }
}

/// Everybody alive, prisoners too (not living at home); pensions, formal wages and rent of land are left to the
/// rosters that know them.
pub(super) fn canvass(world: &World, month: Month) -> Vec<Row> {
    let mut rows = Vec::new();
    for home in world.homes() {
        let house = world.household(home);
        if !matches!(house.canvass, Canvass::Done | Canvass::IncomesBlank) {
            continue;
        }
        for no in house.members().filter(|&no| world.person(no).known_alive(month)) {
            rows.push(Row { person: no, cells: cells(world, house, no, month) });
        }
    }
    rows
}

fn cells(world: &World, house: &Household, no: PersonNo, month: Month) -> Vec<String> {
    let person = world.person(no);
    let known = house.canvass == Canvass::Done;
    let money = |amount: Fen| if known { amount.to_string() } else { String::new() };
    let severe = person.disability().is_some_and(|card| card.severe());
    let student = matches!(person.stage, Some(Stage::College | Stage::University));
    let supported = enrolment::alone(person, month);
    let cancelled = person.dossier.as_ref().and_then(|dossier| dossier.cancelled);
    let abroad = cancelled.is_some_and(|cancelled| cancelled.reason == "出国定居");
    let obligor = !person.no_obligor && house.aid != Aid::Tekun;
    vec![
        house_number(person.household),
        person.name.clone(),
        person.id_number.to_string(),
        region_of(world, no),
        if house.urban { "城镇" } else { "农村" }.to_owned(),
        yes_no(person.custody().is_none() && !abroad),
        yes_no(severe || student),
        money(person.income.odd_jobs),
        money(person.income.farm),
        money(person.income.property),
        money(person.income.transfer),
        money(person.tuition_year),
        money(house.deposits),
        labour(person, month).to_owned(),
        yes_no(obligor),
        if obligor { yes_no(true) } else { String::new() },
        yes_no(severe),
        yes_no(supported),
        yes_no(supported),
        yes_no(known),
    ]
}
