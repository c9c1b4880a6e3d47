//! Who changes, with why: the households and persons behind the figures, by name, and some explained in full.

use super::share::{Entitled, Range, Share, Side};
use super::tally::Change;
use crate::explain;
use crate::population::Population;
use doudi_policy::ir::RuleId;
use doudi_policy::{Evaluation, Explanation};
use doudi_terms::RegionCode;

/// A household in a programme that pays households, a person in one that pays persons, for whom something changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// Index into the comparison's programmes.
    pub programme: usize,
    pub change: Change,
    pub county: RegionCode,
    pub township: RegionCode,
    pub village: RegionCode,
    /// Number on paper of the household.
    pub household: String,
    /// The household's head, or the person.
    pub person_id: String,
    pub name: String,
    pub id_number: String,
    /// In the household.
    pub members: u32,
    pub before: ChangedSide,
    pub after: ChangedSide,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ChangedSide {
    pub standing: Entitled,
    /// Members who are entitled.
    pub entitled: u32,
    pub amount: Range,
    /// In words, with the article; what is missing where it is not known.
    pub reason: String,
    pub enrolled: bool,
}

/// One household explained before and after, without names.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    pub programme: usize,
    pub change: Change,
    pub township: RegionCode,
    pub members: u32,
    /// As in the list, before and after.
    pub reasons: [String; 2],
    pub before: Vec<Explanation>,
    pub after: Vec<Explanation>,
}

/// Listed: everything but what stays as it is.
pub(super) fn is_listed(change: Change, before: (Entitled, Range), after: (Entitled, Range)) -> bool {
    let asked = before.0 == Entitled::Unknown || after.0 == Entitled::Unknown;
    match change {
        // Whoever had to be asked before has to be asked still; the bounds of the cost tell what may come of it.
        Change::Same | Change::StillNot | Change::StillUnknown => false,
        Change::AmountUnknown => before.1 != after.1,
        // With no sign of need, nobody asks what is not known now.
        Change::NotToUnknown | Change::UnknownToNot => asked,
        Change::Enter
        | Change::Leave
        | Change::Gain
        | Change::Lose
        | Change::UnknownToEntitled
        | Change::EntitledToUnknown => true,
    }
}

/// A household's share on one side, with the evaluation that tells why.
pub(super) struct Told<'a, 'e> {
    side: &'a Side<'a>,
    programme: Option<usize>,
    share: &'a Share,
    evaluation: &'a mut Evaluation<'e>,
    county: usize,
}

impl<'a, 'e> Told<'a, 'e> {
    pub fn new(
        (side, programme, share, county): (&'a Side<'a>, Option<usize>, &'a Share, usize),
        evaluation: &'a mut Evaluation<'e>,
    ) -> Told<'a, 'e> {
        Told { side, programme, share, evaluation, county }
    }

    /// The side of the whole household, or of one member.
    fn changed(&mut self, member: Option<usize>, enrolled: bool) -> ChangedSide {
        let (standing, amount, entitled) = match member {
            None => (self.share.household(), self.share.total(), self.share.entitled()),
            Some(member) => {
                let standing = self.share.members[member];
                let amount = self.share.amounts.get(member).copied().unwrap_or(Range::NOTHING);
                (standing, amount, u32::from(standing == Entitled::Yes))
            }
        };
        let about = member.unwrap_or_else(|| self.spokesman(standing)) as u32;
        ChangedSide { standing, entitled, amount, reason: self.reason(standing, about), enrolled }
    }

    /// The member whose answer is the household's.
    fn spokesman(&self, standing: Entitled) -> usize {
        self.share.members.iter().position(|member| *member == standing).unwrap_or(0)
    }

    fn reason(&mut self, standing: Entitled, member: u32) -> String {
        let programme = self.programme.filter(|programme| self.side.is_in_force(*programme, self.county));
        let Some(programme) = programme else { return "当地没有这个项目".into() };
        let rules = self.side.content.rules.programmes[programme];
        match standing {
            Entitled::No => explain::refusal(self.evaluation, rules.entitled, member).unwrap_or_default(),
            Entitled::Yes => {
                let decided = rules.amount.unwrap_or(rules.entitled);
                explain::basis(self.evaluation, decided, member).unwrap_or_default()
            }
            Entitled::Unknown | Entitled::Unasked => {
                let found = explain::rule(self.evaluation, rules.entitled, member);
                let program = self.evaluation.program;
                explain::missing_words(program, found.missing_list(), member).join("；")
            }
        }
    }

    /// Exceptions behind the amount.
    fn exceptions(&self, member: u32) -> Vec<String> {
        let programme = self.programme.filter(|programme| self.side.is_in_force(*programme, self.county));
        let Some(programme) = programme else { return Vec::new() };
        let rules = self.side.content.rules.programmes[programme];
        explain::exceptions(self.evaluation, rules.amount.unwrap_or(rules.entitled), member)
    }
}

/// The rules of entitlement and amount in full.
pub(super) fn explanations(
    side: &Side<'_>,
    programme: Option<usize>,
    evaluation: &mut Evaluation<'_>,
    member: usize,
) -> Vec<Explanation> {
    let Some(programme) = programme else { return Vec::new() };
    let rules = side.content.rules.programmes[programme];
    let asked: Vec<RuleId> = std::iter::once(rules.entitled).chain(rules.amount).collect();
    let library = evaluation.program.library;
    asked
        .into_iter()
        .map(|rule| {
            let row = explain::row_for(library.rules[rule.index()].entity, member as u32);
            doudi_policy::explain(evaluation, rule, row)
        })
        .collect()
}

/// Both sides; where an exception applies on one of them only, its reason says so.
pub(super) fn both(told: &mut [Told<'_, '_>; 2], member: Option<usize>, enrolled: bool) -> [ChangedSide; 2] {
    let mut sides = told.each_mut().map(|told| told.changed(member, enrolled));
    let about = |told: &Told<'_, '_>, side: &ChangedSide| {
        member.unwrap_or_else(|| told.spokesman(side.standing)) as u32
    };
    let exceptions = [0, 1].map(|at| told[at].exceptions(about(&told[at], &sides[at])));
    for at in [0, 1] {
        let only: Vec<&str> = exceptions[at]
            .iter()
            .filter(|one| !exceptions[1 - at].contains(one))
            .map(String::as_str)
            .collect();
        if !only.is_empty() && sides[at].standing == Entitled::Yes {
            sides[at].reason.push_str(&format!("；适用{}", only.join("、")));
        }
    }
    sides
}

/// Where a unit is counted: in its county, at its head's.
pub(super) fn place_of(population: &Population, unit: usize) -> RegionCode {
    let unit = &population.units[unit];
    let head = population.regions[population.head_row(unit)];
    let own = unit.rows().map(|row| population.regions[row]);
    std::iter::once(head).chain(own).find(|place| place.is_within(unit.county)).unwrap_or(unit.county)
}
