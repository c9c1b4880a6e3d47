//! A family's application, from the window to the letter, as people do it in their browser without scripts.

use crate::counter::{done, form, handed_in, stepped};
use crate::evidence::photo;
use crate::office::{Browser, OWN, OWN_MARK, TestOffice};
use axum::http::StatusCode;
use doudi_casework::Role;

const VILLAGE: &str = "500243001201";

/// What stands between two texts of a page.
fn between<'p>(page: &'p str, before: &str, after: &str) -> &'p str {
    let (_, rest) = page.split_once(before).unwrap_or_else(|| panic!("no “{before}” in {page}"));
    rest.split_once(after).expect("an end").0
}

fn visit(by: &Browser<'_>, case: &str, version: &str) -> crate::office::Reply {
    let fields = [
        ("version", version),
        ("step", "visit"),
        ("fact:户.在家", "是"),
        ("fact:户.补贴额", "120元"),
        ("fact:户.有争议", "否"),
        ("note", "屋顶漏雨"),
    ];
    by.send(&format!("{case}/step"), &fields, &[("evidence", "屋顶.jpg", &photo(1))])
}

#[test]
fn a_family_that_the_register_knows_gets_from_the_window_to_its_letter() {
    let office = TestOffice::new();
    let clerk = office.sign_in("clerk", Role::WindowClerk, "500243001");
    let worker = office.sign_in("worker", Role::VillageWorker, VILLAGE);
    let approver = office.sign_in("approver", Role::CountyApprover, OWN);

    // At the window: is the family known?
    let found = clerk.get("/cases/new?q=%E6%AC%A7%E9%98%B3").body;
    let household = between(&found, "name=\"household\" value=\"", "\"").to_owned();
    let draft = done(clerk.post("/cases/drafts", &form(&[("household", &household)])));
    let draft = draft.split('#').next().expect("a path").to_owned();
    let page = clerk.get(&draft).body;
    assert!(page.contains("欧阳") && page.contains("家里有困难吗？") && page.contains("试算"), "{page}");

    // An answer that does not read comes back beside its field; the others are kept.
    let answers =
        [("[\"household\",\"困难\"]", "是"), ("[\"household\",\"补贴额\"]", "一百来块"), ("action", "save")];
    let wrong = clerk.post(&draft, &form(&answers));
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("<title>有误："), "the title says so first");
    let field = between(&wrong.body, "<label for=\"w0\">", "</div>");
    assert!(field.contains("一百来块") && field.contains("class=\"wrong\""), "{field}");
    assert!(wrong.body.contains("href=\"#w0\""), "{}", wrong.body);
    assert!(
        !between(&wrong.body, "id=\"questions\"", "</section>").contains("家里有困难吗？"),
        "it is answered"
    );

    // Question after question until nothing is open.
    let mut rights = vec![
        ("[\"household\",\"补贴额\"]".to_owned(), "100元"),
        ("[\"household\",\"有争议\"]".to_owned(), "否"),
    ];
    for member in 0..2 {
        rights.push((format!("[\"members\",{member},\"收入\"]"), "没有"));
    }
    let fields: Vec<(&str, &str)> = rights.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    done(clerk.post(&draft, &form(&fields)));
    let settled = clerk.get(&draft).body;
    assert!(settled.contains("可能符合") && settled.contains("100.00元"), "{settled}");
    let no_kind = clerk.post(&draft, &form(&[("action", "hand-in")]));
    assert_eq!(no_kind.status, StatusCode::UNPROCESSABLE_ENTITY);
    let case = done(clerk.post(&draft, &form(&[("action", "hand-in"), ("kind", "help")])));
    assert_eq!(clerk.get(&draft).status, StatusCode::NOT_FOUND, "it has become the case");

    // Accepted, with a receipt that the family takes home.
    stepped(&clerk, &case, 1, "accept", &[("fact:户.下放", "否")]);
    let receipt = clerk.get(&format!("{case}/print/receipt")).body;
    assert!(receipt.contains("收件回执") && receipt.contains("2020年5月20日"), "{receipt}");
    assert!(receipt.contains("2020年5月21日12时00分"), "the earliest clock: {receipt}");

    // In the village, by somebody else, with a photo.
    let before = worker.get(&case).body;
    assert!(before.contains("上门时在家吗") && before.contains("附上：上门的照片"), "{before}");
    done(visit(&worker, &case, "2"));
    let wall = worker.get(&format!("{case}/print/wall")).body;
    assert!(wall.contains("屋顶漏雨") && wall.contains("每月120.00元"), "{wall}");

    // The county decides; the letter says why, in the law's words.
    stepped(&approver, &case, 3, "grant", &[]);
    let decided = clerk.get(&case).body;
    for words in ["决定：给予", "120.00元", "不到一千元", "试2 第一条", "屋顶漏雨", "补贴额：120元"]
    {
        assert!(decided.contains(words), "{words}: {decided}");
    }
    let letter = clerk.get(&format!("{case}/print/letter"));
    assert_eq!(letter.status, StatusCode::OK);
    assert!(
        letter.body.contains("同意了，每月120.00元") && letter.body.contains("<p>2．"),
        "{}",
        letter.body
    );
    let history = between(&decided, "id=\"history\"", "</table>").matches("<tr>").count();
    assert_eq!(history, 1 + 4, "head, handed in, accepted, visited, decided");
    let auditor = office.sign_in("auditor", Role::Auditor, OWN);
    let seen = auditor.get("/audit?action=case-step").body;
    assert!(seen.contains("B000001") && !seen.contains("漏雨"), "{seen}");
}

#[test]
fn a_step_with_something_wrong_comes_back_with_all_that_was_typed() {
    let office = TestOffice::new();
    let clerk = office.sign_in("clerk", Role::WindowClerk, OWN);
    let case = handed_in(&clerk, "欧阳某", VILLAGE);
    stepped(&clerk, &case, 1, "accept", &[("fact:户.下放", "否")]);
    let wrong = clerk.post(
        &format!("{case}/step"),
        &form(&[
            ("version", "2"),
            ("step", "visit"),
            ("fact:户.补贴额", "很多"),
            ("fact:户.住处", "租住"),
            ("note", " "),
        ]),
    );
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = &wrong.body;
    let amount = between(page, "<label for=\"visit-户.补贴额\">", "</div>");
    assert!(amount.contains("读不出来") && amount.contains("value=\"很多\""), "{amount}");
    let home = between(page, "<fieldset id=\"visit-户.在家\"", "</fieldset>");
    assert!(home.contains("class=\"wrong\"") && home.contains("要填"), "{home}");
    let note = between(page, "<label for=\"note-visit\">", "</div>");
    assert!(note.contains("要写明：看到了什么"), "{note}");
    assert!(page.contains("id=\"file-visit-wrong\"") && page.contains("要附上：上门的照片"), "{page}");
    for link in ["#visit-户.补贴额", "#visit-户.在家", "#note-visit", "#file-visit"] {
        assert!(page.contains(&format!("href=\"{link}\"")), "{link}: {page}");
    }
    assert!(page.contains("value=\"租住\" checked"), "what was typed stays: {page}");
    assert!(page.contains("id=\"step-visit\" open"), "{page}");
    // Nothing was written.
    assert!(clerk.get(&case).body.contains("待上门"));
}

#[test]
fn the_law_refuses_a_step_in_words_and_the_case_stays_where_it_is() {
    let office = TestOffice::new();
    let clerk = office.sign_in("clerk", Role::WindowClerk, OWN);
    let case = handed_in(&clerk, "欧阳某", VILLAGE);
    stepped(&clerk, &case, 1, "accept", &[("fact:户.下放", "否")]);
    let fields = [("version", "2"), ("step", "visit"), ("fact:户.在家", "否"), ("note", "锁着门")];
    let out = clerk.send(&format!("{case}/step"), &fields, &[("evidence", "门.jpg", &photo(1))]);
    assert_eq!(out.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(out.body.contains("“已上门”不成立") && out.body.contains("锁着门"), "{}", out.body);
    assert!(out.body.contains("门.jpg"), "the photo is kept: {}", out.body);
    // Out of order, by a page that is old.
    let early = clerk.post(&format!("{case}/step"), &form(&[("version", "2"), ("step", "grant")]));
    assert!(early.body.contains("现在可以做的：等他补材料、上门看"), "{}", early.body);
    assert!(clerk.get(&case).body.contains("待上门"));
}

#[test]
fn whoever_took_the_application_in_does_not_decide_on_it() {
    let office = TestOffice::new();
    let roles = [(Role::WindowClerk, "500243001"), (Role::TownshipHead, "500243001")];
    let both = office.sign_in_with("both", &roles);
    let worker = office.sign_in("worker", Role::VillageWorker, VILLAGE);
    let head = office.sign_in("head", Role::TownshipHead, "500243001");
    let case = handed_in(&both, "欧阳某", VILLAGE);
    stepped(&both, &case, 1, "accept", &[("fact:户.下放", "是")]);
    done(visit(&worker, &case, "2"));
    let grant = form(&[("version", "3"), ("step", "grant")]);
    let refused = both.post(&format!("{case}/step"), &grant);
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let words = "“同意”和“收下申请”不能是同一个人。请交给另一位有权限的同事";
    assert!(refused.body.contains(words), "{}", refused.body);
    assert_eq!(head.post(&format!("{case}/step"), &grant).status, StatusCode::SEE_OTHER);
}

#[test]
fn a_page_that_is_old_shows_what_is_now_beside_what_was_typed() {
    let office = TestOffice::new();
    let clerk = office.sign_in("clerk", Role::WindowClerk, OWN);
    let worker = office.sign_in("worker", Role::VillageWorker, VILLAGE);
    let case = handed_in(&clerk, "欧阳某", VILLAGE);
    stepped(&clerk, &case, 1, "accept", &[("fact:户.下放", "否")]);
    // The colleague waits for papers meanwhile: the step is still there afterwards.
    stepped(&clerk, &case, 2, "wait", &[("note", "等病历")]);
    stepped(&clerk, &case, 3, "go-on", &[]);
    let stale = visit(&worker, &case, "2");
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.body.contains("别人已经办过一步") && stale.body.contains("等病历"), "{}", stale.body);
    let field = between(&stale.body, "<label for=\"note-visit\">", "</textarea>");
    assert!(field.contains("屋顶漏雨"), "{field}");
    assert!(stale.body.contains("name=\"version\" value=\"4\""), "sent again, it goes through");
    done(visit(&worker, &case, "4"));
    // And where the step is gone, what was typed stands beside what is now.
    let gone = visit(&clerk, &case, "4");
    assert_eq!(gone.status, StatusCode::CONFLICT);
    let typed = between(&gone.body, "您刚才填的（没有保存）", "</section>");
    for words in ["上门看", "补贴额", "120元", "屋顶漏雨"] {
        assert!(typed.contains(words), "{words}: {typed}");
    }
    assert!(gone.body.contains("待决定"), "{}", gone.body);
}

#[test]
fn circumstances_put_right_on_an_old_page_do_not_undo_what_a_colleague_put_right() {
    let office = TestOffice::new();
    let clerk = office.sign_in("clerk", Role::WindowClerk, OWN);
    let case = handed_in(&clerk, "欧阳某", VILLAGE);
    let revise = || {
        let path = done(clerk.post(&format!("{case}/revise"), &form(&[("step", "accept")])));
        path.rsplit('/').next().expect("an id").to_owned()
    };
    let (first, second) = (revise(), revise());
    let answer = form(&[("[\"household\",\"补贴额\"]", "250元"), ("action", "return")]);
    done(clerk.post(&format!("/cases/drafts/{first}"), &answer));
    stepped(&clerk, &case, 1, "accept", &[("fact:户.下放", "否"), ("draft", &first)]);
    let fields = [
        ("version", "2"),
        ("step", "visit"),
        ("fact:户.在家", "是"),
        ("note", "屋顶漏雨"),
        ("draft", &second),
    ];
    let old = clerk.send(&format!("{case}/step"), &fields, &[("evidence", "x.jpg", &photo(1))]);
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(old.body.contains("更正的没有记下") && old.body.contains("屋顶漏雨"), "{}", old.body);
    assert!(old.body.contains("更正家庭情况</button>"), "it can be begun again: {}", old.body);
    // Of another case: not written, and not thrown away.
    let other = handed_in(&clerk, "欧阳别家", VILLAGE);
    let fields = form(&[("version", "1"), ("step", "accept"), ("fact:户.下放", "否"), ("draft", &second)]);
    let wrong = clerk.post(&format!("{other}/step"), &fields);
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("不是这件办件的"), "{}", wrong.body);
    assert_eq!(clerk.get(&format!("/cases/drafts/{second}")).status, StatusCode::OK);
}

#[test]
fn a_role_that_may_not_take_a_step_is_refused_and_that_is_written_down() {
    let office = TestOffice::new();
    let clerk = office.sign_in("clerk", Role::WindowClerk, OWN);
    let case = handed_in(&clerk, "欧阳某", VILLAGE);
    stepped(&clerk, &case, 1, "accept", &[("fact:户.下放", "否")]);
    done(visit(&clerk, &case, "2"));
    let worker = office.sign_in("worker", Role::VillageWorker, VILLAGE);
    let page = worker.get(&case).body;
    assert!(page.contains("等别人办：同意（作出决定）"), "{page}");
    let refused = worker.post(&format!("{case}/step"), &form(&[("version", "3"), ("step", "grant")]));
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.body.contains("作出决定"), "{}", refused.body);
    let auditor = office.sign_in("auditor", Role::Auditor, OWN);
    let seen = auditor.get("/audit?action=refused").body;
    assert!(seen.contains("/cases/{case}/step") && seen.contains(&format!("{OWN_MARK}worker")), "{seen}");
}

#[test]
fn a_path_that_no_page_of_ours_sends_breaks_nothing() {
    let office = TestOffice::new();
    let clerk = office.sign_in("clerk", Role::WindowClerk, OWN);
    let draft = crate::counter::drafted(&clerk, "欧阳某", VILLAGE);
    for path in [
        "[\"members\",\"姓名\"]",
        "[\"members\"]",
        "[]",
        "[",
        "[\"household\",\"收入\",0,\"月额\"]",
        "[\"members\",99999999999,\"与户主关系\"]",
        "[\"members\",-1,\"收入\"]",
        "[null,null]",
        "[\"household\",\"困难\",\"困难\"]",
    ] {
        let reply = clerk.post(&draft, &form(&[(path, "是"), ("action", "save")]));
        let fits = matches!(reply.status, StatusCode::UNPROCESSABLE_ENTITY | StatusCode::SEE_OTHER);
        assert!(fits, "{path}: {} {}", reply.status, reply.body);
        let page = clerk.get(&draft);
        assert_eq!(page.status, StatusCode::OK, "{path} left the draft unreadable");
        assert!(page.body.contains("可能符合"), "{path}");
    }
    let leave = clerk.post(&draft, &form(&[("leave", "7"), ("member", "<b>某</b>")]));
    assert_eq!(leave.status, StatusCode::SEE_OTHER);
    assert!(!clerk.get(&draft).body.contains("<b>某"));
}
