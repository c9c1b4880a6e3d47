use super::bench::{now, on_both};
use super::county::{clearing, lead, ok, record};
use crate::ImportedRecord;
use doudi_casework::Role;

#[test]
fn what_a_roster_says_stands_beside_the_register_with_numbers_masked() {
    on_both(|bench| {
        bench.may(20);
        let worker = bench.scope_of("cun", &[(Role::VillageWorker, "500243001202")]);
        let (found, compared) = ok(bench.store.lead_compared(&worker, &lead(4).lead_id));
        assert_eq!(found.row.lead_id, lead(4).lead_id);
        let [person] = &compared[..] else { panic!("{compared:?}") };
        assert_eq!((person.person_id.as_str(), person.name.as_str()), ("P00004", "彭甲4"));
        assert!(person.register.contains(&("id-number", "500243********0004".to_owned())));
        let cells = &person.records[0].cells;
        let told: Vec<(&str, Option<bool>)> =
            cells.iter().map(|cell| (cell.kind.as_str(), cell.differs)).collect();
        assert_eq!(
            told,
            [("name", Some(false)), ("id-number", Some(true)), ("phone", Some(false)), ("", None)]
        );
        assert_eq!((cells[1].text.as_str(), cells[1].hint.as_str()), ("500243********0004", "第 14 位不同"));
        assert_eq!(cells[3].text, "440.00元");
        let whole = format!("{compared:?}");
        assert!(!whole.contains("19500307") && !whole.contains("13800000004"), "{whole}");
    });
}

#[test]
fn of_a_row_about_somebody_elsewhere_nothing_is_told() {
    on_both(|bench| {
        // Number 2 lives in the next township, 4 and 0 in this village.
        let mut shared = lead(4);
        shared.records.extend([record(2), record(0)]);
        shared.records.push(ImportedRecord { person: String::new(), ..record(8) });
        bench.import(clearing("2020-05", 20, vec![shared]));
        let worker = bench.scope_of("cun", &[(Role::VillageWorker, "500243001202")]);
        let (_, compared) = ok(bench.store.lead_compared(&worker, &lead(4).lead_id));
        let people: Vec<&str> = compared.iter().map(|person| person.person_id.as_str()).collect();
        assert_eq!(people, ["P00004", "", "P00000", ""]);
        assert!(compared[1].records[0].cells.is_empty() && compared[1].name.is_empty());
        assert_eq!(compared[3].records[0].cells[0].differs, None, "nobody to compare with");
        assert!(!format!("{compared:?}").contains("彭丙"), "{compared:?}");
        let county = bench.scope_of("xian", &[(Role::Supervisor, "500243")]);
        let (_, compared) = ok(bench.store.lead_compared(&county, &lead(4).lead_id));
        assert_eq!(compared[1].name, "彭丙2");
        let seen = ok(bench.database().read(|connection| {
            connection.rows("SELECT subjects FROM audit WHERE action = 'read-lead' ORDER BY seq", &[])
        }));
        assert_eq!(seen[0].text(0).expect("text"), "P00004;P00000");
        assert_eq!(seen[1].text(0).expect("text"), "P00004;P00002;P00000");
        assert_eq!(bench.store.lead(&county, &lead(4).lead_id).map(|lead| lead.row.version).ok(), Some(1));
        let _ = now();
    });
}
