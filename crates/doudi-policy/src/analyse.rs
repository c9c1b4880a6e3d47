//! What the texts say although every one of them is well written: holes, overlaps and words that come to nothing. Each
//! finding carries a household that shows it, confirmed by the evaluator; what is said to be impossible is proven. A
//! finding never stops a policy from running; a person decides.

mod absent;
mod at_bound;
mod bound_words;
mod boundary;
mod citations;
mod clauses;
mod comparisons;
mod durations;
mod findings;
mod formula;
mod gathering;
mod grades;
mod household;
mod linear;
mod own_gaps;
mod passages;
mod periods;
mod quantities;
mod reach;
mod reading;
mod search;
mod settings;
mod shape;
mod solve;
mod terms;
mod wording;

pub use findings::{Example, Finding, FindingKind};
pub use own_gaps::OwnGap;
pub(crate) use own_gaps::read_own_gaps;
pub(crate) use quantities::{Measure, quantities};
pub use settings::Setting;

use crate::diagnostic::Diagnostic;
use crate::facts::Layout;
use crate::library::Library;
use crate::program::Program;
use gathering::Gathering;
use settings::{link_everywhere, settings_of_values};

/// Work for one analysis, in steps of the search: some seconds at most.
const STEPS: u32 = 20_000_000;

/// What came of analysing a library without errors.
#[derive(Clone, Debug, Default)]
pub struct Analysis {
    /// Why the documents cannot be linked somewhere: these are errors.
    pub problems: Vec<Diagnostic>,
    /// By level, then by place in the texts.
    pub findings: Vec<Finding>,
    /// Questions that took too long and were left open.
    pub open: u32,
    /// Steps of the search that were taken.
    pub steps: u32,
}

/// Links every place on every day on which something changes there, and looks at what the texts come to.
pub fn analyse(library: &Library) -> Analysis {
    analyse_within(library, STEPS)
}

/// As [`analyse`], with a given amount of work.
pub fn analyse_within(library: &Library, steps: u32) -> Analysis {
    let (programs, problems) = link_everywhere(library);
    let layout = Layout::of(library);
    let mut gathering = Gathering::new(library, &layout, steps);
    for program in &programs {
        gathering.look(program);
    }
    // What does not link here does not link with the same documents elsewhere, and is told already.
    let further: Vec<Program<'_>> = settings_of_values(library)
        .into_iter()
        .filter_map(|setting| Program::link(library, setting.region, setting.date).ok())
        .collect();
    for program in &further {
        gathering.look(program);
    }
    let (left, open) = (gathering.steps, gathering.open);
    let mut findings = gathering.findings();
    let passages = passages::passages(library);
    findings.extend(wording::findings(library, &passages, &programs));
    findings.extend(grades::findings(library, &passages, &programs));
    findings.extend(durations::findings(library, &passages, &programs));
    findings.extend(citations::findings(library, &passages));
    findings.extend(absent::findings(library, &programs));
    findings.extend(periods::findings(library));
    own_gaps::settle(library, &mut findings);
    findings.sort_by_key(|finding| (finding.level, finding.span, finding.kind));
    Analysis { problems, findings, open, steps: steps - left }
}
