//! Who takes a step, with what, and what the law of the day says to it.

use crate::documents::PLACES;
use crate::{asked, counter, day, family, noon, place, step, user, visited};
use doudi_casework::{Beside, CasePaper, DecisionKind, Refusal, Role, StepRefusal};
use serde_json::{Value as Json, json};

#[test]
fn a_step_that_does_not_lead_on_from_here_names_those_that_do() {
    let counter = counter();
    let case = asked(&counter, "2020-05-06", family());
    for wanted in ["visit", "no-such-step"] {
        let refused = step(wanted, &user(1, Role::WindowClerk), "2020-05-06", &[]).take(&counter, &case);
        let Err(StepRefusal::Impossible { from, possible, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!((from.as_str(), possible), ("待受理", vec!["收下申请".to_owned()]));
    }
    let told = step("visit", &user(1, Role::WindowClerk), "2020-05-06", &[]).take(&counter, &case);
    let told = told.expect_err("refused").to_string();
    assert_eq!(told, "“待受理”的试验帮扶申请不能“上门看”。现在可以做的：收下申请");
}

#[test]
fn a_role_or_a_place_that_may_not_is_refused_before_the_law_is_asked() {
    let counter = counter();
    let case = visited(&counter, "否");
    let by = |role| step("grant", &user(9, role), "2020-05-08", &[]).take(&counter, &case);
    assert!(matches!(by(Role::WindowClerk), Err(StepRefusal::Refused(Refusal::Role { .. }))));
    let mut elsewhere = user(9, Role::CountyApprover);
    elsewhere.grants = doudi_casework::Grants::new([doudi_casework::Grant {
        role: Role::CountyApprover,
        region: doudi_terms::RegionCode::parse("370902").expect("a county"),
    }])
    .expect("one role");
    let refused = step("grant", &elsewhere, "2020-05-08", &[]).take(&counter, &case);
    assert!(matches!(refused, Err(StepRefusal::Refused(Refusal::Place { .. }))), "{refused:?}");
    assert!(by(Role::CountyApprover).is_ok());
}

#[test]
fn a_township_decides_only_where_the_county_has_handed_it_over() {
    let counter = counter();
    let head = user(9, Role::TownshipHead);
    let kept = step("grant", &head, "2020-05-08", &[]).take(&counter, &visited(&counter, "否"));
    assert!(matches!(kept, Err(StepRefusal::Refused(_))), "{kept:?}");
    let granted = step("grant", &head, "2020-05-08", &[]).take(&counter, &visited(&counter, "是"));
    assert_eq!(granted.expect("granted").state, "granted");
    let offers = counter
        .offers(&visited(&counter, "否"), &Beside::default(), &head, noon("2020-05-08"))
        .expect("offers");
    assert!(offers.iter().all(|offer| !offer.allowed));
}

#[test]
fn whoever_accepted_or_visited_does_not_decide_even_where_another_visited_later() {
    let counter = counter();
    let case = visited(&counter, "否");
    for id in [1, 2] {
        let refused = step("grant", &user(id, Role::CountyApprover), "2020-05-08", &[]).take(&counter, &case);
        let Err(StepRefusal::SamePerson { step, earlier }) = &refused else { panic!("{refused:?}") };
        assert_eq!((step.as_str(), earlier.as_str()), ("同意", ["收下申请", "上门看"][id as usize - 1]));
        let told = refused.expect_err("refused").to_string();
        assert!(told.contains("不能是同一个人") && told.contains("另一位"), "{told}");
    }
    // Visited again by somebody else: the first visitor has still had a word.
    let worker = user(3, Role::VillageWorker);
    let mut disputed = case.clone();
    disputed.facts["household"]["有争议"] = json!("是");
    let back = step("again", &worker, "2020-05-08", &[]).take(&counter, &disputed).expect("back");
    let again = step("visit", &worker, "2020-05-09", &[("户.在家", "是"), ("户.有争议", "否")]);
    let again = again.take(&counter, &back).expect("visited again");
    let refused = step("grant", &user(2, Role::CountyApprover), "2020-05-09", &[]).take(&counter, &again);
    assert!(matches!(refused, Err(StepRefusal::SamePerson { .. })), "{refused:?}");
}

#[test]
fn answers_that_are_missing_unreadable_or_not_asked_are_told_all_at_once() {
    let counter = counter();
    let clerk = user(1, Role::WindowClerk);
    let case = asked(&counter, "2020-05-06", family());
    let accepted = step("accept", &clerk, "2020-05-06", &[("户.下放", "否")]).take(&counter, &case);
    let accepted = accepted.expect("accepted");
    let mut wrong = step(
        "visit",
        &clerk,
        "2020-05-07",
        &[("户.在家", " "), ("户.补贴额", "很多"), ("户.困难", "是"), ("户.住处", "宫殿")],
    );
    wrong.note = "  ";
    wrong.evidence = 0;
    let Err(StepRefusal::Answers(wrongs)) = wrong.take(&counter, &accepted) else { panic!("taken") };
    let told: Vec<(&str, &str)> =
        wrongs.iter().map(|wrong| (wrong.field.as_str(), wrong.text.as_str())).collect();
    let fields: Vec<&str> = told.iter().map(|(field, _)| *field).collect();
    assert_eq!(fields, ["户.困难", "户.在家", "户.补贴额", "户.住处", "note", "evidence"]);
    assert!(told[0].1.contains("不问"), "{told:?}");
    assert!(told[1].1.contains("上门时在家吗") && told[1].1.contains("要填"), "{told:?}");
    assert!(told[2].1.contains("很多") && told[2].1.contains("读不出来"), "{told:?}");
    assert!(told[4].1.contains("看到了什么") && told[5].1.contains("上门的照片"), "{told:?}");
    // An optional one may stay open.
    assert!(step("visit", &clerk, "2020-05-07", &[("户.在家", "是")]).take(&counter, &accepted).is_ok());
}

#[test]
fn a_condition_that_is_not_met_tells_the_laws_reason_and_article() {
    let counter = counter();
    let clerk = user(1, Role::WindowClerk);
    let accepted = step("accept", &clerk, "2020-05-06", &[("户.下放", "否")])
        .take(&counter, &asked(&counter, "2020-05-06", family()))
        .expect("accepted");
    let out = step("visit", &clerk, "2020-05-07", &[("户.在家", "否")]).take(&counter, &accepted);
    let Err(StepRefusal::Unmet { condition, reasons, articles, .. }) = &out else { panic!("{out:?}") };
    assert_eq!(condition, "“已上门”不成立");
    assert!(!reasons.is_empty() && articles.iter().any(|article| article.contains("第一条")), "{out:?}");
    let told = out.as_ref().expect_err("refused").to_string();
    assert!(told.starts_with("现在不能“上门看”：“已上门”不成立") && told.contains("试2"), "{told}");
    // The other way round: what must not be so is so.
    let mut case = visited(&counter, "否");
    case.facts["household"]["有争议"] = json!("是");
    let refused = step("grant", &user(9, Role::CountyApprover), "2020-05-08", &[]).take(&counter, &case);
    let Err(StepRefusal::Unmet { condition, .. }) = &refused else { panic!("{refused:?}") };
    assert_eq!(condition, "“有争议”成立");
}

#[test]
fn a_condition_that_is_not_known_tells_what_is_missing() {
    let counter = counter();
    let mut case = visited(&counter, "否");
    case.facts["members"][1].as_object_mut().expect("a member").remove("收入");
    let refused = step("grant", &user(9, Role::CountyApprover), "2020-05-08", &[]).take(&counter, &case);
    let Err(StepRefusal::Unknown { condition, missing, .. }) = &refused else { panic!("{refused:?}") };
    assert_eq!(condition, "“可给”");
    assert!(
        missing.iter().any(|missing| missing.contains("某乙") && missing.contains("收入")),
        "{missing:?}"
    );
    case.facts["household"].as_object_mut().expect("a household").remove("有争议");
    case.facts["members"][1]["收入"] = json!([]);
    let refused = step("grant", &user(9, Role::CountyApprover), "2020-05-08", &[]).take(&counter, &case);
    let told = refused.expect_err("a fact that nobody gave").to_string();
    assert!(told.contains("还没有查清") && told.contains("有争议"), "{told}");
}

#[test]
fn a_step_that_the_policies_do_not_have_here_is_not_offered() {
    let counter = counter();
    let worker = user(2, Role::VillageWorker);
    let ids = |case: &doudi_casework::CaseFile| {
        let offers = counter.offers(case, &Beside::default(), &worker, noon("2020-05-08")).expect("offers");
        offers.iter().map(|offer| offer.step.id.clone()).collect::<Vec<_>>()
    };
    let mut case = visited(&counter, "否");
    assert_eq!(ids(&case), ["grant", "refuse"]);
    case.facts["household"]["有争议"] = json!("是");
    assert_eq!(ids(&case), ["again", "grant", "refuse"]);
    // And nobody takes it who guesses its name.
    case.facts["household"]["有争议"] = json!("否");
    let refused = step("again", &worker, "2020-05-08", &[]).take(&counter, &case);
    assert!(matches!(refused, Err(StepRefusal::Impossible { .. })), "{refused:?}");
}

#[test]
fn what_hinders_a_step_is_said_before_anybody_tries() {
    let counter = counter();
    let mut case = visited(&counter, "否");
    case.facts["household"]["困难"] = json!("否");
    let offers = counter
        .offers(&case, &Beside::default(), &user(9, Role::CountyApprover), noon("2020-05-08"))
        .expect("offers");
    let grant = offers.iter().find(|offer| offer.step.id == "grant").expect("offered");
    assert!(grant.allowed);
    let told = grant.hindrance.as_ref().expect("hindered").to_string();
    assert!(told.contains("家里没有困难"), "{told}");
}

#[test]
fn a_step_writes_its_day_its_moment_and_what_it_makes_so() {
    let counter = counter();
    let case = asked(&counter, "2020-05-06", family());
    let accepted = step("accept", &user(1, Role::WindowClerk), "2020-05-06", &[("户.下放", "是")]);
    let accepted = accepted.take(&counter, &case).expect("accepted");
    let household = &accepted.facts["household"];
    assert_eq!(household["收到日期"], json!("2020-05-06"));
    assert_eq!(household["起算时刻"], json!("2020-05-06T12:00"));
    assert_eq!((&household["停表天数"], &household["下放"]), (&json!("0"), &json!("是")));
    assert_eq!(accepted.record.len(), 1);
    let record = &accepted.record[0];
    assert_eq!((record.step.as_str(), record.to.as_str(), record.by.0), ("accept", "accepted", 1));
    assert_eq!(record.answers["户.下放"], "是");
    assert_eq!(case.facts, family(), "the case before is as it was");
}

#[test]
fn a_decision_keeps_its_reasons_its_articles_and_its_sum() {
    let counter = counter();
    let case = visited(&counter, "否");
    let granted = step("grant", &user(9, Role::CountyApprover), "2020-05-08", &[]).take(&counter, &case);
    let decision = granted.expect("granted").decision.expect("a decision");
    assert_eq!((decision.kind, decision.by.0), (DecisionKind::Granted, 9));
    assert_eq!((decision.on.to_string().as_str(), decision.amount.as_str()), ("2020-05-08", "100.00元"));
    assert_eq!(decision.articles[0], "试2 第一条");
    assert!(decision.reasons.iter().any(|reason| reason.contains("不到一千元")), "{decision:?}");
    let mut poor = case;
    poor.facts["household"]["困难"] = json!("否");
    let refused = step("refuse", &user(9, Role::CountyApprover), "2020-05-08", &[]).take(&counter, &poor);
    let refused = refused.expect("refused");
    assert_eq!(refused.facts["household"]["已告知"], json!("是"));
    let decision = refused.decision.expect("a decision");
    assert_eq!((decision.kind, decision.amount.as_str()), (DecisionKind::Refused, ""));
    assert!(decision.reasons.iter().any(|reason| reason.contains("没有困难")), "{decision:?}");
}

#[test]
fn a_letter_tells_what_was_decided_and_never_the_opposite() {
    let counter = counter();
    let case = visited(&counter, "否");
    assert_eq!(counter.letter(&case, &PLACES).expect("no letter").map(|letter| letter.title), None);
    let granted = step("grant", &user(9, Role::CountyApprover), "2020-05-08", &[]).take(&counter, &case);
    let granted = granted.expect("granted");
    let letter = counter.letter(&granted, &PLACES).expect("a letter").expect("a letter");
    let text: Vec<&str> = letter.lines.iter().map(|line| line.text.as_str()).collect();
    let text = text.join("\n");
    assert!(text.contains("同意了，每月100.00元") && text.contains("低于1,000.00元"), "{text}");
    assert!(text.contains("某甲") && text.contains("2020年5月8日"), "{text}");
    // What the family has since does not turn the letter round.
    let mut richer = granted;
    richer.facts["household"]["困难"] = json!("否");
    let told = counter.letter(&richer, &PLACES).expect_err("no letter").to_string();
    assert!(told.contains("给予") && told.contains("试验帮扶"), "{told}");
}

#[test]
fn circumstances_are_written_anew_where_the_table_says_so_and_nowhere_else() {
    let counter = counter();
    let clerk = user(1, Role::WindowClerk);
    let mut richer = family();
    richer["members"][1]["收入"] = json!([{ "月额": "900元" }]);
    let mut accept = step("accept", &clerk, "2020-05-06", &[("户.下放", "否")]);
    accept.facts = Some(richer.clone());
    let case = accept.take(&counter, &asked(&counter, "2020-05-06", family())).expect("accepted");
    assert_eq!(case.facts["members"], richer["members"]);
    assert!(case.record[0].revised);
    let mut wait = step("wait", &clerk, "2020-05-06", &[]);
    wait.facts = Some(richer);
    let Err(StepRefusal::Answers(wrong)) = wait.take(&counter, &case) else { panic!("taken") };
    assert_eq!(wrong[0].field, "facts");
    let mut visit = step("visit", &clerk, "2020-05-07", &[("户.在家", "是")]);
    visit.facts = Some(json!({ "household": { "没有这一项": "是" } }));
    let Err(StepRefusal::Answers(wrong)) = visit.take(&counter, &case) else { panic!("taken") };
    assert!(wrong[0].text.contains("没有这一项"), "{wrong:?}");
}

#[test]
fn circumstances_that_are_written_anew_do_not_move_the_days_on_which_something_was_done() {
    let counter = counter();
    let clerk = user(1, Role::WindowClerk);
    let case = asked(&counter, "2020-05-06", family());
    let case =
        step("accept", &clerk, "2020-05-06", &[("户.下放", "否")]).take(&counter, &case).expect("taken");
    let due = counter.due(&case).expect("a clock");
    let visit = |facts: Json| {
        let mut visit = step("visit", &clerk, "2020-05-07", &[("户.在家", "是")]);
        visit.facts = Some(facts);
        visit.take(&counter, &case)
    };
    // Left out: the days stay.
    let visited = visit(family()).expect("visited");
    assert_eq!(visited.facts["household"]["收到日期"], json!("2020-05-06"));
    assert!(due.is_some() && counter.due(&visited).expect("a clock").is_some());
    // Changed: it is told, by name.
    let mut later = family();
    later["household"]["收到日期"] = json!("2020-06-30");
    let Err(StepRefusal::Answers(wrong)) = visit(later) else { panic!("taken") };
    assert!(wrong[0].field == "facts" && wrong[0].text.contains("收到日期"), "{wrong:?}");
}

#[test]
fn a_case_whose_table_is_gone_says_which_file_to_put_back() {
    let counter = counter();
    let mut case = asked(&counter, "2020-05-06", family());
    case.procedure = "procedures/gone.toml".into();
    let told = counter.standing(&case).expect_err("no table").to_string();
    assert!(told.contains("procedures/gone.toml") && told.contains("放回去"), "{told}");
}

#[test]
fn whoever_decided_a_case_does_not_answer_the_one_that_it_opened() {
    let counter = counter();
    let approver = user(9, Role::CountyApprover);
    let case = visited(&counter, "否");
    let poor = json!({ "household": { "困难": "否", "补贴额": "100元", "有争议": "否" },
        "members": [{ "姓名": "某甲", "收入": [] }] });
    let case = doudi_casework::CaseFile { facts: poor, ..case };
    let refused = step("refuse", &approver, "2020-05-08", &[]).take(&counter, &case).expect("refused");
    let table = counter.procedure("recheck", place(), day("2020-05-09")).expect("a table");
    let begun = counter.begin(table, place(), day("2020-05-09"), "某甲", family());
    let lead = user(9, Role::CountyReviewer);
    let answer = |id: i64, opening: Option<doudi_casework::CaseFile>| {
        let by = doudi_casework::User { id: doudi_casework::UserId(id), ..lead.clone() };
        let offers = counter.offers(
            &begun,
            &Beside { papers: &[], opening: opening.as_ref() },
            &by,
            noon("2020-05-09"),
        );
        let allowed = offers.expect("offers").iter().any(|offer| offer.step.id == "answer" && offer.allowed);
        let mut answer = step("answer", &by, "2020-05-09", &[]);
        answer.opening = opening;
        (allowed, answer.take(&counter, &begun))
    };
    // The approver decided, the worker visited: the table names both.
    for (id, earlier) in [(9, "试验帮扶申请的不同意"), (2, "试验帮扶申请的上门看")] {
        let (allowed, taken) = answer(id, Some(refused.clone()));
        let Err(StepRefusal::SamePerson { step, earlier: told }) = taken else { panic!("{id}: {taken:?}") };
        assert_eq!((step.as_str(), told.as_str(), allowed), ("答复", earlier, false));
    }
    // The clerk who accepted, and anybody else, may.
    for id in [1, 8] {
        let (allowed, taken) = answer(id, Some(refused.clone()));
        assert!(allowed && taken.is_ok(), "{id}: {taken:?}");
    }
    // Before the table of the first case is back nobody can be told apart.
    let lost = doudi_casework::CaseFile { procedure: "procedures/gone.toml".into(), ..refused };
    assert!(matches!(answer(8, Some(lost)).1, Err(StepRefusal::NoProcedure { .. })));
    assert!(answer(9, None).1.is_ok(), "a case that grew out of none");
}

#[test]
fn a_paper_counts_for_the_step_that_it_was_brought_for_and_for_one_taking_of_it() {
    let counter = counter();
    let case = asked(&counter, "2020-05-06", family());
    let case = step("accept", &user(1, Role::WindowClerk), "2020-05-06", &[("户.下放", "否")])
        .take(&counter, &case)
        .expect("accepted");
    let paper = |step: Option<&str>, after: usize, is_withdrawn: bool| CasePaper {
        step: step.map(str::to_owned),
        after,
        is_withdrawn,
    };
    let visit = |case: &doudi_casework::CaseFile, papers: Vec<CasePaper>| {
        let mut visit = step(
            "visit",
            &user(2, Role::VillageWorker),
            "2020-05-07",
            &[("户.在家", "是"), ("户.有争议", "是")],
        );
        visit.papers = Some(papers);
        visit.take(&counter, case)
    };
    let other = [
        vec![],
        vec![paper(None, 0, false)],
        vec![paper(Some("accept"), 0, false)],
        vec![paper(Some("visit"), 1, true)],
    ];
    for papers in other {
        let told = visit(&case, papers.clone());
        let Err(StepRefusal::Answers(wrong)) = &told else { panic!("{papers:?}: {told:?}") };
        assert!(wrong[0].field == "evidence" && wrong[0].text.contains("上门的照片"), "{wrong:?}");
    }
    let early = vec![paper(Some("visit"), 0, false)];
    let seen = visit(&case, early.clone()).expect("said to be for it, before");
    // They went again: the first visit's photo does not show the second.
    let again = step("again", &user(2, Role::VillageWorker), "2020-05-07", &[]).take(&counter, &seen);
    let again = again.expect("again");
    assert!(visit(&again, early).is_err(), "the same photo");
    assert!(visit(&again, vec![paper(Some("visit"), 3, false)]).is_ok());
}

#[test]
fn nobody_decides_where_the_papers_of_a_step_were_taken_back() {
    let counter = counter();
    let case = visited(&counter, "否");
    let paper = |is_withdrawn| CasePaper { step: Some("visit".into()), after: 1, is_withdrawn };
    let decide = |papers: Vec<CasePaper>| {
        let mut grant = step("grant", &user(9, Role::CountyApprover), "2020-05-08", &[]);
        grant.papers = Some(papers);
        grant.take(&counter, &case)
    };
    let told = decide(vec![paper(true)]).expect_err("bare").to_string();
    assert!(told.contains("上门看") && told.contains("撤回"), "{told}");
    assert!(decide(vec![paper(true), paper(false)]).is_ok(), "another is there");
    assert!(decide(vec![]).is_ok(), "what was taken before papers were counted by step");
}
