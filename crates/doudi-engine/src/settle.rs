//! What becomes of every row: linked, a new person, for somebody to look at, a duplicate, or rejected.

use crate::bits::Bits;
use crate::error::Outcome;
use crate::lake::StoredRoster;
use crate::links::{LinkRecord, Newcomer};
use crate::who_is_who::WhoIsWho;
use doudi_linkage::{LinkClass, MatchGrade, Weights, WhyNot, weights};
use doudi_register::{PersonRow, RegisterBuilder};
use doudi_terms::roster::RosterSpec;
use doudi_terms::{Place, Problem, RegionCode, Severity};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Problems of linking kept per file; all are counted.
const PROBLEMS_KEPT: usize = 2_000;

/// What a row came to. Each row is in exactly one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Linked,
    /// The first row of somebody whom the register does not know.
    New,
    /// Somebody has to look; until then it counts for the person it most probably is.
    Review,
    /// Somebody has to look, and nobody can be said to be the likeliest: nothing may be concluded from it, not even that
    /// the person is not listed.
    Doubtful,
    Duplicate,
    Rejected,
}

/// One row with its person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SettledRow {
    pub row: u32,
    pub person: u32,
    pub standing: Standing,
    pub grade: MatchGrade,
}

/// Stands for nobody.
pub const NOBODY: u32 = u32::MAX;

impl SettledRow {
    /// Whether the row's facts count.
    pub fn counts(&self) -> bool {
        matches!(self.standing, Standing::Linked | Standing::New | Standing::Review) && self.person != NOBODY
    }
}

/// One file with all its rows.
#[derive(Debug)]
pub struct SettledRoster {
    pub stored: StoredRoster,
    /// Index into the specifications.
    pub spec: usize,
    /// In file order.
    pub rows: Vec<SettledRow>,
    /// Whom a row that identifies nobody may mean: nothing may be concluded from their absence.
    pub suspects: Vec<u32>,
}

/// Where the rows of a roster went. `total` is the sum of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowCounts {
    pub total: u64,
    pub linked: u64,
    pub new_persons: u64,
    pub review: u64,
    pub duplicates: u64,
    pub rejected: u64,
}

impl RowCounts {
    pub fn sum(&self) -> u64 {
        self.linked + self.new_persons + self.review + self.duplicates + self.rejected
    }

    fn count(&mut self, standing: Standing) {
        *match standing {
            Standing::Linked => &mut self.linked,
            Standing::New => &mut self.new_persons,
            Standing::Review | Standing::Doubtful => &mut self.review,
            Standing::Duplicate => &mut self.duplicates,
            Standing::Rejected => &mut self.rejected,
        } += 1;
    }

    /// Adds a file's rows.
    pub fn add(&mut self, roster: &SettledRoster) {
        self.total += u64::from(roster.stored.rows);
        self.rejected += u64::from(roster.stored.rejected);
        for row in &roster.rows {
            self.count(row.standing);
        }
    }
}

/// People and what is known of them while rows are settled.
pub(crate) struct Settling<'s> {
    pub register: &'s mut RegisterBuilder,
    pub problems: &'s mut Vec<Problem>,
    /// The name under which each newcomer was opened.
    pub newcomers: BTreeMap<String, Box<str>>,
    pub who: &'s WhoIsWho,
}

/// Settles the rows of one file. `taken` holds the persons that this roster and month already has a row of; new persons
/// are added to the register. Must be called in a fixed order of files.
pub(crate) fn settle(
    stored: StoredRoster,
    (number, spec): (usize, &RosterSpec),
    weights: Option<&Weights>,
    links: impl Iterator<Item = Outcome<Vec<LinkRecord>>>,
    taken: &mut Bits,
    settling: &mut Settling<'_>,
) -> Outcome<SettledRoster> {
    let place = |row: u32| Place {
        file: stored.file.clone(),
        sheet: stored.sheet.clone(),
        row: Some(row),
        column: None,
    };
    let mut rows: Vec<SettledRow> = Vec::with_capacity(stored.rows as usize);
    let mut whys: Vec<Option<WhyNot>> = Vec::with_capacity(stored.rows as usize);
    let mut suspects = Vec::new();
    // People whom somebody else has told of are opened before those whom the rows tell of.
    let mut openings: Vec<(usize, Box<Newcomer>)> = Vec::new();
    for batch in links {
        for link in batch? {
            let before = settling.register.len();
            let row = link.row;
            let mut link = settling.who.settled(link, weights, settling.register, &|| place(row));
            let opened = settling.register.len() > before;
            openings.extend(link.newcomer.take().map(|newcomer| (rows.len(), newcomer)));
            suspects.append(&mut link.namesakes);
            whys.push(link.why);
            rows.push(standing_of(&link, opened));
        }
    }
    for (at, newcomer) in openings {
        rows[at] = open(rows[at], &newcomer, settling, &place(rows[at].row));
    }
    // Rows that are sure go first, so that a doubtful row never makes a sure one the duplicate.
    for sure in [true, false] {
        for row in rows.iter_mut().filter(|row| row.counts() && (row.standing != Standing::Review) == sure) {
            if !taken.insert(row.person as usize) && !spec.several_rows {
                row.standing = if sure { Standing::Duplicate } else { Standing::Doubtful };
            }
        }
    }
    let troubles = rows.iter().zip(whys).filter_map(|(row, why)| Some((row, trouble(row.standing, why)?)));
    settling.problems.extend(troubles.take(PROBLEMS_KEPT).map(|(row, (severity, what, next))| Problem {
        severity,
        place: place(row.row),
        what,
        next: next.to_owned(),
    }));
    Ok(SettledRoster { stored, spec: number, rows, suspects })
}

/// What a link comes to that tells of nobody new.
fn standing_of(link: &LinkRecord, opened: bool) -> SettledRow {
    let (standing, person) = match (link.class, link.why) {
        (LinkClass::Auto, _) if opened => (Standing::New, link.person),
        (LinkClass::Auto, _) => (Standing::Linked, link.person),
        (LinkClass::Review, _) if link.probability >= weights::LINK => (Standing::Review, link.person),
        (LinkClass::Review, _) => (Standing::Doubtful, link.person),
        (LinkClass::None, Some(WhyNot::BorrowedId | WhyNot::Ambiguous)) => (Standing::Doubtful, None),
        (LinkClass::None, _) => (Standing::Rejected, None),
    };
    SettledRow { row: link.row, person: person.unwrap_or(NOBODY), standing, grade: link.grade }
}

/// The row of somebody whom the register does not know.
fn open(row: SettledRow, newcomer: &Newcomer, settling: &mut Settling<'_>, place: &Place) -> SettledRow {
    let Settling { register, newcomers, .. } = settling;
    let (sex, birth) = newcomer.sex_and_birth();
    let before = register.len();
    let person_id = newcomer.person_id();
    // One number under two wholly different names is two people, one of whom borrowed it: nobody can say which.
    let known = newcomers.entry(person_id.clone()).or_insert_with(|| newcomer.name.clone());
    if !may_be_one_name(known, &newcomer.name) {
        return SettledRow { standing: Standing::Doubtful, person: NOBODY, ..row };
    }
    let person = register.add_new_person(
        &PersonRow {
            person_id: &person_id,
            id_number: newcomer.id.as_str(),
            name: &newcomer.name,
            sex,
            birth,
            // The number of a household on its own that no register can have.
            household_number: &person_id,
            relation: "户主",
            region: newcomer.region.unwrap_or(RegionCode::COUNTRY),
            address: &newcomer.address,
            phone: &newcomer.phone,
            account: "",
        },
        place,
    );
    let standing = if register.len() > before { Standing::New } else { Standing::Linked };
    SettledRow { standing, person: person.unwrap_or(NOBODY), grade: MatchGrade::A, ..row }
}

/// Whether two writings may be one name: no more than one character apart, blanks and dots aside, or one within the other.
pub(crate) fn may_be_one_name(a: &str, b: &str) -> bool {
    let plain = |name: &str| -> Vec<char> { name.chars().filter(|c| c.is_alphanumeric()).collect() };
    let (a, b) = (plain(a), plain(b));
    if a.is_empty() || b.is_empty() {
        return true;
    }
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    let differing = short.iter().zip(long.iter()).filter(|(x, y)| x != y).count();
    long.starts_with(short) || (long.len() == short.len() && differing <= 1)
}

fn trouble(standing: Standing, why: Option<WhyNot>) -> Option<(Severity, String, &'static str)> {
    let why = why.map_or("", WhyNot::describe);
    match standing {
        Standing::Linked | Standing::New => None,
        Standing::Duplicate => Some((
            Severity::Warning,
            "这个人在本名册前面已经有一行，这一行不重复计算".to_owned(),
            "请核对是不是同一个人登记了两次，删去多余的一行",
        )),
        Standing::Review | Standing::Doubtful => Some((
            Severity::Warning,
            if why.is_empty() {
                "与人口库中的人相符的把握不大".to_owned()
            } else {
                why.to_owned()
            },
            "请核对姓名和身份证号后改正",
        )),
        Standing::Rejected => Some((
            Severity::Error,
            if why.is_empty() { "人口库中找不到这个人".to_owned() } else { why.to_owned() },
            "请补正身份证号后重新导入",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::may_be_one_name;

    #[test]
    fn one_number_under_two_names_is_two_people_unless_the_names_are_one_slip_apart() {
        assert!(may_be_one_name("冉红彩", "冉 红彩"));
        assert!(may_be_one_name("冉红彩", "冉红采"));
        assert!(may_be_one_name("阿米娜·伊斯马依", "阿米娜"));
        assert!(!may_be_one_name("冉红彩", "陈勇杰"));
        assert!(!may_be_one_name("冉红彩", "冉小"));
    }
}
