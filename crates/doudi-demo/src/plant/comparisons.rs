//! What a comparison of the newer rosters would bring to light about those who are listed and paid.

use super::{Planter, Wave, another_adult, plain_dibao};
use crate::belongings::{company, day_between};
use crate::circumstances::{days_after, kinship};
use crate::dice::Dice;
use crate::dossier::{Cancelled, Deposit, TemporaryAid};
use crate::enrolment::{self, fit_for_dibao};
use crate::households::reference_day;
use crate::identity;
use crate::incomes;
use crate::people::{Aid, Canvass, Fault, Household, PersonNo, World};
use doudi_terms::{Date, Fen, Month};

/// Plants for the newer rosters, with dice of their own, after everything else.
pub(crate) fn compare(world: &mut World, month: Month, wave: Wave) {
    let stream = if wave == Wave::First { 50 } else { 51 };
    let dice = Dice::new(world.seed, stream);
    let mut planter = Planter { world, month, wave, dice };
    planter.listed_wrongly();
    planter.accounts_and_phones();
    planter.hidden_means();
    planter.benefits();
    planter.neglected();
}

/// On dibao as a whole household, below the line in the ordinary way.
fn ordinary_dibao(world: &World, house: &Household) -> bool {
    plain_dibao(world, house) && house.phase_out.is_none()
}

fn grown(world: &World, no: PersonNo) -> bool {
    (22..60).contains(&world.person(no).age_on(reference_day()))
}

impl Planter<'_> {
    fn listed_wrongly(&mut self) {
        let (count, wave, month) = (self.share(12), self.wave, self.month);
        let dead = self.people_where(count, |world, no| {
            let person = world.person(no);
            world.home(no).aid == Aid::None
                && world.home(no).canvass == Canvass::Done
                && enrolment::nursing(world, no, month).is_some()
                && person.disability().is_some_and(|card| card.severe() && card.valid(month))
                && fit_for_dibao(person)
                && person.covid().is_none()
                && incomes::purse(world, [no].into_iter(), month, true).wages == Fen::ZERO
                && another_adult(world, no)
        });
        for no in dead {
            let last = if wave == Wave::First { (2020, 2, 28) } else { (2020, 3, 31) };
            let day = day_between(&mut self.dice, (2020, 1, 2), last);
            let person = self.world.person_mut(no);
            person.death = Some(day);
            person.faults.add(Fault::BenefitAfterDeath);
        }
        let count = self.share(12);
        let gone = self.people_where(count, |world, no| {
            let (person, house) = (world.person(no), world.home(no));
            let alone = house.size == 1 && person.disability().is_none() && person.bill().is_none();
            alone && (ordinary_dibao(world, house) || house.aid == Aid::Tekun && fit_for_dibao(person))
        });
        for (at, no) in gone.into_iter().enumerate() {
            let reason = if at % 2 == 0 { "重复户口" } else { "出国定居" };
            let day = day_between(&mut self.dice, (2019, 9, 1), (2020, 3, 20));
            self.world.person_mut(no).dossier().cancelled = Some(Cancelled { day, reason });
        }
        let count = self.share(14);
        let kin = self.people_where(count, |world, no| {
            ordinary_dibao(world, world.home(no)) && world.person(no).kinship().is_none() && grown(world, no)
        });
        for no in kin {
            let kinship = kinship(self.world, false, &mut self.dice);
            self.world.person_mut(no).dossier().kinship = Some(kinship);
        }
        let count = self.share(12);
        let misplaced = self.people_where(count, |world, no| {
            let person = world.person(no);
            let at_home =
                person.rare.as_ref().and_then(|rare| rare.care).is_some_and(|care| !care.in_institution);
            world.home(no).aid == Aid::Tekun && at_home && fit_for_dibao(person) && !person.struck_off(month)
        });
        self.fault(misplaced, Fault::CareModeWrong);
    }

    /// Households in pairs into one account; eight households and more behind one phone.
    fn accounts_and_phones(&mut self) {
        let month = self.month;
        let count = self.share(10) * 2;
        let homes = self.homes(count, |world, house, _| ordinary_dibao(world, house));
        for pair in homes.chunks_exact(2) {
            let payee = enrolment::payee(self.world, self.world.household(pair[0]), month);
            self.world.households[pair[0] as usize].paid_to = payee;
            self.world.households[pair[1] as usize].paid_to = payee;
        }
        let count = self.share(30);
        let homes = self.homes(count, |world, house, _| ordinary_dibao(world, house));
        let phones = (homes.len() / 9).max(1);
        let phones: Vec<u64> = (0..phones).map(|_| identity::phone(&mut self.dice)).collect();
        for (at, home) in homes.into_iter().enumerate() {
            self.world.households[home as usize].shared_phone = Some(phones[at % phones.len()]);
        }
    }

    /// Far beyond what anybody could overlook: at least three times the line for everybody in the household.
    fn hidden_means(&mut self) {
        for (count, what) in [(9, "shop"), (9, "contribution"), (9, "tax"), (10, "deposits")] {
            let count = self.share(count);
            let homes = self.homes(count, |world, house, _| {
                let no_bill = house.members().all(|no| {
                    world.person(no).bill().is_none() && world.person(no).tuition_year == Fen::ZERO
                });
                let worker = house.members().any(|no| grown(world, no));
                ordinary_dibao(world, house) && house.size <= 3 && worker && no_bill
            });
            for home in homes {
                let house = self.world.household(home);
                let line = Fen(incomes::line(house.urban).0 * i64::from(house.size));
                let owner = house.members().find(|&no| grown(self.world, no));
                if let Some(no) = owner {
                    self.enrich(no, what, line);
                }
            }
        }
    }

    fn enrich(&mut self, no: PersonNo, what: &str, line: Fen) {
        let dice = &mut self.dice;
        let more = |dice: &mut Dice, low: i64, high: i64| {
            Fen(line.0 * dice.between(low, high) / 100 / 10_000 * 10_000 + 10_000)
        };
        match what {
            "shop" => {
                let capital_yuan = dice.between(20, 60) as u32 * 10_000;
                let mut shop = company(dice);
                (shop.role, shop.capital_yuan) = ("个体经营者", capital_yuan);
                self.world.person_mut(no).rare().companies.push(shop);
            }
            "contribution" => {
                let wage = more(dice, 320, 420).max(Fen(340_000));
                let person = self.world.person_mut(no);
                person.income.formal_wage = wage;
                person.faults.add(Fault::WageUndeclared);
            }
            "tax" => {
                let income = more(dice, 340 * 12, 480 * 12);
                self.world.person_mut(no).dossier().tax_income = Some(income);
            }
            _ => {
                let balance = more(dice, 2_800, 6_000);
                let kind = *dice.pick(&["定期存款", "理财产品", "定期存款"]);
                self.world.person_mut(no).dossier().hidden_deposits.push(Deposit { kind, balance });
            }
        }
    }

    fn benefits(&mut self) {
        let month = self.month;
        let count = self.share(12);
        let withdrawn = self.people_where(count, |world, no| {
            let person = world.person(no);
            enrolment::nursing(world, no, month).is_some()
                && person.disability().is_some_and(|card| card.severe() && card.valid(month))
                && fit_for_dibao(person)
                && world.home(no).aid == Aid::None
        });
        for no in withdrawn {
            let day = day_between(&mut self.dice, (2019, 10, 8), (2020, 3, 25));
            let person = self.world.person_mut(no);
            person.faults.add(Fault::PaidAfterCancellation);
            if let Some(card) = person.rare().disability.as_mut() {
                card.cancelled = Some(day);
            }
        }
        let count = self.share(12);
        let made_old = self.people_where(count, |world, no| {
            let person = world.person(no);
            (70..78).contains(&person.age_on(reference_day()))
                && fit_for_dibao(person)
                && person.covid().is_none()
                && !person.struck_off(month)
        });
        for no in made_old {
            let years = self.dice.between(81, 84) as i16;
            let birth = self.world.person(no).birth;
            let stated = Date::new(2020 - years, birth.month(), birth.day().min(28)).unwrap_or(birth);
            self.world.person_mut(no).dossier().stated_birth = Some(stated);
        }
        if self.wave == Wave::First {
            self.unpaid();
        }
        self.sent_back();
        self.late_aid();
    }

    /// Not sent in the first month, and not made good in the second.
    fn unpaid(&mut self) {
        let (count, month) = (self.share(24), self.month);
        for home in self.homes(count, |world, house, _| ordinary_dibao(world, house)) {
            self.world.households[home as usize].unpaid_in = Some(month);
        }
    }

    /// The bank sends the month's money back; nobody tries again.
    fn sent_back(&mut self) {
        let (count, month) = (self.share(14), self.month);
        let unlucky = self.people_where(count, |world, no| {
            let house = world.home(no);
            let payee = enrolment::payee(world, house, month) == Some(no);
            let tekun = house.aid == Aid::Tekun && fit_for_dibao(world.person(no));
            let nursing = house.aid == Aid::None && enrolment::nursing(world, no, month).is_some();
            let alive = world.person(no).death.is_none();
            (payee && ordinary_dibao(world, house)) || tekun || (nursing && alive)
        });
        for no in unlucky {
            self.world.person_mut(no).dossier().returned_in = Some(month);
        }
    }

    /// An emergency, and the help came a week or two later.
    fn late_aid(&mut self) {
        let (count, month) = (self.share(14), self.month);
        let struck = self.people_where(count, |world, no| {
            let (person, house) = (world.person(no), world.home(no));
            let free = person.dossier.as_ref().is_none_or(|dossier| dossier.aids.is_empty());
            house.canvass == Canvass::Done && free && fit_for_dibao(person) && grown(world, no)
        });
        for no in struck {
            let first = month.first_day();
            let accepted = day_between(
                &mut self.dice,
                (first.year(), first.month(), 1),
                (first.year(), first.month(), 12),
            );
            let paid = days_after(accepted, self.dice.between(4, 16));
            let cause = *self.dice.pick(&["灾害", "意外事故"]);
            let amount = Fen(self.dice.between(8, 40) * 10_000);
            let aid = TemporaryAid { urgent: true, cause, accepted, paid, amount };
            self.world.person_mut(no).dossier().aids.push(aid);
        }
    }
}
