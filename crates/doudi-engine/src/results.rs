//! What follows for a part of the people, and how the parts become one whole: figures add up, lists follow one another.

use crate::buckets::Placement;
use crate::clearing::{Evaluated, Grounds, Step, Watch, evaluate};
use crate::content::Content;
use crate::determine::{Chunk, Determined};
use crate::error::Outcome;
use crate::facts::{Column, FactSet, LastMonthFacts, Sharing};
use crate::handout;
use crate::leads::{Hit, Lead};
use crate::leads_before::LeadsBefore;
use crate::part_facts::PartFacts;
use crate::parts::{Part, RowsByPart};
use crate::population::Population;
use crate::tally;
use crate::two_threads::jobs_in_two_threads;
use doudi_policy::ir::RuleId;
use doudi_terms::Month;

/// What a clearing came to, of some people or of all. Rows are counted as in these people.
#[derive(Default)]
pub(crate) struct Results {
    /// In the order of units, persons and checks.
    pub leads: Vec<Lead>,
    /// Found, and answered before by a person that there is nothing in it.
    pub dismissed: Vec<Hit>,
    pub counts: tally::Counts,
    /// persons.csv; of some people only their rows.
    pub persons: Vec<u8>,
    /// What next month may ask for: by path and rule, for every row of the rule's entity.
    pub remembered: Vec<(String, RuleId, Column)>,
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
    pub sharing: &'g Sharing,
    pub before: &'g LeadsBefore,
    pub month: Month,
    pub last_month: Option<&'g LastMonthFacts>,
    /// Whether townships are to be given something to work with.
    pub hand_out: bool,
    /// Whether everybody's bucket is kept with its reason: it takes much memory.
    pub keep_placements: bool,
}

/// The results of all parts, two parts at a time; `facts` are theirs, in their order.
pub(crate) fn of_all(
    content: &Content,
    ground: &Ground<'_>,
    facts: Vec<PartFacts>,
    watch: &dyn Watch,
) -> Outcome<Results> {
    watch.step(Step::Parts);
    let found = jobs_in_two_threads(facts.into_iter().enumerate().collect(), |(number, mut facts)| {
        let results = of_part(content, ground, number, facts.take()?, watch);
        watch.beside(None);
        results
    });
    let mut whole = Results { persons: tally::persons_header(), ..Results::default() };
    for (part, found) in ground.parts.iter().zip(found) {
        whole.add(part, found?);
    }
    Ok(whole)
}

fn of_part(
    content: &Content,
    ground: &Ground<'_>,
    number: usize,
    facts: FactSet,
    watch: &dyn Watch,
) -> Outcome<Results> {
    let people = ground.population.part(&ground.parts[number]);
    let grounds = Grounds {
        population: &people,
        rows: (ground.rows, number),
        sharing: ground.sharing,
        before: ground.before,
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
    let remembered = remembered(content, &determined);
    if !ground.keep_placements {
        placements.clear();
    }
    Ok(Results {
        leads,
        dismissed,
        counts,
        persons,
        remembered,
        handouts,
        placements,
        kept: ground.keep_placements.then_some((chunks, determined)),
    })
}

fn remembered(content: &Content, determined: &Determined) -> Vec<(String, RuleId, Column)> {
    determined.remembered(content).map(|(path, rule, column)| (path, rule, column.clone())).collect()
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
        self.persons.extend_from_slice(&more.persons);
        for (at, (path, rule, column)) in more.remembered.into_iter().enumerate() {
            match self.remembered.get_mut(at) {
                Some((_, _, whole)) => whole.append(&column),
                None => self.remembered.push((path, rule, column)),
            }
        }
        self.placements.extend(more.placements);
        self.kept = self.kept.take().or(more.kept);
        self.handouts.add(more.handouts);
    }
}
