use super::*;
use crate::grants::{Grant, Grants};
use crate::lead_report::{Evidence, Finding, Hearing, Measure};
use crate::role::Role;
use crate::transition::TRANSITIONS;
use doudi_terms::parse_date;
use proptest::prelude::*;

const VILLAGE: &str = "500243001202";

fn region(text: &str) -> RegionCode {
    RegionCode::parse(text).expect("a code")
}

fn day(text: &str) -> Date {
    parse_date(text).expect("a date")
}

fn user(id: i64, role: Role, place: &str) -> User {
    let grants = Grants::new([Grant { role, region: region(place) }]).expect("one role");
    User { id: UserId(id), login: format!("u{id}"), name: format!("第{id}人"), grants }
}

fn now() -> Moment {
    Moment::noon_of(day("2020-05-11"))
}

fn lead() -> LeadCase {
    LeadCase { lead_id: "0a1b".into(), region: region(VILLAGE), state: LeadState::Open }
}

fn report(finding: Finding, measure: Measure) -> Report {
    let hearing = Hearing { on: day("2020-05-10"), said: "本人知道，没有意见".into() };
    Report {
        finding,
        measure,
        on: day("2020-05-10"),
        reason: "入户见到本人".into(),
        evidence: vec![Evidence { sha256: "00".into(), name: "入户.jpg".into() }],
        hearing: Some(hearing),
        by: None,
        visitors: "冉队长、代主任".into(),
        at: now(),
    }
}

fn today() -> Date {
    day("2020-05-11")
}

#[test]
fn a_lead_goes_from_finding_to_rectifying_with_a_second_person_for_ending_aid() {
    let (head, clerk) = (user(1, Role::TownshipHead, "500243001"), user(2, Role::WindowClerk, "500243001"));
    let assigned = lead().assign(&head, &clerk, now()).expect("assigned");
    assert_eq!(assigned.state.assignee(), Some(UserId(2)));
    let proposed = assigned.report(&clerk, report(Finding::True, Measure::End), today()).expect("proposed");
    assert_eq!(proposed.state.kind(), StateKind::AwaitingSecond);
    let confirmed = proposed.confirm(&head, "同意", now()).expect("confirmed");
    let LeadState::ToRectify { report, second: Some(second) } = &confirmed.state else {
        panic!("{confirmed:?}");
    };
    assert_eq!((report.by, second.by), (Some(UserId(2)), UserId(1)));
    let closed = confirmed.cause_gone("2020-06", "六月名册里没有了").expect("closed");
    assert!(closed.state.report().is_some(), "what was found out stays");
    assert_eq!(closed.find_again().expect("open again").state, LeadState::Open);
}

#[test]
fn nobody_confirms_what_they_proposed_themselves() {
    let head = user(1, Role::TownshipHead, "500243001");
    let proposed = lead().report(&head, report(Finding::Partly, Measure::Cut), today()).expect("proposed");
    assert_eq!(proposed.confirm(&head, "", now()), Err(CaseError::SamePerson));
    assert!(!proposed.steps_for(&head).contains(&LeadStep::Confirm));
    let approver = user(9, Role::CountyApprover, "500243");
    assert!(proposed.steps_for(&approver).contains(&LeadStep::Confirm));
    assert_eq!(proposed.send_back(&approver, " ", now()), Err(CaseError::NoNote));
    let back = proposed.send_back(&approver, "没有见到本人", now()).expect("sent back");
    assert_eq!(back.state.assignee(), Some(UserId(1)), "to whoever reported");
}

#[test]
fn an_impossible_step_names_what_is_possible() {
    let head = user(1, Role::TownshipHead, "500243001");
    let error = lead().confirm(&head, "", now()).expect_err("nothing to confirm").to_string();
    assert!(error.contains("待分派") && error.contains("复核同意"), "{error}");
    assert!(error.contains("现在可以做的：分派、报属实、报不属实、提出停发、减发或追回"), "{error}");
    let gone = lead().withdraw("2020-05", "重算").expect("withdrawn");
    let error = gone.assign(&head, &head, now()).expect_err("gone").to_string();
    assert!(error.contains("已撤回") && error.contains("等下一次摸排"), "{error}");
}

#[test]
fn role_and_place_are_refused_apart() {
    let next_village = user(3, Role::VillageWorker, "500243001203");
    let refused = lead().report(&next_village, report(Finding::False, Measure::Keep), today());
    assert_eq!(refused, Err(CaseError::Refused(Refusal::Place { permission: Permission::ReportLeads })));
    let supervisor = user(4, Role::Supervisor, "500243");
    let refused = lead().report(&supervisor, report(Finding::False, Measure::Keep), today());
    assert_eq!(refused, Err(CaseError::Refused(Refusal::Role { permission: Permission::ReportLeads })));
    let head = user(1, Role::TownshipHead, "500243001");
    let error = lead().assign(&head, &next_village, now()).expect_err("not there").to_string();
    assert!(error.contains("第3人"), "{error}");
}

#[test]
fn a_later_report_replaces_an_earlier_one() {
    let clerk = user(2, Role::WindowClerk, "500243001");
    let dismissed = lead().report(&clerk, report(Finding::False, Measure::Keep), today()).expect("dismissed");
    let after_all =
        dismissed.report(&clerk, report(Finding::True, Measure::Enrol), today()).expect("true after all");
    assert_eq!(after_all.state.kind(), StateKind::ToRectify);
    let taken = dismissed.report(&clerk, report(Finding::True, Measure::Recover), today()).expect("proposed");
    assert_eq!(taken.state.kind(), StateKind::AwaitingSecond);
}

#[test]
fn a_handout_that_came_back_never_ends_aid_by_itself() {
    for measure in Measure::ALL.into_iter().filter(|measure| measure.takes_away()) {
        let answered = lead().answered(report(Finding::True, measure)).expect("answered");
        assert_eq!(answered.state.kind(), StateKind::AwaitingSecond, "{measure}");
    }
}

#[test]
fn states_are_read_back_from_what_is_stored() {
    let head = user(1, Role::TownshipHead, "500243001");
    let proposed = lead().report(&head, report(Finding::True, Measure::End), today()).expect("proposed");
    let approver = user(9, Role::CountyApprover, "500243");
    let confirmed = proposed.confirm(&approver, "同意", now()).expect("confirmed");
    let closed = confirmed.cause_gone("2020-06", "没有了").expect("closed");
    let back = proposed.send_back(&approver, "再查", now()).expect("sent back");
    for case in [lead(), proposed, confirmed, closed, back] {
        let json = serde_json::to_string(&case.state).expect("json");
        assert_eq!(serde_json::from_str::<LeadState>(&json).expect("a state"), case.state, "{json}");
    }
}

/// One attempted act, whoever may do it.
fn attempt(case: &LeadCase, act: u8, users: &[User]) -> (LeadStep, Result<LeadCase, CaseError>) {
    let (head, approver, clerk) = (&users[0], &users[1], &users[2]);
    let told = |finding, measure| case.report(clerk, report(finding, measure), today());
    match act {
        0 => (LeadStep::Assign, case.assign(head, clerk, now())),
        1 => (LeadStep::ReportTrue, told(Finding::True, Measure::Keep)),
        2 => (LeadStep::ReportFalse, told(Finding::DataError, Measure::CorrectData)),
        3 => (LeadStep::ProposeToTakeAway, told(Finding::Partly, Measure::End)),
        4 => (LeadStep::Confirm, case.confirm(approver, "", now())),
        5 => (LeadStep::SendBack, case.send_back(approver, "再查", now())),
        6 => (LeadStep::CauseGone, case.cause_gone("2020-06", "没有了")),
        7 => (LeadStep::Withdraw, case.withdraw("2020-05", "重算")),
        _ => (LeadStep::FindAgain, case.find_again()),
    }
}

proptest! {
    #[test]
    fn a_step_is_possible_exactly_where_the_table_says_so(acts in prop::collection::vec(0..9_u8, 0..40)) {
        let users = [
            user(1, Role::TownshipHead, "500243001"),
            user(2, Role::CountyApprover, "500243"),
            user(3, Role::WindowClerk, "500243001"),
        ];
        let mut case = lead();
        for act in acts {
            let from = case.state.kind();
            let (step, outcome) = attempt(&case, act, &users);
            let row = TRANSITIONS.iter().find(|row| row.step == step && row.from.contains(&from));
            match (row, outcome) {
                (Some(row), Ok(next)) => {
                    prop_assert_eq!(next.state.kind(), row.to);
                    // Aid is taken away only on two people's word.
                    if let LeadState::ToRectify { report, second } = &next.state {
                        let by_two = second.as_ref().is_some_and(|second| Some(second.by) != report.by);
                        prop_assert!(by_two || !report.measure.takes_away());
                    }
                    case = next;
                }
                (None, Err(CaseError::Impossible { .. })) => {}
                (row, outcome) => prop_assert!(false, "{:?} {:?} {:?}", step, row, outcome),
            }
        }
    }
}
