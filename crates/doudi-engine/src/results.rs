//! What follows for a part of the people, and how the parts become one whole: figures add up, lists follow one another.

use crate::buckets::Placement;
use crate::clearing::{Evaluated, Grounds, Step, Watch, evaluate};
use crate::content::Content;
use crate::data_folder::DataFolder;
use crate::determine::{Chunk, Determined};
use crate::error::Outcome;
use crate::facts::{FactSet, LastMonthFacts, Sharing};
use crate::handout;
use crate::leads::{Hit, Lead};
use crate::leads_before::LeadsBefore;
use crate::list_text::ListWriter;
use crate::office_cases::CasesBefore;
use crate::part_facts::PartFacts;
use crate::parts::{Part, RowsByPart};
use crate::population::Population;
use crate::remembered::{PartColumns, Remembered};
use crate::tally;
use crate::texts::StoredTexts;
use crate::two_threads::in_order;
use doudi_terms::Month;
use std::sync::Arc;

/// What a clearing came to, of some people or of all. Rows are counted as in these people.
#[derive(Default)]
pub(crate) struct Results {
    /// In the order of units, persons and checks.
    pub leads: Vec<Lead>,
    /// Found, and answered before by a person that there is nothing in it.
    pub dismissed: Vec<Hit>,
    pub counts: tally::Counts,
    pub handouts: handout::Sheets,
    /// By row; only where somebody asked.
    pub placements: Vec<Placement>,
    /// With the placements, of all people in one part: what is known of them, and what was determined.
    pub kept: Option<(Vec<Chunk>, Determined)>,
}

/// Everything that the results of all parts follow from, beside content and facts.
pub(crate) struct Ground<'g> {
    pub population: &'g Population,
    pub parts: &'g [Part],
    pub rows: &'g RowsByPart<'g>,
    /// Where texts about people are, if not in memory.
    pub texts: Option<&'g StoredTexts<'g>>,
    pub sharing: &'g Sharing,
    pub before: &'g LeadsBefore,
    pub cases: Option<&'g CasesBefore>,
    pub month: Month,
    pub last_month: Option<&'g LastMonthFacts>,
    /// Whether townships are to be given something to work with.
    pub hand_out: bool,
    /// Whether everybody's bucket is kept with its reason: it takes much memory.
    pub keep_placements: bool,
}

/// What is said of every person.
pub(crate) struct Lists {
    /// persons.csv
    pub persons: ListWriter,
    /// For next month, if there will be one.
    pub remembered: Option<Remembered>,
}

impl Lists {
    /// In files of the data folder, until somebody takes them.
    pub fn in_files(folder: &DataFolder) -> Outcome<Lists> {
        let place = folder.incoming();
        let persons = ListWriter::in_file(folder.spot(&place.join(tally::PERSONS_FILE)))?;
        Ok(Lists { persons, remembered: Some(Remembered::new(place)) })
    }
}

/// What a part came to.
struct Found {
    results: Results,
    /// Its rows of persons.csv.
    persons: Vec<u8>,
    remembered: PartColumns,
}

/// The results of all parts, two parts at a time; `facts` are theirs, in their order.
pub(crate) fn of_all(
    content: &Content,
    ground: &Ground<'_>,
    facts: Vec<PartFacts>,
    lists: &mut Lists,
    watch: &dyn Watch,
) -> Outcome<Results> {
    watch.step(Step::Parts);
    lists.persons.push(&tally::persons_header())?;
    let mut whole = Ok(Results::default());
    let mut parts = ground.parts.iter();
    let work = |(number, mut facts): (usize, PartFacts)| {
        let results = of_part(content, ground, number, facts.take()?, watch);
        watch.beside(None);
        results
    };
    let mut add = |whole: &mut Results, found: Found| {
        if let Some(part) = parts.next() {
            whole.add(part, found.results);
        }
        lists.persons.push(&found.persons)?;
        lists.remembered.as_mut().map_or(Ok(()), |remembered| remembered.add(found.remembered))
    };
    in_order(facts.into_iter().enumerate().collect(), work, |found: Outcome<_>| {
        if let Ok(known) = &mut whole
            && let Err(error) = found.and_then(|found| add(known, found))
        {
            whole = Err(error);
        }
    });
    whole
}

fn of_part(
    content: &Content,
    ground: &Ground<'_>,
    number: usize,
    facts: FactSet,
    watch: &dyn Watch,
) -> Outcome<Found> {
    let people = people_of_part(ground.population, (ground.parts, ground.rows, number), ground.texts)?;
    let grounds = Grounds {
        population: &people,
        rows: (ground.rows, number),
        sharing: ground.sharing,
        before: ground.before,
        cases: ground.cases,
        month: ground.month,
        with_groups: ground.keep_placements,
    };
    let evaluated = evaluate(content, &grounds, facts, watch)?;
    watch.beside(Some(Step::Certify));
    let counts = tally::Counts::of(content, &people, &evaluated);
    let persons = tally::persons(content, &people, &evaluated, ground.month);
    watch.beside(Some(Step::HandOut));
    let handouts = match ground.hand_out {
        true => handout::sheets(content, &people, &evaluated, ground.last_month, ground.month),
        false => handout::Sheets::default(),
    };
    let Evaluated { chunks, determined, leads, dismissed, mut placements, .. } = evaluated;
    if !ground.keep_placements {
        placements.clear();
    }
    let remembered = match ground.hand_out {
        true => PartColumns::of(content, &determined),
        false => PartColumns::default(),
    };
    let kept = ground.keep_placements.then_some((chunks, determined));
    let results = Results { leads, dismissed, counts, handouts, placements, kept };
    Ok(Found { results, persons, remembered })
}

/// The people of a part; with their texts from the lake, where they are not in memory.
pub(crate) fn people_of_part(
    population: &Population,
    (parts, rows, number): (&[Part], &RowsByPart<'_>, usize),
    texts: Option<&StoredTexts<'_>>,
) -> Outcome<Population> {
    let mut people = population.part(&parts[number]);
    if let Some(texts) = texts {
        people.texts = Arc::new(texts.of_part(rows, number, &people.members)?);
    }
    Ok(people)
}

impl Results {
    /// Adds the next part, whose own rows are counted from its beginning.
    fn add(&mut self, part: &Part, more: Results) {
        let (first_unit, first_row) = (part.units.start, part.rows.start);
        self.leads.extend(more.leads.into_iter().map(|lead| Lead { row: lead.row + first_row, ..lead }));
        let hits = more.dismissed.into_iter();
        self.dismissed.extend(hits.map(|hit| Hit {
            unit: hit.unit + first_unit,
            row: hit.row + first_row,
            ..hit
        }));
        self.counts.add(more.counts);
        self.placements.extend(more.placements);
        self.kept = self.kept.take().or(more.kept);
        self.handouts.add(more.handouts);
    }
}
