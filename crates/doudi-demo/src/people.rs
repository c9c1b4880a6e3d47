//! Who lives in the county, and everything that is true of them, whatever any roster says.

use crate::dossier::{Dossier, Kinship};
use crate::places::Places;
use doudi_terms::{Date, Fen, Month, ResidentId, Sex};

/// Index into [`World::people`]; the register's `person_id` is this plus one.
pub(crate) type PersonNo = u32;
pub(crate) type HouseNo = u32;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Relation {
    Head,
    Spouse,
    Child,
    Parent,
    Grandchild,
    InLaw,
    Sibling,
}

impl Relation {
    pub fn word(self) -> &'static str {
        match self {
            Relation::Head => "户主",
            Relation::Spouse => "配偶",
            Relation::Child => "子女",
            Relation::Parent => "父母",
            Relation::Grandchild => "孙子女",
            Relation::InLaw => "儿媳女婿",
            Relation::Sibling => "兄弟姐妹",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Stage {
    Preschool,
    Compulsory,
    HighSchool,
    Vocational,
    College,
    University,
}

/// Monthly amounts, each in exactly one department's hands.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Income {
    /// Odd jobs and work elsewhere: known to the canvass only.
    pub odd_jobs: Fen,
    /// A formal employer's wage: in the wages roster, therefore not in the canvass.
    pub formal_wage: Fen,
    pub farm: Fen,
    pub property: Fen,
    pub transfer: Fen,
    pub land: Fen,
    /// Of the employees' scheme; zero: the residents' scheme from sixty on.
    pub employee_pension: Fen,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Disability {
    /// 1..=7: sight, hearing, speech, limbs, intellect, mind, several.
    pub kind: u8,
    /// 1..=4.
    pub grade: u8,
    pub issued: Date,
    pub until: Date,
    pub reissued: bool,
    /// Given back or withdrawn on this day.
    pub cancelled: Option<Date>,
}

impl Disability {
    pub fn severe(&self) -> bool {
        self.grade <= 2
    }

    pub fn valid(&self, month: Month) -> bool {
        self.until >= month.last_day() && !self.cancelled(month)
    }

    pub fn cancelled(&self, month: Month) -> bool {
        self.cancelled.is_some_and(|day| day <= month.last_day())
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Bill {
    /// Of the last twelve months, a multiple of twelve fen so that a month's share is exact.
    pub own_payment: Fen,
    pub illness: &'static str,
    pub major: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Custody {
    pub detoxification: bool,
    pub since: Date,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct HospitalStay {
    pub admitted: Date,
    pub discharged: Option<Date>,
}

impl HospitalStay {
    pub fn touches(&self, month: Month) -> bool {
        self.admitted <= month.last_day() && self.discharged.is_none_or(|day| day >= month.first_day())
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ChildKind {
    Orphan,
    Unattended,
}

/// What the child survey found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChildCase {
    pub father: (&'static str, u16),
    pub mother: (&'static str, u16),
    pub cared_for: bool,
    /// Entitled by what the survey found, while under eighteen.
    pub kind: Option<ChildKind>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Care {
    pub in_institution: bool,
    /// Of the six abilities, how many are lost.
    pub lost: u8,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Vehicle {
    pub kind: &'static str,
    pub registered: Date,
    pub active: bool,
    pub plate: u32,
}

impl Vehicle {
    /// One that no dibao household may have.
    pub fn counts(&self, month: Month) -> bool {
        self.active
            && self.registered <= month.last_day()
            && matches!(self.kind, "小型轿车" | "小型普通客车" | "重型货车")
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct House {
    pub dwelling: bool,
    pub square_metres: u16,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Company {
    pub role: &'static str,
    pub active: bool,
    pub capital_yuan: u32,
    pub name: u32,
}

/// Things a person owns or does that few people do: kept apart to keep [`Person`] small.
#[derive(Clone, Default, Debug)]
pub(crate) struct Rarities {
    pub disability: Option<Disability>,
    pub bill: Option<Bill>,
    pub custody: Option<Custody>,
    pub covid: Option<HospitalStay>,
    pub child: Option<ChildCase>,
    pub care: Option<Care>,
    pub vehicles: Vec<Vehicle>,
    pub houses: Vec<House>,
    pub companies: Vec<Company>,
    /// On the public payroll, with the monthly wage.
    pub payroll: Option<Fen>,
    pub unemployed_since: Option<Date>,
    pub moved: Option<Date>,
    /// The other village in which a duplicate stands on the dibao roster.
    pub duplicate_in: Option<u16>,
}

/// What an office does wrongly about a person. Everything else follows from the circumstances.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// Not taken off the dibao or tekun roster after death.
    KeptAfterDeath,
    /// Supported as tekun and on dibao too.
    AlsoDibao,
    PensionUndeclared,
    PrisonerCounted,
    NoNursing,
    NoLiving,
    PaidAfterExpiry,
    NursingForMildGrade,
    LivingWithoutDibao,
    ChildAllowanceTooOld,
    CovidUnpaid,
    /// The disability allowances go on after death.
    BenefitAfterDeath,
    /// A formal wage that the office does not know of.
    WageUndeclared,
    PaidAfterCancellation,
    /// Entitled to a children's allowance and never taken in.
    ChildLeftOut,
    /// Listed as living at home and cared for in an institution.
    CareModeWrong,
}

#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Faults(u32);

impl Faults {
    pub fn add(&mut self, fault: Fault) {
        self.0 |= 1 << fault as u32;
    }

    pub fn has(self, fault: Fault) -> bool {
        self.0 & (1 << fault as u32) != 0
    }
}

pub(crate) struct Person {
    pub household: HouseNo,
    pub id_number: ResidentId,
    pub name: String,
    pub sex: Sex,
    pub birth: Date,
    pub relation: Relation,
    pub ethnicity: &'static str,
    /// Eleven digits; 0 for none.
    pub phone: u64,
    pub account: u64,
    pub stage: Option<Stage>,
    pub tuition_year: Fen,
    pub income: Income,
    pub death: Option<Date>,
    /// Nobody is bound by law to support this person.
    pub no_obligor: bool,
    pub faults: Faults,
    pub rare: Option<Box<Rarities>>,
    pub dossier: Option<Box<Dossier>>,
}

impl Person {
    /// Whole years on a day.
    pub fn age_on(&self, day: Date) -> i32 {
        let years = i32::from(day.year()) - i32::from(self.birth.year());
        let before_birthday = (day.month(), day.day()) < (self.birth.month(), self.birth.day());
        years - i32::from(before_birthday)
    }

    pub fn rare(&mut self) -> &mut Rarities {
        self.rare.get_or_insert_default()
    }

    pub fn dossier(&mut self) -> &mut Dossier {
        self.dossier.get_or_insert_default()
    }

    pub fn kinship(&self) -> Option<&Kinship> {
        self.dossier.as_ref()?.kinship.as_ref()
    }

    /// The register struck the person off by the month's end.
    pub fn struck_off(&self, month: Month) -> bool {
        let cancelled = self.dossier.as_ref().and_then(|dossier| dossier.cancelled);
        cancelled.is_some_and(|cancelled| cancelled.day <= month.last_day())
    }

    pub fn disability(&self) -> Option<&Disability> {
        self.rare.as_ref()?.disability.as_ref()
    }

    pub fn bill(&self) -> Option<&Bill> {
        self.rare.as_ref()?.bill.as_ref()
    }

    pub fn custody(&self) -> Option<&Custody> {
        self.rare.as_ref()?.custody.as_ref()
    }

    pub fn child(&self) -> Option<&ChildCase> {
        self.rare.as_ref()?.child.as_ref()
    }

    pub fn covid(&self) -> Option<&HospitalStay> {
        self.rare.as_ref()?.covid.as_ref()
    }

    pub fn moved(&self) -> Option<Date> {
        self.rare.as_ref()?.moved
    }

    pub fn payroll(&self) -> Option<Fen> {
        self.rare.as_ref()?.payroll
    }

    pub fn vehicles(&self) -> &[Vehicle] {
        self.rare.as_ref().map_or(&[], |rare| &rare.vehicles)
    }

    pub fn houses(&self) -> &[House] {
        self.rare.as_ref().map_or(&[], |rare| &rare.houses)
    }

    pub fn companies(&self) -> &[Company] {
        self.rare.as_ref().map_or(&[], |rare| &rare.companies)
    }

    /// At the month's end.
    pub fn alive(&self, month: Month) -> bool {
        self.death.is_none_or(|day| day > month.last_day())
    }

    /// Offices learn of a death in its month and act on it from the next one.
    pub fn known_alive(&self, month: Month) -> bool {
        self.death.is_none_or(|day| Month::of(day) >= month)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PovertyStatus {
    NotYet,
    Out,
    Unstable,
    Edge,
}

impl PovertyStatus {
    pub fn word(self) -> &'static str {
        match self {
            PovertyStatus::NotYet => "未脱贫",
            PovertyStatus::Out => "已脱贫",
            PovertyStatus::Unstable => "脱贫不稳定",
            PovertyStatus::Edge => "边缘户",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Aid {
    None,
    Dibao { since: Month },
    Tekun,
}

/// Moved out of a place that is not fit to live in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Resettled {
    pub from: u16,
    pub day: Date,
    /// On dibao where they came from.
    pub dibao_there: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Canvass {
    /// No sign of need: nobody had to go there.
    NotNeeded,
    Done,
    /// Somebody should have gone there and there is no row.
    RowMissing,
    /// Visited, but incomes were not found out.
    IncomesBlank,
}

/// How the members of a household belong together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    ElderCouple,
    ElderSingle,
    Single,
    Couple,
    Nuclear,
    NuclearGrown,
    ThreeGenerations,
    GrandfatherHeads,
    LeftBehind,
    SingleParent,
    WithSibling,
}

pub(crate) struct Household {
    pub first: PersonNo,
    pub size: u8,
    pub village: u16,
    pub group: u8,
    pub number: u16,
    pub urban: bool,
    pub shape: Shape,
    pub poverty: Option<PovertyStatus>,
    pub cause: u8,
    pub aid: Aid,
    pub canvass: Canvass,
    pub deposits: Fen,
    /// Chosen for a planted error: no second plant and no other change touches it.
    pub planted: bool,
    pub unpaid_in: Option<Month>,
    /// The roster states this much too much.
    pub roster_error: Fen,
    /// The bank is told this much too much.
    pub payment_error: Fen,
    /// Risen above the line and kept on dibao for a while, with the amount of before.
    pub phase_out: Option<Fen>,
    pub resettled: Option<Resettled>,
    /// Into whose account the household's dibao goes, where it is not the payee's own.
    pub paid_to: Option<PersonNo>,
    /// A number that somebody else entered for everybody in the household.
    pub shared_phone: Option<u64>,
}

impl Household {
    pub fn members(&self) -> std::ops::Range<PersonNo> {
        self.first..self.first + PersonNo::from(self.size)
    }

    pub fn on_dibao(&self) -> bool {
        matches!(self.aid, Aid::Dibao { .. })
    }
}

pub(crate) struct World {
    pub seed: u64,
    pub places: Places,
    pub people: Vec<Person>,
    pub households: Vec<Household>,
    /// Who was on the dibao roster the month before; empty in the first month.
    pub dibao_before: Vec<bool>,
}

impl World {
    pub fn person(&self, no: PersonNo) -> &Person {
        &self.people[no as usize]
    }

    pub fn person_mut(&mut self, no: PersonNo) -> &mut Person {
        &mut self.people[no as usize]
    }

    pub fn household(&self, no: HouseNo) -> &Household {
        &self.households[no as usize]
    }

    pub fn home(&self, person: PersonNo) -> &Household {
        self.household(self.person(person).household)
    }

    pub fn all(&self) -> std::ops::Range<PersonNo> {
        0..self.people.len() as PersonNo
    }

    pub fn homes(&self) -> std::ops::Range<HouseNo> {
        0..self.households.len() as HouseNo
    }

    pub fn address(&self, house: &Household) -> String {
        self.places.address(house.village, house.group, house.number)
    }

    pub fn region(&self, village: u16) -> String {
        self.places.villages[usize::from(village)].code.to_string()
    }
}
