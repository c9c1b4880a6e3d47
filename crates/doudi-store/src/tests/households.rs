use super::bench::{Bench, on_both, region};
use super::county::{self, ok};
use crate::sealed::{Place, pack, seal_bytes};
use crate::{
    Action, Answered, AuditQuery, CellKind, CellWants, GroupColumn, GroupFilter, GroupHead, GroupLine,
    GroupQuery, GroupSort, HouseholdQuery, ImportedGroupRow, ImportedHousehold, MonthCheck, MonthKept,
    StoreError,
};
use doudi_casework::Role;
use doudi_terms::Fen;
use std::collections::BTreeMap;

fn column(name: &str, kind: CellKind, of_household: bool) -> GroupColumn {
    GroupColumn {
        name: name.into(),
        kind,
        labels: Vec::new(),
        of_household,
        is_summed: kind == CellKind::Money,
    }
}

/// Households of the invented county, everybody on one list: money of the household, a number, money of the person.
fn kept(of: &str, persons: usize) -> MonthKept<'static> {
    let mut homes: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for number in 0..persons {
        homes.entry(county::person(number).household_id).or_default().push(number);
    }
    let policies = format!("law of {of}");
    let sources_id = of.to_owned();
    let households = homes.into_iter().map(move |(household_id, numbers)| {
        let people: Vec<_> = numbers.iter().map(|number| county::person(*number)).collect();
        let row = |(member, number): (usize, &usize)| ImportedGroupRow {
            group: 0,
            member,
            cells: vec![Some(50_000), (number % 3 > 0).then_some((*number % 7) as i64), Some(*number as i64)],
        };
        Ok(ImportedHousehold {
            number: household_id.trim_start_matches('H').into(),
            household_id,
            region: people[0].region,
            head: 0,
            facts: serde_json::json!({ "known": { "secret": "19500307" } }),
            places: vec![(3, 17), (0, 0)],
            sources_id: sources_id.clone(),
            answers: vec![Answered {
                programme: 0,
                member: None,
                entitled: Some(true),
                enrolled: None,
                amount: Some(Fen(44_000)),
            }],
            groups: numbers.iter().enumerate().map(row).collect(),
            members: people.into_iter().map(|person| (person.person_id, person.name)).collect(),
        })
    });
    let columns = vec![
        column("全户", CellKind::Money, true),
        column("级", CellKind::Count, false),
        column("本人", CellKind::Money, false),
    ];
    MonthKept {
        policies_hash: format!("policies-{of}"),
        policies: vec![("a.md".into(), policies)],
        registry: format!("{{\"of\":\"{of}\"}}"),
        checks: vec![MonthCheck {
            name: "死亡仍在册".into(),
            severity: "红".into(),
            kind: "部门信息".into(),
            article: "第一条".into(),
            waits_for: vec!["死亡名册".into(), "殡葬名册".into()],
        }],
        groups: vec![GroupHead { name: "低保".into(), note: "名册".into(), columns }],
        households: Box::new(households),
    }
}

fn month(bench: &Bench, of: &str, persons: usize) {
    let leads = (0..persons).step_by(2).map(county::lead).collect();
    let mut clearing = county::clearing(of, persons, leads);
    clearing.kept = kept(of, persons);
    bench.import(clearing);
}

fn query(place: Option<&str>, sort: GroupSort, descending: bool) -> GroupQuery {
    let place = place.map(region);
    GroupQuery {
        month: county::month("2020-05"),
        name: "低保".into(),
        place,
        filters: vec![],
        sort,
        descending,
    }
}

#[test]
fn a_household_is_shown_with_every_month_that_was_cleared() {
    on_both(|bench| {
        month(bench, "2020-05", 40);
        month(bench, "2020-06", 40);
        month(bench, "2020-06", 40);
        let scope = bench.scope_of("ran", &[(Role::WindowClerk, "500243001")]);
        let record = ok(bench.store.household_record(&scope, "H00000", "入户"));
        assert_eq!(
            record.months.iter().map(|of| of.month.to_string()).collect::<Vec<_>>(),
            ["2020-06", "2020-05"]
        );
        let latest = &record.months[0];
        assert_eq!(latest.members[0], ("P00000".to_owned(), "彭甲0".to_owned()));
        assert_eq!(latest.answers[0].amount, Some(Fen(44_000)));
        assert_eq!(latest.answers[0].enrolled, None, "what is not known stays so");
        assert_eq!(
            (latest.places.as_slice(), latest.sources_id.as_str()),
            (&[(3, 17), (0, 0)][..], "2020-06")
        );
        assert_eq!(latest.registry.registry, "{\"of\":\"2020-06\"}");
        let texts = ok(bench.store.policies(&latest.registry.policies_hash)).expect("kept");
        assert_eq!(texts, [("a.md".to_owned(), "law of 2020-06".to_owned())]);
        assert_eq!(ok(bench.store.policies("none")), None);
        assert_eq!((record.number.as_str(), record.head.as_str()), ("00000", "P00000"));
        assert!(record.moments.iter().any(|moment| moment.check == "死亡仍在册" && moment.by.is_empty()));
        let person = ok(bench.store.person_record(&scope, "P00004", ""));
        assert_eq!((person.months.len(), person.person.row.name.as_str()), (2, "彭甲4"));
        let auditor = bench.scope_of("shen", &[(Role::Auditor, "500243")]);
        let of = |person: &str| {
            let query = AuditQuery { person: Some(person.into()), limit: 50, ..AuditQuery::default() };
            ok(bench.store.audit_records(&auditor, &query))
        };
        let read = of("P00004");
        assert!(
            read.iter()
                .any(|record| record.action == Some(Action::ReadHousehold) && record.purpose == "入户")
        );
        assert!(read.iter().any(|record| record.action == Some(Action::ReadPerson)));
        assert!(of("P00000").iter().all(|record| record.action != Some(Action::ReadPerson)));
    });
}

/// A month as the program before wrote it: nothing said where facts were read.
#[test]
fn a_month_of_an_older_program_is_still_read() {
    on_both(|bench| {
        month(bench, "2020-05", 8);
        let older = serde_json::json!({
            "members": ["P00000"], "answers": [{ "p": 0, "e": true }], "facts": { "known": { "老": 1 } },
        });
        let place = Place::HouseholdMonth("H00000", i64::from(county::month("2020-05").index()));
        let text = serde_json::to_vec(&older).expect("JSON");
        let sealed = seal_bytes(&bench.keys(), &place, &pack(&text).expect("packed")).expect("sealed");
        bench
            .database()
            .write(|c| {
                c.execute(
                    "UPDATE household_months SET sealed = $1 WHERE household_id = 'H00000'",
                    &[(&sealed).into()],
                )
            })
            .expect("written");
        let scope = bench.scope_of("ran", &[(Role::WindowClerk, "500243001")]);
        let record = ok(bench.store.household_record(&scope, "H00000", "入户"));
        assert_eq!(record.months[0].facts, older["facts"]);
        assert_eq!((record.months[0].places.len(), record.months[0].sources_id.as_str()), (0, ""));
    });
}

#[test]
fn what_is_known_of_a_household_does_not_lie_open() {
    on_both(|bench| {
        month(bench, "2020-05", 8);
        let rows = bench.database().read(|c| c.rows("SELECT * FROM household_months", &[]));
        let text = format!("{:?}", rows.expect("read"));
        assert!(!text.contains("19500307") && !text.contains("secret"));
        bench
            .database()
            .write(|c| {
                c.script(
                    "UPDATE household_months SET sealed = (SELECT sealed FROM household_months WHERE household_id = \
                     'H00001') WHERE household_id = 'H00000'",
                )
            })
            .expect("written");
        let scope = bench.scope_of("ran", &[(Role::WindowClerk, "500243")]);
        assert!(bench.store.household_record(&scope, "H00000", "").is_err(), "another household's facts");
    });
}

#[test]
fn households_are_found_by_head_number_and_village_and_only_in_the_own_area() {
    on_both(|bench| {
        month(bench, "2020-05", 40);
        let scope = bench.scope_of("ran", &[(Role::WindowClerk, "500243")]);
        let found = |text: &str, place: Option<&str>| {
            let query = HouseholdQuery {
                text: text.into(),
                place: place.map(region),
                limit: 50,
                ..HouseholdQuery::default()
            };
            let found = ok(bench.store.households(&scope, &query));
            found.into_iter().map(|line| line.household_id).collect::<Vec<_>>()
        };
        assert_eq!(found("00004", None), ["H00004"]);
        assert_eq!(found("H00004", None), ["H00004"]);
        assert_eq!(found("彭甲8", None), ["H00004"]);
        assert_eq!(found("彭甲", None).len(), 5);
        assert_eq!(found("", Some("500243001203")).len(), 5);
        assert_eq!(found("彭甲", Some("500243001203")), [""; 0]);
        assert_eq!(found("", Some("370902")), [""; 0]);
        assert_eq!(found("泰丁", None), [""; 0]);
        assert_eq!(found("00003", None), [""; 0], "of another county");
        assert!(matches!(bench.store.household_record(&scope, "H00003", ""), Err(StoreError::NotFound(_))));
        let mut query = HouseholdQuery { limit: 4, ..HouseholdQuery::default() };
        let mut all = Vec::new();
        loop {
            let page = ok(bench.store.households(&scope, &query));
            let Some(last) = page.last() else { break };
            query.after = Some(last.clone());
            all.extend(page.into_iter().map(|line| line.household_id));
        }
        assert_eq!(all.len(), 15);
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 15, "page after page, nobody twice");
    });
}

#[test]
fn a_list_adds_up_and_goes_on_page_after_page_in_every_order() {
    on_both(|bench| {
        month(bench, "2020-05", 40);
        let scope = bench.scope_of("ran", &[(Role::WindowClerk, "500243")]);
        let lists = ok(bench.store.group_lists(&scope, county::month("2020-05")));
        assert_eq!((lists.len(), lists[0].rows), (1, 30));
        for sort in [GroupSort::Place, GroupSort::Name, GroupSort::Column(1), GroupSort::Column(2)] {
            for descending in [false, true] {
                let query = query(None, sort, descending);
                let whole = ok(bench.store.group_page(&scope, &query, None, 200));
                assert_eq!((whole.total, whole.rows.len(), whole.next.clone()), (30, 30, None));
                let mut pages = Vec::new();
                let mut after = None;
                loop {
                    let page = ok(bench.store.group_page(&scope, &query, after.as_ref(), 7));
                    pages.extend(page.rows);
                    after = page.next;
                    if after.is_none() {
                        break;
                    }
                }
                assert_eq!(pages, whole.rows, "{sort:?} {descending}");
                if let GroupSort::Column(at) = sort {
                    let known: Vec<i64> = whole.rows.iter().filter_map(|row| row.cells[at]).collect();
                    let mut sorted = known.clone();
                    sorted.sort_unstable();
                    if descending {
                        sorted.reverse();
                    }
                    assert_eq!(known, sorted);
                    let unknown = whole.rows.iter().position(|row| row.cells[at].is_none());
                    assert!(unknown.is_none_or(|first| first == known.len()), "what is not known comes last");
                }
                let own: i64 = whole.rows.iter().filter_map(|row| row.cells[2]).sum();
                // Fifteen households of two: what is the household's counts once.
                assert_eq!(whole.sums, [Some(15 * 50_000), None, Some(own)]);
            }
        }
        let village = ok(bench.store.group_page(
            &scope,
            &query(Some("500243001203"), GroupSort::Place, false),
            None,
            50,
        ));
        assert_eq!((village.total, village.rows.len(), village.sums[0]), (10, 10, Some(5 * 50_000)));
        assert!(
            village.rows.iter().all(|row| row.name.starts_with("彭乙") && row.id_number.contains("****"))
        );
        let elsewhere =
            ok(bench.store.group_page(&scope, &query(Some("370902"), GroupSort::Place, false), None, 50));
        assert_eq!((elsewhere.total, elsewhere.rows.len(), elsewhere.sums[2]), (0, 0, Some(0)));
        let mut none = query(None, GroupSort::Place, false);
        none.name = "没有".into();
        assert!(matches!(bench.store.group_page(&scope, &none, None, 50), Err(StoreError::NotFound(_))));
    });
}

/// What the filters say, once more without the database.
fn meets(row: &GroupLine, filters: &[GroupFilter]) -> bool {
    filters.iter().all(|filter| match filter {
        GroupFilter::Name(begins) => row.name.starts_with(begins.as_str()),
        GroupFilter::Sex(sex) => row.sex == *sex,
        GroupFilter::Birth { from, to } => row
            .birth
            .is_some_and(|birth| from.is_none_or(|from| birth >= from) && to.is_none_or(|to| birth <= to)),
        GroupFilter::Cell { column, wants } => match (wants, row.cells[*column]) {
            (CellWants::Unknown, cell) => cell.is_none(),
            (CellWants::Is(wanted), cell) => cell == Some(*wanted),
            (CellWants::Between { from, to }, cell) => cell
                .is_some_and(|cell| from.is_none_or(|from| cell >= from) && to.is_none_or(|to| cell <= to)),
        },
    })
}

#[test]
fn a_list_is_filtered_by_every_column_and_screen_sums_and_export_agree() {
    on_both(|bench| {
        month(bench, "2020-05", 40);
        let scope = bench.scope_of("ran", &[(Role::CountyReviewer, "500243")]);
        let whole = ok(bench.store.group_page(&scope, &query(None, GroupSort::Place, false), None, 200));
        let births: Vec<_> = whole.rows.iter().filter_map(|row| row.birth).collect();
        let middle = births[births.len() / 2];
        let cell = |column, wants| GroupFilter::Cell { column, wants };
        let questions = [
            vec![GroupFilter::Name("彭乙".into())],
            vec![GroupFilter::Sex(whole.rows[0].sex.clone())],
            vec![GroupFilter::Sex("没有".into())],
            vec![GroupFilter::Birth { from: Some(middle), to: None }],
            vec![GroupFilter::Birth { from: None, to: Some(middle) }],
            vec![cell(1, CellWants::Unknown)],
            vec![cell(1, CellWants::Is(4))],
            vec![cell(2, CellWants::Between { from: Some(5), to: Some(17) })],
            vec![cell(1, CellWants::Between { from: Some(3), to: None }), cell(2, CellWants::Is(11))],
            // One of two members is meant: the household's money is still counted once.
            vec![cell(2, CellWants::Between { from: Some(7), to: Some(7) })],
        ];
        for filters in questions {
            let expected: Vec<_> = whole.rows.iter().filter(|row| meets(row, &filters)).cloned().collect();
            let asked = GroupQuery { filters: filters.clone(), ..query(None, GroupSort::Place, false) };
            let screen = ok(bench.store.group_page(&scope, &asked, None, 200));
            assert_eq!((screen.total as usize, &screen.rows), (expected.len(), &expected), "{filters:?}");
            let homes: BTreeMap<&str, i64> =
                expected.iter().filter_map(|row| Some((row.household_id.as_str(), row.cells[0]?))).collect();
            let own: i64 = expected.iter().filter_map(|row| row.cells[2]).sum();
            assert_eq!(screen.sums, [Some(homes.values().sum()), None, Some(own)], "{filters:?}");
            let mut exported = 0;
            ok(bench.store.export_group(&scope, &asked, "五月督战会", &mut |row| {
                assert!(meets(&row, &filters), "{filters:?}: {row:?}");
                exported += 1;
                Ok(())
            }));
            assert_eq!(exported, expected.len());
        }
        let auditor = bench.scope_of("shen", &[(Role::Auditor, "500243")]);
        let records =
            ok(bench.store.audit_records(&auditor, &AuditQuery { limit: 200, ..AuditQuery::default() }));
        assert!(records.iter().any(|record| record.object_id.contains("级=4")));
        assert!(records.iter().all(|record| !record.object_id.contains("彭乙")), "no name among the filters");
    });
}

#[test]
fn an_export_has_the_rows_of_the_screen_and_everybody_is_in_the_audit() {
    on_both(|bench| {
        month(bench, "2020-05", 40);
        month(bench, "2020-05", 40);
        let scope = bench.scope_of("ran", &[(Role::CountyReviewer, "500243")]);
        let query = query(Some("500243001"), GroupSort::Column(2), true);
        let export = |purpose: &str| {
            let mut rows = Vec::new();
            let done = bench.store.export_group(&scope, &query, purpose, &mut |row| {
                rows.push(row);
                Ok(())
            });
            done.map(|()| rows)
        };
        assert!(matches!(export(" "), Err(StoreError::BadInput(_))));
        let screen = ok(bench.store.group_page(&scope, &query, None, 200));
        let rows = ok(export("五月督战会"));
        let ids = |rows: &[GroupLine]| rows.iter().map(|row| row.person_id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&rows), ids(&screen.rows));
        assert_eq!(rows.len(), 20);
        let may = scope.may(doudi_casework::Permission::Unmask);
        assert_eq!(rows.iter().all(|row| !row.id_number.contains('*')), may);
        let auditor = bench.scope_of("shen", &[(Role::Auditor, "500243")]);
        for row in &rows {
            let query = AuditQuery {
                person: Some(row.person_id.clone()),
                action: Some(Action::Export),
                limit: 9,
                ..AuditQuery::default()
            };
            let records = ok(bench.store.audit_records(&auditor, &query));
            assert_eq!(
                (records.len(), records[0].persons, records[0].purpose.as_str()),
                (1, 20, "五月督战会")
            );
            assert!(
                records[0].detail.contains("身份证号") && records[0].detail.contains("本人"),
                "{}",
                records[0].detail
            );
        }
        let worker = bench.scope_of("cun", &[(Role::VillageWorker, "500243001202")]);
        let refused = bench.store.export_group(&worker, &query, "看看", &mut |_| Ok(()));
        assert!(refused.is_err() || worker.may(doudi_casework::Permission::Export));
    });
}

#[test]
fn the_board_knows_which_checks_could_not_see() {
    on_both(|bench| {
        month(bench, "2020-05", 8);
        let scope = bench.scope_of("ran", &[(Role::WindowClerk, "500243001")]);
        let checks = ok(bench.store.month_checks(&scope, region("500243001"), county::month("2020-05")));
        assert_eq!(checks.len(), 1);
        assert_eq!(checks[0].waits_for, ["死亡名册", "殡葬名册"]);
        assert_eq!(checks[0].kind, "部门信息");
        let other = bench.store.month_checks(&scope, region("500243002"), county::month("2020-05"));
        assert!(matches!(other, Err(StoreError::NotFound(_))));
    });
}

#[test]
fn a_list_with_too_many_columns_is_refused_before_anything_is_taken_over() {
    on_both(|bench| {
        let mut clearing = county::clearing("2020-05", 8, Vec::new());
        clearing.kept = kept("2020-05", 8);
        clearing.kept.groups[0].columns =
            (0..9).map(|at| column(&at.to_string(), CellKind::Count, false)).collect();
        let error =
            bench.store.import_clearing(clearing, super::bench::now()).expect_err("refused").to_string();
        assert!(error.contains("9 栏"), "{error}");
    });
}

#[test]
fn a_new_key_seals_what_is_known_of_households_too() {
    on_both(|bench| {
        month(bench, "2020-05", 40);
        let keys = crate::rotate_key_file(&bench.folder.path().join("keys")).expect("a second key");
        let store = ok(crate::Store::open(&bench.address, keys));
        let done = ok(store.rotate(super::bench::now(), &mut |_| true));
        assert_eq!((done.rows, done.left), (40 + 20 + 20 + 20, 0));
        let text = std::fs::read_to_string(bench.folder.path().join("keys")).expect("the keys");
        let without: String =
            text.lines().filter(|line| !line.starts_with("1 ")).map(|line| format!("{line}\n")).collect();
        let store = ok(crate::Store::open(&bench.address, ok(crate::Keyring::parse(&without))));
        let scope = bench.scope_of("ran", &[(Role::WindowClerk, "500243")]);
        assert_eq!(ok(store.household_record(&scope, "H00000", "")).months.len(), 1);
    });
}

#[test]
fn an_earlier_month_that_comes_again_sets_nobody_back() {
    on_both(|bench| {
        let moved = |of: &str, name: &str, village: &str| {
            let mut clearing = county::clearing(of, 8, Vec::new());
            let (name, village) = (name.to_owned(), region(village));
            let persons: Vec<_> = (0..8)
                .map(|number| {
                    let mut person = county::person(number);
                    if person.household_id == "H00000" {
                        (person.name, person.region) = (format!("{name}{number}"), village);
                    }
                    Ok(person)
                })
                .collect();
            clearing.persons = Box::new(persons.into_iter());
            let mut kept = kept(of, 8);
            let homes = kept.households.map(move |home| {
                home.map(|mut home| {
                    if home.household_id == "H00000" {
                        home.members.iter_mut().for_each(|member| member.1 = format!("{name}家"));
                        home.region = village;
                    }
                    home
                })
            });
            kept.households = Box::new(homes.collect::<Vec<_>>().into_iter());
            clearing.kept = kept;
            clearing
        };
        bench.import(moved("2020-05", "旧户主", "500243001202"));
        bench.import(moved("2020-06", "新户主", "500243001203"));
        // The month before is cleared again, with something put right in it.
        bench.import(moved("2020-05", "旧户主改", "500243001204"));
        let scope = bench.scope_of("ran", &[(Role::WindowClerk, "500243001")]);
        let of = |place: &str| {
            let query = HouseholdQuery { place: Some(region(place)), limit: 50, ..HouseholdQuery::default() };
            let found = ok(bench.store.households(&scope, &query));
            found
                .iter()
                .filter(|line| line.household_id == "H00000")
                .map(|line| line.head_name.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(of("500243001203"), ["新户主家"]);
        assert_eq!((of("500243001202").len(), of("500243001204").len()), (0, 0));
        let person = ok(bench.store.person(&scope, "P00000", ""));
        assert_eq!((person.row.name.as_str(), person.row.region), ("新户主0", region("500243001203")));
        // The newest month cleared again does count.
        bench.import(moved("2020-06", "更正户主", "500243001203"));
        assert_eq!(of("500243001203"), ["更正户主家"]);
        // What the earlier month itself knew is what was said last.
        let months = ok(bench.store.household_record(&scope, "H00000", "")).months;
        assert_eq!(months.iter().map(|of| of.month.to_string()).collect::<Vec<_>>(), ["2020-06", "2020-05"]);
    });
}
