//! The same tests over both databases. PostgreSQL where `DOUDI_TEST_POSTGRES` names a server; in CI it must.

mod api;
mod audit;
mod backup;
mod bench;
mod case_guards;
mod case_keeping;
mod case_lists;
mod case_results;
mod cases;
mod county;
mod evidence;
mod evidence_withdrawal;
mod households;
mod lead_lists;
mod lead_offers;
mod lead_records;
mod leads;
mod migrations;
mod months;
mod people;
mod persons;
mod remembered;
mod rotation;
mod takeover;
mod vitals;
