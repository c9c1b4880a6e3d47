//! The operational store: what people decide, over one embedded file (SQLite) or PostgreSQL.
//!
//! It is the only crate that knows a database. It never decides: which steps a case can take is `doudi-casework`'s, what
//! the law says is the policies'. It reads no clock: every call takes its time from the caller.
//!
//! # For whoever builds on it
//!
//! ```text
//! Store::open("data/doudi.db" | "postgres://…", Keyring::from_file(path)?)   one per process, in an Arc
//!
//! first time    set_up_code(at) -> printed once;  set_up(code, login, name, password, ip, at)
//! demo          provision(&[NewUser], at) -> one-time passwords, only in an empty store
//! log in        log_in(login, password, ip, at) -> Token for the cookie
//! each request  scope(token, ip, at) -> Scope;  every query wants it
//! programs      create_token(scope, name, until) -> shown once;  token_scope(token, ip, at) -> Scope of its owner;
//!               own_tokens, tokens_of, revoke_token;  open_case_once, step_case_once: done once for a key
//! accounts      create_user, set_grants, reset_password, set_disabled, accounts, colleagues, workers,
//!               change_password
//!
//! leads         leads(scope, filter, order, after, limit) -> LeadPage;  count_leads, count_states;  checks_in_use;
//!               export_leads;  assign_leads, assign_all (many at once)
//!               lead(scope, id) -> Lead { row, case, history, steps, … };  lead_compared: with its rows
//!               assign_lead, report_lead, confirm_lead, send_back_lead (scope, id, version, …) -> Lead
//!               preview_reports, report_leads: many that came in a file
//! evidence      add_evidence(scope, lead, files);  evidence_file(scope, lead, serial);  verify_evidence
//!               withdraw_evidence(scope, lead, serial, reason)
//! cases         open_case, step_case(scope, id, version, take) -> Case;  case, cases, case_figures;
//!               own_drafts, draft, keep_draft, drop_draft;  case_progress(code): what a family may see
//! people        search(scope, text, after, limit);  person;  household;  unmask(scope, id, what, purpose)
//! households    households(scope, query);  household_record, person_record: every cleared month;  policies(hash)
//! groups        group_lists, group_page, export_group: lists of special groups (台账)
//! months        cleared_months, board, figures, month_sources, area_month, sign_off, reopen_month, signed_months
//! audit         audit_records(scope, query);  verify_audit(known head);  audit_head;  note_refusal
//! upkeep        create_backup, verify_backup, restore_backup;  rotate_key_file, rotate
//! watching      unready, vitals: for whoever watches over the machine; the only calls that want no scope
//! clearing      office_answers, case_results(until): what people said, for the next clearing;  import_clearing(ImportedClearing, at) -> counts to compare
//! ```
//!
//! - **A [`Scope`] cannot be made, only logged in for.** What it does not reach is not there: [`StoreError::NotFound`] is
//!   the same for another county's person and for nobody. [`StoreError::Refused`] says that a *role* is missing.
//! - **Whatever shows a person is in the audit first**, written to disc before the call returns; lists note whom they
//!   showed. Counts and boards have no person in them and are not noted.
//! - **Steps carry the version that was seen.** A stale one gives [`StoreError::Stale`] with the case as it is and as it
//!   was wanted; nothing is written.
//! - **Pages go on from a key**, not by number: hand `next` back as `after`.
//! - **Calls block**, some on a disc, a log-in for a twentieth of a second of work: a server calls from threads that may
//!   block (`spawn_blocking`).
//! - Errors are sentences in Chinese for whoever reads them; [`StoreError::Database`], `Damaged` and `Io` are for
//!   whoever runs the machine and do not belong on a page.
mod answers;
mod api_tokens;
mod audit;
mod backup;
mod case_drafts;
mod case_evidence;
mod case_list;
mod case_queue;
mod case_results;
mod cases;
mod db;
mod error;
mod evidence;
mod evidence_withdrawal;
mod group_filter;
mod groups;
mod households;
mod kept;
mod known_rows;
mod lead_assign;
mod lead_import;
mod lead_list;
mod lead_offers;
mod lead_records;
mod leads;
mod migrations;
mod months;
mod once;
mod passwords;
mod persons;
mod query;
mod random;
mod remembered;
mod roster_acts;
mod rotation;
mod scope;
mod seal;
mod sealed;
mod sessions;
mod store;
mod takeover;
#[cfg(test)]
mod tests;
mod users;
mod vitals;

pub use answers::OfficeAnswer;
pub use api_tokens::{ApiToken, LONGEST_TOKEN_DAYS, MOST_TOKENS};
pub use audit::{Action, AuditBreak, AuditHead, AuditQuery, AuditRecord, AuditVerdict};
pub use backup::{BackupManifest, restore_backup, verify_backup};
pub use case_drafts::CaseDraft;
pub use case_evidence::{Fits, case_evidence_may_be_withdrawn};
pub use case_list::{CaseCursor, CaseFigure, CaseFilter, CasePage};
pub use case_queue::{CaseQueue, MOST_TOGETHER, WaitingCase};
pub use case_results::CaseResult;
pub use cases::{Case, CaseEvent, CaseMove, CaseProgress, CaseRow, NewCase};
pub use error::{Outcome, Stale, StaleCase, StoreError};
pub use evidence::{EvidenceFile, LeadEvidence, MOST_EVIDENCE, NewEvidence, Withdrawal};
pub use evidence_withdrawal::may_be_withdrawn;
pub use group_filter::{CellWants, GroupFilter};
pub use groups::{GroupCursor, GroupLine, GroupList, GroupPage, GroupQuery, GroupSort};
pub use households::{
    HouseholdLine, HouseholdMonth, HouseholdQuery, HouseholdRecord, LeadMoment, MonthRegistry, PersonRecord,
};
pub use kept::{
    Answered, CellKind, GroupColumn, GroupHead, ImportedGroupRow, ImportedHousehold, MOST_COLUMNS,
    MonthCheck, MonthKept,
};
pub use lead_assign::{Assigned, MOST_ASSIGNED, NotAssigned};
pub use lead_list::{LeadCursor, LeadFilter, LeadOrder, LeadPage};
pub use lead_offers::{MOST_OFFERED, OfferedReport, Verdict};
pub use lead_records::{ComparedPerson, IDENTITY_KINDS, LeadRecord, RecordCell};
pub use leads::{Lead, LeadEvent, LeadRow};
pub use months::{BoardCell, ClearedMonth, Figure, MonthSource, SignedMonth};
pub use once::{ANSWER_SECONDS, Once};
pub use passwords::AT_ONCE as PASSWORDS_AT_ONCE;
pub use persons::{Hidden, Household, LONGEST_PAGE, Person, PersonRow, PersonSource};
pub use roster_acts::{RosterAct, RosterMark};
pub use rotation::Rotated;
pub use scope::Scope;
pub use seal::{
    ALGORITHMS, Algorithm, FILE_LEAD, FileSeal, Keyring, create_key_file, create_key_file_of,
    rotate_key_file, rotate_key_file_to,
};
pub use sessions::{IDLE_SECONDS, LOCKED_SECONDS, LONGEST_SECONDS, LoginError, MOST_FAILURES, Token};
pub use store::Store;
pub use takeover::{
    EndedLead, Imported, ImportedAnswer, ImportedCell, ImportedClearing, ImportedFile, ImportedLead,
    ImportedLink, ImportedPerson, ImportedRecord,
};
pub use users::{Account, NewUser, Worker};
pub use vitals::{Part, Vitals};
