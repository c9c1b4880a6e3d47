//! What each township is given to work with: plain tables and forms; the binary makes workbooks of them.
//!
//! One file per sheet. Which classes of people are looked in on, which ledgers are kept and what they show is content
//! (`programs.toml`); the lists of leads, of the missed, the wrongly enrolled and the undetermined follow from buckets.

mod checks;
mod doubles;
mod lead_list;
mod ledgers;
mod look_in;
mod missed;
mod packed;
mod shown;
mod table;
mod undetermined;
mod visits;
mod wrong;

pub use checks::CheckInForce;
pub(crate) use checks::checks_in_force;
pub(crate) use doubles::{doubles_row, doubles_table};
pub use table::{HandoutCell, HandoutColumn, HandoutTable};
pub use visits::{Visit, VisitLead, VisitMember};

use crate::clearing::Evaluated;
use crate::content::Content;
use crate::county::County;
use crate::determine::Chunk;
use crate::explain::Household;
use crate::facts::LastMonthFacts;
use crate::leads::Lead;
use crate::population::{Population, Unit};
use crate::tally::township_code;
use doudi_policy::Layout;
use doudi_terms::{Date, Month, RegionCode, RegionLevel};
use packed::PackedTable;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use table::text;

/// One township's tables and forms.
#[derive(Clone, Debug)]
pub struct Township {
    pub code: RegionCode,
    /// Nine digits.
    pub code_text: String,
    pub tables: Vec<HandoutTable>,
    /// One form for every household with leads.
    pub visits: Vec<Visit>,
}

/// What all townships are given; of each it is unpacked only when somebody asks.
#[derive(Clone)]
pub struct Townships {
    all: Vec<(String, Drafts)>,
    /// A sheet beside the others, by township.
    more: BTreeMap<String, HandoutTable>,
}

impl fmt::Debug for Townships {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl Townships {
    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Codes, also as nine digits, in their order.
    pub fn codes(&self) -> impl Iterator<Item = (RegionCode, &str)> {
        self.all.iter().map(|(code_text, drafts)| (drafts.code, code_text.as_str()))
    }

    pub fn get(&self, at: usize) -> Option<Township> {
        let (code_text, drafts) = self.all.get(at)?;
        Some(Township {
            code: drafts.code,
            code_text: code_text.clone(),
            tables: (drafts.sheets.iter().map(PackedTable::unpack))
                .chain(self.more.get(code_text).cloned())
                .collect(),
            visits: drafts.visits.iter().map(|(_, visit)| visit.clone()).collect(),
        })
    }

    /// Adds one more sheet to some townships, by their nine digits.
    pub(crate) fn add_sheets(&mut self, sheets: BTreeMap<String, HandoutTable>) {
        self.more = sheets;
    }

    pub fn iter(&self) -> impl Iterator<Item = Township> + '_ {
        (0..self.len()).filter_map(|at| self.get(at))
    }
}

/// Sheets in the order in which they are handed out; ledgers follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SheetOf {
    LookIn,
    Leads,
    Missed,
    Wrong,
    Exits,
    Undetermined,
    Ledger(usize),
}

impl SheetOf {
    const FIXED: [SheetOf; 6] = [
        SheetOf::LookIn,
        SheetOf::Leads,
        SheetOf::Missed,
        SheetOf::Wrong,
        SheetOf::Exits,
        SheetOf::Undetermined,
    ];

    fn place(self) -> usize {
        match self {
            SheetOf::Ledger(index) => SheetOf::FIXED.len() + index,
            fixed => SheetOf::FIXED.iter().position(|sheet| *sheet == fixed).unwrap_or(0),
        }
    }

    fn empty(self, content: &Content) -> HandoutTable {
        match self {
            SheetOf::LookIn => look_in::table(content),
            SheetOf::Leads => lead_list::table(),
            SheetOf::Missed => missed::table(false),
            SheetOf::Exits => missed::table(true),
            SheetOf::Wrong => wrong::table(),
            SheetOf::Undetermined => undetermined::table(),
            SheetOf::Ledger(index) => ledgers::table(content, index),
        }
    }
}

/// One township's sheets.
#[derive(Clone)]
struct Drafts {
    code: RegionCode,
    sheets: Vec<PackedTable>,
    visits: Vec<(RegionCode, Visit)>,
}

/// The sheets of townships, of some people or of all.
#[derive(Default)]
pub(crate) struct Sheets {
    /// By village.
    look_in: BTreeMap<RegionCode, look_in::Counts>,
    townships: BTreeMap<String, Drafts>,
}

/// What the sheets are made from, and what has been made so far.
struct Maker<'a> {
    content: &'a Content,
    population: &'a Population,
    evaluated: &'a Evaluated<'a>,
    last_month: Option<&'a LastMonthFacts>,
    last_day: Date,
    leads_of: BTreeMap<usize, Vec<&'a Lead>>,
    sheets: Sheets,
}

/// A unit with its law and, once somebody asks, its facts.
struct At<'a> {
    county: &'a County<'a>,
    chunk: &'a Chunk,
    layout: &'a Layout,
    index: usize,
    unit: &'a Unit,
    household: OnceCell<Household<'a>>,
}

impl<'a> At<'a> {
    fn household(&self) -> &Household<'a> {
        self.household.get_or_init(|| Household::new(self.county, self.chunk, self.layout, self.index))
    }

    fn member(&self, row: usize) -> u32 {
        (row - self.unit.start as usize) as u32
    }
}

/// The sheets of every township that has people among these.
pub(crate) fn sheets(
    content: &Content,
    population: &Population,
    evaluated: &Evaluated<'_>,
    last_month: Option<&LastMonthFacts>,
    month: Month,
) -> Sheets {
    let mut leads_of: BTreeMap<usize, Vec<&Lead>> = BTreeMap::new();
    for lead in &evaluated.leads {
        leads_of.entry(lead.row).or_default().push(lead);
    }
    let mut maker = Maker {
        content,
        population,
        evaluated,
        last_month,
        last_day: month.last_day(),
        leads_of,
        sheets: Sheets::default(),
    };
    let layout = Layout::of(&content.library);
    for chunk in &evaluated.chunks {
        let county = &evaluated.counties[chunk.county];
        for index in chunk.units.clone() {
            let unit = &population.units[index];
            let household = OnceCell::new();
            maker.unit(&At { county, chunk, layout: &layout, index, unit, household });
        }
    }
    maker.sheets
}

impl Sheets {
    /// Adds those of people who come after these.
    pub fn add(&mut self, more: Sheets) {
        for (village, counts) in more.look_in {
            self.look_in.entry(village).or_default().add_all(counts);
        }
        for (code, mut more) in more.townships {
            match self.townships.entry(code) {
                Entry::Vacant(place) => {
                    place.insert(more);
                }
                Entry::Occupied(mut known) => {
                    let known = known.get_mut();
                    for (own, more) in known.sheets.iter_mut().zip(more.sheets) {
                        own.append(more);
                    }
                    known.visits.append(&mut more.visits);
                }
            }
        }
    }

    /// The tables of every township, by code.
    pub fn finish(self, content: &Content) -> Townships {
        let Sheets { townships, look_in } = self;
        let made = townships.into_iter().map(|(code_text, mut drafts)| {
            // By village; within a village in the order of households.
            drafts.visits.sort_by_key(|(village, _)| *village);
            drafts.sheets.iter_mut().for_each(PackedTable::sort);
            let list = &mut drafts.sheets[SheetOf::LookIn.place()];
            for village in list.villages() {
                if let Some(counts) = look_in.get(&village) {
                    list.say_above(village, counts.line(content));
                }
            }
            (code_text, drafts)
        });
        Townships { all: made.collect(), more: BTreeMap::new() }
    }
}

impl<'a> Maker<'a> {
    fn unit(&mut self, at: &At<'_>) {
        look_in::add(self, at);
        lead_list::add(self, at);
        missed::add(self, at);
        wrong::add(self, at);
        undetermined::add(self, at);
        ledgers::add(self, at);
        visits::add(self, at);
    }

    /// The sheets of the township where somebody belongs.
    fn drafts(&mut self, row: usize) -> &mut Drafts {
        let region = self.population.regions[row];
        let content = self.content;
        self.sheets.townships.entry(township_code(region)).or_insert_with(|| {
            let ledgers = (0..content.clearing.ledgers.len()).map(SheetOf::Ledger);
            let sheets = SheetOf::FIXED.into_iter().chain(ledgers);
            Drafts {
                code: region.at(RegionLevel::Township),
                sheets: sheets.map(|sheet| PackedTable::new(sheet.empty(content))).collect(),
                visits: Vec::new(),
            }
        })
    }

    /// Adds a row about somebody; within a village rows are sorted by `order`, then as households come.
    fn push(&mut self, sheet: SheetOf, row: usize, order: [u32; 2], more: Vec<HandoutCell>) {
        let village = self.population.regions[row];
        let mut cells = self.person_cells(row);
        cells.extend(more);
        self.drafts(row).sheets[sheet.place()].push(village, order, &cells);
    }

    fn leads(&self, row: usize) -> &[&'a Lead] {
        self.leads_of.get(&row).map_or(&[], Vec::as_slice)
    }

    fn head(&self, row: usize) -> u32 {
        self.population.members[self.population.head_row(self.population.unit(row))]
    }

    fn phone(&self, row: usize) -> &'a str {
        let texts = &self.population.texts;
        let persons = [self.population.members[row], self.head(row)];
        persons
            .into_iter()
            .map(|person| texts.get(person).phone)
            .find(|phone| !phone.is_empty())
            .unwrap_or("")
    }

    fn person_cells(&self, row: usize) -> Vec<HandoutCell> {
        let texts = &self.population.texts;
        let person = self.population.members[row];
        vec![
            HandoutCell::Village(self.population.regions[row]),
            text(texts.name(person)),
            text(texts.id_number(person)),
            text(texts.name(self.head(row))),
            text(self.phone(row)),
        ]
    }
}
