//! What is wrong in the county, by definition: each kind is looked for in the world itself, so that a household that
//! was planted for one thing and fits another stands under both.

use crate::belongings::{self, Bar};
use crate::enrolment;
use crate::incomes::{self, counted};
use crate::people::{Aid, Canvass, Fault, HouseNo, Household, PersonNo, PovertyStatus, World};
use doudi_terms::{Fen, Month};

/// The kinds of planted truth: id, Chinese name, definition. A truth row names a person; "each" says which persons of
/// a household have one. "Living" is at the month's end. People who are not in the register are in no truth.
pub const KINDS: &[(&str, &str, &str)] = &[
    (
        "dead_on_dibao",
        "死亡仍在低保",
        "on the month's dibao roster, died before the month before (the payment month is later than the month of death plus one)",
    ),
    ("dead_on_tekun", "死亡仍在特困", "the same on the tekun roster"),
    ("dibao_and_tekun", "低保特困同时享受", "living, on both rosters of the month"),
    (
        "vehicle_in_dibao_household",
        "低保家庭有车",
        "each living enrolled person of a register household one of whose living members owns a 小型轿车, 小型普通客车 or 重型货车 with 状态 正常",
    ),
    (
        "second_house_in_dibao_household",
        "低保家庭有第二套房",
        "each living enrolled person of a household whose living members own two or more 住宅",
    ),
    (
        "company_in_dibao_household",
        "低保家庭有公司",
        "each living enrolled person of a household one of whose living members is 法定代表人 or 股东 of a company that is 存续",
    ),
    (
        "payroll_in_dibao_household",
        "低保家庭有财政供养人员",
        "each living enrolled person of a household one of whose living members is on the public payroll",
    ),
    (
        "pension_not_declared",
        "职工养老金未计收入",
        "each living enrolled person of a household that an employee's pension, unknown to the office, lifts above the line",
    ),
    (
        "wrongful_exit",
        "错退",
        "each living person on the dibao roster the month before and on neither dibao nor tekun now, whose household is entitled by the month's facts",
    ),
    (
        "eligible_not_enrolled",
        "漏保",
        "each living, free member, on neither dibao nor tekun in this month or the one before, of a canvassed household that is entitled by the month's facts",
    ),
    (
        "poverty_not_covered",
        "未脱贫、脱贫不稳定未兜底",
        "each living person of a 未脱贫 or 脱贫不稳定 household who is on neither dibao nor tekun",
    ),
    (
        "severe_disabled_no_care",
        "重度残疾未享护理补贴",
        "living, grade one or two, certificate valid at the month's end, not tekun, no nursing allowance",
    ),
    (
        "dibao_disabled_no_living",
        "低保残疾人未享生活补贴",
        "living, on dibao, any grade, certificate valid at the month's end, not tekun, no living allowance",
    ),
    (
        "expired_certificate_paid",
        "残疾人证过期仍发",
        "living, on the disability-benefit roster, certificate expired before the month",
    ),
    ("care_wrong_grade", "护理补贴等级不符", "living, nursing allowance with grade three or four"),
    ("living_not_dibao", "非低保享生活补贴", "living, living allowance, not on the month's dibao roster"),
    (
        "duplicate_on_roster",
        "低保重复在册",
        "on the dibao roster twice, under two certificates in two villages",
    ),
    ("orphan_overage", "儿童津贴超龄", "on the children's roster, eighteen or older at the month's end"),
    (
        "custody_counted",
        "服刑人员计入低保",
        "living, on the month's dibao roster, in custody since before the month",
    ),
    (
        "covid_unpaid",
        "新冠患者未享疫情救助",
        "confirmed, in hospital on any day of the month, on dibao, tekun, the poverty or the children's roster, no 疫情临时救助 in the month",
    ),
    (
        "payment_missing",
        "当月未发放",
        "each living person of a dibao household (or tekun person) on the month's roster for which the month has no payment row",
    ),
    (
        "amount_wrong",
        "低保金额错误",
        "each living enrolled person of a dibao household that is entitled and paid, its members together (under a second certificate too) more than ten yuan away from what is due to its living, free members or from what its roster states",
    ),
    (
        "tekun_on_dibao",
        "该吃五保吃低保",
        "living, sixty or older, the only living member of the household, no obligor, no income but the residents' pension, on dibao and not on tekun",
    ),
    (
        "undetermined",
        "情况不明",
        "each living member, paid nothing in the month, of a household with a sign of need whose canvass row is missing or without incomes",
    ),
];

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
    let order = |kind: &str| KINDS.iter().position(|(id, ..)| *id == kind);
    found.sort_by_key(|(kind, no, _)| (order(kind), *no));
    found
}

/// Entitled by every roster and the canvass together: below the line, nothing that bars it.
pub(crate) fn entitled(world: &World, house: &Household, month: Month) -> bool {
    let purse = incomes::purse(world, counted(world, house, month), month, true);
    purse.heads > 0 && purse.gap(house.urban) > Fen::ZERO && !belongings::barred(world, house, month)
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
    let due = incomes::purse(world, counted(world, house, month), month, true).gap(house.urban);
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
