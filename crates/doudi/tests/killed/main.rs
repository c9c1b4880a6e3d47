//! The office's server is killed at any moment, as by a power cut: what it has acknowledged is there, once, and nothing is
//! there by half. `DOUDI_KILLS` says how often (a few, unless somebody wants to know).

mod office;
mod server;

use doudi_casework::{Grant, Grants, Moment, Role};
use doudi_store::{Action, AuditQuery, Keyring, NewUser, Store, create_key_file};
use doudi_terms::{Month, RegionCode};
use office::{CASES, LEADS, MONTH, TOWNSHIPS, case, case_id, clearing, lead, region};
use server::{Server, Session};
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const FEW: u64 = 4;
const PASSWORD: &str = "Chun-feng-2020-lv";

/// What became of something that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Acknowledged,
    /// The server died before it answered.
    Unknown,
}

/// What was asked for by its mark, which stands in what is written.
type Asked = BTreeMap<String, Fate>;

struct Place {
    folder: tempfile::TempDir,
    address: String,
    keys: PathBuf,
}

impl Place {
    fn new(address: Option<String>) -> Place {
        let folder = tempfile::tempdir().expect("a folder");
        let keys = folder.path().join("keys");
        drop(create_key_file(&keys).expect("keys"));
        let own = folder.path().join("doudi.db").to_string_lossy().into_owned();
        Place { address: address.unwrap_or(own), keys, folder }
    }

    fn store(&self) -> Store {
        let keys = Keyring::from_file(&self.keys).expect("keys");
        Store::open(&self.address, keys).expect("the store opens after what happened")
    }

    /// Leads, a head of many townships, two who verify, an auditor; everybody with a password of their own.
    fn prepare(&self) {
        let store = self.store();
        store.import_clearing(clearing(), now()).expect("imported");
        let grants = |role, places: &[&str]| {
            Grants::new(places.iter().map(|place| Grant { role, region: region(place) })).expect("one role")
        };
        let user = |login: &str, grants| NewUser { login: login.into(), name: login.into(), grants };
        let townships: Vec<&str> = TOWNSHIPS.iter().map(String::as_str).collect();
        let users = [
            user("head", grants(Role::TownshipHead, &townships)),
            user("worker", grants(Role::VillageWorker, &["500243001"])),
            user("clerk", grants(Role::WindowClerk, &["500243001"])),
            user("auditor", grants(Role::Auditor, &["500243"])),
        ];
        for (new, (_, first)) in users.iter().zip(store.provision(&users, now()).expect("accounts")) {
            let (token, _) = store.log_in(&new.login, &first, "::1", now()).expect("signed in");
            let scope = store.scope(token.as_str(), "::1", now()).expect("a scope");
            store.change_password(&scope, &first, PASSWORD).expect("changed");
        }
        let (token, _) = store.log_in("clerk", PASSWORD, "::1", now()).expect("signed in");
        let scope = store.scope(token.as_str(), "::1", now()).expect("a scope");
        for at in 0..CASES {
            let opened = store.open_case(&scope, &case(at), None).expect("opened");
            assert_eq!(opened.row.case_id, case_id(at));
        }
    }
}

fn now() -> Moment {
    Moment::from_millis(1_590_000_000_000)
}

/// A number below `most` that nobody knows before.
fn chance(most: u64) -> u64 {
    RandomState::new().hash_one(0) % most
}

/// Something that is asked for again and again until the server is gone: the mark, and whether it was done.
fn until_killed(mut ask: impl FnMut(&str) -> Option<bool>) -> Asked {
    static MARK: AtomicUsize = AtomicUsize::new(0);
    let mut asked = Asked::new();
    loop {
        let mark = format!("记号{}号", MARK.fetch_add(1, Ordering::Relaxed));
        match ask(&mark) {
            Some(true) => drop(asked.insert(mark, Fate::Acknowledged)),
            // Refused: nothing may be there.
            Some(false) => {}
            None => {
                asked.insert(mark, Fate::Unknown);
                return asked;
            }
        }
    }
}

fn report(session: &Session, at: usize, mark: &str) -> Option<bool> {
    let lead = lead(at % (LEADS / 2)).lead_id;
    let version = session.version(&format!("/leads/{lead}"))?;
    let form = [
        ("version", version.as_str()),
        ("finding", "属实"),
        ("measure", "维持"),
        ("on", "2020-05-18"),
        ("visitors", "冉某、任某"),
        ("reason", mark),
    ];
    session.post(&format!("/leads/{lead}/report"), &form)
}

/// Of the other half of the leads; who asks knows the version that it makes.
fn assign(session: &Session, at: usize, made: &mut Vec<(String, i64, Fate)>) -> Option<bool> {
    let lead = lead(LEADS / 2 + at % (LEADS / 2)).lead_id;
    let version = session.version(&format!("/leads/{lead}"))?;
    let number: i64 = version.parse().ok()?;
    let to = ["1", "2"][at % 2];
    let done = session.post("/leads/assign", &[("lead", &lead), ("to", to), ("version", &version)]);
    match done {
        Some(true) => made.push((lead, number + 1, Fate::Acknowledged)),
        Some(false) => {}
        None => made.push((lead, number + 1, Fate::Unknown)),
    }
    done
}

/// Somebody is called and does not answer, again and again: a step that leads back to where the case was.
fn call(session: &Session, at: usize, mark: &str) -> Option<bool> {
    let case = format!("/cases/{}", case_id(at % CASES));
    let version = session.version(&case)?;
    let form = [
        ("version", version.as_str()),
        ("step", "miss"),
        ("fact:户.告知方式", "电话"),
        ("fact:户.联系次数", "1"),
        ("note", mark),
    ];
    session.post(&format!("{case}/step"), &form)
}

fn sign(session: &Session, at: usize, mark: &str) -> Option<bool> {
    session.post("/sign-off", &[("month", MONTH), ("place", &TOWNSHIPS[1 + at]), ("remark", mark)])
}

/// One life of the server: four people work until it is killed.
fn work_and_kill(place: &Place, round: usize, all: &mut Asked, made: &mut Vec<(String, i64, Fate)>) -> usize {
    let server = Server::start(&place.address, &place.keys);
    let (head, worker) = (server.sign_in("head", PASSWORD), server.sign_in("worker", PASSWORD));
    let (signer, clerk) = (server.sign_in("head", PASSWORD), server.sign_in("clerk", PASSWORD));
    std::thread::scope(|scope| {
        let (mut reported, mut assigned) = (round * 1_000, round * 1_000);
        let reports = scope.spawn(move || {
            until_killed(|mark| {
                reported += 1;
                report(&worker, reported, mark)
            })
        });
        let assignments = scope.spawn(move || {
            let mut made = Vec::new();
            until_killed(|_| {
                assigned += 1;
                assign(&head, assigned, &mut made)
            });
            made
        });
        let mut called = round * 1_000;
        let calls = scope.spawn(move || {
            until_killed(|mark| {
                called += 1;
                call(&clerk, called, mark)
            })
        });
        let signatures = scope.spawn(move || {
            let mut next = round * 12 % (TOWNSHIPS.len() - 1);
            until_killed(|mark| {
                next = (next + 1) % (TOWNSHIPS.len() - 1);
                sign(&signer, next, mark)
            })
        });
        std::thread::sleep(Duration::from_millis(50 + chance(900)));
        server.kill();
        let before = all.len() + made.len();
        all.extend(reports.join().expect("reported"));
        all.extend(signatures.join().expect("signed"));
        all.extend(calls.join().expect("called"));
        made.extend(assignments.join().expect("assigned"));
        all.len() + made.len() - before
    })
}

/// Everything that was acknowledged is there once, and every event has its number, its state and its record in the audit.
/// Gives how many steps cases have taken.
fn nothing_is_lost_or_half(place: &Place, asked: &Asked, made: &[(String, i64, Fate)]) -> usize {
    let store = place.store();
    let verdict = store.verify_audit(None).expect("read");
    assert_eq!(verdict.broken, None, "the audit is a chain");
    let scope_of = |login: &str| {
        let (token, _) = store.log_in(login, PASSWORD, "::1", now()).expect("signed in");
        store.scope(token.as_str(), "::1", now()).expect("a scope")
    };
    let (head, auditor) = (scope_of("head"), scope_of("auditor"));
    let mut written = String::new();
    let mut events = BTreeMap::new();
    for at in 0..LEADS {
        let lead = store.lead(&head, &lead(at).lead_id).expect("a lead");
        let serials: Vec<i64> = lead.history.iter().map(|event| event.serial).collect();
        assert_eq!(serials, (1..=lead.row.version).collect::<Vec<i64>>(), "one event for every version");
        assert_eq!(
            lead.history.last().expect("an event").state,
            lead.case.state,
            "the state is the last event's"
        );
        for event in &lead.history {
            written += event.state.report().map_or("", |report| report.reason.as_str());
            written.push('\n');
        }
        events.insert(lead.row.lead_id, lead.history.len() - 1);
    }
    let mut versions = 0;
    for at in 0..CASES {
        let case = store.case(&scope_of("clerk"), &case_id(at)).expect("a case");
        let serials: Vec<i64> = case.history.iter().map(|event| event.serial).collect();
        assert_eq!(serials, (1..=case.row.version).collect::<Vec<i64>>(), "one event for every version");
        assert_eq!(
            case.file.record.len() as i64,
            case.row.version - 1,
            "a record in the file for every step"
        );
        written.extend(case.file.record.iter().map(|record| format!("{}\n", record.note)));
        versions += case.history.len();
    }
    let month = Month::parse(MONTH).expect("a month");
    for signed in store.signed_months(&head, month).expect("read") {
        written = written + &signed.sign_off.remark + "\n";
    }
    for (mark, fate) in asked {
        let times = written.matches(mark.as_str()).count();
        let right = if *fate == Fate::Acknowledged { times == 1 } else { times <= 1 };
        assert!(right, "{mark} is there {times} times, {fate:?}");
    }
    for (lead, version, fate) in made {
        let there = events[lead] as i64 >= version - 1;
        assert!(there || *fate == Fate::Unknown, "{lead}: version {version} is gone");
    }
    let steps = audited(&store, &auditor, Action::LeadStep);
    assert_eq!(steps, events.values().sum::<usize>(), "a record for every step, and a step for every record");
    assert_eq!(audited(&store, &auditor, Action::CaseStep), versions, "and of every case");
    let signed = store.signed_months(&head, month).expect("read").len();
    assert_eq!(audited(&store, &auditor, Action::SignOff), signed);
    versions - CASES
}

/// How many records of an action there are.
fn audited(store: &Store, auditor: &doudi_store::Scope, action: Action) -> usize {
    let (mut count, mut before) = (0, None);
    loop {
        let query = AuditQuery { action: Some(action), before, limit: 200, ..AuditQuery::default() };
        let found = store.audit_records(auditor, &query).expect("read");
        count += found.len();
        before = found.last().map(|record| record.seq);
        if found.len() < 200 {
            return count;
        }
    }
}

fn survives(address: Option<String>, what: &str) {
    let kills = std::env::var("DOUDI_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(FEW);
    let place = Place::new(address);
    place.prepare();
    let (mut asked, mut made) = (Asked::new(), Vec::new());
    let (mut writes, mut steps) = (0, 0);
    for round in 0..kills as usize {
        writes += work_and_kill(&place, round, &mut asked, &mut made);
        steps = nothing_is_lost_or_half(&place, &asked, &made);
    }
    let server = Server::start(&place.address, &place.keys);
    server.sign_in("worker", PASSWORD);
    assert!(server.stop(), "{what}: whoever is asked to stop ends well");
    let acknowledged = asked.values().filter(|fate| **fate == Fate::Acknowledged).count()
        + made.iter().filter(|(.., fate)| *fate == Fate::Acknowledged).count();
    eprintln!(
        "{what}: {kills} kills, {writes} writes asked for, {acknowledged} acknowledged; {steps} steps of cases"
    );
    assert!(steps > 0, "cases went on in between");
    assert!(acknowledged > kills as usize, "people got something done in between");
    drop(place.folder);
}

#[test]
fn what_was_acknowledged_survives_kill_nine_on_sqlite() {
    survives(None, "SQLite");
}

#[test]
fn what_was_acknowledged_survives_kill_nine_on_postgresql() {
    match std::env::var("DOUDI_TEST_POSTGRES") {
        // The server is started for these tests, and only this one uses the database itself and no schema of its own.
        Ok(url) if !url.is_empty() => survives(Some(url), "PostgreSQL"),
        _ if std::env::var("CI").is_ok() => {
            panic!("in CI this needs PostgreSQL: run it with .ci/with-postgres")
        }
        _ => {}
    }
}

#[test]
fn every_place_of_the_test_is_a_place() {
    assert!(TOWNSHIPS.iter().all(|code| region(code).is_within(RegionCode::COUNTRY)));
}
