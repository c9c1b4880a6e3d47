//! What people do in their browser, from the first page to the last.

use crate::office::{COUNTIES, OWN, PASSWORD, TestOffice};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use doudi_casework::Role;

/// 属实，停发, heard and reasoned.
const END: &str = "finding=%E5%B1%9E%E5%AE%9E&measure=%E5%81%9C%E5%8F%91&on=2020-05-18&visitors=%E5%86%89%E6%9F%90\
                   &reason=%E5%B7%B2%E5%8E%BB%E4%B8%96&heard_on=2020-05-18&heard=%E5%AE%B6%E5%B1%9E%E5%90%8C%E6%84%8F";

fn version_on(page: &str) -> String {
    let (_, after) = page.split_once("name=\"version\" value=\"").expect("a version");
    after.split('"').next().expect("a number").to_owned()
}

#[test]
fn ending_somebodys_aid_takes_two_people() {
    let office = TestOffice::new();
    let lead = COUNTIES[0].lead(0);
    let (page, report, confirm) =
        (format!("/leads/{lead}"), format!("/leads/{lead}/report"), format!("/leads/{lead}/confirm"));
    let worker = office.sign_in("worker", Role::VillageWorker, "500243001201");
    let head = office.sign_in("head", Role::TownshipHead, "500243001");

    let to = worker.user.to_string();
    let assigned = head.post("/leads/assign", &format!("lead={lead}&to={to}"));
    assert_eq!(assigned.status, StatusCode::SEE_OTHER, "{}", assigned.body);
    assert!(worker.get("/leads?whose=me").body.contains(&lead));

    let version = version_on(&worker.get(&page).body);
    let unheard = worker.post(&report, &format!("version={version}&finding=%E5%B1%9E%E5%AE%9E&measure=%E5%81%9C%E5%8F%91&on=2020-05-18&visitors=x&reason=%E5%B7%B2%E5%8E%BB%E4%B8%96"));
    assert_eq!(unheard.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unheard.body.contains("听取") && unheard.body.contains("已去世"), "what was typed stays");
    assert!(unheard.body.contains("<title>有误："), "the title says so first");

    let bare = worker.post(&report, &format!("version={version}&{END}"));
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bare.body.contains("要有凭据") && bare.body.contains("已去世"), "{}", bare.body);
    worker.send(&format!("{page}/evidence"), &[], &[("evidence", "x.jpg", &crate::evidence::photo(1))]);
    let reported = worker.post(&report, &format!("version={version}&{END}"));
    assert_eq!(reported.status, StatusCode::SEE_OTHER, "{}", reported.body);
    assert!(head.get(&page).body.contains("复核"));

    let stale = head.post(&confirm, &format!("version={version}&choice=confirm"));
    assert_eq!(stale.status, StatusCode::CONFLICT, "{}", stale.body);
    let seen = version_on(&head.get(&page).body);
    let done = head.post(&confirm, &format!("version={seen}&choice=confirm"));
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let after = head.get(&page).body;
    assert!(after.contains("待整改") && after.contains("复核同意"), "{after}");
}

#[test]
fn whoever_reported_cannot_be_the_second_person() {
    let office = TestOffice::new();
    let lead = COUNTIES[0].lead(0);
    let head = office.sign_in("head", Role::TownshipHead, "500243001");
    let page = format!("/leads/{lead}");
    let version = version_on(&head.get(&page).body);
    head.send(&format!("{page}/evidence"), &[], &[("evidence", "x.jpg", &crate::evidence::photo(1))]);
    assert_eq!(
        head.post(&format!("{page}/report"), &format!("version={version}&{END}")).status,
        StatusCode::SEE_OTHER
    );
    let own = head.get(&page).body;
    assert!(!own.contains("value=\"confirm\""), "the button is not there");
    let reply = head.post(&format!("{page}/confirm"), "version=2&choice=confirm");
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", reply.body);
    assert!(reply.body.contains("两个人"), "{}", reply.body);
}

#[test]
fn signing_in_keeps_what_was_typed_and_comes_back_to_where_one_was() {
    let office = TestOffice::new();
    office.sign_in("worker", Role::VillageWorker, OWN);
    let wrong = office.request(Method::POST, "/sign-in", "login=worker&password=x&back=/leads", "");
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("value=\"worker\"") && wrong.body.contains("密码不对"), "{}", wrong.body);
    assert!(wrong.cookies.is_empty());
    let form = format!("login=worker&password={}&back=/leads", urlencoded(PASSWORD));
    let right = office.request(Method::POST, "/sign-in", &form, "");
    assert_eq!((right.status, right.location.as_str()), (StatusCode::SEE_OTHER, "/leads"));
    let cookie = &right.cookies[0];
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let evil = office.request(Method::POST, "/sign-in", &form.replace("/leads", "//evil.test"), "");
    assert_eq!(evil.location, "/");
    let cookie = cookie.split(';').next().expect("a cookie");
    assert_eq!(office.request(Method::POST, "/sign-out", "", cookie).status, StatusCode::SEE_OTHER);
    assert_eq!(office.request(Method::GET, "/leads", "", cookie).status, StatusCode::SEE_OTHER, "signed out");
}

fn urlencoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[test]
fn a_form_of_another_site_changes_nothing() {
    let office = TestOffice::new();
    let request = Request::builder().method(Method::POST).uri("/sign-in").header("host", "office");
    let request = request.header("origin", "http://evil.test").body(Body::from("login=a&password=b"));
    assert_eq!(office.send(request.expect("a request")).status, StatusCode::FORBIDDEN);
}

#[test]
fn every_answer_says_what_may_run_and_that_nothing_is_kept() {
    let office = TestOffice::new();
    let reply = office.request(Method::GET, "/sign-in", "", "");
    for words in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "no-store", "nosniff"]
    {
        assert!(reply.all.contains(words), "{words}");
    }
    assert!(
        !reply.body.contains("<style") && !reply.body.contains("style=") && !reply.body.contains("onclick")
    );
}
