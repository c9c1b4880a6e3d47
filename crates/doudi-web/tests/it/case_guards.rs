//! What only one may do, or only once, or only with its own papers - on the pages as in the store.

use crate::counter::{done, form, handed_in, stepped};
use crate::evidence::photo;
use crate::office::{Browser, COUNTIES, OWN, TestOffice};
use axum::http::StatusCode;
use doudi_casework::Role;

const VILLAGE: &str = "500243001201";
const VISIT: [(&str, &str); 4] =
    [("step", "visit"), ("fact:户.在家", "是"), ("fact:户.有争议", "否"), ("note", "x")];

fn accepted(clerk: &Browser<'_>) -> String {
    let case = handed_in(clerk, "欧阳某", VILLAGE);
    stepped(clerk, &case, 1, "accept", &[("fact:户.下放", "否")]);
    case
}

fn visit(by: &Browser<'_>, case: &str, version: &str, more: &[(&str, &str)]) -> crate::office::Reply {
    let mut fields = vec![("version", version)];
    fields.extend_from_slice(&VISIT);
    fields.extend_from_slice(more);
    by.send(&format!("{case}/step"), &fields, &[])
}

#[test]
fn whoever_had_a_word_in_a_case_does_not_answer_the_one_against_it() {
    let office = TestOffice::new();
    let clerk = office.sign_in("clerk", Role::WindowClerk, OWN);
    let visitor = office.sign_in("visitor", Role::CountyReviewer, OWN);
    let other = office.sign_in("other", Role::CountyReviewer, OWN);
    let approver = office.sign_in("approver", Role::CountyApprover, OWN);
    let case = handed_in(&clerk, "欧阳某", VILLAGE);
    let revised = done(clerk.post(&format!("{case}/revise"), &form(&[("step", "accept")])));
    done(clerk.post(&revised, &form(&[("[\"household\",\"困难\"]", "否"), ("action", "return")])));
    let draft = revised.rsplit('/').next().expect("an id");
    stepped(&clerk, &case, 1, "accept", &[("fact:户.下放", "否"), ("draft", draft)]);
    let mut fields = vec![("version", "2")];
    fields.extend_from_slice(&VISIT);
    done(visitor.send(&format!("{case}/step"), &fields, &[("evidence", "x.jpg", &photo(1))]));
    stepped(&approver, &case, 3, "refuse", &[("note", "不困难")]);
    stepped(&clerk, &case, 4, "complain", &[("note", "他说查错了")]);
    let recheck = "/cases/B000002";
    // Neither on the page nor past it.
    let page = visitor.get(recheck).body;
    assert!(!page.contains("id=\"step-answer\"") && page.contains("答复（"), "{page}");
    let answer = form(&[("step", "answer"), ("version", "1"), ("note", "没有错")]);
    let refused = visitor.post(&format!("{recheck}/step"), &answer);
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("试验帮扶申请的上门看") && refused.body.contains("同一个人"),
        "{}",
        refused.body
    );
    assert!(other.get(recheck).body.contains("id=\"step-answer\""));
    done(other.post(&format!("{recheck}/step"), &answer));
}

#[test]
fn a_photo_that_was_brought_for_nothing_in_particular_is_ticked_or_does_not_count() {
    let office = TestOffice::new();
    let clerk = office.sign_in("clerk", Role::WindowClerk, OWN);
    let case = handed_in(&clerk, "欧阳某", VILLAGE);
    let step = format!("{case}/step");
    done(clerk.send(&step, &[], &[("evidence", "早.jpg", &photo(1))]));
    stepped(&clerk, &case, 1, "accept", &[("fact:户.下放", "否")]);
    let page = clerk.get(&case).body;
    assert!(page.contains("没有说明用在哪一步") && page.contains("name=\"paper\" value=\"1\""), "{page}");
    let early = visit(&clerk, &case, "2", &[]);
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(early.body.contains("要附上：上门的照片"), "{}", early.body);
    // A step that this kind does not have, or that wants no paper.
    for of in ["vist", "accept"] {
        let wrong = clerk.send(&step, &[("for", of)], &[("evidence", "x.jpg", &photo(2))]);
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{of}");
        assert!(wrong.body.contains("没有要材料的步骤"), "{}", wrong.body);
    }
    done(visit(&clerk, &case, "2", &[("paper", "1")]));
    assert!(clerk.get(&case).body.contains("用在“上门看”"));
    // Brought beforehand and said to be for the visit.
    let other = accepted(&clerk);
    done(clerk.send(&format!("{other}/step"), &[("for", "visit")], &[("evidence", "看.jpg", &photo(3))]));
    done(visit(&clerk, &other, "2", &[]));
}

#[test]
fn a_paper_of_a_case_is_taken_back_with_a_reason_and_does_not_count_any_more() {
    let office = TestOffice::new();
    let clerk = office.sign_in("clerk", Role::WindowClerk, OWN);
    let worker = office.sign_in("worker", Role::VillageWorker, VILLAGE);
    let far = office.sign_in("far", Role::WindowClerk, COUNTIES[1].code);
    let approver = office.sign_in("approver", Role::CountyApprover, OWN);
    let case = accepted(&clerk);
    let mut fields = vec![("version", "2")];
    fields.extend_from_slice(&VISIT);
    done(worker.send(&format!("{case}/step"), &fields, &[("evidence", "别人家.jpg", &photo(1))]));
    let back = format!("{case}/evidence/1/withdraw");
    let why = form(&[("reason", "传错了人")]);
    assert_eq!(far.post(&back, &why).status, StatusCode::NOT_FOUND);
    assert!(!clerk.get(&case).body.contains(&back), "not theirs");
    assert_eq!(clerk.post(&back, &why).status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(worker.get(&case).body.contains(&back));
    let silent = worker.post(&back, &form(&[("reason", " ")]));
    assert!(silent.status == StatusCode::UNPROCESSABLE_ENTITY && silent.body.contains("为什么撤回"));
    done(worker.post(&back, &why));
    let page = worker.get(&case).body;
    assert!(page.contains("<del>别人家.jpg</del>") && page.contains("撤回：传错了人"), "{page}");
    assert_eq!(worker.get(&format!("{case}/evidence/1")).status, StatusCode::NOT_FOUND);
    // Nobody decides on what is not there any more; another photo puts it right.
    let decide = form(&[("step", "grant"), ("version", "3")]);
    let bare = approver.post(&format!("{case}/step"), &decide);
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bare.body.contains("都撤回了"), "{}", bare.body);
    done(worker.send(&format!("{case}/step"), &[("for", "visit")], &[("evidence", "对.jpg", &photo(2))]));
    done(approver.post(&format!("{case}/step"), &decide));
}

#[test]
fn a_family_with_an_open_case_is_told_which_one_and_its_draft_stays() {
    let office = TestOffice::new();
    let clerk = office.sign_in("clerk", Role::WindowClerk, OWN);
    let household = COUNTIES[0].household(0);
    let hand_in = |draft: &str| clerk.post(draft, &form(&[("action", "hand-in"), ("kind", "help")]));
    let begin = || {
        let begun = done(clerk.post("/cases/drafts", &form(&[("household", &household)])));
        begun.split('#').next().expect("a path").to_owned()
    };
    let (first, second) = (begin(), begin());
    let case = done(hand_in(&first));
    let told = hand_in(&second);
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        told.body.contains("已经有一件没有办结") && told.body.contains(&case["/cases/".len()..]),
        "{}",
        told.body
    );
    assert_eq!(clerk.get(&second).status, StatusCode::OK, "what was typed is there");
    assert_eq!(clerk.get("/cases/B000003").status, StatusCode::NOT_FOUND);
}
