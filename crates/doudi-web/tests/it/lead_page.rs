//! What somebody who verifies a lead is told: the rows side by side, why they are this person's, and the sheet to take along.

use crate::office::{COUNTIES, OTHER_MARK, TestOffice};
use axum::http::StatusCode;
use doudi_casework::Role;

fn between<'p>(page: &'p str, from: &str, to: &str) -> &'p str {
    let (_, after) = page.split_once(from).unwrap_or_else(|| panic!("no {from} in {page}"));
    after.split_once(to).map_or(after, |(inside, _)| inside)
}

#[test]
fn rosters_stand_beside_the_register_and_what_differs_is_marked() {
    let office = TestOffice::new();
    let own = &COUNTIES[0];
    let worker = office.sign_in("worker", Role::VillageWorker, "500243001201");
    let page = worker.get(&format!("/leads/{}", own.lead(2))).body;
    let table = between(&page, "id=\"compared\"", "</section>");
    let number = between(table, "<th scope=\"row\">身份证号</th>", "</tr>");
    assert!(number.contains("500243********0002") && number.contains("class=\"differs\""), "{number}");
    assert!(number.contains("不同：第 11 位不同"), "{number}");
    let name = between(table, "<th scope=\"row\">姓名</th>", "</tr>");
    assert!(!name.contains("differs"), "{name}");
    assert!(table.contains("440.00元") && table.contains("“Sheet1”第 2 行"), "{table}");
    assert!(table.contains("姓名、银行账号一样，身份证号不一样"), "{table}");
    assert!(!page.contains(&own.id_number(2)), "no whole number");
}

#[test]
fn a_row_about_somebody_of_another_county_is_told_to_be_there_and_no_more() {
    let office = TestOffice::new();
    let head = office.sign_in("head", Role::TownshipHead, "500243001");
    let page = head.get(&format!("/leads/{}", COUNTIES[0].lead(0))).body;
    assert!(page.contains("另有 1 行名册说的是别的辖区的人"), "{page}");
    let sheet = head.get(&format!("/leads/{}/form", COUNTIES[0].lead(0))).body;
    assert!(sheet.contains("另有 1 行名册没有印"), "{sheet}");
    for page in [page, sheet] {
        assert!(!page.contains(OTHER_MARK) && !page.contains("死亡名册"), "{page}");
    }
}

#[test]
fn a_sheet_has_a_code_that_opens_the_lead_and_tells_nothing_of_anybody() {
    let office = TestOffice::new();
    let own = &COUNTIES[0];
    let worker = office.sign_in("worker", Role::VillageWorker, "500243001201");
    let page = worker.get(&format!("/leads/{}/form", own.lead(0))).body;
    for part in
        ["<svg class=\"qr\"", "□ 属实", "□ 数据错误", "□ 停发", "看到的情况", "户主或家人", "核查什么"]
    {
        assert!(page.contains(part), "{part}");
    }
    assert!(page.contains(&own.lead(0)[..12]) && !page.contains("style="));
    // Sheets of two leads have two codes; the same lead has the same one.
    let again = worker.get(&format!("/leads/{}/form", own.lead(0))).body;
    let other = worker.get(&format!("/leads/{}/form", own.lead(2))).body;
    let code = |page: &str| between(page, "<svg", "</svg>").to_owned();
    assert_eq!(code(&page), code(&again));
    assert_ne!(code(&page), code(&other));
}

#[test]
fn a_village_is_printed_at_once_and_everybody_on_it_is_in_the_audit() {
    let office = TestOffice::new();
    let own = &COUNTIES[0];
    let worker = office.sign_in("worker", Role::VillageWorker, "500243001201");
    let page = worker.get("/leads/forms?place=500243001201").body;
    assert_eq!(page.matches("class=\"sheet form\"").count(), 6);
    assert_eq!(worker.get("/leads/forms?place=500243001202").status, StatusCode::BAD_REQUEST);
    let auditor = office.sign_in("auditor", Role::Auditor, "500243");
    let seen = auditor.get(&format!("/audit?person={}", own.person(10))).body;
    assert!(seen.contains("看疑点"), "{seen}");
}
