//! Deciding many cases at once: only those of which nothing is left to weigh, each as if alone, whatever a form says.

use crate::counter::{counter_with, done, form, handed_in, stepped};
use crate::evidence::photo;
use crate::office::{Browser, OTHER, OWN, Reply, TestOffice};
use axum::http::StatusCode;
use doudi_casework::Role;

const VILLAGE: &str = "500243001201";
const TODAY: &str = "2020-05-20";

/// Marks only what is disputed. Neighbours may object, and visits are made by whoever decides.
fn office_with(visitor: &str) -> TestOffice {
    let visits = "to = \"visited\"\nby = \"work-cases\"";
    let object = "[[step]]\nid = \"object\"\nname = \"邻居有异议\"\nfrom = [\"visited\"]\nto = \"visited\"\n\
                  by = \"work-cases\"\nopens = \"recheck\"\narticle = \"试2 第一条\"\n\n";
    let changes = [
        ("flags = [\"户.有争议\", \"户.可给\"]", "flags = [\"户.有争议\"]".to_owned()),
        (visits, visits.replace("work-cases", visitor)),
        ("[[example]]", format!("{object}[[example]]")),
    ];
    TestOffice::of_counter(counter_with(|table| {
        changes.iter().fold(table.to_owned(), |table, (from, to)| {
            assert!(table.contains(from), "{from}");
            table.replacen(from, to, 1)
        })
    }))
}

fn office() -> TestOffice {
    office_with("work-cases")
}

/// The path of a case that waits for a decision, at its version 3.
fn visited(clerk: &Browser<'_>, name: &str, village: &str, more: &[(&str, &str)]) -> String {
    visited_by(clerk, clerk, name, village, more)
}

fn visited_by(
    clerk: &Browser<'_>,
    visitor: &Browser<'_>,
    name: &str,
    village: &str,
    more: &[(&str, &str)],
) -> String {
    let case = handed_in(clerk, name, village);
    stepped(clerk, &case, 1, "accept", &[("fact:户.下放", "否")]);
    let mut fields = vec![("version", "2"), ("step", "visit"), ("fact:户.在家", "是"), ("note", "看到漏雨")];
    fields.extend_from_slice(more);
    done(visitor.send(&format!("{case}/step"), &fields, &[("evidence", "x.jpg", &photo(1))]));
    case
}

fn number(case: &str) -> &str {
    case.rsplit('/').next().expect("an id")
}

fn decide(by: &Browser<'_>, cases: &[String]) -> Reply {
    let mut fields = vec![("action", "decide"), ("day", TODAY)];
    fields.extend(cases.iter().map(|case| ("case", case.as_str())));
    by.post("/cases/queue", &form(&fields))
}

fn at(case: &str, version: i64) -> String {
    format!("{}.{version}", number(case))
}

/// The page of a case without its frame.
fn main(by: &Browser<'_>, path: &str) -> String {
    let body = by.get(path).body;
    body.split_once("<main").expect("a page").1.to_owned()
}

#[test]
fn clean_cases_are_decided_together_exactly_as_one_by_one() {
    let office = office();
    let clerk = office.sign_in("clerk", Role::WindowClerk, OWN);
    let approver = office.sign_in("approver", Role::CountyApprover, OWN);
    let cases: Vec<String> =
        ["欧阳甲", "欧阳乙", "欧阳丙"].map(|name| visited(&clerk, name, VILLAGE, &[])).to_vec();
    // The first alone, the others together.
    stepped(&approver, &cases[0], 3, "grant", &[]);
    let list = approver.get("/cases/queue").body;
    assert!(list.contains("欧阳乙") && list.contains("欧阳丙") && !list.contains("欧阳甲"), "{list}");
    assert!(list.contains("给予，100.00元") && list.contains("办结期限"), "{list}");
    let wanted = [at(&cases[1], 3), at(&cases[2], 3)];
    let fields: Vec<(&str, &str)> = wanted.iter().map(|case| ("case", case.as_str())).collect();
    let check = approver.post("/cases/queue", &form(&fields));
    assert_eq!(check.status, StatusCode::OK);
    for words in ["一共 2 件，还没有决定", "200.00元", "决定这 2 件"] {
        assert!(check.body.contains(words), "{words}: {}", check.body);
    }
    assert!(main(&approver, &cases[1]).contains("待决定"), "looking decides nothing");
    let reply = decide(&approver, &wanted);
    assert!(
        reply.body.contains("决定了 <strong>2</strong> 件，给予 2 件（每月合计 200.00元）"),
        "{}",
        reply.body
    );
    let alone = |case: &str, name: &str, path: &str| {
        main(&approver, &format!("{case}{path}")).replace(number(case), "B").replace(name, "某")
    };
    for (case, name) in [(&cases[1], "欧阳乙"), (&cases[2], "欧阳丙")] {
        for path in ["", "/print/letter"] {
            assert_eq!(alone(case, name, path), alone(&cases[0], "欧阳甲", path), "{path}");
        }
    }
    let auditor = office.sign_in("auditor", Role::Auditor, OWN);
    let audit = auditor.get("/audit?action=case-step").body;
    for case in &cases {
        assert!(audit.contains(number(case)), "{audit}");
    }
    assert_eq!(audit.matches("step grant").count(), 3, "{audit}");
    assert!(approver.get("/cases/queue").body.contains("现在没有等您决定的"));
}

#[test]
fn a_form_made_by_hand_slips_no_doubtful_case_in() {
    let office = office();
    let clerk = office.sign_in("clerk", Role::WindowClerk, OWN);
    let elsewhere = office.sign_in("elsewhere", Role::WindowClerk, OTHER);
    let approver = office.sign_in("approver", Role::CountyApprover, OWN);
    let clean = visited(&clerk, "欧阳甲", VILLAGE, &[]);
    let disputed = visited(&clerk, "欧阳乙", VILLAGE, &[("fact:户.有争议", "是")]);
    let accepted = handed_in(&clerk, "欧阳丙", VILLAGE);
    let theirs = visited(&elsewhere, "欧阳丁", &format!("{OTHER}001201"), &[]);
    let list = approver.get("/cases/queue").body;
    assert!(list.contains(&format!("value=\"{}\"", at(&clean, 3))), "{list}");
    assert!(!list.contains(&format!("value=\"{}\"", at(&disputed, 3))), "{list}");
    assert!(list.contains("有标记：有争议") && !list.contains("欧阳丁"), "{list}");
    let forged = [
        at(&disputed, 3),
        at(&accepted, 1),
        at(&theirs, 3),
        "B000099.1".into(),
        at(&clean, 3),
        at(&clean, 4),
    ];
    let reply = decide(&approver, &forged);
    assert!(reply.body.contains("决定了 <strong>1</strong> 件"), "{}", reply.body);
    assert!(reply.body.contains("没有决定 <strong>4</strong> 件"), "{}", reply.body);
    assert!(reply.body.contains("有标记：有争议"), "{}", reply.body);
    assert!(main(&approver, &disputed).contains("<strong>待决定</strong>"));
    assert!(main(&elsewhere, &theirs).contains("<strong>待决定</strong>"));
    assert!(main(&approver, &clean).contains("<strong>已给予</strong>"));
    // Fields besides are not read.
    let fields = [
        ("action", "decide"),
        ("day", TODAY),
        ("case", &at(&disputed, 3)),
        ("step", "grant"),
        ("fact:户.有争议", "否"),
        ("clean", "1"),
    ];
    assert!(approver.post("/cases/queue", &form(&fields)).body.contains("决定了 <strong>0</strong> 件"));
}

#[test]
fn whoever_took_part_earlier_does_not_decide_a_case_among_others() {
    let office = office_with("decide-cases");
    let clerk = office.sign_in("clerk", Role::WindowClerk, OWN);
    let visitor = office.sign_in("visitor", Role::CountyApprover, OWN);
    let approver = office.sign_in("approver", Role::CountyApprover, OWN);
    let case = visited_by(&clerk, &visitor, "欧阳甲", VILLAGE, &[]);
    let list = visitor.get("/cases/queue").body;
    assert!(list.contains("“同意”和“上门看”不能是同一个人"), "{list}");
    assert!(!list.contains("name=\"case\""), "{list}");
    let reply = decide(&visitor, &[at(&case, 3)]);
    assert!(reply.body.contains("决定了 <strong>0</strong> 件"), "{}", reply.body);
    assert!(reply.body.contains("不能是同一个人"), "{}", reply.body);
    assert!(main(&approver, &case).contains("<strong>待决定</strong>"));
    assert!(decide(&approver, &[at(&case, 3)]).body.contains("决定了 <strong>1</strong> 件"));
}

#[test]
fn a_case_with_an_open_objection_is_decided_by_itself() {
    let office = office();
    let clerk = office.sign_in("clerk", Role::WindowClerk, OWN);
    let reviewer = office.sign_in("reviewer", Role::CountyReviewer, OWN);
    let approver = office.sign_in("approver", Role::CountyApprover, OWN);
    let (case, other) = (visited(&clerk, "欧阳甲", VILLAGE, &[]), visited(&clerk, "欧阳乙", VILLAGE, &[]));
    stepped(&clerk, &case, 3, "object", &[]);
    assert!(approver.get("/cases/queue").body.contains("还有一件没有办完：试验复查（B000003）"));
    let wanted = [at(&case, 4), at(&other, 3)];
    let reply = decide(&approver, &wanted);
    assert!(reply.body.contains("决定了 <strong>1</strong> 件"), "{}", reply.body);
    assert!(reply.body.contains("试验复查（B000003）"), "{}", reply.body);
    assert!(main(&approver, &case).contains("<strong>待决定</strong>"));
    stepped(&reviewer, "/cases/B000003", 1, "answer", &[("note", "不成立")]);
    assert!(decide(&approver, &wanted).body.contains("决定了 <strong>1</strong> 件"));
}

#[test]
fn whoever_decides_nothing_has_no_list() {
    let office = office();
    let clerk = office.sign_in("clerk", Role::WindowClerk, OWN);
    let approver = office.sign_in("approver", Role::CountyApprover, OWN);
    let case = visited(&clerk, "欧阳甲", VILLAGE, &[]);
    for role in [Role::WindowClerk, Role::VillageWorker, Role::Supervisor, Role::PaymentOfficer] {
        let other = office.sign_in(&format!("no.{}", role.code()), role, OWN);
        assert_eq!(other.get("/cases/queue").status, StatusCode::FORBIDDEN, "{role}");
        assert_eq!(decide(&other, &[at(&case, 3)]).status, StatusCode::FORBIDDEN, "{role}");
        assert!(!other.get("/cases").body.contains("/cases/queue"), "{role}");
    }
    assert!(approver.get("/cases").body.contains("/cases/queue"));
    // A township that was handed nothing.
    let head = office.sign_in("head", Role::TownshipHead, OWN);
    assert!(!head.get("/cases/queue").body.contains("欧阳甲"));
    assert!(decide(&head, &[at(&case, 3)]).body.contains("决定了 <strong>0</strong> 件"));
    assert!(main(&approver, &case).contains("<strong>待决定</strong>"));
}

#[test]
fn a_case_that_was_moved_or_doubted_meanwhile_is_left_as_it_is() {
    let office = office();
    let clerk = office.sign_in("clerk", Role::WindowClerk, OWN);
    let approver = office.sign_in("approver", Role::CountyApprover, OWN);
    let case = visited(&clerk, "欧阳甲", VILLAGE, &[]);
    for version in [2, 4] {
        let reply = decide(&approver, &[at(&case, version)]);
        assert!(reply.body.contains("别人又办过一步"), "{}", reply.body);
        let check = approver.post("/cases/queue", &form(&[("case", &at(&case, version))]));
        assert!(check.body.contains("别人又办过一步") && !check.body.contains("决定这"), "{}", check.body);
    }
    // Seen on another day: shown again, and nothing is decided.
    let (seen, day) = (at(&case, 3), "2020-05-19");
    let fields = [("action", "decide"), ("day", day), ("case", seen.as_str())];
    let again = approver.post("/cases/queue", &form(&fields));
    assert!(again.body.contains("一共 1 件，还没有决定"), "{}", again.body);
    assert!(main(&approver, &case).contains("<strong>待决定</strong>"));
    let none = approver.post("/cases/queue", &form(&[("action", "decide"), ("day", TODAY)]));
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.body.contains("一件也没有选"), "{}", none.body);
    let many: Vec<String> = (1..=201).map(|at| format!("B{at:06}.3")).collect();
    let many = decide(&approver, &many);
    assert_eq!(many.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(many.body.contains("一次最多决定 200 件"), "{}", many.body);
    assert!(decide(&approver, &[seen]).body.contains("决定了 <strong>1</strong> 件"));
}
