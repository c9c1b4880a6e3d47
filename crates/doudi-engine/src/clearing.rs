//! The clearing of one region and month: from rosters in the lake to a certificate.

use crate::answers::{self, AnswerCounts};
use crate::bits::Bits;
use crate::buckets::{self, Placement};
use crate::certificate::Certificate;
use crate::conclude::{Worked, conclude};
use crate::content::{Content, ProgrammeRules};
use crate::county::{County, link_counties};
use crate::data_folder::DataFolder;
use crate::determine::{self, Chunk, Determined, Wish};
use crate::doubles::{self, Double};
use crate::error::{EngineError, Outcome};
use crate::facts::{self, Beside, Built, FactSet, Groundwork, LastMonthFacts, Sharing};
use crate::handout;
use crate::history::{self, ClearingRecord};
use crate::lake::{self, StoredRoster};
use crate::lead_log::{Concerned, LeadEvent, LeadLog};
use crate::leads::{self, ClosedLead, Evidence, Hit, Lead};
use crate::leads_before::LeadsBefore;
use crate::links;
use crate::links_before::{LinksBefore, Target};
use crate::list_text::ListText;
use crate::memory::{Plan, Size};
use crate::office_cases::CasesBefore;
use crate::part_facts::PartFacts;
use crate::parts::{self, Part, RowsByPart};
use crate::people::{People, read_index, read_register};
use crate::people_before::PeopleBefore;
use crate::person_log::{PersonFile, PersonLog};
use crate::population::{Grouping, Population, population};
use crate::precision::CheckCounts;
use crate::results::{self, Ground, Lists, people_of_part};
use crate::settle::{NOBODY, RowCounts, SettledRoster, Settling, Standing, settle};
use crate::shared_phones;
use crate::snapshot::WholeSnapshot;
use crate::texts::{StoredTexts, Texts};
use crate::two_threads::jobs_in_two_threads;
use crate::who_is_who::WhoIsWho;
use doudi_linkage::{Index, SharedPhones};
use doudi_policy::ir::{ExprKind, RuleId};
use doudi_register::{Register, RegisterBuilder};
use doudi_terms::roster::ColumnKind;
use doudi_terms::{Month, Place, Problem, RegionCode, Severity};
use rustc_hash::FxHashSet;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// What is to be cleared.
pub struct Request<'a> {
    pub folder: &'a DataFolder,
    pub content: &'a Content,
    pub region: RegionCode,
    pub month: Month,
    /// The data folder as seen from the certificate.
    pub data: String,
    pub program_version: String,
    /// Bytes of memory that it may take.
    pub memory: Option<u64>,
    /// How many people are dealt with together; `None` = as many as is usual or as memory allows.
    pub persons_per_part: Option<usize>,
}

/// Everything that a clearing came to. Nothing has been written outside the data folder yet.
#[derive(Debug)]
pub struct Cleared {
    pub certificate: Certificate,
    pub leads: Vec<Lead>,
    pub persons_csv: ListText,
    pub leads_csv: Vec<u8>,
    pub closed_leads: Vec<ClosedLead>,
    pub closed_leads_csv: Vec<u8>,
    /// By check: this month's leads, and what verifying has found so far.
    pub checks: BTreeMap<String, CheckCounts>,
    /// What became of the rows of handouts that came back.
    pub answers: AnswerCounts,
    pub townships: handout::Townships,
    /// The checks that were made, and which rosters they lacked.
    pub checks_in_force: Vec<handout::CheckInForce>,
    /// Of linking and of facts, by place; those of reading files are the reader's.
    pub problems: Vec<Problem>,
    /// Entries that are probably one human, for two people to say.
    pub doubles: Vec<Double>,
    /// Leads opened and closed this month.
    pub opened: u64,
    pub closed: u64,
}

/// Steps, for progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Register,
    Link,
    Units,
    Facts,
    Snapshot,
    Memory,
    /// What follows for the people of each part; the steps of that, up to the next, are told by [`Watch::beside`].
    Parts,
    Determine,
    Checks,
    Buckets,
    Certify,
    HandOut,
}

impl Step {
    pub fn name(self) -> &'static str {
        match self {
            Step::Register => "读入户籍",
            Step::Link => "比对人员",
            Step::Units => "分户",
            Step::Facts => "汇总事实",
            Step::Snapshot => "保存快照",
            Step::Memory => "核对以前的疑点",
            Step::Parts => "逐块认定",
            Step::Determine => "按政策认定",
            Step::Checks => "查找疑点",
            Step::Buckets => "逐人归类",
            Step::Certify => "核对总数",
            Step::HandOut => "编制清单",
        }
    }
}

/// Somebody who is told how far a clearing is.
pub trait Watch: Sync {
    /// A step begins, and the one before is done.
    fn step(&self, step: Step);

    /// A thread begins a step for some of the people, beside another thread; `None` = it is done with these people.
    fn beside(&self, _step: Option<Step>) {}
}

impl<F: Fn(Step) + Sync> Watch for F {
    fn step(&self, step: Step) {
        self(step);
    }
}

/// The rosters that count for a month: the register, this month's, and earlier ones that are still valid.
pub fn select_inputs(folder: &DataFolder, content: &Content, month: Month) -> Outcome<Vec<StoredRoster>> {
    let mut inputs = Vec::new();
    for spec in &content.specs {
        let mut by_month = lake::current(folder, &spec.id, month)?;
        if spec.register {
            if let Some((_, files)) = by_month.pop() {
                inputs.extend(files);
            }
            continue;
        }
        let age = |of: Month| u32::try_from(month.index() - of.index()).unwrap_or(u32::MAX);
        by_month.retain(|(of, _)| age(*of) <= spec.valid_months);
        if spec.whole_list {
            by_month.drain(..by_month.len().saturating_sub(1));
        }
        inputs.extend(by_month.into_iter().flat_map(|(_, files)| files));
    }
    Ok(inputs)
}

/// People and rows, ready for facts.
pub(crate) struct Prepared {
    pub population: Population,
    pub rosters: Vec<SettledRoster>,
    pub row_counts: BTreeMap<String, RowCounts>,
    pub new_persons: u64,
    pub problems: Vec<Problem>,
    /// Names the links by register, weights and version of linkage.
    pub links_key: String,
    /// Where lies what follows from register and weights, whatever the rosters are.
    pub register_place: PathBuf,
    /// Phones that the rosters give for many households.
    pub shared_phones: Arc<SharedPhones>,
    /// The number of the first person whom the register does not know.
    pub first_newcomer: u32,
    /// People whom only rosters knew, with their number in the register that now has them.
    pub joined: Vec<(String, String)>,
    /// Everybody who is somebody else by now, with who that is.
    pub moved: Vec<(String, String)>,
}

/// An entry of the register that is another's counts as that person's second row.
fn settle_register(files: &mut [SettledRoster], who: &WhoIsWho, problems: &mut Vec<Problem>) {
    for roster in files {
        let place = |row| Place {
            file: roster.stored.file.clone(),
            sheet: roster.stored.sheet.clone(),
            row: Some(row),
            column: None,
        };
        for row in roster.rows.iter_mut().filter(|row| who.gone.contains(&row.person)) {
            problems.push(Problem {
                severity: Severity::Warning,
                place: place(row.row),
                what: "两个人已确认这一行与底册里另一行是同一个人，不另算一人".to_owned(),
                next: "请在底册里注销重复的一行".to_owned(),
            });
            (row.person, row.standing) = (NOBODY, Standing::Duplicate);
        }
    }
}

/// Settles the rows of every roster beside the register, in their order.
fn settle_others(
    (folder, content, target): (&DataFolder, &Content, &Target<'_>),
    others: Vec<StoredRoster>,
    who: &WhoIsWho,
    people: &mut People,
    rosters: &mut Vec<SettledRoster>,
) -> Outcome<()> {
    let mut taken: BTreeMap<(String, String), Bits> = BTreeMap::new();
    let mut settling = Settling {
        register: &mut people.builder,
        problems: &mut people.problems,
        newcomers: BTreeMap::new(),
        who,
    };
    // Only people of earlier rosters are looked for among rows once more.
    let weights = if who.looks_for_newcomers() { content.weights_if_any()? } else { None };
    let weights = weights.map(|weights| weights.with_shared_phones(&target.phones));
    for stored in others {
        let Some(spec) = content.spec(&stored.roster) else { continue };
        let records = links::read_links(folder, &target.key, &stored)?;
        let taken = taken.entry((stored.roster.clone(), stored.month.clone())).or_default();
        let weights = weights.as_ref().map(|weights| weights.of(&spec.1.id));
        rosters.push(settle(stored, spec, weights, records, taken, &mut settling)?);
    }
    Ok(())
}

/// What rows are tied to people by.
pub(crate) struct Ties<'k> {
    pub link: Link,
    /// The links that a certificate names; without, those of this program and these weights.
    pub links_key: Option<&'k str>,
    pub people_before: PeopleBefore,
}

/// What becomes of rosters that were never linked to this register.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    /// They are linked.
    Now,
    /// The same, in less memory: before people are read, which takes the register a second time.
    First,
    /// There are none.
    Never,
}

/// Reads the register and ties every row of every roster to a person.
pub(crate) fn prepare(
    folder: &DataFolder,
    content: &Content,
    region: RegionCode,
    inputs: &[StoredRoster],
    Ties { link, links_key, people_before }: Ties<'_>,
    watch: &dyn Watch,
) -> Outcome<Prepared> {
    watch.step(Step::Link);
    let register_spec = content.register_spec()?;
    // Handouts that came back answer leads; they are no rosters of people.
    let is_roster =
        |input: &&StoredRoster| content.spec(&input.roster).is_none_or(|(_, spec)| spec.findings.is_none());
    let (register_files, others): (Vec<StoredRoster>, Vec<StoredRoster>) =
        inputs.iter().filter(is_roster).cloned().partition(|input| input.roster == register_spec.1.id);
    if register_files.is_empty() {
        return Err(EngineError::BadInput(format!(
            "没有“{}”，不知道要摸排哪些人。请把它放进名册文件夹再运行",
            register_spec.1.name
        )));
    }
    let (frugal, counted) = (link == Link::First, links_key.is_none() && link != Link::Never);
    let target = match links_key {
        Some(key) => Target::of_links(folder, content, &register_files, key)?,
        None if counted => Target::of_rosters(folder, content, &register_files, &others)?,
        None => Target::as_last(folder, content, &register_files),
    };
    let unlinked = others.iter().any(|stored| !links::are_stored(folder, &target.key, stored));
    let link = if unlinked { link } else { Link::Never };
    if link == Link::First {
        link_first(folder, content, (&target, &others), watch)?;
    }
    watch.step(Step::Register);
    let (mut people, index) = read_register(folder, &register_files, register_spec, link == Link::Now)?;
    watch.step(Step::Link);
    let mut rosters = std::mem::take(&mut people.files);
    let own = people.builder.len();
    if let Some(index) = index {
        link_now(folder, content, (&target, &others), (&people.builder, &index))?;
    }
    if counted {
        shared_phones::keep_count(folder, &target.place, &others, &target.phones)?;
    }
    let who = WhoIsWho::new(people_before, &people.builder);
    settle_register(&mut rosters, &who, &mut people.problems);
    settle_others((folder, content, &target), others, &who, &mut people, &mut rosters)?;
    watch.step(Step::Units);
    let mut row_counts: BTreeMap<String, RowCounts> = BTreeMap::new();
    for roster in &rosters {
        row_counts.entry(roster.stored.roster.clone()).or_default().add(roster);
    }
    let (register, texts, more) = people.builder.build();
    let texts = match frugal {
        true => Texts::of_some(&texts, (own..texts.len()).chain(who.gone.iter().copied())),
        false => Texts::of_everybody(texts),
    };
    let mut problems = people.problems;
    problems.extend(more);
    let grouping = Grouping::read(folder, &content.specs, &unit_specs(content), &rosters, &register)?;
    let population = population((register, texts), region, &grouping, &who.gone);
    let new_persons = population.members.iter().filter(|person| **person >= own).count() as u64;
    if population.len() as u64 == new_persons {
        return Err(EngineError::BadInput(format!(
            "户籍名册里没有区划代码在 {region} 之内的人。请核对 --region，全部地区用 000000"
        )));
    }
    let (joined, moved) = (who.joined.clone(), who.moved());
    Ok(Prepared {
        population,
        rosters,
        row_counts,
        new_persons,
        problems,
        links_key: target.key,
        register_place: target.place,
        shared_phones: target.phones,
        first_newcomer: own,
        joined,
        moved,
    })
}

/// Links rosters to the register of some files, with what earlier months said, and keeps what the next month asks for.
fn link_now(
    folder: &DataFolder,
    content: &Content,
    (target, others): (&Target<'_>, &[StoredRoster]),
    (people, index): (&RegisterBuilder, &Index),
) -> Outcome<()> {
    let before = LinksBefore::find(folder, content, (target, others), (people, index))?;
    links::link_rosters(folder, target, index, others, content, &before)?;
    before.keep_people(&target.place, |person| people.person_id(person), index)?;
    doubles::keep_of_register(folder, content, &target.place, index)
}

/// The same with little memory: what was said of another register is left aside.
fn link_first(
    folder: &DataFolder,
    content: &Content,
    (target, others): (&Target<'_>, &[StoredRoster]),
    watch: &dyn Watch,
) -> Outcome<()> {
    watch.step(Step::Register);
    let (index, ids) = read_index(folder, target.files, content.register_spec()?.1)?;
    watch.step(Step::Link);
    let before = LinksBefore::to_this_register(folder, content, target);
    // For a month that has more memory.
    before.keep_people(&target.place, |person| ids.get(person), &index)?;
    drop(ids);
    links::link_rosters(folder, target, &index, others, content, &before)?;
    doubles::keep_of_register(folder, content, &target.place, &index)
}

/// Rosters that say who is assessed together: those that enrol people in a programme paid by household, and number the
/// households.
fn unit_specs(content: &Content) -> Vec<usize> {
    let mut inputs = BTreeSet::new();
    let by_household = content.clearing.programmes.iter().map(|programme| programme.unit == "户");
    for (rules, _) in
        content.rules.programmes.iter().zip(by_household).filter(|(_, by_household)| *by_household)
    {
        inputs.extend(inputs_of_rule(content, rules));
    }
    let enrols = |spec: &doudi_terms::roster::RosterSpec| {
        let states = spec.facts.iter().filter(|fact| fact.value.is_some() && fact.absent.is_some());
        let mut inputs_stated = states.filter_map(|fact| content.library.input_by_path(&fact.input));
        inputs_stated.any(|input| inputs.contains(&input))
    };
    let numbers = |spec: &doudi_terms::roster::RosterSpec| {
        spec.columns.iter().any(|column| column.kind == ColumnKind::HouseholdNumber)
    };
    let specs =
        content.specs.iter().enumerate().filter(|(_, spec)| !spec.register && numbers(spec) && enrols(spec));
    specs.map(|(at, _)| at).collect()
}

/// Inputs behind the enrolled rule in any document, whatever the place.
pub(crate) fn inputs_of_rule(
    content: &Content,
    rules: &ProgrammeRules,
) -> BTreeSet<doudi_policy::ir::InputId> {
    let library = &content.library;
    let mut inputs = BTreeSet::new();
    let mut pending: Vec<RuleId> = vec![rules.enrolled];
    let mut seen: BTreeSet<RuleId> = BTreeSet::new();
    while let Some(rule) = pending.pop() {
        if !seen.insert(rule) {
            continue;
        }
        let defs = library.rules[rule.index()].defs.iter().filter_map(|id| library.def(*id));
        for expr in defs.flat_map(|def| def.exprs()) {
            expr.walk(&mut |node| match node.kind {
                ExprKind::Input(id) => {
                    inputs.insert(id);
                }
                ExprKind::Rule(id) => pending.push(id),
                _ => {}
            });
        }
    }
    inputs
}

/// Law, results, leads and buckets for a set of facts.
pub(crate) struct Evaluated<'c> {
    pub counties: Vec<County<'c>>,
    pub chunks: Vec<Chunk>,
    pub determined: Determined,
    pub leads: Vec<Lead>,
    pub dismissed: Vec<Hit>,
    pub placements: Vec<Placement>,
}

/// What the results of a part follow from, beside the content and the facts.
pub(crate) struct Grounds<'g> {
    pub population: &'g Population,
    /// Rows about people, and the number of the part.
    pub rows: (&'g RowsByPart<'g>, usize),
    pub sharing: &'g Sharing,
    pub before: &'g LeadsBefore,
    pub cases: Option<&'g CasesBefore>,
    pub month: Month,
    /// Also ask who is of which group, for whoever hands the month over.
    pub with_groups: bool,
}

/// The pure part: everything that follows from facts, content, month and the leads as the month found them. The facts
/// are given away: once they are cut into chunks, nobody needs them a second time.
pub(crate) fn evaluate<'c>(
    content: &'c Content,
    grounds: &Grounds<'_>,
    mut facts: FactSet,
    watch: &dyn Watch,
) -> Outcome<Evaluated<'c>> {
    let Grounds { population, rows, sharing, before, cases, month, with_groups } = *grounds;
    watch.beside(Some(Step::Determine));
    let counties = link_counties(content, population, month)?;
    let chunks = determine::chunks(content, population, &facts, &counties)?;
    facts.forget_columns();
    let mut wish = Wish::of_clearing(content);
    if with_groups {
        wish.add_groups(content);
    }
    let mut determined = determine::determine(content, &facts, &counties, &chunks, &wish, 2)?;
    watch.beside(Some(Step::Checks));
    let hits = leads::hits(content, population, &counties, &determined, before);
    let evidence = Evidence::gather(content, population, &counties, rows, sharing, &hits.open);
    let leads =
        leads::leads(content, population, (&counties, &chunks), &hits.open, &evidence, (before, cases));
    watch.beside(Some(Step::Buckets));
    let placements = buckets::place_all(content, population, &counties, &chunks, &mut determined, &leads);
    Ok(Evaluated { counties, chunks, determined, leads, dismissed: hits.dismissed, placements })
}

/// Clears a month. What was opened and closed goes into `log`; snapshot, results and content into the data folder.
pub fn clear(request: &Request<'_>, log: &mut dyn LeadLog, watch: &dyn Watch) -> Outcome<Cleared> {
    let Request { folder, content, region, month, .. } = *request;
    let inputs = select_inputs(folder, content, month)?;
    let plan = plan(request, &inputs)?;
    let link = if plan.frugal { Link::First } else { Link::Now };
    let people_before = PeopleBefore::gather(folder, &PersonFile::of(folder).events()?, month)?;
    // Written with the results: a clearing that stops leaves nothing behind.
    let ties = Ties { link, links_key: None, people_before: people_before.clone() };
    let mut prepared = prepare(folder, content, region, &inputs, ties, watch)?;
    let population = &prepared.population;
    let counties = link_counties(content, population, month)?;
    watch.step(Step::Facts);
    let last = history::find_last_month(folder, region, month)?;
    let last_facts = last_facts(request, last.as_ref(), (&population.register, &prepared.moved))?;
    let parts = parts::cut(population, request.persons_per_part.unwrap_or(plan.persons_per_part));
    let rows = RowsByPart::new(population, &parts, &prepared.rosters);
    let kept = Arc::clone(&population.texts);
    let texts = || StoredTexts::new(folder, content, &prepared.rosters, &kept);
    let texts = plan.frugal.then(texts).transpose()?;
    let groundwork = facts::groundwork(folder, content, population, &prepared.rosters)?;
    let last_month = last_facts.as_ref();
    let people = (population, parts.as_slice(), &rows, texts.as_ref());
    let cases = CasesBefore::gather(folder, month, (population, &prepared.moved))?;
    let beside = Beside { last_month, cases: cases.as_ref().map(|cases| (cases, month)) };
    let MonthFacts { facts, problems, contradictions } =
        build_all(request, plan, people, &groundwork, beside)?;
    prepared.problems.extend(problems);
    watch.step(Step::Snapshot);
    let snapshot_hash = keep_snapshot(request, population, &parts, &facts)?;
    watch.step(Step::Memory);
    let mut events = log.events()?;
    if let Some(texts) = &texts {
        prepared.population.texts = Arc::new(texts.of(&spoken_of(&events, &prepared.moved, population))?);
    }
    let population = &prepared.population;
    let concerned = Concerned::of(region, population).with_moved(&prepared.moved);
    let answers = answers::read(folder, content, &inputs, &events, &concerned, (population, region))?;
    prepared.problems.extend(answers.problems);
    events.extend(answers.events.iter().cloned());
    let before = LeadsBefore::of(&events, &concerned, &month.to_string()).following(&prepared.moved);
    let ground = Ground {
        population,
        parts: &parts,
        rows: &rows,
        texts: texts.as_ref(),
        sharing: &groundwork.sharing,
        before: &before,
        cases: cases.as_ref(),
        month,
        last_month,
        hand_out: true,
        keep_placements: false,
    };
    let mut lists = Lists::in_files(folder)?;
    let results = results::of_all(content, &ground, facts, &mut lists, watch)?;
    let mut cleared = conclude(
        request,
        Worked {
            inputs,
            counties: &counties,
            prepared: &prepared,
            last,
            texts: texts.as_ref(),
            parts: &parts,
            people_before: &people_before,
            before: &before,
            cases: cases.as_ref(),
            concerned: &concerned,
            snapshot_hash,
            contradictions,
            results,
            lists,
            events,
            answers: (answers.events, answers.counts),
        },
        log,
        watch,
    )?;
    cleared.problems = prepared.problems;
    Ok(cleared)
}

/// What last month's clearing knew, by who its people are now.
fn last_facts(
    request: &Request<'_>,
    last: Option<&(String, ClearingRecord)>,
    today: (&Register, &[(String, String)]),
) -> Outcome<Option<LastMonthFacts>> {
    let read = |(_, record): &(String, ClearingRecord)| {
        history::read(request.folder, request.content, record, today)
    };
    last.map(read).transpose()
}

/// Writes the snapshot, and gives its hash.
fn keep_snapshot(
    request: &Request<'_>,
    population: &Population,
    parts: &[Part],
    facts: &[PartFacts],
) -> Outcome<String> {
    let Request { folder, content, region, month, .. } = *request;
    let snapshot = WholeSnapshot::new(&content.library, population, parts, facts);
    let (manifest, hash) = snapshot.manifest()?;
    snapshot.write(&folder.snapshot(region, month, &hash), &manifest)?;
    Ok(hash)
}

/// Everybody of whom the memory of leads has something to say.
fn spoken_of(events: &[LeadEvent], moved: &[(String, String)], population: &Population) -> FxHashSet<u32> {
    let spoken = events.iter().map(|event| &event.person_id).chain(moved.iter().map(|(_, to)| to));
    spoken.filter_map(|person_id| population.register.find_person_id(person_id)).collect()
}

/// How it is to be done within the memory that is allowed.
fn plan(request: &Request<'_>, inputs: &[StoredRoster]) -> Outcome<Plan> {
    let (_, register) = request.content.register_spec()?;
    let rows = |wanted: &dyn Fn(&StoredRoster) -> bool| {
        inputs.iter().filter(|input| wanted(input)).map(|input| u64::from(input.rows)).sum()
    };
    let is_register = |input: &StoredRoster| input.roster == register.id;
    let size = Size { register: rows(&is_register), others: rows(&|input| !is_register(input)) };
    Plan::new(request.memory, size)
}

/// The facts of a month, part by part.
struct MonthFacts {
    facts: Vec<PartFacts>,
    problems: Vec<Problem>,
    contradictions: u64,
}

/// Everybody in parts, with the rows about them, and where their texts are, if not in memory.
type InParts<'p> = (&'p Population, &'p [Part], &'p RowsByPart<'p>, Option<&'p StoredTexts<'p>>);

/// Builds the facts of all parts, two parts at a time.
fn build_all(
    request: &Request<'_>,
    plan: Plan,
    (population, parts, rows, texts): InParts<'_>,
    groundwork: &Groundwork,
    beside: Beside<'_>,
) -> Outcome<MonthFacts> {
    let Request { folder, content, .. } = *request;
    let built = jobs_in_two_threads((0..parts.len()).collect(), |number| {
        let people = people_of_part(population, (parts, rows, number), texts)?;
        let built = facts::build(folder, content, &people, (rows, number), groundwork, beside, false)?;
        let Built { facts, contradictions, troubles, .. } = built;
        let file = plan.frugal.then(|| folder.incoming().join(format!("facts-{number}")));
        Ok((PartFacts::new(facts, file)?, contradictions, troubles))
    });
    let mut month =
        MonthFacts { facts: Vec::with_capacity(parts.len()), problems: Vec::new(), contradictions: 0 };
    let mut all = Vec::new();
    for built in built {
        let (facts, contradictions, troubles) = built?;
        month.facts.push(facts);
        month.contradictions += contradictions;
        all.extend(troubles);
    }
    month.problems = facts::problems_of(all);
    Ok(month)
}

/// The record of a clearing in the data folder.
pub(crate) fn record_of(
    certificate: &Certificate,
    determination_hash: &str,
    people_hash: &str,
) -> ClearingRecord {
    ClearingRecord {
        people_hash: people_hash.to_owned(),
        region: certificate.region.clone(),
        month: certificate.month.clone(),
        snapshot_hash: certificate.snapshot_hash.clone(),
        determination_hash: determination_hash.to_owned(),
    }
}
