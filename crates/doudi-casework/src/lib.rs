//! Casework: who may do what where, and the states that a case passes through.
//!
//! [`Role`], [`Permission`] and [`Grants`] say what a person of the office may do in which area; [`LeadCase`] is a lead
//! under verification, whose states carry the evidence that led to them; [`TRANSITIONS`] is the one table of its steps
//! and draws its own diagram ([`lead_diagram`]); [`SignOff`] is a month that an area has declared done.
//!
//! Pure: no file, no clock, no chance, no hash of a password. Times come in as [`Moment`]. Nothing here decides about
//! aid: it says which steps are possible, and whose.

mod diagram;
mod evidence_file;
mod grants;
mod lead_case;
mod lead_report;
mod moment;
mod permission;
mod procedure;
mod role;
mod sign_off;
mod transition;

pub use diagram::lead_diagram;
pub use evidence_file::{FileKind, MOST_EVIDENCE_BYTES, NotEvidence};
pub use grants::{Grant, GrantError, Grants, User, UserId};
pub use lead_case::{Assignment, CaseError, Closing, LeadCase, LeadState, Refusal, Second};
pub use lead_report::{Evidence, Finding, Hearing, Measure, Report, ReportError};
pub use moment::Moment;
pub use permission::{CASE_STEPS, Permission};
pub use procedure::{
    Act, AnswerType, Asked, Before, Beside, CaseCounter, CaseFile, CasePaper, CaseProgramme, Clock, Content,
    Deadline, Decision, DecisionKind, Document, Filling, FormQuestion, Intake, IntakeWay, IntakeWrong,
    LIST_ANSWERS, Offer, OpenedFrom, Pause, Piece, PlaceNames, Procedure, Proposal, Proxy, Reasons, Sheet,
    Signatures, SignedBy, Standing, State, Step, StepRecord, StepRefusal, Trial, WorkedCase, WorkedStep,
    WrongAnswer, procedure_diagram,
};
pub use role::{ADMINISTRATORS, INCOMPATIBLE, ROLES, Role};
pub use sign_off::{AreaMonth, SignOff, SignOffError};
pub use transition::{LeadStep, StateKind, TRANSITIONS, Transition, steps_from};
