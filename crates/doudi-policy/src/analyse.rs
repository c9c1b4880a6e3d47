//! What the texts say although every one of them is well written: holes, overlaps and words that come to nothing. Each
//! finding carries a household that shows it. A finding never stops a policy from running; a person decides.

mod absent;
mod at_bound;
mod bound_words;
mod citations;
mod comparisons;
mod durations;
mod findings;
mod grades;
mod passages;
mod periods;
mod quantities;
mod settings;
mod wording;

pub use findings::{Example, Finding, FindingKind};
pub use settings::Setting;

use crate::diagnostic::Diagnostic;
use crate::library::Library;
use settings::link_everywhere;

/// What came of analysing a library without errors.
#[derive(Clone, Debug, Default)]
pub struct Analysis {
    /// Why the documents cannot be linked somewhere: these are errors.
    pub problems: Vec<Diagnostic>,
    /// By place in the texts.
    pub findings: Vec<Finding>,
}

/// Links every place on every day on which something changes there, and looks at what the texts come to.
pub fn analyse(library: &Library) -> Analysis {
    let (programs, problems) = link_everywhere(library);
    let mut findings: Vec<Finding> = Vec::new();
    let passages = passages::passages(library);
    findings.extend(wording::findings(library, &passages, &programs));
    findings.extend(grades::findings(library, &passages, &programs));
    findings.extend(durations::findings(library, &passages, &programs));
    findings.extend(citations::findings(library, &passages));
    findings.extend(absent::findings(library, &programs));
    findings.extend(periods::findings(library));
    findings.sort_by_key(|finding| (finding.level, finding.span, finding.kind));
    Analysis { problems, findings }
}
