//! Who a row's person is after all: links name entries of the register; people have said which entries are one, which
//! row means whom, and earlier rosters knew people whom the register does not.

use crate::links::{LinkRecord, Newcomer, RowCells};
use crate::people_before::{KnownNewcomer, PeopleBefore};
use crate::settle::may_be_one_name;
use doudi_linkage::{Index, LinkClass, MatchGrade, Weights, WhyNot};
use doudi_register::{PersonRow, RegisterBuilder};
use doudi_terms::{Place, RegionCode, ResidentId};
use rustc_hash::{FxHashMap, FxHashSet};

pub(crate) struct WhoIsWho {
    before: PeopleBefore,
    /// From the number of a person to that of the one who stays.
    stays: FxHashMap<String, String>,
    /// By what a row writes, whom it means or does not mean.
    rows: FxHashMap<u64, Vec<(String, bool)>>,
    newcomers: Option<(Index, Vec<usize>)>,
    /// The numbers of all of them.
    newcomer_ids: FxHashSet<String>,
    /// Newcomers whom the register now has, with its number of them.
    pub joined: Vec<(String, String)>,
    /// Entries of the register that are somebody else's: nobody of their own.
    pub gone: FxHashSet<u32>,
}

impl WhoIsWho {
    /// `register` has its own people only as yet.
    pub fn new(before: PeopleBefore, register: &RegisterBuilder) -> WhoIsWho {
        let mut found = WhoIsWho {
            stays: FxHashMap::default(),
            rows: FxHashMap::default(),
            newcomers: None,
            newcomer_ids: before.newcomers.iter().map(|known| known.person_id.clone()).collect(),
            joined: Vec::new(),
            gone: FxHashSet::default(),
            before,
        };
        found.join(register);
        let joined = found.joined.iter().map(|(newcomer, person)| (person, newcomer));
        let pairs: Vec<(String, String)> = (found.before.same.iter().map(|(kept, other)| (kept, other)))
            .chain(joined)
            .map(|(kept, other)| (kept.clone(), other.clone()))
            .collect();
        for (kept, other) in pairs {
            found.unite(&kept, &other, register);
        }
        for answer in &found.before.rows {
            let writing = writing(&answer.id_number, &answer.name);
            found.rows.entry(writing).or_default().push((answer.person_id.clone(), answer.same));
        }
        let stays_here = |other: &&String| register.find_person_id(found.stays(other)).is_some();
        let gone = found.stays.keys().filter(stays_here).filter_map(|other| register.find_person_id(other));
        found.gone = gone.collect();
        found.index_newcomers();
        found
    }

    /// Who stays in a person's place: mostly the person.
    pub fn stays<'a>(&'a self, person_id: &'a str) -> &'a str {
        let mut stays = person_id;
        // Two are united at their ends only, so there are no circles.
        while let Some(next) = self.stays.get(stays) {
            stays = next;
        }
        stays
    }

    /// Of an entry of the register and somebody whom it does not know, the register's stays.
    fn unite(&mut self, kept: &str, other: &str, register: &RegisterBuilder) {
        let (mut kept, mut other) = (self.stays(kept).to_owned(), self.stays(other).to_owned());
        let is_known = |person_id: &str| register.find_person_id(person_id).is_some();
        if !is_known(&kept) && is_known(&other) {
            std::mem::swap(&mut kept, &mut other);
        }
        if kept != other {
            self.stays.insert(other, kept);
        }
    }

    /// Everybody who is somebody else by now, with who that is.
    pub fn moved(&self) -> Vec<(String, String)> {
        let mut moved: Vec<(String, String)> =
            self.stays.keys().map(|other| (other.clone(), self.stays(other).to_owned())).collect();
        moved.sort();
        moved
    }

    fn join(&mut self, register: &RegisterBuilder) {
        for newcomer in &self.before.newcomers {
            let Ok(id) = ResidentId::parse(&newcomer.id_number) else { continue };
            let Some(person) = register.find_id_number(&id) else { continue };
            let person_id = register.person_id(person);
            let agree = may_be_one_name(register.name(person), &newcomer.name);
            if agree && !self.before.are_different(person_id, &newcomer.person_id) {
                self.joined.push((newcomer.person_id.clone(), person_id.to_owned()));
            }
        }
    }

    /// Those who are still themselves can be found by rows that write them otherwise.
    fn index_newcomers(&mut self) {
        let mut builder = Index::builder();
        let mut numbers = Vec::new();
        for (at, newcomer) in self.before.newcomers.iter().enumerate() {
            if self.stays(&newcomer.person_id) != newcomer.person_id {
                continue;
            }
            builder.push(newcomer.entry(at as u32));
            numbers.push(at);
        }
        if !numbers.is_empty() {
            self.newcomers = Some((builder.build(), numbers));
        }
    }

    /// Whether rows may speak of people whom earlier rosters knew.
    pub fn looks_for_newcomers(&self) -> bool {
        self.newcomers.is_some()
    }

    /// The link as it counts: what people said goes before what linkage found.
    pub fn settled(
        &self,
        mut link: LinkRecord,
        weights: Option<&Weights>,
        register: &mut RegisterBuilder,
        place: &dyn Fn() -> Place,
    ) -> LinkRecord {
        // A number that an earlier month's newcomer has is that newcomer's; any other may be theirs miswritten.
        let is_known = |newcomer: &Newcomer| self.newcomer_ids.contains(&newcomer.person_id());
        if link.class == LinkClass::None
            && !link.newcomer.as_deref().is_some_and(is_known)
            && let Some(known) = weights.and_then(|weights| self.known_newcomer(&link, weights))
            && let Some(person) = open(register, known, place)
        {
            link = meant(link, person, MatchGrade::B);
        }
        if let Some(newcomer) = &link.newcomer {
            let person_id = newcomer.person_id();
            let stays = self.stays(&person_id);
            if stays != person_id
                && let Some(person) = self.find_or_open(stays, register, place)
            {
                link = meant(link, person, MatchGrade::B);
            }
        }
        link.person = link.person.map(|person| match self.stays.is_empty() {
            true => person,
            false => register.find_person_id(self.stays(register.person_id(person))).unwrap_or(person),
        });
        if let Some(answers) = self.rows.get(&link.writing) {
            self.answer(&mut link, answers, register, place);
        }
        link
    }

    fn find_or_open(
        &self,
        person_id: &str,
        register: &mut RegisterBuilder,
        place: &dyn Fn() -> Place,
    ) -> Option<u32> {
        let known = || self.before.newcomers.iter().find(|newcomer| newcomer.person_id == person_id);
        register.find_person_id(person_id).or_else(|| open(register, known()?, place))
    }

    fn known_newcomer(&self, link: &LinkRecord, weights: &Weights) -> Option<&KnownNewcomer> {
        let (index, numbers) = self.newcomers.as_ref()?;
        let cells: &RowCells = link.cells.as_deref()?;
        let answer = index.answer(&cells.row(), weights);
        let person = answer.person.filter(|_| answer.class == LinkClass::Auto)?;
        self.before.newcomers.get(*numbers.get(person as usize)?)
    }

    fn answer(
        &self,
        link: &mut LinkRecord,
        answers: &[(String, bool)],
        register: &mut RegisterBuilder,
        place: &dyn Fn() -> Place,
    ) {
        let now = |person_id: &str| self.stays(person_id).to_owned();
        if let Some((person_id, _)) = answers.iter().find(|(_, same)| *same)
            && let Some(person) = self.find_or_open(&now(person_id), register, place)
        {
            *link = meant(link.clone(), person, MatchGrade::A);
            return;
        }
        let meant_id = match (&link.newcomer, link.person) {
            (Some(newcomer), _) => Some(now(&newcomer.person_id())),
            (None, Some(person)) => Some(register.person_id(person).to_owned()),
            (None, None) => None,
        };
        if meant_id.is_some_and(|id| answers.iter().any(|(other, same)| !same && now(other) == id)) {
            // Not this one: who else it is, somebody has to say.
            link.class = LinkClass::None;
            link.person = None;
            link.newcomer = None;
            link.why = Some(WhyNot::Ambiguous);
        }
    }
}

fn meant(link: LinkRecord, person: u32, grade: MatchGrade) -> LinkRecord {
    LinkRecord {
        class: LinkClass::Auto,
        person: Some(person),
        probability: 1.0,
        grade,
        why: None,
        newcomer: None,
        namesakes: Vec::new(),
        ..link
    }
}

fn open(register: &mut RegisterBuilder, newcomer: &KnownNewcomer, place: &dyn Fn() -> Place) -> Option<u32> {
    let id = ResidentId::parse(&newcomer.id_number).ok();
    let (sex, birth) = crate::identity::sex_and_birth(id, None, "");
    let row = PersonRow {
        person_id: &newcomer.person_id,
        id_number: &newcomer.id_number,
        name: &newcomer.name,
        sex,
        birth,
        household_number: &newcomer.person_id,
        relation: "户主",
        region: RegionCode::from_number(newcomer.region).unwrap_or(RegionCode::COUNTRY),
        address: &newcomer.address,
        phone: &newcomer.phone,
        account: "",
    };
    register.add_new_person(&row, &place())
}

/// A number for what a row writes as number and name: blanks, full-width signs and lower case do not matter.
pub(crate) fn writing(id_number: &str, name: &str) -> u64 {
    // FNV-1a by characters; links keep it, so it may not depend on the machine.
    const PRIME: u64 = 0x0100_0000_01B3;
    let mut hash: u64 = 0xCBF2_9CE4_8422_2325;
    let mut add = |c: char| hash = (hash ^ u64::from(u32::from(c))).wrapping_mul(PRIME);
    let half = |c: char| match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        c => c,
    };
    for text in [id_number, name] {
        let kept = text.chars().map(half).filter(|c| !c.is_whitespace() && *c != '\'');
        kept.for_each(|c| add(c.to_ascii_uppercase()));
        add('\n');
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::writing;

    #[test]
    fn a_row_is_known_again_however_its_cells_are_typed() {
        let plain = writing("50024319650312002X", "王小明");
        assert_eq!(writing("'50024319650312002x ", "王 小明"), plain);
        assert_eq!(writing("５００２４３１９６５０３１２００２Ｘ", "王小明"), plain);
        assert_ne!(writing("50024319650312002X", "王晓明"), plain);
        assert_ne!(writing("王小明", "50024319650312002X"), plain);
        assert_ne!(writing("", "王小明"), writing("王小明", ""));
    }
}
