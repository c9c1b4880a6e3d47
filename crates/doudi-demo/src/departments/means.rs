//! What taxes and banks know.

use super::{Column, Kind, Row, per_person, region_of};
use crate::circumstances::days_after;
use crate::enrolment;
use crate::people::World;
use crate::truth::taxed_income;
use doudi_terms::{Fen, Month};

pub(super) const TAX: &[Column] = &[
    ("序号", Kind::Number),
    ("纳税人姓名", Kind::Name),
    ("身份证号", Kind::Id),
    ("年度", Kind::Plain),
    ("收入合计", Kind::Plain),
    ("已缴税额", Kind::Plain),
];

pub(super) fn tax(world: &World, month: Month) -> Vec<Row> {
    per_person(world, |_, person| {
        let income = taxed_income(person)?;
        let taxed = Fen((income.0 - 6_000_000).max(0) * 3 / 100);
        person.known_alive(month).then(|| {
            vec![
                person.name.clone(),
                person.id_number.to_string(),
                (month.year() - 1).to_string(),
                income.to_string(),
                taxed.to_string(),
            ]
        })
    })
}

pub(super) const DEPOSITS: &[Column] = &[
    ("序号", Kind::Number),
    ("姓名", Kind::Name),
    ("证件号码", Kind::Id),
    ("授权书编号", Kind::Plain),
    ("查询日期", Kind::Plain),
    ("存款种类", Kind::Plain),
    ("余额", Kind::Plain),
];

/// Everybody grown-up on dibao has signed that the banks may be asked; one letter of authority a household. What the
/// household declared lies with the payee.
pub(super) fn deposits(world: &World, month: Month) -> Vec<Row> {
    let mut rows = Vec::new();
    for (home, house) in world.households.iter().enumerate() {
        let Some(payee) = enrolment::payee(world, house, month) else { continue };
        let asked = days_after(month.first_day(), 3 + home as i64 % 20).to_string();
        let region = region_of(world, payee);
        let letter = format!("SQ{}{:06}", &region[..9], home + 1);
        for no in enrolment::enrolled(world, house, month) {
            let person = world.person(no);
            if no != payee && person.age_on(month.last_day()) < 18 {
                continue;
            }
            let mut accounts = vec![("一卡通", Fen::ZERO)];
            if no == payee {
                let at_call = house.deposits.0 * 3 / 10 / 100 * 100;
                accounts = vec![("一卡通", Fen(at_call)), ("定期", Fen(house.deposits.0 - at_call))];
            }
            if let Some(dossier) = &person.dossier {
                accounts.extend(dossier.hidden_deposits.iter().map(|more| (more.kind, more.balance)));
            }
            for (kind, balance) in accounts {
                let cells = vec![
                    person.name.clone(),
                    person.id_number.to_string(),
                    letter.clone(),
                    asked.clone(),
                    kind.to_owned(),
                    balance.to_string(),
                ];
                rows.push(Row { person: no, cells });
            }
        }
    }
    rows
}
