//! The policy language (条文): literate documents read, checked, linked for a place and a day, and run.
//!
//! Sources, facts, place and date come in as arguments. There is no IO, no clock and no column format here; this crate
//! compiles to WebAssembly. doudi-policy-batch runs the same [`Program`] over columns.

mod analyse;
mod ask;
mod ast;
mod calendar;
mod cases;
mod check;
mod collisions;
mod deadline;
mod diagnostic;
mod document;
mod eval;
mod explain;
mod facts;
mod facts_json;
mod facts_record;
mod facts_written;
mod format;
pub mod ir;
mod letter;
mod lexer;
mod library;
pub mod mutate;
mod narrate;
mod outline;
mod parameters;
mod parser;
mod program;
mod proposal;
mod references;
mod source;
mod strict;
mod sufficient;
mod supposed;
mod value;
mod words;

pub use analyse::{Analysis, Example, Finding, FindingKind, OwnGap, Setting, analyse, analyse_within};
pub use ask::{Goal, Inquiry, Question, Reward, answer, inquire, member};
pub use ast::{AggregateOp, Arith, Compare, Confidence, Period};
pub use calendar::Calendar;
pub use cases::{CaseResult, run_case_block};
pub use deadline::{NoDeadline, deadline};
pub use diagnostic::{Diagnostic, Level};
pub use document::{Block, BlockKind, Document, Rank};
pub use eval::{Evaluation, Fired};
pub use explain::{Change, Explanation, Kind, Node, Short, explain, in_short, nearest_changes};
pub use facts::{Fact, FactValue, Facts, Layout};
pub use facts_json::facts_from_json;
pub use facts_record::{
    OriginOf, SourceOf, facts_from_record, facts_from_record_with_sources, facts_to_record,
    facts_to_record_with_origins,
};
pub use facts_written::{fact_path, facts_to_json};
pub use format::format_document;
pub use letter::{
    Letter, LetterKind, LetterLine, LetterRequest, LetterTemplate, LineStyle, Slot, write_letter,
};
pub use library::{CaseBlock, Library, NotCarriedOut, Set, has_errors};
pub use narrate::{Account, account, accounts, chinese_date};
pub use outline::{ArticleText, Piece, article_texts, header_field, outline};
pub use parameters::{ParameterRow, RowValue, parse_value};
pub use program::{LinkedRule, ParameterValue, Program, last_month_inputs};
pub use proposal::{Proposal, ProposalError};
pub use references::{Declaration, Named, Reference, Uses};
pub use source::{Source, SourceId, Span};
pub use strict::Strict;
pub use supposed::Supposed;
pub use value::{Exact, Fault, Missing, Outcome, Rounding, Unknown, Value, round};
pub use words::{missing_name, missing_words, outcome_words, value_words};
