//! Which cases can be decided together with others, and why the rest cannot.

use crate::{HELP, content, noon, opened, step, user, visited};
use doudi_casework::{
    Beside, CaseCounter, CaseFile, CasePaper, DecisionKind, Permission, Proposal, Reasons, Role, User,
};
use serde_json::json;

/// The tests' table, marking only what is disputed; more words of it put otherwise.
fn counter_with(changes: &[(&str, &str)]) -> CaseCounter {
    let mut files = content();
    let table = files.iter_mut().find(|(path, _)| path == HELP).expect("the table");
    for (from, to) in
        [("flags = [\"户.有争议\", \"户.可给\"]", "flags = [\"户.有争议\"]")].iter().chain(changes)
    {
        assert!(table.1.contains(from), "{from}");
        table.1 = table.1.replace(from, to);
    }
    opened(&files).unwrap_or_else(|problems| panic!("{}", problems.join("\n")))
}

fn undisputed(counter: &CaseCounter) -> CaseFile {
    let mut case = visited(counter, "否");
    case.facts["household"]["有争议"] = json!("否");
    case
}

fn approver() -> User {
    user(9, Role::CountyApprover)
}

fn told(
    counter: &CaseCounter,
    case: &CaseFile,
    by: &User,
    beside: &Beside<'_>,
) -> Option<Result<Proposal, Reasons>> {
    counter.together(case, by, noon("2020-05-08"), beside, &[]).expect("policies that read")
}

static PAPERS: std::sync::LazyLock<Vec<CasePaper>> = std::sync::LazyLock::new(|| {
    vec![CasePaper { step: Some("visit".into()), after: 1, is_withdrawn: false }]
});
static PHOTO: std::sync::LazyLock<Beside<'static>> =
    std::sync::LazyLock::new(|| Beside { papers: &PAPERS, opening: None });

fn reason(counter: &CaseCounter, case: &CaseFile, by: &User, beside: &Beside<'_>) -> String {
    told(counter, case, by, beside).expect("it waits").expect_err("it is not clean").join("；")
}

#[test]
fn a_clean_case_proposes_exactly_what_its_single_step_would_do() {
    let counter = counter_with(&[]);
    let case = undisputed(&counter);
    let proposal = told(&counter, &case, &approver(), &PHOTO).expect("it waits").expect("clean");
    let mut single = step("grant", &approver(), "2020-05-08", &[]);
    single.note = "";
    let next = single.take(&counter, &case).expect("granted");
    assert_eq!((proposal.step.as_str(), proposal.decision.kind), ("grant", DecisionKind::Granted));
    assert_eq!(proposal.next, next);
    assert!(proposal.decision.articles.iter().any(|article| article.contains("第一条")));
}

#[test]
fn whoever_is_not_clean_is_told_why() {
    let counter = counter_with(&[]);
    let clean = undisputed(&counter);
    let with = |name: &str, value: &str| {
        let mut case = clean.clone();
        case.facts["household"][name] = json!(value);
        case
    };
    let mut open = clean.clone();
    open.facts["household"].as_object_mut().expect("a household").remove("有争议");
    let mut untold = clean.clone();
    untold.facts["household"].as_object_mut().expect("a household").remove("困难");
    let mut no_sum = clean.clone();
    no_sum.facts["household"].as_object_mut().expect("a household").remove("补贴额");
    for (case, words) in [
        (with("有争议", "是"), "有标记：有争议"),
        (open, "“有争议”还没有问清"),
        (untold, "试验帮扶试算还没有结果，还差：困难"),
        (no_sum, "发多少还算不出来"),
        // Refused by the trial: the step wants words of a person.
        (with("困难", "否"), "“不同意”要写明：为什么不同意"),
    ] {
        let told = reason(&counter, &case, &approver(), &PHOTO);
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(reason(&counter, &clean, &approver(), &Beside::default()).contains("材料不全：没有“上门的照片”"));
    let mut withdrawn = PAPERS.clone();
    withdrawn[0].is_withdrawn = true;
    let beside = Beside { papers: &withdrawn, opening: None };
    assert!(reason(&counter, &clean, &approver(), &beside).contains("材料不全"));
    let others = ["举报（B000007）".to_owned()];
    let told = counter.together(&clean, &approver(), noon("2020-05-08"), &PHOTO, &others);
    let told = told.expect("policies that read").expect("it waits").expect_err("doubted").join("；");
    assert!(told.contains("没有办完：举报（B000007）"), "{told}");
}

#[test]
fn a_case_waits_only_for_those_whose_step_it_is_and_not_together_for_whoever_had_a_word() {
    let counter = counter_with(&[]);
    let case = undisputed(&counter);
    assert_eq!(told(&counter, &case, &user(9, Role::WindowClerk), &PHOTO), None);
    assert_eq!(told(&counter, &case, &user(9, Role::TownshipHead), &PHOTO), None, "not handed over");
    let mut delegated = visited(&counter, "是");
    delegated.facts["household"]["有争议"] = json!("否");
    assert!(told(&counter, &delegated, &user(9, Role::TownshipHead), &PHOTO).expect("it waits").is_ok());
    for earlier in [1, 2] {
        let told = reason(&counter, &case, &user(earlier, Role::CountyApprover), &PHOTO);
        assert!(told.contains("不能是同一个人"), "{told}");
    }
}

#[test]
fn what_a_step_asks_is_answered_by_the_case_or_keeps_it_apart() {
    let asks = ("needs = [\"户.可给\"]", "asks = [\"户.住处\"]\nneeds = [\"户.可给\"]");
    let counter = counter_with(&[asks]);
    let mut case = undisputed(&counter);
    let told_why = reason(&counter, &case, &approver(), &PHOTO);
    assert!(told_why.contains("“同意”还要您回答：住的房子是谁的？"), "{told_why}");
    case.facts["household"]["住处"] = json!("借住");
    let proposal = told(&counter, &case, &approver(), &PHOTO).expect("it waits").expect("clean");
    let record = proposal.next.record.last().expect("a record");
    assert_eq!(record.answers.get("户.住处").map(String::as_str), Some("借住"));
}

#[test]
fn a_refusal_follows_a_trial_that_says_no_and_an_end_is_never_decided_together() {
    let counter = counter_with(&[("note = \"为什么不同意\"\n", "")]);
    let mut poor = undisputed(&counter);
    poor.facts["household"]["困难"] = json!("否");
    let proposal = told(&counter, &poor, &approver(), &PHOTO).expect("it waits").expect("clean");
    assert_eq!((proposal.step.as_str(), proposal.decision.kind), ("refuse", DecisionKind::Refused));
    let counter = counter_with(&[("decides = \"refused\"", "decides = \"ended\"")]);
    let told = reason(&counter, &undisputed(&counter), &approver(), &PHOTO);
    assert!(told.contains("要一件一件看"), "{told}");
    let counter = counter_with(&[("programme = \"help\"\n", "")]);
    let told = reason(&counter, &undisputed(&counter), &approver(), &PHOTO);
    assert!(told.contains("不能试算"), "{told}");
}

#[test]
fn where_cases_wait_and_for_whom_is_read_from_the_tables() {
    let counter = counter_with(&[]);
    let waiting = counter.waiting_states();
    assert!(waiting.contains(&("help".into(), "visited".into())), "{waiting:?}");
    assert!(!waiting.contains(&("help".into(), "asked".into())), "{waiting:?}");
    let whose = counter.deciding_permissions();
    assert!(whose.contains(&Permission::DecideCases) && whose.contains(&Permission::DecideDelegated));
    assert!(!whose.contains(&Permission::AcceptCases));
    assert!(counter.doubting_kinds().contains("recheck"));
    assert!(!counter.doubting_kinds().contains("help"));
}
