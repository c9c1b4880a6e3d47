//! The comparison: everybody under both sets of policies, household by household.

use super::basis::Basis;
use super::changes::{Changed, Example, Told, both, explanations, is_listed, place_of};
use super::share::{At, Entitled, Range, Share, Side, cut};
use super::tally::{Change, Tally};
use crate::certificate::Identity;
use crate::content::Content;
use crate::determine::Chunk;
use crate::error::{EngineError, Outcome};
use crate::explain::Household;
use doudi_policy::{Evaluation, Library};
use doudi_terms::{Month, RegionCode, RegionLevel};
use std::collections::BTreeMap;

/// What changes in a place and month.
#[derive(Clone, Debug)]
pub struct Comparison {
    pub region: RegionCode,
    pub month: Month,
    pub persons: u64,
    pub households: u64,
    /// In the order of the registry after, then those that are no longer in it.
    pub programmes: Vec<ProgrammeComparison>,
    pub overall: Overall,
    /// By programme, place and household.
    pub changed: Vec<Changed>,
    /// At most one for each kind of change.
    pub examples: Vec<Example>,
    /// Equations that say that nobody and no fen was lost; all of them hold.
    pub identities: Vec<Identity>,
    /// Facts that only the later policies ask for.
    pub unknown_facts: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct ProgrammeComparison {
    pub id: String,
    pub name: String,
    /// It pays households; otherwise persons.
    pub pays_household: bool,
    pub total: Tally,
    pub by_county: BTreeMap<RegionCode, Tally>,
    pub by_township: BTreeMap<RegionCode, Tally>,
}

/// Households with something changed in any programme, by what all programmes together come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overall {
    pub more: u64,
    pub less: u64,
    /// What one programme gives the other takes.
    pub even: u64,
    /// An amount that changes is not known.
    pub unknown: u64,
}

impl Overall {
    pub fn sum(&self) -> u64 {
        self.more + self.less + self.even + self.unknown
    }
}

/// A programme on both sides.
struct Pair {
    before: Option<usize>,
    after: Option<usize>,
}

/// Asks both sets of policies about everybody of `within`.
pub fn compare(basis: &Basis, before: &Content, after: &Content, within: RegionCode) -> Outcome<Comparison> {
    let (population, month) = (&basis.population, basis.kept.month);
    let facts_before = basis.facts(&before.library)?;
    let chunks_before = cut(before, population, &facts_before, month)?;
    let side_before = Side::of(before, population, &facts_before, &chunks_before, month)?;
    // A proposed value changes no names: the columns serve both sides.
    let facts_after = (!have_same_names(&before.library, &after.library))
        .then(|| basis.facts(&after.library))
        .transpose()?;
    let chunks_after = facts_after.as_ref().map(|facts| cut(after, population, facts, month)).transpose()?;
    let facts_after = facts_after.as_ref().unwrap_or(&facts_before);
    let chunks_after = chunks_after.as_deref().unwrap_or(&chunks_before);
    let side_after = Side::of(after, population, facts_after, chunks_after, month)?;
    let (pairs, programmes) = pair(before, after);
    let mut walk = Walk {
        basis,
        sides: [&side_before, &side_after],
        pairs: &pairs,
        comparison: Comparison {
            region: within,
            month,
            persons: 0,
            households: 0,
            programmes,
            overall: Overall::default(),
            changed: Vec::new(),
            examples: Vec::new(),
            identities: Vec::new(),
            unknown_facts: basis.unknown_facts(&after.library),
        },
    };
    for (one, other) in chunks_before.iter().zip(chunks_after) {
        for unit in one.units.clone() {
            let place = place_of(population, unit);
            if place.is_within(within) {
                walk.unit([one, other], unit, place);
            }
        }
    }
    let mut comparison = walk.comparison;
    comparison.changed.sort_by(|a, b| order(a).cmp(&order(b)));
    comparison.identities = identities(&comparison);
    match comparison.identities.iter().find(|identity| !identity.holds) {
        None => Ok(comparison),
        Some(broken) => Err(EngineError::Internal(format!(
            "总数对不上：{}（左 {}，右 {}）",
            broken.name, broken.left, broken.right
        ))),
    }
}

fn order(changed: &Changed) -> (usize, RegionCode, &str, &str) {
    (changed.programme, changed.village, &changed.household, &changed.person_id)
}

fn have_same_names(one: &Library, other: &Library) -> bool {
    let entities = |library: &Library| {
        library.entities.iter().map(|entity| (entity.name.clone(), entity.parent)).collect::<Vec<_>>()
    };
    let inputs = |library: &Library| {
        let named = library.inputs.iter().map(|input| (input.entity, input.name.clone(), input.ty));
        named.collect::<Vec<_>>()
    };
    let options =
        |library: &Library| library.enums.iter().map(|found| found.labels.clone()).collect::<Vec<_>>();
    entities(one) == entities(other) && inputs(one) == inputs(other) && options(one) == options(other)
}

fn pair(before: &Content, after: &Content) -> (Vec<Pair>, Vec<ProgrammeComparison>) {
    let (old, new) = (&before.clearing.programmes, &after.clearing.programmes);
    let mut pairs = Vec::new();
    let mut programmes = Vec::new();
    let gone = old.iter().filter(|programme| !new.iter().any(|other| other.id == programme.id));
    for programme in new.iter().chain(gone) {
        let at = |list: &[crate::content::Programme]| list.iter().position(|other| other.id == programme.id);
        let pair = Pair { before: at(old), after: at(new) };
        let pays = |content: &Content, at: Option<usize>| {
            let rule = at.and_then(|at| content.rules.programmes[at].amount);
            let entity = rule.map(|rule| content.library.rules[rule.index()].entity);
            entity == Some(doudi_policy::ir::HOUSEHOLD)
        };
        programmes.push(ProgrammeComparison {
            id: programme.id.clone(),
            name: programme.name.clone(),
            pays_household: pays(before, pair.before) || pays(after, pair.after),
            total: Tally::default(),
            by_county: BTreeMap::new(),
            by_township: BTreeMap::new(),
        });
        pairs.push(pair);
    }
    (pairs, programmes)
}

impl Pair {
    fn sides(&self) -> [Option<usize>; 2] {
        [self.before, self.after]
    }
}

/// A household in one programme.
struct Here<'u> {
    programme: usize,
    at: &'u At<'u>,
    place: RegionCode,
    chunks: [&'u Chunk; 2],
    shares: &'u [Share; 2],
}

struct Walk<'a> {
    basis: &'a Basis,
    /// Before and after.
    sides: [&'a Side<'a>; 2],
    pairs: &'a [Pair],
    comparison: Comparison,
}

impl Walk<'_> {
    fn unit(&mut self, chunks: [&Chunk; 2], unit: usize, place: RegionCode) {
        let population = &self.basis.population;
        let [before, after] = self.sides;
        let rows = population.units[unit].rows();
        let at = |pressing| At { county: chunks[0].county, unit, rows: rows.clone(), pressing };
        let sighted: Vec<bool> =
            rows.clone().map(|row| !before.is_out_of_sight(row) || !after.is_out_of_sight(row)).collect();
        let pressing: Vec<Vec<bool>> =
            self.pairs.iter().map(|pair| self.pressing(pair, rows.clone(), &sighted)).collect();
        let shares: Vec<[Share; 2]> = self
            .pairs
            .iter()
            .zip(&pressing)
            .map(|(pair, pressing)| {
                let at = at(pressing);
                [before.share(pair.before, &at, None), after.share(pair.after, &at, None)]
            })
            .collect();
        self.comparison.persons += rows.len() as u64;
        self.comparison.households += 1;
        let is_settled = |shares: &[Share; 2]| shares[0] == shares[1] && !shares[0].is_open();
        if shares.iter().all(is_settled) {
            for (programme, shares) in shares.iter().enumerate() {
                self.count(programme, unit, place, shares);
            }
            return;
        }
        let own = Household::new(&before.counties[chunks[0].county], chunks[0], &before.layout, unit);
        let other = Household::new(&after.counties[chunks[1].county], chunks[1], &after.layout, unit);
        let mut evaluations = [own.evaluation(), other.evaluation()];
        let mut net = Net::default();
        for (programme, ((pair, pressing), shares)) in
            self.pairs.iter().zip(&pressing).zip(shares).enumerate()
        {
            if is_settled(&shares) {
                self.count(programme, unit, place, &shares);
                continue;
            }
            let at = at(pressing);
            let [one, two] = &mut evaluations;
            let shares = [before.share(pair.before, &at, Some(one)), after.share(pair.after, &at, Some(two))];
            self.count(programme, unit, place, &shares);
            net.add(&shares);
            let here = Here { programme, at: &at, place, chunks, shares: &shares };
            self.list(&here, &mut evaluations);
        }
        net.count(&mut self.comparison.overall);
    }

    /// By member: not knowing matters.
    fn pressing(&self, pair: &Pair, rows: std::ops::Range<usize>, sighted: &[bool]) -> Vec<bool> {
        let sides = [(self.sides[0], pair.before), (self.sides[1], pair.after)];
        let enrolled = |row| sides.iter().any(|(side, at)| at.is_some_and(|at| side.is_enrolled(at, row)));
        rows.zip(sighted).map(|(row, sighted)| *sighted || enrolled(row)).collect()
    }

    /// By member, on the side before; where that has no such programme, after.
    fn enrolled(&self, programme: usize, unit: usize) -> Vec<bool> {
        let pair = &self.pairs[programme];
        let rows = self.basis.population.units[unit].rows();
        let (side, at) = match (pair.before, pair.after) {
            (Some(at), _) => (self.sides[0], at),
            (None, Some(at)) => (self.sides[1], at),
            (None, None) => return vec![false; rows.len()],
        };
        rows.map(|row| side.is_enrolled(at, row)).collect()
    }

    fn count(&mut self, programme: usize, unit: usize, place: RegionCode, shares: &[Share; 2]) {
        let enrolled = self.enrolled(programme, unit);
        let county = self.basis.population.units[unit].county;
        let found = &mut self.comparison.programmes[programme];
        let township = place.at(RegionLevel::Township);
        let of_household = household_change(shares);
        let standings = [shares[0].household(), shares[1].household()];
        let paid = shares.each_ref().map(|share| paid(share, &enrolled));
        for tally in [
            &mut found.total,
            found.by_county.entry(county).or_default(),
            found.by_township.entry(township).or_default(),
        ] {
            tally.add_household((of_household, standings[0], standings[1]), &paid[0], &paid[1]);
            for member in 0..enrolled.len() {
                let [before, after] = shares.each_ref().map(|share| of_member(share, member));
                tally.add_person(Change::of(before, after), before.0, after.0);
            }
        }
    }

    fn list(&mut self, here: &Here<'_>, evaluations: &mut [Evaluation<'_>; 2]) {
        let enrolled = self.enrolled(here.programme, here.at.unit);
        let shares = here.shares;
        if self.comparison.programmes[here.programme].pays_household {
            let [before, after] = shares.each_ref().map(|share| (share.household(), share.total()));
            let change = household_change(shares);
            if is_listed(change, before, after) {
                self.push(here, (change, None, enrolled.contains(&true)), evaluations);
            }
            return;
        }
        for (member, enrolled) in enrolled.into_iter().enumerate() {
            let [before, after] = shares.each_ref().map(|share| of_member(share, member));
            let change = Change::of(before, after);
            if is_listed(change, before, after) {
                self.push(here, (change, Some(member), enrolled), evaluations);
            }
        }
    }

    fn push(
        &mut self,
        here: &Here<'_>,
        (change, member, enrolled): (Change, Option<usize>, bool),
        evaluations: &mut [Evaluation<'_>; 2],
    ) {
        let population = &self.basis.population;
        let unit = &population.units[here.at.unit];
        let rows = unit.rows();
        let row = member.map_or_else(|| population.head_row(unit), |member| rows.start + member);
        let [one, two] = evaluations;
        let programmes = self.pairs[here.programme].sides();
        let told = |side: usize| (self.sides[side], programmes[side], &here.shares[side], here.at.county);
        let mut told = [Told::new(told(0), one), Told::new(told(1), two)];
        let [before, after] = both(&mut told, member, enrolled);
        let person = population.members[row];
        let changed = Changed {
            programme: here.programme,
            change,
            county: unit.county,
            township: here.place.at(RegionLevel::Township),
            village: here.place,
            household: unit.number().to_owned(),
            person_id: population.person_id(row).to_owned(),
            name: population.texts.name(person).to_owned(),
            id_number: population.texts.id_number(person).to_owned(),
            members: rows.len() as u32,
            before,
            after,
        };
        let is_new = |example: &Example| example.change != change;
        if is_exemplary(change) && self.comparison.examples.iter().all(is_new) {
            let example = self.example(here, member, &changed);
            self.comparison.examples.push(example);
        }
        self.comparison.changed.push(changed);
    }

    fn example(&self, here: &Here<'_>, member: Option<usize>, changed: &Changed) -> Example {
        let entitled = |share: &Share| share.members.iter().position(|one| *one == Entitled::Yes);
        let about = member
            .or_else(|| entitled(&here.shares[1]))
            .or_else(|| entitled(&here.shares[0]))
            .unwrap_or_default();
        let programmes = self.pairs[here.programme].sides();
        let [before, after] = [0, 1].map(|side| {
            let (policies, chunk) = (self.sides[side], here.chunks[side]);
            let county = &policies.counties[chunk.county];
            let household = Household::new(county, chunk, &policies.layout, here.at.unit).without_names();
            explanations(policies, programmes[side], &mut household.evaluation(), about)
        });
        Example {
            programme: here.programme,
            change: changed.change,
            township: changed.township,
            members: changed.members,
            reasons: [changed.before.reason.clone(), changed.after.reason.clone()],
            before,
            after,
        }
    }
}

fn is_exemplary(change: Change) -> bool {
    matches!(change, Change::Enter | Change::Leave | Change::Gain | Change::Lose)
}

fn household_change(shares: &[Share; 2]) -> Change {
    let [before, after] = shares.each_ref().map(|share| (share.household(), share.total()));
    Change::of(before, after)
}

/// A member's standing and amount; of a programme that pays households, the household's amount.
fn of_member(share: &Share, member: usize) -> (Entitled, Range) {
    let standing = share.members[member];
    let amount = share.amounts.get(member).or(share.amounts.first()).copied();
    (standing, amount.filter(|_| standing != Entitled::No).unwrap_or(Range::NOTHING))
}

/// What is paid: once for the household, or to each member.
fn paid(share: &Share, enrolled: &[bool]) -> Vec<(Entitled, Range, bool)> {
    if share.amounts.len() == share.members.len() && share.members.len() > 1 {
        let each = share.members.iter().zip(&share.amounts).zip(enrolled);
        return each.map(|((standing, amount), enrolled)| (*standing, *amount, *enrolled)).collect();
    }
    vec![(share.household(), share.total(), enrolled.contains(&true))]
}

/// What all programmes together come to for a household.
#[derive(Default)]
struct Net {
    fen: i64,
    changes: bool,
    unknown: bool,
}

impl Net {
    fn add(&mut self, shares: &[Share; 2]) {
        let [before, after] = shares.each_ref().map(|share| (share.household(), share.total()));
        if !is_listed(household_change(shares), before, after) {
            return;
        }
        self.changes = true;
        let asked =
            [before, after].iter().all(|(standing, _)| matches!(standing, Entitled::Yes | Entitled::No));
        match before.1.known().zip(after.1.known()).filter(|_| asked) {
            Some((before, after)) => self.fen = self.fen.saturating_add(after.saturating_sub(before)),
            None => self.unknown = true,
        }
    }

    fn count(&self, overall: &mut Overall) {
        *match (self.changes, self.unknown, self.fen) {
            (false, ..) => return,
            (_, true, _) => &mut overall.unknown,
            (_, _, fen) if fen > 0 => &mut overall.more,
            (_, _, fen) if fen < 0 => &mut overall.less,
            _ => &mut overall.even,
        } += 1;
    }
}

fn identities(comparison: &Comparison) -> Vec<Identity> {
    // Two sums are the same number exactly when they are the same modulo 2^64; a proposal may cost less than nothing.
    let fen = |amount: i128| amount.rem_euclid(1 << 64) as u64;
    let mut found = Vec::new();
    for programme in &comparison.programmes {
        let (name, total) = (&programme.name, &programme.total);
        let (people, units) = (&total.persons, &total.households);
        found.push(Identity::new(format!("{name}：各类人数之和 = 人数"), people.sum(), comparison.persons));
        found.push(Identity::new(format!("{name}：各类户数之和 = 户数"), units.sum(), comparison.households));
        for (kind, counts) in [("人", people), ("户", units)] {
            let (left, right) = counts.flow();
            let name = format!("{name}：原符合 + 进入 + 由不详定为符合 = 现符合 + 退出 + 变为不详（{kind}）");
            found.push(Identity::new(name, left, right));
        }
        let moved = total.before.known + total.differences_sum();
        found.push(Identity::new(
            format!("{name}：原费用 + 各类增减 = 现费用（分）"),
            fen(moved),
            fen(total.after.known),
        ));
        for (kind, places) in [("各县", &programme.by_county), ("各乡镇", &programme.by_township)] {
            let sum = |of: &dyn Fn(&Tally) -> u64| places.values().map(of).sum::<u64>();
            let people = sum(&|tally| tally.persons.sum());
            found.push(Identity::new(format!("{name}：{kind}人数之和 = 人数"), people, comparison.persons));
            let units = sum(&|tally| tally.households.sum());
            found.push(Identity::new(format!("{name}：{kind}户数之和 = 户数"), units, comparison.households));
            let cost = places.values().map(|tally| tally.after.known).sum::<i128>();
            let name = format!("{name}：{kind}现费用之和 = 现费用（分）");
            found.push(Identity::new(name, fen(cost), fen(total.after.known)));
        }
    }
    found
}
