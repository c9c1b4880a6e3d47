//! Who should have been noticed and was not: visits that nobody made, help that nobody offered.

use super::Planter;
use crate::belongings::day_between;
use crate::enrolment::fit_for_dibao;
use crate::households::reference_day;
use crate::people::{Aid, Canvass, Fault, PovertyStatus, Resettled};
use crate::truth;

impl Planter<'_> {
    pub(super) fn neglected(&mut self) {
        self.unvisited();
        self.unaided();
        self.children_left_out();
        self.newly_unemployed();
        self.resettled_and_dropped();
    }

    /// Not for the better part of a year.
    fn unvisited(&mut self) {
        let (count, month) = (self.share(24), self.month);
        let forgotten = self.people_where(count, |world, no| {
            let person = world.person(no);
            let class = person.dossier.as_ref().and_then(|dossier| dossier.left_behind);
            let care = person.rare.as_ref().and_then(|rare| rare.care);
            let at_home = world.home(no).aid == Aid::Tekun
                && care.is_some_and(|care| !care.in_institution)
                && !person.faults.has(Fault::CareModeWrong);
            let listed = at_home || class.is_some_and(|class| class != "留守妇女");
            listed && fit(person) && !person.struck_off(month)
        });
        for no in forgotten {
            let day = day_between(&mut self.dice, (2019, 3, 1), (2019, 8, 20));
            self.world.person_mut(no).dossier().last_visit = Some(day);
        }
    }

    /// A bill beyond what the whole household would need to live on for two years, and no help with it.
    fn unaided(&mut self) {
        let (count, month) = (self.share(14), self.month);
        let unaided = self.people_where(count, |world, no| {
            let house = world.home(no);
            house.canvass == Canvass::Done
                && house.aid == Aid::None
                && world.person(no).bill().is_some()
                && fit_for_dibao(world.person(no))
                && truth::bill_beyond_means(world, house, month)
        });
        for no in unaided {
            let home = self.world.person(no).household;
            for member in self.world.household(home).members() {
                if let Some(dossier) = self.world.person_mut(member).dossier.as_mut() {
                    dossier.aids.clear();
                }
            }
        }
    }

    fn children_left_out(&mut self) {
        let (count, month) = (self.share(9), self.month);
        let left_out = self.people_where(count, |world, no| {
            let person = world.person(no);
            person.child().is_some_and(|case| case.kind.is_some())
                && person.age_on(month.last_day()) < 17
                && person.age_on(reference_day()) < 17
        });
        self.fault(left_out, Fault::ChildLeftOut);
    }

    fn newly_unemployed(&mut self) {
        let (count, month) = (self.share(12), self.month);
        let lost_work = self.people_where(count, |world, no| {
            let (person, house) = (world.person(no), world.home(no));
            house.aid == Aid::None
                && house.canvass == Canvass::Done
                && (house.poverty == Some(PovertyStatus::Out) || truth::near_dibao(world, house))
                && fit_for_dibao(person)
                && person.stage.is_none()
                && (22..56).contains(&person.age_on(reference_day()))
        });
        for no in lost_work {
            let first = month.first_day();
            let days = ((first.year(), first.month(), 1), (first.year(), first.month(), 26));
            let day = day_between(&mut self.dice, days.0, days.1);
            self.world.person_mut(no).rare().unemployed_since = Some(day);
        }
    }

    /// On dibao in the old place; nobody carried it over to the new one.
    fn resettled_and_dropped(&mut self) {
        let count = self.share(8);
        let homes = self.homes(count, |world, house, _| {
            house.aid == Aid::None
                && house.canvass == Canvass::Done
                && house.poverty == Some(PovertyStatus::Out)
                && house.members().all(|no| fit_for_dibao(world.person(no)))
        });
        for home in homes {
            let day = day_between(&mut self.dice, (2018, 9, 1), (2019, 11, 30));
            let from = self.dice.index(self.world.places.villages.len()) as u16;
            let household = &mut self.world.households[home as usize];
            household.resettled = Some(Resettled { from, day, dibao_there: true });
        }
    }
}

fn fit(person: &crate::people::Person) -> bool {
    person.death.is_none() && person.custody().is_none() && person.moved().is_none()
}
