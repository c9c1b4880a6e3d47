//! Who may do what to a case, and what the code on a receipt tells.

use crate::counter::{done, drafted, form, handed_in, stepped};
use crate::evidence::photo;
use crate::office::{COUNTIES, OWN, OWN_MARK, TestOffice};
use axum::http::{Method, StatusCode};
use doudi_casework::Role;

const VILLAGE: &str = "500243001201";

#[test]
fn the_code_on_a_receipt_tells_how_far_it_is_and_nothing_of_the_family() {
    let mut office = TestOffice::new();
    office.open_cases();
    let code = office.opened[0].code.clone();
    let typed = [code.clone(), code.to_lowercase(), code.replace('-', ""), format!("%20{code}%20")];
    for code in typed {
        let page = office.request(Method::GET, &format!("/progress?code={code}"), "", "");
        assert_eq!(page.status, StatusCode::OK);
        for words in ["试验帮扶申请", "待决定", "B000001", "收下申请", "上门看", "2020-05-20"]
        {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        let told = [OWN_MARK, "欧阳", "漏雨", "病历", "借住", "100", "H1000", "clerk", VILLAGE];
        for words in told {
            assert!(!page.body.replace(&code, "").contains(words), "{words}: {}", page.body);
        }
    }
    for wrong in ["x", "B000001", &code[1..], "%27+OR+1%3D1"] {
        let page = office.request(Method::GET, &format!("/progress?code={wrong}"), "", "");
        assert!(page.body.contains("没有这个查询码") && !page.body.contains("B000001</dd>"), "{}", page.body);
    }
}

#[test]
fn whoever_only_looks_at_cases_changes_nothing() {
    let mut office = TestOffice::new();
    office.open_cases();
    let case = format!("/cases/{}", office.opened[0].case);
    let clerk = office.sign_in("reader", Role::Supervisor, OWN);
    let main = || {
        let body = clerk.get(&case).body;
        body.split_once("<main").expect("a page").1.to_owned()
    };
    let before = main();
    for role in [Role::Supervisor, Role::PaymentOfficer] {
        let browser = office.sign_in(&format!("looks.{}", role.code()), role, OWN);
        let page = browser.get(&case);
        assert_eq!(page.status, StatusCode::OK, "{role}");
        assert!(
            !page.body.contains("more-papers") && page.body.contains("不由您办"),
            "{role}: {}",
            page.body
        );
        for (path, fields) in [
            (format!("{case}/step"), form(&[("step", "grant"), ("version", "5")])),
            (format!("{case}/step"), form(&[("step", "refuse"), ("version", "5"), ("note", "x")])),
            (format!("{case}/revise"), form(&[("step", "visit")])),
            ("/cases/drafts".to_owned(), form(&[("applicant", "x"), ("place", VILLAGE)])),
            ("/cases/drafts".to_owned(), form(&[("household", &COUNTIES[0].household(0))])),
            ("/cases/batch".to_owned(), form(&[("kind", "round"), ("place", VILLAGE)])),
        ] {
            assert_eq!(browser.post(&path, &fields).status, StatusCode::FORBIDDEN, "{role} {path} {fields}");
        }
        let brought = browser.send(&format!("{case}/step"), &[], &[("evidence", "x.jpg", &photo(2))]);
        assert_eq!(brought.status, StatusCode::FORBIDDEN, "{role} brings a paper");
    }
    assert_eq!(main(), before);
    let list = clerk.get("/cases").body;
    assert!(list.contains("共 <strong>1</strong> 件"), "nothing was opened: {list}");
}

#[test]
fn whoever_has_a_step_that_revises_can_put_circumstances_right() {
    let mut office = TestOffice::new();
    office.open_cases();
    let case = format!("/cases/{}", office.opened[0].case);
    // Neither takes applications in.
    for (at, role) in [Role::TownshipHead, Role::CountyReviewer, Role::CountyApprover].into_iter().enumerate()
    {
        let browser = office.sign_in(&format!("mends.{at}"), role, OWN);
        let draft = done(browser.post(&format!("{case}/revise"), &form(&[("step", "visit")])));
        let page = browser.get(&draft);
        assert_eq!(page.status, StatusCode::OK, "{role}");
        assert!(page.body.contains("更正家庭情况") && !page.body.contains("交上去"), "{}", page.body);
        // It is no application of its own.
        let handed = browser.post(&draft, &form(&[("action", "hand-in"), ("kind", "help")]));
        assert_eq!(handed.status, StatusCode::BAD_REQUEST, "{role}: {}", handed.body);
        assert_eq!(browser.get("/cases/new").status, StatusCode::FORBIDDEN, "{role}");
        let back = done(browser.post(&draft, &form(&[("action", "return")])));
        assert!(back.starts_with(&format!("{case}?draft=")), "{back}");
        // And nobody else's.
        let other = office.sign_in(&format!("other.{at}"), role, OWN);
        assert_eq!(other.get(&draft).status, StatusCode::NOT_FOUND, "{role}");
    }
}

#[test]
fn a_draft_that_is_handed_in_twice_is_one_case() {
    let office = TestOffice::new();
    let clerk = office.sign_in("clerk", Role::WindowClerk, OWN);
    let draft = drafted(&clerk, "欧阳某", VILLAGE);
    let hand_in = form(&[("action", "hand-in"), ("kind", "help")]);
    let case = done(clerk.post(&draft, &hand_in));
    assert_eq!(case, "/cases/B000001");
    assert_eq!(clerk.post(&draft, &hand_in).status, StatusCode::NOT_FOUND);
    assert_eq!(clerk.get("/cases/B000002").status, StatusCode::NOT_FOUND);
}

#[test]
fn who_brings_it_for_a_family_is_asked_kept_and_printed_without_the_telephone() {
    let office = TestOffice::new();
    let clerk = office.sign_in("clerk", Role::WindowClerk, OWN);
    let draft = drafted(&clerk, "欧阳某", VILLAGE);
    let page = clerk.get(&draft).body;
    assert!(page.contains("托人来说的") && page.contains("要一张字条"), "{page}");
    let nobody = clerk.post(&draft, &form(&[("action", "hand-in"), ("kind", "help"), ("way", "other")]));
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        nobody.body.contains("请写代办人的姓名") && nobody.body.contains("href=\"#proxy-relation\""),
        "{}",
        nobody.body
    );
    let proxy = [("proxy-name", "司马某"), ("proxy-relation", "邻居"), ("proxy-phone", "023-78441234")];
    let sent = [&[("action", "hand-in"), ("kind", "help"), ("way", "self")][..], &proxy].concat();
    assert_eq!(
        clerk.post(&draft, &form(&sent)).status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "who acts for whom?"
    );
    let kept = clerk.get(&draft).body;
    assert!(kept.contains("value=\"司马某\""), "what was typed stays\n{kept}");
    let sent = [&[("action", "hand-in"), ("kind", "help"), ("way", "other")][..], &proxy].concat();
    let case = done(clerk.post(&draft, &form(&sent)));
    let shown = clerk.get(&case).body;
    assert!(shown.contains("托人来说的（代办人司马某，邻居）") && shown.contains("023-78441234"), "{shown}");
    stepped(&clerk, &case, 1, "accept", &[("fact:户.下放", "否")]);
    let receipt = clerk.get(&format!("{case}/print/receipt")).body;
    assert!(receipt.contains("怎样提出的：托人来说的（代办人司马某，邻居）。"), "{receipt}");
    assert!(!receipt.contains("78441234"), "a receipt lies about");
    // Who says nothing brings it themselves.
    let plain = drafted(&clerk, "欧阳某", VILLAGE);
    let case = done(clerk.post(&plain, &form(&[("action", "hand-in"), ("kind", "help")])));
    assert!(clerk.get(&case).body.contains("自己来说的"));
}

#[test]
fn whoever_decided_does_not_answer_the_appeal_that_was_brought_to_the_window() {
    let office = TestOffice::new();
    let clerk = office.sign_in("clerk", Role::WindowClerk, OWN);
    let worker = office.sign_in("worker", Role::VillageWorker, VILLAGE);
    let approver = office.sign_in("approver", Role::CountyApprover, OWN);
    let other = office.sign_in("other", Role::CountyApprover, OWN);
    let decided = handed_in(&clerk, "欧阳某", VILLAGE);
    stepped(&clerk, &decided, 1, "accept", &[("fact:户.下放", "否")]);
    let fields = [("version", "2"), ("step", "visit"), ("fact:户.在家", "是"), ("note", "x")];
    let photo: (&str, &str, &[u8]) = ("evidence", "x.jpg", &photo(1));
    done(worker.send(&format!("{decided}/step"), &fields, &[photo]));
    stepped(&approver, &decided, 3, "grant", &[("note", "同意")]);
    let number = decided.rsplit('/').next().expect("a number");

    let draft = drafted(&clerk, "欧阳某", VILLAGE);
    let send = |kind: &str, against: &str| {
        clerk.post(&draft, &form(&[("action", "hand-in"), ("kind", kind), ("against", against)]))
    };
    for (kind, against, said) in
        [("grievance", "B999999", "没有编号是 B999999 的办件"), ("help", number, "不是对哪件办件的决定提的")]
    {
        let reply = send(kind, against);
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{kind} {against}");
        assert!(reply.body.contains(said) && reply.body.contains("href=\"#against\""), "{}", reply.body);
    }
    let appeal = done(send("grievance", &number.to_lowercase()));
    assert!(
        clerk.get(&appeal).body.contains(&format!("href=\"/cases/{number}\"")),
        "it names what it is about"
    );
    let answer = form(&[("step", "answer"), ("version", "1"), ("note", "维持")]);
    let same = approver.post(&format!("{appeal}/step"), &answer);
    assert_eq!(same.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", same.body);
    assert!(same.body.contains("试验帮扶申请的"), "it says what they decided\n{}", same.body);
    done(other.post(&format!("{appeal}/step"), &answer));
}

#[test]
fn what_begins_with_another_case_or_a_list_is_not_handed_in_at_the_window() {
    let office = TestOffice::new();
    let clerk = office.sign_in("clerk", Role::WindowClerk, OWN);
    let draft = drafted(&clerk, "欧阳某", VILLAGE);
    for kind in ["recheck", "round", "", "no-such"] {
        let reply = clerk.post(&draft, &form(&[("action", "hand-in"), ("kind", kind)]));
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{kind}");
        assert!(reply.body.contains("请选这家人要办的事"), "{kind}: {}", reply.body);
    }
    for kind in ["help", "recheck", ""] {
        let reply = clerk.post("/cases/batch", &form(&[("kind", kind), ("place", VILLAGE)]));
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{kind}");
    }
    assert_eq!(clerk.get("/cases/B000001").status, StatusCode::NOT_FOUND);
}

#[test]
fn a_list_opens_one_case_for_every_household_and_none_twice() {
    let office = TestOffice::new();
    let clerk = office.sign_in("clerk", Role::WindowClerk, "500243001");
    let round = form(&[("kind", "round"), ("place", "500243001")]);
    // Six households, of which the township has those of both its villages.
    assert!(done(clerk.post("/cases/batch", &round)).ends_with("opened=6"));
    assert!(done(clerk.post("/cases/batch", &round)).ends_with("opened=0"), "they have one already");
    let worker = office.sign_in("worker", Role::VillageWorker, "370902001001");
    let elsewhere = worker.post("/cases/batch", &round);
    assert_eq!(elsewhere.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(worker.get("/cases").body.contains("共 <strong>0</strong> 件"));
}

#[test]
fn after_the_end_a_family_can_still_complain_and_that_begins_a_case_of_its_own() {
    let office = TestOffice::new();
    let clerk = office.sign_in("clerk", Role::WindowClerk, OWN);
    let worker = office.sign_in("worker", Role::VillageWorker, VILLAGE);
    let approver = office.sign_in("approver", Role::CountyApprover, OWN);
    let case = handed_in(&clerk, "欧阳某", VILLAGE);
    stepped(&clerk, &case, 1, "accept", &[("fact:户.下放", "否")]);
    let fields = [
        ("version", "2"),
        ("step", "visit"),
        ("fact:户.在家", "是"),
        ("fact:户.有争议", "否"),
        ("note", "x"),
    ];
    let photo: (&str, &str, &[u8]) = ("evidence", "x.jpg", &photo(1));
    done(worker.send(&format!("{case}/step"), &fields, &[photo]));
    let refused =
        approver.post(&format!("{case}/step"), &form(&[("step", "refuse"), ("version", "3"), ("note", "x")]));
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "the law says it may have it");
    assert!(refused.body.contains("“可给”成立"), "{}", refused.body);
    // A family that turns out not to be in need.
    let poor = handed_in(&clerk, "欧阳别家", VILLAGE);
    let revised = done(clerk.post(&format!("{poor}/revise"), &form(&[("step", "accept")])));
    done(clerk.post(&revised, &form(&[("[\"household\",\"困难\"]", "否"), ("action", "return")])));
    let draft = revised.rsplit('/').next().expect("an id");
    stepped(&clerk, &poor, 1, "accept", &[("fact:户.下放", "否"), ("draft", draft)]);
    done(worker.send(&format!("{poor}/step"), &fields, &[photo]));
    stepped(&approver, &poor, 3, "refuse", &[("note", "不困难")]);
    let page = clerk.get(&poor).body;
    assert!(page.contains("办结以后还可以办") && page.contains("要求复查"), "{page}");
    stepped(&clerk, &poor, 4, "complain", &[("note", "他说查错了")]);
    let list = clerk.get("/cases?kind=recheck").body;
    assert!(list.contains("试验复查") && list.contains("/cases/B000003"), "{list}");
    let recheck = clerk.get("/cases/B000003").body;
    assert!(recheck.contains("href=\"/cases/B000002\"") && recheck.contains("待复查"), "{recheck}");
}
