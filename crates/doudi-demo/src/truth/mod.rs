//! What is wrong in the county, by definition: each kind is looked for in the world itself, so that a household that
//! was planted for one thing and fits another stands under both.

mod comparisons;
mod kinds;
mod numbers;

pub(crate) use comparisons::{bill_beyond_means, contribution_base, near_dibao, taxed_income};
pub use kinds::KINDS;
pub(crate) use numbers::impossible_numbers;

use crate::belongings::{self, Bar};
use crate::enrolment;
use crate::incomes::{self, counted};
use crate::people::{Aid, Canvass, Fault, HouseNo, Household, PersonNo, PovertyStatus, World};
use doudi_terms::{Fen, Month};

/// How far an amount may be off before it is wrong.
const TOLERANCE: Fen = Fen(1_000);

/// Who has which kind in a month, by kind, then by person.
pub(crate) fn find(world: &World, month: Month) -> Vec<(&'static str, PersonNo, String)> {
    let mut found = Vec::new();
    for home in world.homes() {
        household_kinds(world, home, month, &mut found);
    }
    for no in world.all() {
        person_kinds(world, no, month, &mut |kind, note| found.push((kind, no, note)));
    }
    comparisons::find(world, month, &mut |kind, no, note| found.push((kind, no, note)));
    let order = |kind: &str| KINDS.iter().position(|(id, ..)| *id == kind);
    found.sort_by_key(|(kind, no, _)| (order(kind), *no));
    found
}

/// Entitled by every roster and the canvass together: below the line or being phased out, nothing that bars it.
pub(crate) fn entitled(world: &World, house: &Household, month: Month) -> bool {
    let purse = incomes::purse(world, counted(world, house, month), month, true);
    let lacking = purse.gap(house.urban) > Fen::ZERO || (house.on_dibao() && house.phase_out.is_some());
    purse.heads > 0 && lacking && !belongings::barred(world, house, month)
}

fn household_kinds(
    world: &World,
    home: HouseNo,
    month: Month,
    found: &mut Vec<(&'static str, PersonNo, String)>,
) {
    let house = world.household(home);
    let living = || house.members().filter(|&no| world.person(no).alive(month));
    let enrolled: Vec<PersonNo> = living().filter(|&no| enrolment::on_dibao(world, no, month)).collect();
    let mut each = |kind, persons: &[PersonNo], note: &str| {
        found.extend(persons.iter().map(|&no| (kind, no, note.to_owned())));
    };
    if house.on_dibao() {
        for (bar, kind) in [
            (Bar::Car, "vehicle_in_dibao_household"),
            (Bar::SecondHouse, "second_house_in_dibao_household"),
            (Bar::Company, "company_in_dibao_household"),
            (Bar::Payroll, "payroll_in_dibao_household"),
        ] {
            if belongings::has(world, house, month, bar) {
                each(kind, &enrolled, "");
            }
        }
        if hidden_pension(world, house, month) {
            each("pension_not_declared", &enrolled, "");
        }
        if let Some(note) = amount_wrong(world, house, month) {
            each("amount_wrong", &enrolled, &note);
        }
        if house.unpaid_in == Some(month) {
            each("payment_missing", &enrolled, "低保");
        }
    } else if house.aid == Aid::Tekun && house.unpaid_in == Some(month) {
        let on_roster: Vec<PersonNo> = living().collect();
        each("payment_missing", &on_roster, "特困");
    } else if house.aid == Aid::None && house.canvass == Canvass::Done && entitled(world, house, month) {
        let before = |no: PersonNo| world.dibao_before.get(no as usize).copied().unwrap_or(false);
        let (left, never): (Vec<_>, Vec<_>) = counted(world, house, month).partition(|&no| before(no));
        each("wrongful_exit", &left, "");
        each("eligible_not_enrolled", &never, "");
    }
    if matches!(house.canvass, Canvass::RowMissing | Canvass::IncomesBlank) {
        let why = if house.canvass == Canvass::RowMissing { "没有摸排记录" } else { "收入未查清" };
        let unpaid: Vec<PersonNo> = living().filter(|&no| !paid_anything(world, no, month)).collect();
        each("undetermined", &unpaid, why);
    }
}

fn hidden_pension(world: &World, house: &Household, month: Month) -> bool {
    let hidden = house.members().any(|no| {
        let person = world.person(no);
        person.faults.has(Fault::PensionUndeclared) && person.alive(month)
    });
    hidden && incomes::purse(world, counted(world, house, month), month, true).gap(house.urban) <= Fen::ZERO
}

fn amount_wrong(world: &World, house: &Household, month: Month) -> Option<String> {
    let second: i64 = enrolment::enrolled(world, house, month)
        .filter(|&no| world.person(no).rare.as_ref().is_some_and(|rare| rare.duplicate_in.is_some()))
        .map(|no| enrolment::duplicate_amount(world, no, month).0)
        .sum();
    let paid = Fen(enrolment::paid_amount(world, house, month)?.0 + second);
    if !entitled(world, house, month) {
        return None;
    }
    let due = enrolment::due(world, house, month);
    let stated = enrolment::roster_amount(world, house, month);
    let off = |other: Fen| (paid.0 - other.0).abs() > TOLERANCE.0;
    (off(due) || off(stated)).then(|| format!("应发 {due}，名册 {stated}，实发 {paid}"))
}

fn paid_anything(world: &World, no: PersonNo, month: Month) -> bool {
    enrolment::on_dibao(world, no, month)
        || enrolment::on_tekun(world, no, month)
        || enrolment::nursing(world, no, month).is_some()
        || enrolment::living(world, no, month).is_some()
        || enrolment::child_allowance(world, no, month).is_some()
        || enrolment::covid_aid(world, no, month).is_some()
}

fn person_kinds(world: &World, no: PersonNo, month: Month, found: &mut dyn FnMut(&'static str, String)) {
    let (person, house) = (world.person(no), world.home(no));
    let dibao = enrolment::on_dibao(world, no, month);
    let tekun = enrolment::on_tekun(world, no, month);
    if let Some(day) = person.death
        && Month::of(day) < month.previous()
    {
        let note = || format!("{day} 死亡");
        if dibao {
            found("dead_on_dibao", note());
        }
        if tekun {
            found("dead_on_tekun", note());
        }
    }
    if !person.alive(month) {
        return;
    }
    if dibao && tekun {
        found("dibao_and_tekun", String::new());
    }
    let poor = matches!(house.poverty, Some(PovertyStatus::NotYet | PovertyStatus::Unstable));
    if poor && !dibao && !tekun {
        found("poverty_not_covered", house.poverty.map_or("", PovertyStatus::word).to_owned());
    }
    disability_kinds(world, no, month, found);
    if let Some(village) = person.rare.as_ref().and_then(|rare| rare.duplicate_in)
        && dibao
    {
        found("duplicate_on_roster", format!("另在 {}", world.region(village)));
    }
    if enrolment::child_allowance(world, no, month).is_some() && person.age_on(month.last_day()) >= 18 {
        found("orphan_overage", format!("{} 出生", person.birth));
    }
    if dibao && person.custody().is_some_and(|term| term.since < month.first_day()) {
        found("custody_counted", String::new());
    }
    let in_hospital = person.covid().is_some_and(|stay| stay.touches(month));
    if in_hospital
        && enrolment::covid_group(world, no, month)
        && enrolment::covid_aid(world, no, month).is_none()
    {
        found("covid_unpaid", String::new());
    }
    if dibao && !tekun && would_be_tekun(world, no, month) {
        found("tekun_on_dibao", String::new());
    }
}

fn would_be_tekun(world: &World, no: PersonNo, month: Month) -> bool {
    let (person, house) = (world.person(no), world.home(no));
    let income = &person.income;
    let other = [
        income.odd_jobs,
        income.formal_wage,
        income.farm,
        income.property,
        income.transfer,
        income.land,
        income.employee_pension,
    ];
    person.no_obligor
        && person.age_on(month.last_day()) >= 60
        && other.iter().all(|&amount| amount == Fen::ZERO)
        && house.members().filter(|&no| world.person(no).alive(month)).count() == 1
}

fn disability_kinds(world: &World, no: PersonNo, month: Month, found: &mut dyn FnMut(&'static str, String)) {
    let person = world.person(no);
    let Some(card) = person.disability() else { return };
    let dibao = enrolment::on_dibao(world, no, month);
    let tekun = enrolment::on_tekun(world, no, month);
    let nursing = enrolment::nursing(world, no, month).is_some();
    let living = enrolment::living(world, no, month).is_some();
    if card.severe() && card.valid(month) && !tekun && !nursing {
        found("severe_disabled_no_care", format!("{} 级", card.grade));
    }
    if dibao && card.valid(month) && !tekun && !living {
        found("dibao_disabled_no_living", String::new());
    }
    if (nursing || living) && card.until < month.first_day() {
        found("expired_certificate_paid", format!("{} 到期", card.until));
    }
    if nursing && !card.severe() {
        found("care_wrong_grade", format!("{} 级", card.grade));
    }
    if living && !dibao {
        found("living_not_dibao", String::new());
    }
}
