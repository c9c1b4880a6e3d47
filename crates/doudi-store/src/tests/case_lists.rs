//! Lists of cases: the most urgent first, page after page, of one's own places; sums by township.

use super::bench::{Bench, at, on_both, region};
use super::cases::{due, new_case, step};
use super::county::ok;
use crate::{CaseCursor, CaseFilter, CasePage, Scope};
use doudi_casework::{Deadline, Role};
use doudi_terms::parse_date;

const TOWN: &str = "500243001202";
const NEXT_TOWN: &str = "500243002201";
const FAR: &str = "370902001001";

fn open(bench: &Bench, place: &str, name: &str, due: Option<Deadline>) {
    let clerk = bench.scope(if place == FAR { "far" } else { "county" });
    let mut new = new_case(place, "", due);
    new.first.file.applicant = name.into();
    ok(bench.store.open_case(&clerk, &new, None));
}

/// Ten cases: three due on one day, two with an hour, three without a clock.
fn filled(bench: &Bench) -> Scope {
    bench.user("far", &[(Role::WindowClerk, "370902")]);
    let scope = bench.scope_of("county", &[(Role::WindowClerk, "500243")]);
    let hour =
        |minute| Some(Deadline { day: parse_date("2020-05-11").expect("a day"), minute: Some(minute) });
    for (place, name, due) in [
        (TOWN, "冉一", None),
        (TOWN, "冉二", due("2020-05-20")),
        (NEXT_TOWN, "任三", due("2020-05-20")),
        (TOWN, "任四", due("2020-05-20")),
        (TOWN, "冉五", None),
        (NEXT_TOWN, "冉六", due("2020-05-08")),
        (TOWN, "冉七", hour(11 * 60)),
        (TOWN, "冉八", hour(13 * 60)),
        (TOWN, "冉九", None),
        (FAR, "冉十", due("2020-05-01")),
    ] {
        open(bench, place, name, due);
    }
    scope
}

fn names(page: &CasePage) -> Vec<&str> {
    page.rows.iter().map(|row| row.applicant.as_str()).collect()
}

fn list(bench: &Bench, scope: &Scope, filter: CaseFilter) -> Vec<String> {
    let page = ok(bench.store.cases(scope, &filter, None, 50));
    let total = ok(bench.store.count_cases(scope, &filter));
    assert_eq!(total, page.rows.len() as u64, "{filter:?}");
    names(&page).into_iter().map(str::to_owned).collect()
}

#[test]
fn the_most_urgent_come_first_and_those_without_a_clock_last_however_long_a_page_is() {
    on_both(|bench| {
        let scope = filled(bench);
        let order = ["冉六", "冉七", "冉八", "冉二", "任三", "任四", "冉一", "冉五", "冉九"];
        for limit in 1..11 {
            let (mut seen, mut after): (Vec<String>, Option<CaseCursor>) = (Vec::new(), None);
            loop {
                let page = ok(bench.store.cases(&scope, &CaseFilter::default(), after.as_ref(), limit));
                assert!(page.rows.len() <= limit);
                seen.extend(names(&page).into_iter().map(str::to_owned));
                let Some(next) = page.next else { break };
                // As an address carries it.
                after = CaseCursor::parse(&next.text());
                assert_eq!(after.as_ref(), Some(&next));
            }
            assert_eq!(seen, order, "pages of {limit}");
        }
        let last = ok(bench.store.cases(&scope, &CaseFilter::default(), None, 50)).rows.pop().expect("a row");
        assert_eq!(last.due, None);
    });
}

#[test]
fn what_is_too_late_is_past_its_day_or_its_minute() {
    on_both(|bench| {
        let scope = filled(bench);
        let overdue = CaseFilter { overdue: true, ..CaseFilter::default() };
        // It is noon of the 11th.
        assert_eq!(list(bench, &scope, overdue.clone()), ["冉六", "冉七"]);
        let far = bench.scope("far");
        assert_eq!(list(bench, &far, overdue), ["冉十"]);
        assert!(at("2020-05-11") == scope.at());
    });
}

#[test]
fn a_list_is_narrowed_and_never_widened() {
    on_both(|bench| {
        let scope = filled(bench);
        let at = |place: &str| CaseFilter { place: Some(region(place)), ..CaseFilter::default() };
        assert_eq!(list(bench, &scope, at("500243002")), ["冉六", "任三"]);
        assert_eq!(list(bench, &scope, at("000000")).len(), 9, "one's own, not the country's");
        assert!(list(bench, &scope, at(FAR)).is_empty());
        let worker = bench.scope_of("worker", &[(Role::VillageWorker, TOWN)]);
        assert_eq!(list(bench, &worker, CaseFilter::default()).len(), 7);
        assert!(list(bench, &worker, at(NEXT_TOWN)).is_empty());
        let text = |text: &str| CaseFilter { text: Some(text.into()), ..CaseFilter::default() };
        assert_eq!(list(bench, &scope, text("任")), ["任三", "任四"]);
        assert_eq!(list(bench, &scope, text("冉八")), ["冉八"]);
        assert_eq!(list(bench, &scope, text(" b000002 ")), ["冉二"]);
        for none in ["B000010", "三", "%", "_", "' OR 1=1 --"] {
            assert!(list(bench, &scope, text(none)).is_empty(), "{none}");
        }
        let kind = CaseFilter { kind: Some("other".into()), ..CaseFilter::default() };
        assert!(list(bench, &scope, kind).is_empty());
        let state = CaseFilter { state: Some("asked".into()), ..CaseFilter::default() };
        assert_eq!(list(bench, &scope, state).len(), 9);
        ok(step(bench, &scope, "B000002", 1, "done"));
        let ended = CaseFilter { ended: true, ..CaseFilter::default() };
        assert_eq!(list(bench, &scope, ended), ["冉二"]);
        assert_eq!(list(bench, &scope, CaseFilter::default()).len(), 8);
    });
}

#[test]
fn sums_are_by_township_and_of_ones_own_places() {
    on_both(|bench| {
        let scope = filled(bench);
        let figures = |scope: &Scope| -> Vec<(String, u64, u64)> {
            let found = ok(bench.store.case_figures(scope));
            found.into_iter().map(|one| (one.township.to_string(), one.open, one.overdue)).collect()
        };
        let told = figures(&scope);
        let short: Vec<(&str, u64, u64)> =
            told.iter().map(|(town, open, late)| (&town[..9], *open, *late)).collect();
        assert_eq!(short, [("500243001", 7, 1), ("500243002", 2, 1)]);
        ok(step(bench, &scope, "B000006", 1, "done"));
        assert_eq!(figures(&scope)[1].1, 1, "what is over does not count");
        let far = figures(&bench.scope("far"));
        assert_eq!((far.len(), far[0].1, far[0].2), (1, 1, 1));
        let nobody = bench.scope_of("officer", &[(Role::PolicyOfficer, "500243")]);
        assert!(bench.store.case_figures(&nobody).is_err());
        assert!(bench.store.cases(&nobody, &CaseFilter::default(), None, 10).is_err());
    });
}

#[test]
fn a_place_in_a_list_that_nobody_wrote_is_no_place() {
    for text in ["", ".", "x.B000001", "12", "99999999999999999999.B1"] {
        assert_eq!(CaseCursor::parse(text), None, "{text}");
    }
}
