use super::bench::{now, on_both};
use super::county::{answer, clearing, lead, month, ok, person};
use crate::{EndedLead, Imported, ImportedAnswer, LeadFilter};
use doudi_casework::{Finding, LeadState, Measure, Report, Role, StateKind};
use doudi_terms::parse_date;

fn ended(number: usize, of: &str, withdrawn: bool) -> EndedLead {
    EndedLead { lead_id: lead(number).lead_id, month: month(of), reason: "六月没有了".into(), withdrawn }
}

fn report() -> Report {
    Report {
        finding: Finding::True,
        measure: Measure::Raise,
        on: parse_date("2020-05-10").expect("a date"),
        reason: "见到本人".into(),
        evidence: Vec::new(),
        hearing: None,
        by: None,
        visitors: String::new(),
        at: now(),
    }
}

#[test]
fn taking_a_month_over_twice_changes_nothing() {
    on_both(|bench| {
        let first = bench.may(40);
        assert_eq!((first.persons, first.links, first.leads, first.new_leads), (40, 40, 20, 20));
        let dump = || {
            let tables =
                ["persons", "lead_events", "links", "roster_files", "month_figures", "month_sources"];
            let counts = tables.map(|table| {
                let sql = format!("SELECT COUNT(*) FROM {table}");
                bench.database().read(|connection| connection.number(&sql, &[])).expect("counted")
            });
            let leads = "SELECT lead_id, state, version, due, opened, month FROM leads ORDER BY lead_id";
            (counts, bench.database().read(|connection| connection.rows(leads, &[])).expect("read"))
        };
        let before = dump();
        let again = bench.may(40);
        assert_eq!(again, Imported { new_leads: 0, ..first });
        assert_eq!(dump(), before);
    });
}

#[test]
fn answers_come_with_their_leads_and_what_people_said_here_stands() {
    on_both(|bench| {
        let with = |number, finding: Option<Finding>| {
            let mut lead = lead(number);
            lead.answer = finding.map(answer);
            lead
        };
        let leads = vec![with(0, Some(Finding::True)), with(4, Some(Finding::False)), with(8, None)];
        let done = bench.import(clearing("2020-05", 12, leads.clone()));
        assert_eq!((done.new_leads, done.answered), (3, 2));
        let scope = bench.scope_of("ran", &[(Role::WindowClerk, "500243001")]);
        let kind = |number: usize| ok(bench.store.lead(&scope, &lead(number).lead_id)).row.state;
        assert_eq!(
            (kind(0), kind(4), kind(8)),
            (StateKind::ToRectify, StateKind::Dismissed, StateKind::Open)
        );
        // The clerk corrects the handout; a run of the next month brings the handout again.
        ok(bench.store.report_lead(&scope, &lead(4).lead_id, 2, &report()));
        bench.import(clearing("2020-06", 12, leads));
        let corrected = ok(bench.store.lead(&scope, &lead(4).lead_id));
        assert_eq!(corrected.row.version, 3);
        let LeadState::ToRectify { report, .. } = corrected.case.state else { panic!("{corrected:?}") };
        assert_eq!(report.by, Some(scope.user().id));
        assert_eq!(ok(bench.store.lead(&scope, &lead(0).lead_id)).row.version, 2, "nothing new was said");
    });
}

#[test]
fn leads_are_closed_taken_back_and_found_again_by_later_months() {
    on_both(|bench| {
        bench.may(20);
        let mut june = clearing("2020-06", 20, vec![lead(8)]);
        june.ended = vec![ended(0, "2020-06", false), ended(4, "2020-05", true), ended(8, "2020-05", false)];
        let done = bench.import(june);
        assert_eq!((done.leads, done.closed), (1, 2), "what is found is not closed");
        let scope = bench.scope_of("ran", &[(Role::CountyReviewer, "500243")]);
        let kind = |number: usize| ok(bench.store.lead(&scope, &lead(number).lead_id)).row.state;
        assert_eq!((kind(0), kind(4), kind(8)), (StateKind::Closed, StateKind::Withdrawn, StateKind::Open));
        let mut july = lead(0);
        july.opened = month("2020-07");
        july.due = parse_date("2020-07-20");
        let done = bench.import(clearing("2020-07", 20, vec![july]));
        assert_eq!(done.found_again, 1);
        let again = ok(bench.store.lead(&scope, &lead(0).lead_id));
        assert_eq!((again.row.state, again.row.due), (StateKind::Open, parse_date("2020-07-20")));
        let steps: Vec<&str> = again.history.iter().map(|event| event.step.as_str()).collect();
        assert_eq!(steps, ["摸排发现", "摸排销号", "再次发现"]);
        // May comes once more, late: it does not put back what July says.
        bench.may(20);
        let still = ok(bench.store.lead(&scope, &lead(0).lead_id));
        assert_eq!((still.row.opened, still.row.state), (Some(month("2020-07")), StateKind::Open));
        assert_eq!(kind(4), StateKind::Open, "May was cleared again and finds it");
    });
}

#[test]
fn a_person_who_moved_is_seen_where_they_live_now() {
    on_both(|bench| {
        bench.may(8);
        let mut moved = clearing("2020-06", 0, Vec::new());
        let mut person = person(0);
        person.region = super::bench::region("370902001001");
        moved.persons = Box::new(std::iter::once(Ok(person)));
        bench.import(moved);
        let old = bench.scope_of("old", &[(Role::WindowClerk, "500243")]);
        let new = bench.scope_of("new", &[(Role::WindowClerk, "370902")]);
        assert!(bench.store.person(&old, "P00000", "").is_err());
        assert_eq!(ok(bench.store.person(&new, "P00000", "")).row.person_id, "P00000");
    });
}

#[test]
fn a_broken_import_leaves_the_month_as_it_was() {
    on_both(|bench| {
        bench.may(8);
        let mut june = clearing("2020-06", 8, Vec::new());
        let broken = std::iter::once(Err(crate::StoreError::BadInput("坏了".into())));
        june.leads = Box::new([lead(2)].into_iter().map(Ok).chain(broken));
        june.ended = vec![ended(0, "2020-06", false)];
        assert!(bench.store.import_clearing(june, now()).is_err());
        let scope = bench.scope_of("ran", &[(Role::CountyReviewer, "500243")]);
        assert_eq!(ok(bench.store.cleared_months(&scope)).len(), 1);
        assert_eq!(ok(bench.store.count_leads(&scope, &LeadFilter::default())), 4);
    });
}

#[test]
fn indexes_are_there_again_after_a_first_import_even_one_that_was_cut_off() {
    on_both(|bench| {
        let database = bench.database();
        let names = || {
            let mut found = ok(database.read(|connection| {
                let mut found = connection.indexes("persons")?;
                found.extend(connection.indexes("links")?);
                Ok(found)
            }));
            found.sort();
            found.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
        };
        let before = names();
        assert_eq!(before.len(), 7, "{before:?}");
        let mut cut_off = clearing("2020-05", 4, Vec::new());
        let broken = std::iter::once(Err(crate::StoreError::BadInput("断电".into())));
        cut_off.persons = Box::new((0..4).map(|number| Ok(person(number))).chain(broken));
        assert!(bench.store.import_clearing(cut_off, now()).is_err());
        assert_eq!(names(), [""; 0], "set aside");
        ok(crate::Store::open(&bench.address, bench.keys()));
        assert_eq!(names(), before);
        bench.may(8);
        assert_eq!(names(), before);
    });
}

/// Everything of persons that is not sealed anew each time, and what is sealed where it was not touched.
fn sealed(bench: &super::bench::Bench) -> Vec<(String, i64, Vec<u8>)> {
    let sql = "SELECT person_id, month, sealed FROM persons ORDER BY person_id";
    let rows = ok(bench.database().read(|connection| connection.rows(sql, &[])));
    rows.iter().map(|row| (ok(row.string(0)), ok(row.int(1)), ok(row.bytes(2)).to_vec())).collect()
}

#[test]
fn only_people_of_whom_something_has_changed_are_written_again_and_all_have_their_month() {
    on_both(|bench| {
        bench.may(8);
        let may = sealed(bench);
        let mut june = clearing("2020-06", 8, Vec::new());
        june.persons = Box::new((0..8).map(|number| {
            let mut person = person(number);
            if number == 2 {
                person.address = "搬到镇上".into();
            }
            Ok(person)
        }));
        assert_eq!(bench.import(june).persons, 8);
        let after = sealed(bench);
        let june_index = i64::from(month("2020-06").index());
        for (number, (old, new)) in may.iter().zip(&after).enumerate() {
            assert_eq!((&new.0, new.1), (&old.0, june_index));
            assert_eq!(new.2 == old.2, number != 2, "{number}");
        }
        let scope = bench.scope_of("ran", &[(Role::WindowClerk, "500243")]);
        let kept = |number: usize| ok(bench.store.person(&scope, &person(number).person_id, "")).address;
        assert_eq!(kept(2), "搬到镇上");
        // The same certificate once more touches nothing; another one that says something else does.
        let mut june = clearing("2020-06", 8, Vec::new());
        june.persons = Box::new(std::iter::once(Err(crate::StoreError::BadInput("不该读".into()))));
        assert_eq!(bench.import(june).persons, 8);
        assert!(sealed(bench) == after);
        bench.may(8);
        assert_eq!(kept(2), "搬到镇上", "May comes again and sets nobody back");
    });
}

#[test]
fn an_import_that_was_cut_off_is_not_taken_for_a_whole_one() {
    on_both(|bench| {
        bench.may(8);
        let mut june = clearing("2020-06", 8, Vec::new());
        june.leads = Box::new(std::iter::once(Err(crate::StoreError::BadInput("断电".into()))));
        assert!(bench.store.import_clearing(june, now()).is_err());
        bench.may(8);
        let may_index = i64::from(month("2020-05").index());
        assert!(sealed(bench).iter().all(|(_, of, _)| *of == may_index));
    });
}

fn told(step: Option<i64>, outweighs: Option<i64>, finding: Finding) -> Option<ImportedAnswer> {
    Some(ImportedAnswer { office_step: step, outweighs, ..answer(finding) })
}

#[test]
fn what_was_said_here_comes_back_unchanged_and_a_later_handout_counts_instead() {
    on_both(|bench| {
        bench.may(12);
        let scope = bench.scope_of("ran", &[(Role::WindowClerk, "500243001")]);
        let id = lead(0).lead_id;
        let dismissed = Report { finding: Finding::False, measure: Measure::Keep, ..report() };
        ok(bench.store.report_lead(&scope, &id, 1, &dismissed));
        let answers = ok(bench.store.office_answers());
        let [said] = answers.as_slice() else { panic!("{answers:?}") };
        assert_eq!((said.lead_id.as_str(), said.step, said.finding), (id.as_str(), 2, Finding::False));
        assert_eq!(
            (said.by.as_str(), said.month, said.article.as_str()),
            ("乡镇窗口经办", month("2020-05"), "第十三条")
        );
        let june = |answer: Option<ImportedAnswer>, hash: &str| {
            let mut lead = lead(0);
            lead.answer = answer;
            let mut june = clearing("2020-06", 12, vec![lead]);
            june.certificate_hash = hash.into();
            bench.import(june)
        };
        let now = || ok(bench.store.lead(&scope, &id)).row;
        assert_eq!(june(told(Some(2), None, Finding::False), "a").answered, 1);
        assert_eq!((now().version, now().state), (2, StateKind::Dismissed), "our own words");
        june(told(None, None, Finding::True), "b");
        assert_eq!(now().state, StateKind::Dismissed, "a handout that knew nothing of the report");
        june(told(None, Some(2), Finding::True), "c");
        assert_eq!((now().version, now().state), (3, StateKind::ToRectify));
        // Somebody goes on from there: the same handout is not told a second time.
        let end = Report {
            measure: Measure::End,
            hearing: Some(doudi_casework::Hearing {
                on: parse_date("2020-05-10").expect("a date"),
                said: "没有意见".into(),
            }),
            ..report()
        };
        ok(bench.store.add_evidence(&scope, &id, &[super::evidence::photo(1)]));
        ok(bench.store.report_lead(&scope, &id, 3, &end));
        let head = bench.scope_of("head", &[(Role::TownshipHead, "500243001")]);
        ok(bench.store.send_back_lead(&head, &id, 4, "没有查清"));
        june(told(None, Some(2), Finding::True), "d");
        assert_eq!((now().version, now().state), (5, StateKind::Assigned));
        assert_eq!(
            ok(bench.store.office_answers()).len(),
            1,
            "a proposal is no answer before it is agreed to"
        );
    });
}

#[test]
fn an_earlier_month_that_comes_once_more_does_not_open_what_a_later_one_closed() {
    on_both(|bench| {
        bench.may(8);
        let mut june = clearing("2020-06", 8, Vec::new());
        june.ended = vec![ended(0, "2020-06", false)];
        assert_eq!(bench.import(june).closed, 1);
        assert_eq!(bench.may(8).found_again, 0);
        let scope = bench.scope_of("ran", &[(Role::CountyReviewer, "500243")]);
        assert_eq!(ok(bench.store.lead(&scope, &lead(0).lead_id)).row.state, StateKind::Closed);
    });
}
