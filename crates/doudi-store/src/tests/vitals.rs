use super::bench::{Bench, on_both};
use super::county::ok;
use crate::Part;
use doudi_casework::Role;

fn unready(bench: &Bench) -> Option<Part> {
    bench.store.unready().map(|(part, _)| part)
}

#[test]
fn a_store_says_which_part_does_not_do_its_work() {
    on_both(|bench| {
        assert_eq!(unready(bench), None);
        let run = |sql: &str| ok(bench.database().write(|connection| connection.script(sql)));
        run("INSERT INTO schema_version (number, name) VALUES (99, 'later')");
        assert_eq!(unready(bench), Some(Part::Schema));
        run("DELETE FROM schema_version WHERE number = 99");
        run("UPDATE settings SET value = '00' || value WHERE name = 'key-check'");
        assert_eq!(unready(bench), Some(Part::Keys));
        run("DELETE FROM settings WHERE name = 'key-check'");
        assert_eq!(unready(bench), Some(Part::Keys), "no key was ever checked");
        run("DROP TABLE settings");
        assert_eq!(unready(bench), Some(Part::Database));
    });
}

#[test]
fn counts_for_the_machines_watch_are_of_the_whole_store() {
    on_both(|bench| {
        let before = ok(bench.store.vitals());
        assert_eq!((before.open_leads, before.passwords_waiting, before.connections_lent), (0, 0, 0));
        bench.may(40);
        let scope = bench.scope_of("ran", &[(Role::VillageWorker, "500243001201")]);
        let after = ok(bench.store.vitals());
        assert_eq!(after.open_leads, 20, "more than the one village");
        assert!(after.audit_records > before.audit_records && after.connections_open >= 1, "{after:?}");
        assert!(ok(bench.store.count_leads(&scope, &crate::LeadFilter::default())) < 20);
    });
}
