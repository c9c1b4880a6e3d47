//! The office as a browser meets it, without a network: requests in, pages out.

mod api;
mod areas;
mod case_guards;
mod case_stories;
mod cases;
mod counter;
mod crowds;
mod desk;
mod evidence;
mod households;
mod lead_lists;
mod lead_page;
mod lead_workbook;
mod office;
mod queue;
mod results;
mod stories;
mod watching;
