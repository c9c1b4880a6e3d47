//! How a kind of case is handled, step by step. The steps, who takes them, what they ask and the rules that say by when are
//! content (`docs/procedures.md`); what is here reads such a table, finds every name in the policies, and refuses a table
//! that leads nowhere.

mod beside;
mod clock;
mod counter;
mod document;
mod file;
mod intake;
mod names;
mod questions;
mod read;
mod refusal;
mod registry;
mod signature;
mod sketch;
mod take;
mod together;
mod worked;

pub use beside::{Beside, CasePaper};
pub use clock::{Clock, Deadline};
pub use counter::{CaseCounter, Content, Standing, Trial};
pub use document::{Document, Filling, Piece, Sheet};
pub use file::{CaseFile, Decision, DecisionKind, Pause, StepRecord};
pub use intake::{Intake, IntakeWay, IntakeWrong, Proxy};
pub use questions::{AnswerType, FormQuestion, LIST_ANSWERS};
pub use refusal::{StepRefusal, WrongAnswer};
pub use registry::CaseProgramme;
pub use signature::{PlaceNames, Signatures, SignedBy};
pub use sketch::procedure_diagram;
pub use take::{Act, Offer};
pub use together::{Proposal, Reasons};
pub use worked::{WorkedCase, WorkedStep};

use crate::permission::Permission;
use doudi_policy::ir::{EntityId, HOUSEHOLD, InputId, RuleId};
use doudi_terms::{Date, RegionCode};

/// The table of one kind of case, for a place and a time.
#[derive(Clone, Debug)]
pub struct Procedure {
    /// Of its file in the policies folder.
    pub path: String,
    /// `dibao-application`; the same over places and years.
    pub kind: String,
    /// 最低生活保障申请
    pub name: String,
    /// Household or person.
    pub subject: EntityId,
    /// Id in the registry of programmes.
    pub programme: Option<String>,
    pub place: RegionCode,
    pub from: Date,
    /// The last day on which a case begins under it.
    pub until: Option<Date>,
    pub law: String,
    pub start: StateAt,
    pub opened_from: OpenedFrom,
    /// A household may have several at a time: one for each decision that it speaks against.
    pub several: bool,
    /// What is marked where it is so.
    pub flags: Vec<Asked>,
    /// The fact that counts the days in which no clock ran.
    pub excluded: Option<InputId>,
    pub states: Vec<State>,
    pub steps: Vec<Step>,
    pub examples: Vec<WorkedCase>,
}

/// Where a state stands in its procedure's list.
pub type StateAt = usize;
/// Where a step stands in its procedure's list.
pub type StepAt = usize;

/// How a case of this kind begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenedFrom {
    /// Somebody asks, at the window or at home.
    Window,
    /// Out of another case.
    Case,
    /// Out of a lead of the clearing.
    Lead,
    /// Many at once, from a list.
    List,
}

/// A yes or no of the policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    Rule(RuleId),
    Fact(InputId),
}

/// What somebody did in the case that another one began with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Before {
    /// Any step there that decides.
    Decided,
    /// Id of a step there.
    Took(String),
}

#[derive(Clone, Debug)]
pub struct State {
    pub id: String,
    pub name: String,
    /// Rules for a day or a moment; the earliest counts.
    pub due: Vec<RuleId>,
    /// No clock runs.
    pub paused: bool,
    pub ends: bool,
}

#[derive(Clone, Debug)]
pub struct Step {
    pub id: String,
    pub name: String,
    pub from: Vec<StateAt>,
    pub to: StateAt,
    pub by: Permission,
    /// Others who may where the policies say so.
    pub or_by: Option<(Permission, Asked)>,
    /// Nobody who took one of these.
    pub not_by: Vec<StepAt>,
    /// Nobody who took one of these in the case that this one began with.
    pub not_by_opening: Vec<Before>,
    /// It is there only where all of them are so.
    pub when: Vec<Asked>,
    /// Facts that have to be given.
    pub asks: Vec<InputId>,
    pub optional: Vec<InputId>,
    /// The household's circumstances can be written anew.
    pub revises: bool,
    /// Facts that become the day, or the moment, on which it is taken.
    pub today: Vec<InputId>,
    pub now: Vec<InputId>,
    pub sets: Vec<(InputId, String)>,
    /// All of them must be so, or the step is refused with the law's reason.
    pub needs: Vec<Asked>,
    /// None of them may be so.
    pub must_not: Vec<Asked>,
    /// What somebody has to write.
    pub note: Option<String>,
    /// Which paper or photo has to be there.
    pub evidence: Option<String>,
    /// Ids of documents; `letter` is the decision.
    pub prints: Vec<String>,
    pub decides: Option<DecisionKind>,
    /// Kind of the case that begins with it.
    pub opens: Option<String>,
    pub article: String,
}

impl Procedure {
    /// Whether a case that begins on a day, in a place, is handled by it.
    pub fn serves(&self, place: RegionCode, day: Date) -> bool {
        place.is_within(self.place) && self.from <= day && self.until.is_none_or(|until| day <= until)
    }

    /// Whether it is about what was decided in another case, whose people may not answer it.
    pub fn answers_a_case(&self) -> bool {
        self.steps.iter().any(|step| !step.not_by_opening.is_empty())
    }

    /// Whom of the family a case is about: nobody in particular where it is about the household; otherwise the member
    /// that is wanted, or the only one there is. An answer is wanted where there are several: nobody is guessed.
    pub fn about(&self, members: usize, wanted: Option<u32>) -> Result<Option<u32>, WrongAnswer> {
        if self.subject == HOUSEHOLD {
            return Ok(None);
        }
        let only = (members == 1).then_some(0);
        let found = wanted.or(only).filter(|at| (*at as usize) < members);
        let text = "请选这件事说的是家里哪一个人";
        found.map(Some).ok_or_else(|| WrongAnswer { field: "member".into(), text: text.into() })
    }

    pub fn state(&self, id: &str) -> Option<StateAt> {
        self.states.iter().position(|state| state.id == id)
    }

    pub fn step(&self, id: &str) -> Option<StepAt> {
        self.steps.iter().position(|step| step.id == id)
    }

    pub fn steps_from(&self, state: StateAt) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| step.from.contains(&state))
    }
}
