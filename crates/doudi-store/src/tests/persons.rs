use super::bench::{Bench, on_both};
use super::county::ok;
use crate::{Action, AuditQuery, CaseFilter, Hidden, StoreError};
use doudi_casework::Role;

fn records(bench: &Bench) -> i64 {
    ok(bench.store.verify_audit(None)).records
}

#[test]
fn nothing_personal_but_names_lies_open_in_the_database() {
    on_both(|bench| {
        bench.may(20);
        let scope = bench.scope_of("ran", &[(Role::WindowClerk, "500243001")]);
        ok(bench.store.search(&scope, "50024319500307 0004", None, 10));
        ok(bench.store.unmask(&scope, "P00004", Hidden::Phone, "电话预约"));
        let tables = ["persons", "leads", "lead_events", "audit", "links", "settings"];
        for table in tables {
            let rows = bench.database().read(|c| c.rows(&format!("SELECT * FROM {table}"), &[]));
            let text = format!("{:?}", rows.expect("read"));
            for secret in ["19500307", "13800000004", "62220000", "6222 0000", "彭甲村", "去世"] {
                assert!(!text.contains(secret), "{secret} in {table}");
            }
        }
        if bench.is_sqlite() {
            let bytes = std::fs::read(&bench.address).expect("the file");
            let wal = std::fs::read(format!("{}-wal", bench.address)).unwrap_or_default();
            for bytes in [bytes, wal] {
                for secret in ["19500307", "1380000000", "彭甲村"] {
                    assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{secret}");
                }
            }
        }
    });
}

#[test]
fn a_person_is_found_by_whatever_people_have_in_hand() {
    on_both(|bench| {
        bench.may(40);
        let scope = bench.scope_of("ran", &[(Role::WindowClerk, "500243")]);
        let found = |text: &str| {
            let rows = ok(bench.store.search(&scope, text, None, 50));
            rows.into_iter().map(|person| person.person_id).collect::<Vec<_>>()
        };
        assert_eq!(found("500243195003070004"), ["P00004"]);
        assert_eq!(found(" 5002 4319 5003 0700 04 "), ["P00004"]);
        assert_eq!(found("13800000004"), ["P00004"]);
        assert_eq!(found("6222000000000004"), ["P00004"]);
        assert_eq!(found("P00004"), ["P00004"]);
        assert_eq!(found("H00000"), ["P00000", "P00004"]);
        assert_eq!(found("彭甲4"), ["P00004"], "the beginning of a name");
        assert_eq!(found("彭甲").len(), 10);
        assert_eq!(found("370902195003070003"), [""; 0], "of another county");
        assert_eq!(found("泰丁"), [""; 0]);
        assert!(matches!(bench.store.search(&scope, "  ", None, 50), Err(StoreError::BadInput(_))));
        let masked = &ok(bench.store.search(&scope, "P00004", None, 50))[0].id_number;
        assert_eq!(masked, "500243********0004");
    });
}

#[test]
fn a_sign_that_no_text_holds_breaks_no_search() {
    on_both(|bench| {
        bench.may(20);
        let scope = bench.scope_of("ran", &[(Role::WindowClerk, "500243001")]);
        for text in ["\0", "彭\0", "\0\u{1}\u{202e}"] {
            ok(bench.store.search(&scope, text, None, 10));
            let filter = CaseFilter { text: Some(text.into()), ..CaseFilter::default() };
            assert_eq!(ok(bench.store.count_cases(&scope, &filter)), 0);
        }
    });
}

#[test]
fn pages_of_names_meet_without_gap_or_repetition() {
    on_both(|bench| {
        bench.may(60);
        let scope = bench.scope_of("ran", &[(Role::WindowClerk, "500243")]);
        let whole = ok(bench.store.search(&scope, "彭", None, 200));
        let mut paged = Vec::new();
        loop {
            let page = ok(bench.store.search(&scope, "彭", paged.last(), 7));
            if page.is_empty() {
                break;
            }
            paged.extend(page);
        }
        assert_eq!((whole.len(), &paged), (45, &whole));
    });
}

#[test]
fn a_read_is_in_the_audit_and_whoever_is_not_allowed_leaves_nothing_seen() {
    on_both(|bench| {
        bench.may(20);
        let clerk = bench.scope_of("ran", &[(Role::WindowClerk, "500243001")]);
        let before = records(bench);
        ok(bench.store.person(&clerk, "P00004", "入户核查"));
        ok(bench.store.household(&clerk, "H00000", ""));
        ok(bench.store.search(&clerk, "彭甲4", None, 5));
        ok(bench.store.unmask(&clerk, "P00004", Hidden::IdNumber, "核对证件"));
        assert_eq!(records(bench), before + 4);
        assert!(matches!(
            bench.store.unmask(&clerk, "P00004", Hidden::IdNumber, " "),
            Err(StoreError::BadInput(_))
        ));
        let auditor = bench.scope_of("shenji", &[(Role::Auditor, "500243")]);
        let query = AuditQuery { person: Some("P00004".into()), limit: 50, ..AuditQuery::default() };
        let seen = ok(bench.store.audit_records(&auditor, &query));
        let actions: Vec<Option<Action>> = seen.iter().map(|record| record.action).collect();
        let expected = [Action::Unmask, Action::Search, Action::ReadHousehold, Action::ReadPerson];
        assert_eq!(actions, expected.map(Some));
        assert_eq!(seen[3].purpose, "入户核查");
        let reader = bench.scope_of("cun", &[(Role::VillageWorker, "500243001202")]);
        assert!(matches!(
            bench.store.unmask(&reader, "P00004", Hidden::IdNumber, "看看"),
            Err(StoreError::Refused(_))
        ));
    });
}

#[test]
fn another_place_is_told_the_same_as_a_person_who_does_not_exist() {
    on_both(|bench| {
        bench.may(20);
        let scope = bench.scope_of("ran", &[(Role::WindowClerk, "500243001")]);
        let before = records(bench);
        for person in ["P00003", "P00002", "P99999"] {
            let error = bench.store.person(&scope, person, "").expect_err("not here").to_string();
            assert_eq!(error, "没有找到这个人，或者不在您的辖区里", "{person}");
        }
        assert!(bench.store.household(&scope, "H00003", "").is_err());
        assert!(bench.store.household(&scope, "", "").is_err());
        assert_eq!(records(bench), before, "what was not seen is not noted as seen");
        for role in [Role::PolicyOfficer, Role::Citizen] {
            let login = role.code();
            let scope = bench.scope_of(login, &[(role, "500243")]);
            assert!(matches!(bench.store.person(&scope, "P00004", ""), Err(StoreError::Refused(_))));
        }
    });
}

#[test]
fn a_person_shows_the_leads_and_the_rows_they_rest_on() {
    on_both(|bench| {
        bench.may(20);
        let scope = bench.scope_of("ran", &[(Role::WindowClerk, "500243001")]);
        let person = ok(bench.store.person(&scope, "P00004", ""));
        assert_eq!(person.leads.len(), 1);
        assert_eq!(person.leads[0].reason, "彭甲4：2020-02-01 去世");
        assert_eq!((person.sources[0].file.as_str(), person.sources[0].row), ("低保.csv", 4));
        assert_eq!((person.phone.as_str(), person.account.as_str()), ("138****0004", "**************0004"));
        assert_eq!((person.address.as_str(), person.reason.as_str()), ("彭甲村4号", "条件都符合"));
    });
}
