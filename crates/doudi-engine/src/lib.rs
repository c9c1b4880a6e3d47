//! The clearing pipeline: rosters in, exactly one bucket for everybody out, with a certificate that adds up.
//!
//! The way of a month, one file per step: [`lake`] keeps every imported roster; `links` and `settle` tie its rows to
//! people; `population` puts people into assistance units; `facts` turns rows into columns by person and household;
//! `snapshot` keeps them by content; `determine` runs the law of each county over them; `leads` and `buckets` say what
//! follows for each person; `tally` counts; [`verify_results`] does all of it again and compares; [`hand_over`] gives it to whoever works with it.
//!
//! A clearing is a pure function of rosters, content and month. There is no clock, no random number and no rule of law
//! here: which rules are asked for stands in `programs.toml` ([`ClearingContent`]). Spreadsheets are not read or written
//! here either: rows come in as [`doudi_terms::roster::ObservationBatch`] and go out as plain tables.

mod answers;
mod bits;
mod buckets;
mod case_words;
mod certificate;
mod clearing;
mod compared;
mod conclude;
mod content;
mod content_store;
mod county;
mod csv_text;
mod data_file;
mod data_folder;
mod determine;
pub mod digest;
mod doubles;
mod error;
pub mod evaluation_bench;
mod event_file;
mod explain;
mod facts;
mod hand_over;
mod handed_months;
mod handout;
mod history;
mod identity;
pub mod imports;
pub mod lake;
mod lead_log;
mod leads;
mod leads_before;
mod links;
mod links_before;
mod list_text;
mod matching;
mod memory;
mod numbered_texts;
mod office_answers;
mod office_cases;
mod parquet_file;
mod parquet_text;
mod part_facts;
mod parts;
mod people;
mod people_before;
mod people_directory;
mod person_log;
pub mod policy_bench;
mod population;
mod precision;
mod remembered;
mod result_columns;
mod results;
mod sealed_file;
mod sealing;
mod settle;
mod shared_phones;
pub mod simulate;
mod snapshot;
mod sources;
mod stored_files;
mod stored_table;
mod tally;
mod temporary_file;
mod texts;
mod two_threads;
mod vault;
mod verify;
mod who_is_who;
mod words;

pub use answers::AnswerCounts;
pub use buckets::{BUCKETS, Bucket, BucketCounts, Placement};
pub use case_words::{CaseFields, CaseMatter, CaseResult, CaseWords, LeadStanding};
pub use certificate::{
    Certificate, CertifiedInput, Identity, LeadCounts, MissingRoster, Output, PlaceCounts, ProgrammeCounts,
    RegisterCounts, StoredHashes,
};
pub use clearing::{Cleared, Request, Step, Watch, clear, select_inputs};
pub use compared::{ComparedCell, ComparedRow};
pub use content::{
    ClearingContent, ClearingRules, Content, ContentFile, FamilySheet, Group, GroupRules, Ledger, LookIn,
    LookInClass, Programme, Received, Shown, ShownColumn,
};
pub use content_store::{content_hash, load as load_content};
pub use data_file::{DataReader, DataWriter};
pub use data_folder::{DataFolder, DataLock, write_file};
pub use doubles::{Double, DoubleEntry, latest_doubles};
pub use error::{EngineError, Outcome};
pub use facts::FactSource;
pub use hand_over::{EndedLead, HandOver, HandedFile, HandedLead, HandedPerson, HandedRow, hand_over};
pub use handed_months::{
    HandedAnswer, HandedCheck, HandedColumn, HandedGroup, HandedGroupRow, HandedHousehold,
};
pub use handout::{
    CheckInForce, HandoutCell, HandoutColumn, HandoutTable, Township, Townships, Visit, VisitLead,
    VisitMember,
};
pub use history::ClearingRecord;
pub use lead_log::{Answer, FINDINGS, Finding, LeadEvent, LeadEventKind, LeadFile, LeadLog};
pub use leads::{ClosedLead, Lead};
pub use list_text::ListText;
pub use matching::{ReadRegister, RegisterReader, RosterRows};
pub use office_answers::{OfficeAnswer, note_office_answers};
pub use office_cases::{CaseDecision, OfficeCase, keep_office_cases};
pub use parquet_text::read_text_columns;
pub use people_directory::{PeopleDirectory, PeopleDirectoryReader, PersonCard};
pub use person_log::{
    Decision, PersonEvent, PersonEventKind, PersonFile, PersonLog, Proposal, Standing as PersonStanding,
    Subject, close as close_proposal, propose, question as person_question, standings as person_standings,
};
pub use precision::CheckCounts;
pub use sealing::Sealed;
pub use settle::RowCounts;
pub use two_threads::jobs_in_two_threads;
pub use vault::{FileSeal, LEAD, Vault};
pub use verify::{Verdict, verify_content, verify_results, warnings};
