//! The list of leads: found, counted, ordered, and given to whoever is to go and look.

use crate::office::{COUNTIES, TestOffice};
use axum::http::StatusCode;
use doudi_casework::Role;

fn rows(page: &str) -> usize {
    page.matches("data-label=\"姓名\"").count()
}

#[test]
fn a_lead_is_found_by_what_people_know_of_it() {
    let office = TestOffice::new();
    let own = &COUNTIES[0];
    let head = office.sign_in("head", Role::TownshipHead, "500243001");
    for q in [own.id_number(2), own.person(2), own.lead(2)] {
        let page = head.get(&format!("/leads?q={q}")).body;
        assert_eq!(rows(&page), 1, "{q}");
        assert!(page.contains(&own.lead(2)) && page.contains("共 <strong>1</strong> 条"), "{q}");
        assert!(page.contains(&format!("value=\"{q}\"")), "what was typed stays");
    }
    assert_eq!(rows(&head.get("/leads?q=%E6%AC%A7%E9%98%B3&sort=name").body), 6);
    let none = head.get("/leads?q=%E6%B2%A1%E6%9C%89").body;
    assert!(rows(&none) == 0 && none.contains("姓名可以只写前几个字"), "{none}");
}

#[test]
fn a_head_gives_all_of_a_village_to_its_worker_at_once() {
    let office = TestOffice::new();
    let own = &COUNTIES[0];
    let head = office.sign_in("head", Role::TownshipHead, "500243001");
    let worker = office.sign_in("worker", Role::VillageWorker, "500243001201");
    let list = head.get("/leads?place=500243001&village=500243001201").body;
    assert!(list.contains("待分派的 6 条都分给这个人"), "{list}");
    let form = format!("place=500243001&village=500243001201&which=all&to={}", worker.user);
    let done = head.post("/leads/assign", &form);
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let after = head.get(&done.location).body;
    assert!(after.contains("已分派 6 条") && after.contains("待核查 <strong>6</strong>"), "{after}");
    assert!(after.contains("worker"), "whose they are stands on the list");
    assert_eq!(rows(&worker.get("/leads?whose=me").body), 6);
    let again = head.post("/leads/assign", &form);
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert!(again.body.contains("没有待分派的疑点"), "{}", again.body);
    assert!(head.get(&format!("/leads/{}", own.lead(0))).body.contains("分派"), "the history says it");
}

#[test]
fn what_cannot_be_given_to_somebody_is_told_lead_by_lead() {
    let office = TestOffice::new();
    let head = office.sign_in("head", Role::TownshipHead, "500243001");
    let next = office.sign_in("next", Role::VillageWorker, "500243001202");
    let form = format!("lead={}&lead={}&to={}", COUNTIES[0].lead(0), COUNTIES[0].lead(2), next.user);
    let reply = head.post("/leads/assign", &form);
    assert_eq!(reply.status, StatusCode::OK);
    assert!(
        reply.body.contains("<strong>2</strong> 条没有分派") && reply.body.contains("请选本辖区的经办人")
    );
    let nobody = head.post("/leads/assign", &format!("to={}", next.user));
    assert!(nobody.body.contains("没有勾选疑点"), "{}", nobody.body);
}
