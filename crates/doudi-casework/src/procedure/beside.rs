//! What lies beside a case's file and has a word in its steps: its papers, and the case that it began with.

use super::file::CaseFile;
use super::refusal::{StepRefusal, WrongAnswer};
use super::{Before, Procedure, Step};
use crate::grants::User;
use crate::procedure::CaseCounter;

/// A paper or a photo of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CasePaper {
    /// Id of the step that it was brought for; none where nobody has said.
    pub step: Option<String>,
    /// How many steps had been taken when it was brought.
    pub after: usize,
    pub is_withdrawn: bool,
}

/// Beside one case.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside<'a> {
    pub papers: &'a [CasePaper],
    /// The case that it began with, where it began with one.
    pub opening: Option<&'a CaseFile>,
}

impl Beside<'_> {
    /// Papers that count for a step that is taken next: those of the visit before do not show the visit of today.
    pub fn papers_for(&self, case: &CaseFile, step: &str) -> usize {
        let last = case.record.iter().rposition(|record| record.step == step);
        let since = last.map_or(0, |at| at + 1);
        self.of(step).filter(|paper| !paper.is_withdrawn && paper.after >= since).count()
    }

    fn of(&self, step: &str) -> impl Iterator<Item = &CasePaper> {
        self.papers.iter().filter(move |paper| paper.step.as_deref() == Some(step))
    }

    /// The step demands a paper, and none is there that was brought for it.
    pub(super) fn missing_paper(&self, case: &CaseFile, step: &Step) -> Option<WrongAnswer> {
        let paper = step.evidence.as_ref().filter(|_| self.papers_for(case, &step.id) == 0)?;
        let others = self.papers.iter().any(|paper| !paper.is_withdrawn);
        let hint =
            if others { "。别的步骤的材料、没有说明用在这一步的材料不算" } else { "" };
        Some(WrongAnswer { field: "evidence".into(), text: format!("要附上：{paper}{hint}") })
    }

    /// Nobody decides on a visit whose photos were all taken back.
    pub(super) fn papers_are_there(
        &self,
        case: &CaseFile,
        procedure: &Procedure,
        deciding: &Step,
    ) -> Result<(), StepRefusal> {
        if deciding.decides.is_none() {
            return Ok(());
        }
        let is_bare = |step: &&Step| {
            case.record.iter().any(|record| record.step == step.id)
                && self.of(&step.id).next().is_some()
                && self.of(&step.id).all(|paper| paper.is_withdrawn)
        };
        let bare =
            procedure.steps.iter().filter(is_bare).find_map(|step| Some((step, step.evidence.as_ref()?)));
        match bare {
            Some((step, paper)) => Err(StepRefusal::PaperGone {
                step: deciding.name.clone(),
                earlier: step.name.clone(),
                paper: paper.clone(),
            }),
            None => Ok(()),
        }
    }

    /// Whoever had the word that a family now speaks against does not answer it: what the law keeps apart stays apart
    /// where one case grows out of another.
    pub(super) fn had_no_part(
        &self,
        counter: &CaseCounter,
        step: &Step,
        by: &User,
    ) -> Result<(), StepRefusal> {
        let Some(opening) = self.opening.filter(|_| !step.not_by_opening.is_empty()) else { return Ok(()) };
        let procedure = counter.procedure_of(opening)?;
        for record in opening.record.iter().filter(|record| record.by == by.id) {
            let taken = procedure.step(&record.step).map(|at| &procedure.steps[at]);
            let is_meant = |before: &Before| match before {
                Before::Decided => taken.is_some_and(|taken| taken.decides.is_some()),
                Before::Took(id) => *id == record.step,
            };
            if step.not_by_opening.iter().any(is_meant) {
                let name = taken.map_or(record.step.as_str(), |taken| &taken.name);
                let earlier = format!("{}的{name}", procedure.name);
                return Err(StepRefusal::SamePerson { step: step.name.clone(), earlier });
            }
        }
        Ok(())
    }
}
