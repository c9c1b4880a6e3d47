//! What a clearing made, taken away by those whose area it is.

use crate::office::{COUNTIES, OTHER, TestOffice};
use axum::http::StatusCode;
use doudi_casework::Role;

const TOWN: &str = "370902001";

fn book(town: &str) -> String {
    format!("/results/2020-05/{town}.xlsx")
}

#[test]
fn a_township_has_its_own_workbook_and_nobody_elses() {
    let office = TestOffice::new();
    let head = office.sign_in("head", Role::TownshipHead, TOWN);
    assert!(head.get("/").body.contains("href=\"/results\""), "a link on the board");
    let list = head.get("/results").body;
    assert!(
        list.contains(&book(TOWN)) && !list.contains("370902002.xlsx") && !list.contains("报告.html"),
        "{list}"
    );
    let taken = head.get(&book(TOWN));
    assert_eq!(taken.status, StatusCode::OK);
    assert_eq!(taken.bytes, std::fs::read(&office.desk.workbook.0).expect("the file"), "byte for byte");
    for words in ["attachment; filename", "spreadsheetml", "no-store"] {
        assert!(taken.all.contains(words), "{words}");
    }
    for other in [
        book("370902002"),
        book("370902009"),
        "/results/2020-04/370902001.xlsx".into(),
        "/results/2020-05/..%2F..%2Fdoudi.keys".into(),
    ] {
        assert_eq!(head.get(&other).status, StatusCode::NOT_FOUND, "{other}");
    }
    let own = office.sign_in("own", Role::CountyReviewer, "500243");
    assert!(own.get("/results").body.contains("还没有您辖区的"));
    assert_eq!(own.get(&book(TOWN)).status, StatusCode::NOT_FOUND);
    // A worker's village is less than a township.
    let worker = office.sign_in("worker", Role::VillageWorker, "370902001001");
    assert_eq!(worker.get(&book(TOWN)).status, StatusCode::NOT_FOUND);
}

#[test]
fn the_data_officer_has_the_countys_and_whoever_is_named_in_a_workbook_is_in_the_audit() {
    let office = TestOffice::new();
    let officer = office.sign_in("officer", Role::DataOfficer, OTHER);
    let list = officer.get("/results").body;
    for file in [book(TOWN), book("370902002")] {
        assert!(list.contains(&file), "{file}\n{list}");
    }
    assert!(list.contains("报告.html"), "{list}");
    assert_eq!(officer.get(&book(TOWN)).status, StatusCode::OK);
    let auditor = office.sign_in("auditor", Role::Auditor, OTHER);
    let audit = auditor.get(&format!("/audit?person={}&action=export", COUNTIES[1].person(0))).body;
    assert!(audit.contains("摸排结果") && audit.contains("370902001.xlsx"), "{audit}");
    let supervisor = office.sign_in("dudao", Role::Supervisor, OTHER);
    assert_eq!(
        supervisor.get(&book(TOWN)).status,
        StatusCode::NOT_FOUND,
        "who may not export may not take it"
    );
}
