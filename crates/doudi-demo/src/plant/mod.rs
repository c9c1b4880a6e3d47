//! Plants errors. A plant changes circumstances or makes an office err; the truth is found afterwards by definition
//! (truth.rs), never written down here.

mod comparisons;
mod neglect;

pub(crate) use comparisons::compare;

use crate::belongings::{self, day_between};
use crate::dice::Dice;
use crate::enrolment::{self, fit_for_dibao};
use crate::groups::{self, per_lakh, simple};
use crate::households::reference_day;
use crate::incomes;
use crate::people::{
    Aid, Canvass, ChildCase, Custody, Fault, HospitalStay, HouseNo, Household, Income, PersonNo,
    PovertyStatus, Relation, Shape, World,
};
use doudi_terms::{Fen, Month};

/// Counts below are per 100,000 persons over both months; a third is there in the first month already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wave {
    First,
    Second,
}

struct Planter<'a> {
    world: &'a mut World,
    month: Month,
    wave: Wave,
    dice: Dice,
}

pub(crate) fn plant(world: &mut World, month: Month, wave: Wave) {
    let stream = if wave == Wave::First { 30 } else { 31 };
    let dice = Dice::new(world.seed, stream);
    let mut planter = Planter { world, month, wave, dice };
    planter.enrolled_wrongly();
    planter.belongings();
    planter.left_out();
    planter.disability();
    planter.people();
    planter.money();
}

impl Planter<'_> {
    /// This wave's share of a kind.
    fn share(&self, count: usize) -> usize {
        let all = per_lakh(self.world, count).max(2);
        let first = all.div_ceil(3);
        if self.wave == Wave::First { first } else { all - first }
    }

    /// Households that nothing was done to yet and that fit; they are reserved.
    fn homes(&mut self, count: usize, fits: impl Fn(&World, &Household, HouseNo) -> bool) -> Vec<HouseNo> {
        let candidates: Vec<HouseNo> = self
            .world
            .homes()
            .filter(|&home| {
                let house = self.world.household(home);
                !house.planted && fits(self.world, house, home)
            })
            .collect();
        let chosen = self.dice.some_of(candidates, count);
        for &home in &chosen {
            self.world.households[home as usize].planted = true;
        }
        chosen
    }

    /// One person each of households that nothing was done to yet.
    fn people_where(&mut self, count: usize, fits: impl Fn(&World, PersonNo) -> bool) -> Vec<PersonNo> {
        let homes = self.homes(count, |world, house, _| house.members().any(|no| fits(world, no)));
        let one = |home: HouseNo| self.world.household(home).members().find(|&no| fits(self.world, no));
        homes.into_iter().filter_map(one).collect()
    }

    fn fault(&mut self, people: Vec<PersonNo>, fault: Fault) {
        for no in people {
            self.world.person_mut(no).faults.add(fault);
        }
    }

    fn enrolled_wrongly(&mut self) {
        self.dead();
        let count = self.share(10);
        let both = self.people_where(count, |world, no| {
            world.home(no).aid == Aid::Tekun && world.person(no).death.is_none()
        });
        self.fault(both, Fault::AlsoDibao);
        let count = self.share(10);
        let misplaced = self.homes(count, |world, house, _| {
            plain_dibao(world, house)
                && house.shape == Shape::ElderSingle
                && world.person(house.first).disability().is_none()
                && world.person(house.first).bill().is_none()
        });
        for home in misplaced {
            let first = self.world.household(home).first;
            let person = self.world.person_mut(first);
            person.income = Income::default();
            person.no_obligor = true;
        }
    }

    /// Deaths of January and February in the first wave, up to March in the second.
    fn dead(&mut self) {
        let (count, wave) = (self.share(14), self.wave);
        let dibao = self.people_where(count, |world, no| {
            let person = world.person(no);
            world.home(no).on_dibao()
                && person.age_on(reference_day()) >= 55
                && person.disability().is_none()
                && person.bill().is_none()
                && world.home(no).members().all(|no| fit_for_dibao(world.person(no)))
                && (world.home(no).size == 1 || another_adult(world, no))
        });
        let count = self.share(8);
        let tekun = self.people_where(count, |world, no| {
            world.home(no).aid == Aid::Tekun && world.person(no).death.is_none()
        });
        for no in dibao.into_iter().chain(tekun) {
            let last = if wave == Wave::First { (2020, 2, 28) } else { (2020, 3, 31) };
            let day = day_between(&mut self.dice, (2020, 1, 2), last);
            let person = self.world.person_mut(no);
            person.death = Some(day);
            person.faults.add(Fault::KeptAfterDeath);
            self.replan(no);
        }
    }

    /// Those who are left stay entitled without the one who earned.
    fn replan(&mut self, no: PersonNo) {
        let home = self.world.person(no).household;
        if self.world.household(home).on_dibao() {
            incomes::live_below(self.world, home, self.month, false, &mut self.dice);
        }
    }

    fn belongings(&mut self) {
        for (count, what) in [(14, "car"), (9, "house"), (9, "company"), (9, "payroll"), (10, "pension")] {
            let count = self.share(count);
            let homes = self.homes(count, |world, house, _| {
                let ages = || house.members().map(|no| world.person(no).age_on(reference_day()));
                let fits = match what {
                    "pension" => !house.urban && house.size <= 3 && ages().any(|age| age >= 61),
                    "payroll" => !house.urban && house.size <= 4 && ages().any(|age| (22..58).contains(&age)),
                    _ => ages().any(|age| (22..66).contains(&age)),
                };
                let no_bill = house.members().all(|no| {
                    world.person(no).bill().is_none() && world.person(no).tuition_year == Fen::ZERO
                });
                let decisive = no_bill || !matches!(what, "pension" | "payroll");
                plain_dibao(world, house) && fits && decisive
            });
            for home in homes {
                self.endow(home, what);
            }
        }
    }

    fn endow(&mut self, home: HouseNo, what: &str) {
        let range = match what {
            "pension" => 61..120,
            "payroll" => 22..58,
            _ => 22..66,
        };
        let mut members = self.world.household(home).members();
        let Some(no) = members.find(|&no| range.contains(&self.world.person(no).age_on(reference_day())))
        else {
            return;
        };
        let dice = &mut self.dice;
        let person = self.world.person_mut(no);
        match what {
            "car" => {
                let car = belongings::car(dice);
                person.rare().vehicles.push(car);
            }
            "house" => {
                let had = person.houses().iter().any(|house| house.dwelling);
                for _ in 0..if had { 1 } else { 2 } {
                    person.rare().houses.push(belongings::dwelling(dice));
                }
            }
            "company" => {
                let company = belongings::company(dice);
                person.rare().companies.push(company);
            }
            "payroll" => person.rare().payroll = Some(Fen(dice.between(465, 740) * 1_000)),
            _ => {
                person.income.employee_pension = Fen(dice.between(2_900, 3_900) * 100);
                person.faults.add(Fault::PensionUndeclared);
            }
        }
    }

    /// Wrongful exits, households never taken in, poor households not covered.
    fn left_out(&mut self) {
        if self.wave == Wave::Second {
            let (count, month) = (per_lakh(self.world, 12).max(2), self.month);
            let dropped = self.homes(count, |world, house, _| {
                plain_dibao(world, house)
                    && matches!(house.aid, Aid::Dibao { since } if since < month)
                    && clearly_entitled(world, house)
                    && house.poverty.is_none_or(|status| status == PovertyStatus::Out)
            });
            for home in dropped {
                self.world.households[home as usize].aid = Aid::None;
            }
        }
        let (count, month) = (self.share(22), self.month);
        let missed = self.homes(count, |world, house, home| could_be_poor(world, house, home, month));
        for home in missed {
            incomes::live_below(self.world, home, month, false, &mut self.dice);
        }
        let count = self.share(24);
        let poor = self.homes(count, |world, house, home| {
            could_be_poor(world, house, home, month) && house.poverty == Some(PovertyStatus::Out)
        });
        for (at, home) in poor.into_iter().enumerate() {
            let status = if at % 4 == 3 { PovertyStatus::Unstable } else { PovertyStatus::NotYet };
            self.world.households[home as usize].poverty = Some(status);
            // Every other one is above the line all the same: to be looked at, but not entitled.
            if at % 2 == 0 {
                incomes::live_below(self.world, home, month, false, &mut self.dice);
            }
        }
    }

    fn disability(&mut self) {
        let month = self.month;
        let living = |world: &World, no: PersonNo| {
            let person = world.person(no);
            person.death.is_none() && person.moved().is_none() && world.home(no).aid != Aid::Tekun
        };
        let count = self.share(28);
        let people = self.people_where(count, |world, no| {
            living(world, no)
                && world.person(no).disability().is_some_and(|card| card.severe() && card.valid(month))
        });
        self.fault(people, Fault::NoNursing);
        let count = self.share(18);
        let people = self.people_where(count, |world, no| {
            living(world, no)
                && enrolment::on_dibao(world, no, month)
                && world.person(no).disability().is_some_and(|card| card.valid(month))
        });
        self.fault(people, Fault::NoLiving);
        let count = self.share(12);
        let people = self.people_where(count, |world, no| {
            let entitled_otherwise =
                |card: &crate::people::Disability| card.severe() || world.home(no).on_dibao();
            living(world, no)
                && world
                    .person(no)
                    .disability()
                    .is_some_and(|card| card.until < month.first_day() && entitled_otherwise(card))
        });
        self.fault(people, Fault::PaidAfterExpiry);
        let count = self.share(12);
        let people = self.people_where(count, |world, no| {
            // Of limbs or sight: nowhere does a third grade of these get the nursing allowance.
            let mild = |card: &crate::people::Disability| {
                !card.severe() && card.valid(month) && matches!(card.kind, 1 | 2 | 4)
            };
            living(world, no) && world.person(no).disability().is_some_and(mild)
        });
        self.fault(people, Fault::NursingForMildGrade);
        let count = self.share(14);
        let people = self.people_where(count, |world, no| {
            living(world, no)
                && world.home(no).aid == Aid::None
                && world.person(no).disability().is_some_and(|card| card.valid(month))
        });
        self.fault(people, Fault::LivingWithoutDibao);
    }

    fn people(&mut self) {
        self.duplicates();
        self.prisoners();
        self.patients();
        let count = self.share(9);
        let grown = self.people_where(count, |world, no| {
            let person = world.person(no);
            let age = person.age_on(reference_day());
            matches!(world.home(no).shape, Shape::GrandfatherHeads | Shape::NuclearGrown)
                && world.home(no).canvass == Canvass::NotNeeded
                && (19..=25).contains(&age)
                && person.relation == Relation::Child
                && person.stage.is_none()
                && person.death.is_none()
                && person.custody().is_none()
                && person.moved().is_none()
                && person.covid().is_none()
        });
        for no in grown {
            let case: ChildCase = groups::orphan(&mut self.dice);
            let person = self.world.person_mut(no);
            person.rare().child = Some(case);
            person.faults.add(Fault::ChildAllowanceTooOld);
            let home = person.household;
            self.make_canvassed(home);
        }
    }

    /// A roster row is a sign of need, so the household is in the canvass, and well above the line.
    fn make_canvassed(&mut self, home: HouseNo) {
        let month = self.month;
        self.world.households[home as usize].canvass = Canvass::Done;
        for no in self.world.household(home).members() {
            if let Some(rare) = self.world.person_mut(no).rare.as_mut() {
                rare.payroll = None;
            }
        }
        incomes::live_above(self.world, home, month, 170, &mut self.dice);
    }

    fn duplicates(&mut self) {
        let (count, month) = (self.share(10), self.month);
        let twice = self.people_where(count, |world, no| {
            let person = world.person(no);
            plain_dibao(world, world.home(no))
                && world.home(no).size >= 2
                && person.relation != Relation::Head
                && person.age_on(reference_day()) >= 20
                && person.disability().is_none()
                && enrolment::duplicate_amount(world, no, month) >= Fen(10_000)
                && person.covid().is_none()
        });
        let villages = self.world.places.villages.len();
        for no in twice {
            let own = usize::from(self.world.home(no).village);
            let other = (own + 1 + self.dice.index(villages - 1)) % villages;
            self.world.person_mut(no).rare().duplicate_in = Some(other as u16);
        }
    }

    fn prisoners(&mut self) {
        let count = self.share(9);
        let counted = self.people_where(count, |world, no| {
            let person = world.person(no);
            plain_dibao(world, world.home(no))
                && (22..56).contains(&person.age_on(reference_day()))
                && person.disability().is_none()
                && person.bill().is_none()
                && person.covid().is_none()
                && another_adult(world, no)
        });
        for no in counted {
            // In prison: whether those in detoxification count is left to local rules.
            let term = Custody { detoxification: false, ..groups::custody_term(&mut self.dice) };
            let person = self.world.person_mut(no);
            // Who is in custody earns nothing.
            person.income = Income::default();
            person.rare().custody = Some(term);
            person.faults.add(Fault::PrisonerCounted);
            self.replan(no);
        }
    }

    fn patients(&mut self) {
        let (count, month) = (self.share(9), self.month);
        let sick = self.people_where(count, |world, no| {
            let person = world.person(no);
            enrolment::covid_group(world, no, month)
                && person.age_on(reference_day()) >= 18
                && person.covid().is_none()
                && fit_for_dibao(person)
        });
        for no in sick {
            let first = self.month.first_day();
            let from = (first.year(), first.month(), 2);
            let admitted = day_between(&mut self.dice, from, (first.year(), first.month(), 24));
            let person = self.world.person_mut(no);
            person.rare().covid = Some(HospitalStay { admitted, discharged: None });
            person.faults.add(Fault::CovidUnpaid);
        }
    }

    /// Each month's own: what was not sent to the bank, what was sent or stated wrongly.
    fn money(&mut self) {
        let (count, month) = (self.share(15).max(2), self.month);
        for home in self.homes(count, |world, house, _| {
            let tekun = house.aid == Aid::Tekun && world.person(house.first).death.is_none();
            plain_dibao(world, house) || tekun
        }) {
            self.world.households[home as usize].unpaid_in = Some(month);
        }
        let count = self.share(15);
        let wrong = self.homes(count, |world, house, _| {
            let amount = enrolment::roster_amount(world, house, month);
            plain_dibao(world, house) && amount >= Fen(20_000)
        });
        for (at, home) in wrong.into_iter().enumerate() {
            let amount = Fen(self.dice.between(30, 150) * 100 * if at % 3 == 0 { -1 } else { 1 });
            let house = &mut self.world.households[home as usize];
            *(if at % 2 == 0 { &mut house.payment_error } else { &mut house.roster_error }) = amount;
        }
    }
}

fn another_adult(world: &World, no: PersonNo) -> bool {
    world.home(no).members().any(|other| other != no && world.person(other).age_on(reference_day()) >= 18)
}

/// On dibao, all members alive, free and here, nobody in hospital.
fn plain_dibao(world: &World, house: &Household) -> bool {
    house.on_dibao()
        && house.members().all(|no| fit_for_dibao(world.person(no)) && world.person(no).covid().is_none())
}

/// Below three quarters of the line before anything is taken off.
fn clearly_entitled(world: &World, house: &Household) -> bool {
    let month = Month::of(reference_day());
    let purse = incomes::purse(world, incomes::counted(world, house, month), month, true);
    purse.gross.0 * 100 < purse.heads * incomes::line(house.urban).0 * 75
}

/// Canvassed, not enrolled, of simple composition, owning nothing that bars it, with no wage that others could report.
fn could_be_poor(world: &World, house: &Household, home: HouseNo, month: Month) -> bool {
    house.aid == Aid::None
        && house.canvass == Canvass::Done
        && simple(world, home)
        && house.members().all(|no| fit_for_dibao(world.person(no)) && world.person(no).covid().is_none())
        && !belongings::barred(world, house, month)
}
