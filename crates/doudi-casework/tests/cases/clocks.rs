//! By when: days, hours, pauses, and years for which nobody has announced the holidays.

use crate::{asked, counter, day, family, noon, step, user, visited};
use doudi_casework::{CaseFile, Moment, Role};

fn accepted(began: &str) -> CaseFile {
    let counter = counter();
    let case = asked(&counter, began, family());
    let accept = step("accept", &user(1, Role::WindowClerk), began, &[("户.下放", "否")]);
    accept.take(&counter, &case).expect("accepted")
}

#[test]
fn the_earliest_clock_counts_and_hours_run_through_holidays() {
    let counter = counter();
    // A Thursday; the 1st, the 4th and the 5th of May are holidays, Saturday the 9th is worked.
    let case = accepted("2020-04-30");
    let clocks = counter.clocks(&case).expect("clocks");
    let told: Vec<(&str, String)> = clocks
        .iter()
        .map(|clock| (clock.rule.as_str(), clock.due.as_ref().expect("known").to_string()))
        .collect();
    assert_eq!(told, [("回话期限", "2020-05-01T12:00".to_owned()), ("办结期限", "2020-05-11".to_owned())]);
    assert!(clocks.iter().all(|clock| clock.article.contains("第一条")), "{clocks:?}");
    let due = counter.due(&case).expect("a clock").expect("known");
    assert_eq!(due.to_string(), "2020-05-01T12:00");
    assert!(!due.is_past(noon("2020-05-01")), "the minute itself still counts");
    assert!(due.is_past(noon("2020-05-01").plus_seconds(60)));
}

#[test]
fn a_year_without_holidays_announced_is_not_guessed() {
    let counter = counter();
    let case = accepted("2020-12-29");
    let clocks = counter.clocks(&case).expect("clocks");
    let unknown = clocks[1].due.as_ref().expect_err("not known");
    assert!(unknown.iter().any(|missing| missing.contains("2021")), "{unknown:?}");
    // The other clock still runs, and is the one that counts.
    assert_eq!(counter.due(&case).expect("a clock").expect("known").to_string(), "2020-12-30T12:00");
    let mut later = visited(&counter, "否");
    later.facts["household"]["收到日期"] = serde_json::json!("2020-12-29");
    assert_eq!(counter.due(&later).expect("clocks"), None, "one clock, and it is not known");
    assert!(!counter.standing(&later).expect("a standing").ends);
}

#[test]
fn no_clock_runs_while_a_family_is_waited_for_and_its_days_are_given_back() {
    let counter = counter();
    let clerk = user(1, Role::WindowClerk);
    let mut wait = step("wait", &clerk, "2020-05-07", &[]);
    wait.note = "等病历";
    let waiting = wait.take(&counter, &accepted("2020-05-06")).expect("waiting");
    assert_eq!(counter.clocks(&waiting).expect("clocks"), []);
    assert_eq!(counter.due(&waiting).expect("clocks"), None);
    assert_eq!((waiting.pauses[0].reason.as_str(), waiting.pauses[0].until), ("等病历", None));
    let going = step("go-on", &clerk, "2020-05-10", &[]).take(&counter, &waiting).expect("going on");
    assert_eq!((going.pauses[0].until, going.days_paused()), (Some(day("2020-05-10")), 3));
    assert_eq!(going.facts["household"]["停表天数"], serde_json::json!("3"));
    let last = |case: &CaseFile| {
        counter.clocks(case).expect("clocks").pop().expect("the second").due.expect("known").to_string()
    };
    assert_eq!((last(&accepted("2020-05-06")).as_str(), last(&going).as_str()), ("2020-05-12", "2020-05-15"));
    // A second wait adds to the first.
    let waiting = step("wait", &clerk, "2020-05-11", &[]).take(&counter, &going).expect("waiting again");
    let going = step("go-on", &clerk, "2020-05-13", &[]).take(&counter, &waiting).expect("going on");
    assert_eq!(going.facts["household"]["停表天数"], serde_json::json!("5"));
    // And the days stay where the circumstances are written anew without them.
    let mut visit = step("visit", &clerk, "2020-05-14", &[("户.在家", "是")]);
    visit.facts = Some(family());
    let visited = visit.take(&counter, &going).expect("visited");
    assert_eq!(visited.facts["household"]["停表天数"], serde_json::json!("5"));
}

#[test]
fn marks_of_a_case_are_those_that_are_so() {
    let counter = counter();
    let mut case = visited(&counter, "否");
    assert_eq!(counter.flags(&case).expect("flags"), ["可给"]);
    case.facts["household"]["有争议"] = serde_json::json!("是");
    assert_eq!(counter.flags(&case).expect("flags"), ["有争议", "可给"]);
    case.facts["household"]["困难"] = serde_json::json!("否");
    assert_eq!(counter.flags(&case).expect("flags"), ["有争议"]);
}

#[test]
fn a_case_reads_back_from_its_record_as_it_was() {
    let counter = counter();
    let clerk = user(1, Role::WindowClerk);
    let waiting = step("wait", &clerk, "2020-05-07", &[]).take(&counter, &accepted("2020-05-06"));
    for case in [waiting.expect("waiting"), visited(&counter, "是")] {
        let text = serde_json::to_string(&case).expect("text");
        assert_eq!(serde_json::from_str::<CaseFile>(&text).expect("a case"), case);
    }
    assert!(Moment::noon_of(day("2020-05-06")) == noon("2020-05-06"));
}
