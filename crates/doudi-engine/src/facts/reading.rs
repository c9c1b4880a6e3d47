//! Reading settled rosters into a fact set.

use super::column::{NO_SOURCE, Reading, from_word};
use super::derived::{self, Compared};
use super::fact_set::{FactSet, FactSource};
use super::last_month::LastMonthFacts;
use super::origins::{Origin, Origins};
use super::resolved::{From, ResolvedFact, ResolvedRecord, ResolvedSpec};
use super::sharing::{Counting, Counts, RowToCount, SharedRow, Sharing};
use crate::content::Content;
use crate::data_folder::DataFolder;
use crate::error::{EngineError, Outcome};
use crate::identity::IdentityColumns;
use crate::lake::{self, Half};
use crate::office_cases::CasesBefore;
use crate::parts::RowsByPart;
use crate::population::Population;
use crate::settle::{SettledRoster, SettledRow, Standing};
use crate::two_threads::jobs_in_two_threads;
use doudi_policy::ir::{EntityId, HOUSEHOLD, InputId, PERSON, Type};
use doudi_terms::roster::{ObservationBatch, RosterSpec};
use doudi_terms::{Month, Place, Problem, Severity, Sex};
use rustc_hash::FxHashMap;

/// What is known of people beside the rosters.
#[derive(Clone, Copy, Default)]
pub(crate) struct Beside<'b> {
    pub last_month: Option<&'b LastMonthFacts>,
    /// With the month at whose end they stood so.
    pub cases: Option<(&'b CasesBefore, Month)>,
}

/// As the source of a fact is called that a case says.
const CASES: &str = "窗口办件";

/// Contradictions kept per file word for word.
const PROBLEMS_KEPT: usize = 200;

/// Facts of some people, and what was wrong on the way.
pub(crate) struct Built {
    pub facts: FactSet,
    /// Cells for which two rows of one month say different things.
    pub contradictions: u64,
    pub troubles: Vec<Trouble>,
    /// Empty where nobody asked.
    pub origins: Origins,
}

/// A problem with where it was met, so that those of all parts can be put in one order.
pub(crate) struct Trouble {
    /// Index into the order of reading.
    turn: usize,
    /// Position in the roster.
    at: u32,
    problem: Problem,
}

/// In which order rosters are read, and what they say about people together.
pub(crate) struct Groundwork {
    order: Vec<Turn>,
    sources: Vec<FactSource>,
    /// By specification.
    counts: Vec<Counts>,
    /// Who shares what, for the evidence of leads.
    pub sharing: Sharing,
}

/// A roster whose turn it is to be read.
#[derive(Clone, Copy)]
struct Turn {
    /// Index into the settled rosters.
    roster: usize,
    spec: usize,
    month: Month,
    source: u16,
}

/// Puts the rosters in their order, and counts over all people what people have in common. Rosters of later months go
/// first and keep their word; within a month the specifications' order and then the files' order; the register is asked
/// last, because any other roster knows better with whom somebody lives.
pub(crate) fn groundwork(
    folder: &DataFolder,
    content: &Content,
    population: &Population,
    rosters: &[SettledRoster],
) -> Outcome<Groundwork> {
    let is_register = |spec: usize| content.specs.get(spec).is_some_and(|spec| spec.register);
    let mut months: Vec<(usize, usize, Month)> = Vec::new();
    for (number, roster) in rosters.iter().enumerate() {
        months.push((number, roster.spec, roster.stored.month()?));
    }
    months.sort_by_key(|(_, spec, month)| (is_register(*spec), std::cmp::Reverse(*month), *spec));
    // Only for the numbers of sources, which are the same in every part.
    let mut nobody = FactSet::default();
    let turn = |(roster, spec, month): (usize, usize, Month)| {
        let roster_id = content.specs[spec].id.clone();
        let source = FactSource { roster: roster_id, month: month.to_string(), absent: false };
        Turn { roster, spec, month, source: nobody.source(source) }
    };
    let order: Vec<Turn> = months.into_iter().map(turn).collect();
    let resolved: Vec<ResolvedSpec> =
        content.specs.iter().map(|spec| ResolvedSpec::new(&content.library, spec)).collect();
    let asked = (0..resolved.len()).filter(|spec| !resolved[*spec].counts.is_empty()).collect();
    let counted = jobs_in_two_threads(asked, |spec: usize| {
        let turns = order.iter().filter(|turn| turn.spec == spec);
        count(folder, content, population, rosters, &resolved[spec], turns).map(|counting| (spec, counting))
    });
    let mut sharing = Sharing::default();
    let mut counts: Vec<Counts> = resolved.iter().map(|_| Counts::default()).collect();
    for counted in counted {
        let (spec, counting) = counted?;
        counts[spec] = counting.finish(&resolved[spec].counts, population, &mut sharing);
    }
    Ok(Groundwork { order, sources: nobody.sources, counts, sharing })
}

/// Every row of one specification that counts, on its way to counts.
fn count<'t>(
    folder: &DataFolder,
    content: &Content,
    population: &Population,
    rosters: &[SettledRoster],
    resolved: &ResolvedSpec,
    turns: impl Iterator<Item = &'t Turn>,
) -> Outcome<Counting> {
    let mut counting = Counting::default();
    let mut month_of: FxHashMap<u32, Month> = FxHashMap::default();
    for turn in turns {
        let roster = &rosters[turn.roster];
        let columns = IdentityColumns::of(&content.specs[turn.spec]);
        let counted = resolved.counted(&content.specs[turn.spec]);
        let mut rows = roster.rows.iter();
        each_batch(folder, roster, &counted, None, |facts, identity| {
            for (at, row) in (0..facts.rows.len()).zip(&mut rows) {
                let Some(person) = population.row(row.person) else { continue };
                let counts = row.counts() || row.standing == Standing::Duplicate;
                // An older row counts until the same person has a newer one.
                if !counts || *month_of.entry(row.person).or_insert(turn.month) != turn.month {
                    continue;
                }
                let place = SharedRow { roster: turn.roster as u16, row: row.row, grade: row.grade };
                let second = row.standing == Standing::Duplicate;
                let source = turn.source;
                let row =
                    RowToCount { facts, identity, columns: &columns, at, person, source, place, second };
                counting.push(&resolved.counts, population, &row);
            }
        })?;
    }
    Ok(counting)
}

/// Hands out the batches of a roster, of the columns that are looked at; `positions` = only of these rows.
fn each_batch(
    folder: &DataFolder,
    roster: &SettledRoster,
    (narrow, identity): &(RosterSpec, Option<RosterSpec>),
    positions: Option<&[u32]>,
    mut take: impl FnMut(&ObservationBatch, Option<&ObservationBatch>),
) -> Outcome<()> {
    let stored = &roster.stored;
    let identities =
        identity.as_ref().map(|spec| lake::read_some(folder, stored, spec, Half::Identity, positions));
    let mut identities = identities.transpose()?;
    for batch in lake::read_some(folder, stored, narrow, Half::Facts, positions)? {
        let batch = batch?;
        let identity = match &mut identities {
            Some(batches) => Some(beside(folder, roster, &batch, batches.next())?),
            None => None,
        };
        take(&batch, identity.as_ref());
    }
    Ok(())
}

/// Reads what every roster that counts says about the people of a part; `number` is the part's.
pub(crate) fn build(
    folder: &DataFolder,
    content: &Content,
    people: &Population,
    (rows, number): (&RowsByPart<'_>, usize),
    groundwork: &Groundwork,
    beside: Beside<'_>,
    with_origins: bool,
) -> Outcome<Built> {
    let mut reader = Reader::new(content, people, groundwork);
    reader.origins = with_origins.then(Origins::default);
    for turn in 0..groundwork.order.len() {
        reader.roster(folder, turn, (rows, number))?;
    }
    for counts in &groundwork.counts {
        counts.state(&content.library, people, &mut reader.facts);
    }
    reader.doubt_namesakes(rows.rosters);
    reader.conclude_from_absence();
    reader.leave_doubtful_lists_open();
    reader.facts_of_the_register();
    reader.cases(beside, rows.rosters.len());
    reader.place_records();
    if let Some(last) = beside.last_month {
        last.fill(content, people, &mut reader.facts);
    }
    reader.facts.tables.iter_mut().for_each(|table| table.columns.retain(|_, column| !column.is_blank()));
    let mut origins = reader.origins.unwrap_or_default();
    origins.sort();
    Ok(Built {
        facts: reader.facts,
        contradictions: reader.contradictions,
        troubles: reader.troubles,
        origins,
    })
}

/// Problems of all parts in the order in which one reader would have met them, of every file the first ones.
pub(crate) fn problems_of(mut all: Vec<Trouble>) -> Vec<Problem> {
    // A row is of one part: its own problems stay in their order.
    all.sort_by_key(|trouble| (trouble.turn, trouble.at));
    let mut problems = Vec::new();
    let (mut turn, mut row, mut kept) = (usize::MAX, u32::MAX, 0);
    for trouble in all {
        if trouble.turn != turn {
            (turn, row, kept) = (trouble.turn, u32::MAX, 0);
        }
        // All or none of a row.
        if trouble.at == row || kept < PROBLEMS_KEPT {
            (row, kept) = (trouble.at, kept + 1);
            problems.push(trouble.problem);
        }
    }
    problems
}

/// Who stands in a roster, by row of the entity.
struct Listed {
    persons: Vec<bool>,
    units: Vec<bool>,
    /// The latest month that has come.
    month: Month,
}

/// A record on its way: owner's row, values by field of its kind, source.
struct Record {
    owner: u32,
    values: Vec<(InputId, i64)>,
    source: u16,
    origin: Origin,
}

struct Reader<'c> {
    content: &'c Content,
    population: &'c Population,
    groundwork: &'c Groundwork,
    resolved: Vec<ResolvedSpec>,
    /// By specification.
    listed: Vec<Option<Listed>>,
    facts: FactSet,
    /// By entity.
    records: Vec<Vec<Record>>,
    /// By entity: owners of whose list some row may be one more, and nobody knows.
    doubtful: Vec<Vec<u32>>,
    /// By specification and person: the month whose rows count.
    row_month: FxHashMap<(usize, u32), Month>,
    /// By specification.
    columns: Vec<IdentityColumns>,
    contradictions: u64,
    troubles: Vec<Trouble>,
    /// `None` = nobody asks.
    origins: Option<Origins>,
}

/// One row with where it stands.
#[derive(Clone, Copy)]
struct At<'b> {
    batch: &'b ObservationBatch,
    /// The other half, where the specification asks for it.
    identity: Option<&'b ObservationBatch>,
    at: usize,
    person: usize,
    unit: usize,
    source: u16,
    register: bool,
    /// Index into the order of reading, and position in the roster.
    met: (usize, u32),
    origin: Origin,
}

impl<'c> Reader<'c> {
    fn new(content: &'c Content, population: &'c Population, groundwork: &'c Groundwork) -> Reader<'c> {
        let resolved: Vec<ResolvedSpec> =
            content.specs.iter().map(|spec| ResolvedSpec::new(&content.library, spec)).collect();
        let mut facts = FactSet::empty(&content.library, population);
        facts.sources.clone_from(&groundwork.sources);
        Reader {
            content,
            population,
            groundwork,
            listed: resolved.iter().map(|_| None).collect(),
            resolved,
            facts,
            records: content.library.entities.iter().map(|_| Vec::new()).collect(),
            doubtful: content.library.entities.iter().map(|_| Vec::new()).collect(),
            row_month: FxHashMap::default(),
            columns: content.specs.iter().map(IdentityColumns::of).collect(),
            contradictions: 0,
            troubles: Vec::new(),
            origins: None,
        }
    }

    fn roster(
        &mut self,
        folder: &DataFolder,
        turn: usize,
        (rows, part): (&RowsByPart<'_>, usize),
    ) -> Outcome<()> {
        let Turn { roster: number, spec, month, source } = self.groundwork.order[turn];
        let roster = &rows.rosters[number];
        let (persons, units) = (self.population.len(), self.population.units.len());
        self.listed[spec].get_or_insert_with(|| Listed {
            persons: vec![false; persons],
            units: vec![false; units],
            month,
        });
        let positions = rows.positions(number, part);
        if positions.is_empty() {
            return Ok(());
        }
        let register = self.content.specs[spec].register;
        let kept = self.troubles.len();
        let halves = (self.resolved[spec].narrow.clone(), self.resolved[spec].identity.clone());
        let mut rows = positions.iter().map(|at| (*at, &roster.rows[*at as usize]));
        let whole = positions.len() == roster.rows.len();
        each_batch(folder, roster, &halves, (!whole).then_some(positions), |batch, identity| {
            for (at, (position, row)) in (0..batch.rows.len()).zip(&mut rows) {
                let Some(person) = self.population.row(row.person) else { continue };
                let unit = self.population.unit_of[person] as usize;
                let origin = Origin { roster: number as u16, row: row.row };
                let met = (turn, position);
                let at = At { batch, identity, at, person, unit, source, register, met, origin };
                let place = || Place {
                    file: roster.stored.file.clone(),
                    sheet: roster.stored.sheet.clone(),
                    row: Some(row.row),
                    column: None,
                };
                let place: Option<&dyn Fn() -> Place> =
                    if self.troubles.len() < kept + PROBLEMS_KEPT { Some(&place) } else { None };
                self.row(spec, month, row, at, place);
            }
        })
    }

    fn row(
        &mut self,
        spec: usize,
        month: Month,
        row: &SettledRow,
        at: At<'_>,
        place: Option<&dyn Fn() -> Place>,
    ) {
        if let Some(listed) = &mut self.listed[spec]
            && (row.counts() || row.standing == Standing::Doubtful)
        {
            listed.persons[at.person] = true;
            listed.units[at.unit] = true;
        }
        if row.standing == Standing::Doubtful {
            for record in &self.resolved[spec].records {
                let owner = if record.of_household { at.unit } else { at.person };
                self.doubtful[record.entity.index()].push(owner as u32);
            }
        }
        // An older row counts until the same person has a newer one.
        let counts = row.counts() || row.standing == Standing::Duplicate;
        if !counts || *self.row_month.entry((spec, row.person)).or_insert(month) != month {
            return;
        }
        if row.counts() {
            for index in 0..self.resolved[spec].facts.len() {
                self.fact(spec, index, at, place);
            }
        }
        // A second row states no fact again, but it is one more record: that is how duplicates are found. A complete list
        // has only one month.
        let latest = self.listed[spec].as_ref().map_or(month, |listed| listed.month);
        for index in 0..self.resolved[spec].records.len() {
            if !self.resolved[spec].records[index].complete || latest == month {
                self.record(spec, index, at);
            }
        }
    }

    fn fact(&mut self, spec: usize, index: usize, at: At<'_>, place: Option<&dyn Fn() -> Place>) {
        let library = &self.content.library;
        let fact: &ResolvedFact = &self.resolved[spec].facts[index];
        if !fact.applies(at.batch, at.at) || (fact.repeats && self.is_stated_before(spec, index, at)) {
            return;
        }
        let (input, entity) = (fact.input, fact.entity);
        let derived = matches!(fact.from, From::Derived(_));
        let value = match self.read(fact, spec, at) {
            Reading::Value(value) => value,
            Reading::Blank => return,
            Reading::Unfit => {
                if let Some(place) = place {
                    let name = &library.inputs[input.index()].name;
                    let problem = Problem {
                        severity: Severity::Warning,
                        place: place(),
                        what: format!("这一行的值不能作为“{name}”，按不详处理"),
                        next: "请按名册说明里的写法填写".into(),
                    };
                    self.troubles.push(Trouble { turn: at.met.0, at: at.met.1, problem });
                }
                return;
            }
        };
        let row = if entity == HOUSEHOLD { at.unit } else { at.person };
        let column = self.facts.column(library, input);
        let known = column.source(row);
        if known == NO_SOURCE {
            column.set(row, value, at.source);
            self.note_origin(input, row, at.origin);
            return;
        }
        if derived {
            // Of a person's several rows one that differs is enough; that they do not say the same is no contradiction.
            if known == at.source && column.get(row) == Some(0) && fact.ty == Type::YesNo {
                column.set(row, value, at.source);
                self.note_origin(input, row, at.origin);
            }
            return;
        }
        if column.get(row) == Some(value) || at.register || known != at.source && !self.same_month(known, at)
        {
            return;
        }
        self.contradictions += 1;
        if let Some(place) = place {
            let name = &library.inputs[input.index()].name;
            let whose = if entity == HOUSEHOLD { "同一户" } else { "同一人" };
            let problem = Problem {
                severity: Severity::Warning,
                place: place(),
                what: format!("“{name}”与{whose}的另一行不一致，以先读到的为准"),
                next: "请核对后改正其中一行".into(),
            };
            self.troubles.push(Trouble { turn: at.met.0, at: at.met.1, problem });
        }
    }

    fn note_origin(&mut self, input: InputId, row: usize, origin: Origin) {
        if let Some(origins) = &mut self.origins {
            origins.note(input, row, origin);
        }
    }

    /// Whether an earlier fact of the same row has said it: "否 where cancelled" stands before "是 for everybody listed".
    fn is_stated_before(&self, spec: usize, index: usize, at: At<'_>) -> bool {
        let facts = &self.resolved[spec].facts;
        facts[..index].iter().any(|earlier| {
            earlier.input == facts[index].input
                && earlier.applies(at.batch, at.at)
                && matches!(self.read(earlier, spec, at), Reading::Value(_))
        })
    }

    /// The row's value of a fact.
    fn read(&self, fact: &ResolvedFact, spec: usize, at: At<'_>) -> Reading {
        let library = &self.content.library;
        let From::Derived(derivation) = fact.from else {
            return fact.from.read(library, fact.ty, at.batch, at.at);
        };
        let Some(identity) = at.identity else { return Reading::Blank };
        let texts = &self.population.texts;
        let person = self.population.members[at.person];
        let compared = Compared {
            columns: &self.columns[spec],
            batch: identity,
            at: at.at,
            register_name: texts.name(person),
            register_id: texts.id_number(person),
        };
        match derived::word(derivation, &compared) {
            Some(word) => from_word(library, fact.ty, word).map_or(Reading::Unfit, Reading::Value),
            None => Reading::Blank,
        }
    }

    fn same_month(&self, known: u16, at: At<'_>) -> bool {
        let month = |source: u16| self.facts.sources.get(usize::from(source)).map(|source| &source.month);
        month(known) == month(at.source)
    }

    fn record(&mut self, spec: usize, index: usize, at: At<'_>) {
        let library = &self.content.library;
        let record: &ResolvedRecord = &self.resolved[spec].records[index];
        let owner = if record.of_household { at.unit } else { at.person };
        let entity = record.entity.index();
        if record.complete_for_listed
            && let Some(complete) = self.facts.tables[entity].complete.get_mut(owner)
        {
            *complete = true;
        }
        if !record.applies(at.batch, at.at) {
            return;
        }
        let mut values = Vec::with_capacity(record.fields.len());
        let mut from_columns = 0;
        let mut blank = 0;
        for (input, ty, from) in &record.fields {
            let reading = from.read(library, *ty, at.batch, at.at);
            if let From::Column(_) = from {
                from_columns += 1;
                blank += usize::from(reading == Reading::Blank);
            }
            if let Reading::Value(value) = reading {
                values.push((*input, value));
            }
        }
        // 「没有就填 0 或留空」: a blank one is none of this kind.
        if record.complete_for_listed && from_columns > 0 && blank == from_columns {
            return;
        }
        let (source, origin) = (at.source, at.origin);
        self.records[entity].push(Record { owner: owner as u32, values, source, origin });
    }

    /// A row that identifies nobody may be anybody's of that name who has no row of his own: his absence says nothing, and
    /// his lists are not known to be complete.
    fn doubt_namesakes(&mut self, rosters: &[SettledRoster]) {
        for roster in rosters {
            let Some(listed) = &mut self.listed[roster.spec] else { continue };
            let rows: Vec<usize> =
                roster.suspects.iter().filter_map(|person| self.population.row(*person)).collect();
            let absent: Vec<usize> = rows.into_iter().filter(|row| !listed.persons[*row]).collect();
            for row in absent {
                let unit = self.population.unit_of[row] as usize;
                listed.persons[row] = true;
                listed.units[unit] = true;
                for record in &self.resolved[roster.spec].records {
                    let owner = if record.of_household { unit } else { row };
                    self.doubtful[record.entity.index()].push(owner as u32);
                }
            }
        }
    }

    /// A closed roster that has come says something about everybody whom it does not list.
    fn conclude_from_absence(&mut self) {
        let library = &self.content.library;
        for (spec, listed) in self.listed.iter().enumerate() {
            let Some(listed) = listed else { continue };
            let source = self.facts.source(FactSource {
                roster: self.content.specs[spec].id.clone(),
                month: listed.month.to_string(),
                absent: true,
            });
            let facts = self.resolved[spec].facts.iter().map(|fact| (fact.input, fact.entity, fact.absent));
            let counts = self.resolved[spec].counts.iter().map(|count| (count.input, PERSON, count.absent));
            for (input, entity, absent) in facts.chain(counts) {
                let Some(value) = absent else { continue };
                let rows = if entity == HOUSEHOLD { &listed.units } else { &listed.persons };
                let column = self.facts.column(library, input);
                for (row, _) in rows.iter().enumerate().filter(|(_, listed)| !**listed) {
                    if column.source(row) == NO_SOURCE {
                        column.set(row, value, source);
                    }
                }
            }
            for record in self.resolved[spec].records.iter().filter(|record| record.complete) {
                self.facts.tables[record.entity.index()].complete.fill(true);
            }
        }
    }

    /// A list that a doubtful row may belong to is not known to be complete, whatever was declared.
    fn leave_doubtful_lists_open(&mut self) {
        for (owners, table) in self.doubtful.iter().zip(&mut self.facts.tables) {
            for owner in owners {
                if let Some(complete) = table.complete.get_mut(*owner as usize) {
                    *complete = false;
                }
            }
        }
    }

    /// Day of birth and sex, which the register has for everybody, new persons included.
    fn facts_of_the_register(&mut self) {
        let library = &self.content.library;
        let spec = self.content.specs.iter().find(|spec| spec.register);
        let month = spec.and_then(|register| {
            let at = self.content.specs.iter().position(|spec| spec.id == register.id)?;
            Some(self.listed[at].as_ref()?.month.to_string())
        });
        let source = self.facts.source(FactSource {
            roster: spec.map_or_else(String::new, |spec| spec.id.clone()),
            month: month.unwrap_or_default(),
            absent: false,
        });
        let register = &self.population.register;
        if let Some(input) = self.content.rules.birth {
            let column = self.facts.column(library, input);
            for (row, person) in self.population.members.iter().enumerate() {
                if let (NO_SOURCE, Some(day)) = (column.source(row), register.birth(*person)) {
                    column.set(row, i64::from(day), source);
                }
            }
        }
        let Some(input) = self.content.rules.sex else { return };
        let ty = library.inputs[input.index()].ty;
        let word = |word| from_word(library, ty, word);
        let (male, female) = (word("男"), word("女"));
        let column = self.facts.column(library, input);
        for (row, person) in self.population.members.iter().enumerate() {
            let value = register.sex(*person).and_then(|sex| if sex == Sex::Male { male } else { female });
            if let (NO_SOURCE, Some(value)) = (column.source(row), value) {
                column.set(row, value, source);
            }
        }
    }

    /// What the window's cases say: an office lists all of its cases. Their origin is numbered as sources without rows are,
    /// behind the rosters, with the case's number for a row.
    fn cases(&mut self, beside: Beside<'_>, rosters: usize) {
        let content = self.content;
        let (Some((cases, month)), Some(rules), Some(words)) =
            (beside.cases, &content.rules.cases, &content.clearing.cases)
        else {
            return;
        };
        let source = FactSource { roster: CASES.to_owned(), month: month.to_string(), absent: false };
        let source = self.facts.source(source);
        let entity = rules.entity.index();
        self.facts.tables[entity].complete.fill(true);
        for (row, person) in self.population.members.iter().enumerate() {
            for case in cases.of(*person) {
                let values = rules.values(&content.library, (words, &content.clearing.programmes), case);
                let origin = Origin { roster: rosters as u16 + source, row: case.number() };
                self.records[entity].push(Record { owner: row as u32, values, source, origin });
            }
        }
    }

    /// Records become rows, sorted by owner and within an owner as they were read.
    fn place_records(&mut self) {
        for entity in PERSON.index() + 1..self.records.len() {
            let mut records = std::mem::take(&mut self.records[entity]);
            records.sort_by_key(|record| record.owner);
            let table = &mut self.facts.tables[EntityId(entity as u8).index()];
            table.rows = records.len();
            table.parents = records.iter().map(|record| record.owner).collect();
            if let Some(origins) = &mut self.origins {
                let rows = records.iter().map(|record| record.origin).collect();
                origins.note_records(EntityId(entity as u8), rows);
            }
            for (row, record) in records.iter().enumerate() {
                for (input, value) in &record.values {
                    let column = self.facts.column(&self.content.library, *input);
                    column.set(row, *value, record.source);
                }
            }
        }
    }
}

/// The identity half of the same rows.
fn beside(
    folder: &DataFolder,
    roster: &SettledRoster,
    facts: &ObservationBatch,
    identity: Option<Outcome<ObservationBatch>>,
) -> Outcome<ObservationBatch> {
    match identity.transpose()? {
        Some(identity) if identity.rows == facts.rows => Ok(identity),
        _ => {
            let what = format!("“{}”的身份列和事实列对不上", roster.stored.file);
            Err(EngineError::damaged(folder.root(), what))
        }
    }
}
