//! `doudi store`, `key`, `audit` and `backup` on a village that fits on a page.

use crate::browser::{Serving, Visitor};
use crate::clear::{Place, answered_in_may};
use crate::{doudi, stderr, stdout};
use doudi_casework::{Grant, Grants, Moment, Role};
use doudi_store::{Keyring, NewUser, Store};
use serde_json::Value;

fn json(arguments: &[&str]) -> Value {
    let output = doudi(&[arguments, &["--json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
    serde_json::from_str(&stdout(&output)).expect("JSON")
}

/// The month of April with a key in the data folder.
fn april() -> (Place, String) {
    let place = Place::new();
    assert_eq!(place.clear(&[]).status.code(), Some(0));
    let data = place.text("data");
    (place, data)
}

#[test]
fn a_cleared_month_is_taken_over_with_its_leads_and_the_answers_that_came_back() {
    let (place, data) = april();
    let certificate = place.text("out/certificate.json");
    let import = ["store", "import", &certificate, "--data", &data];
    let without = doudi(&import);
    assert_eq!(without.status.code(), Some(3));
    assert!(stderr(&without).contains("doudi key create"), "{}", stderr(&without));
    let key = place.text("data/doudi.keys");
    assert_eq!(doudi(&["key", "create", &key]).status.code(), Some(0));
    let twice = doudi(&["key", "create", &key]);
    assert_eq!(twice.status.code(), Some(3), "never overwritten: {}", stderr(&twice));
    let rows = std::fs::read_to_string(place.path("out/leads.csv")).expect("leads").lines().count() - 1;
    let first = json(&import);
    assert_eq!((&first["persons"], &first["leads"], &first["links"]), (&12.into(), &rows.into(), &4.into()));
    assert_eq!(first["new_leads"], first["leads"]);
    let again = json(&import);
    assert_eq!((&again["new_leads"], &again["leads"]), (&0.into(), &rows.into()));

    assert_eq!(answered_in_may(&place, "不属实", &[]).status.code(), Some(0));
    let may = place.text("out-may/certificate.json");
    let taken = json(&["store", "import", &may, "--data", &data]);
    assert_eq!((&taken["answered"], &taken["new_leads"]), (&1.into(), &0.into()));
    assert_eq!(json(&["store", "import", &may, "--data", &data]), taken);
}

#[test]
fn a_certificate_that_does_not_hold_is_not_taken_over() {
    let (place, data) = april();
    let key = place.text("data/doudi.keys");
    assert_eq!(doudi(&["key", "create", &key]).status.code(), Some(0));
    let text = std::fs::read_to_string(place.path("out/certificate.json")).expect("the certificate");
    let changed = text.replacen("\"persons\": 12", "\"persons\": 13", 1);
    assert_ne!(text, changed);
    std::fs::write(place.path("out/certificate.json"), changed).expect("written");
    let refused = doudi(&["store", "import", &place.text("out/certificate.json"), "--data", &data]);
    assert_eq!(refused.status.code(), Some(3), "{}", stdout(&refused));
    assert!(stderr(&refused).contains("没有导入"), "{}", stderr(&refused));
}

#[test]
fn the_audit_is_verified_and_a_backup_goes_there_and_back() {
    let (place, data) = april();
    let key = place.text("data/doudi.keys");
    assert_eq!(doudi(&["audit", "verify", "--data", &data]).status.code(), Some(3), "no store yet");
    assert_eq!(doudi(&["key", "create", &key]).status.code(), Some(0));
    json(&["store", "import", &place.text("out/certificate.json"), "--data", &data]);
    let verdict = json(&["audit", "verify", "--data", &data]);
    assert_eq!((&verdict["records"], &verdict["broken"]), (&1.into(), &Value::Null));
    let head = verdict["head"].as_str().expect("a head").to_owned();
    json(&["audit", "verify", "--data", &data, "--head", &head]);
    let wrong = doudi(&["audit", "verify", "--data", &data, "--head", &format!("1:{}", "0".repeat(64))]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(stdout(&wrong).contains("第 1 条"), "{}", stdout(&wrong));
    assert_eq!(doudi(&["audit", "verify", "--data", &data, "--head", "1"]).status.code(), Some(2));

    let (backup, restored) = (place.text("april.backup"), place.text("restored.db"));
    let made = json(&["backup", "create", &backup, "--data", &data]);
    assert_eq!(made["rows"]["persons"], 12);
    assert_eq!(json(&["backup", "verify", &backup, "--key", &key]), made);
    assert_eq!(
        doudi(&["backup", "create", &backup, "--data", &data]).status.code(),
        Some(3),
        "not over a file"
    );
    assert_eq!(json(&["backup", "restore", &backup, "--key", &key, "--store", &restored]), made);
    let over = doudi(&["backup", "restore", &backup, "--key", &key, "--store", &restored]);
    assert_eq!(over.status.code(), Some(3));
    assert!(stderr(&over).contains("不覆盖"), "{}", stderr(&over));
    let same = json(&["audit", "verify", "--key", &key, "--store", &restored, "--head", &head]);
    assert_eq!(same["records"], 1);

    let rotated = json(&["key", "rotate", "--data", &data]);
    assert_eq!((&rotated["key"], &rotated["left"]), (&2.into(), &0.into()));
    json(&["audit", "verify", "--data", &data, "--head", &head]);
    assert_eq!(json(&["key", "rotate", "--data", &data, "--go-on"])["rows"], 0);
}

/// An account in the county for each of these roles, with its one-time password.
fn accounts(data: &str, roles: &[Role]) -> Vec<String> {
    let keys = Keyring::from_file(&std::path::Path::new(data).join("doudi.keys")).expect("keys");
    let store = Store::open(&format!("{data}/doudi.db"), keys).expect("a store");
    let region = doudi_terms::RegionCode::parse("500243").expect("a code");
    let new = |role: &Role| NewUser {
        login: role.code().to_owned(),
        name: role.name().to_owned(),
        grants: Grants::new([Grant { role: *role, region }]).expect("one role"),
    };
    let users: Vec<NewUser> = roles.iter().map(new).collect();
    let made = store.provision(&users, Moment::from_millis(1_588_000_000_000)).expect("made");
    made.into_iter().map(|(_, password)| password).collect()
}

/// The lead of April, as its page shows it.
fn the_lead(clerk: &Visitor<'_>, id: &str) -> String {
    let page = clerk.get(&format!("/leads/{id}"));
    assert!(page.contains("死亡仍在低保册"), "{page}");
    page
}

fn report(clerk: &Visitor<'_>, id: &str, version: u32, finding: &str) {
    let form = format!(
        "version={version}&finding={finding}&measure=维持&on=2020-05-11&visitors=冉某、任某&reason=同名的另一个人"
    );
    let reported = clerk.post(&format!("/leads/{id}/report"), &form);
    assert!(reported.starts_with("HTTP/1.1 303"), "{reported}");
}

#[test]
fn what_is_reported_in_the_office_holds_in_the_next_clearing_and_comes_back_as_it_was() {
    let (place, data) = april();
    assert_eq!(doudi(&["key", "create", &place.text("data/doudi.keys")]).status.code(), Some(0));
    json(&["store", "import", &place.text("out/certificate.json"), "--data", &data]);
    let leads = std::fs::read_to_string(place.path("out/leads.csv")).expect("leads");
    let line = leads.lines().find(|line| line.contains("死亡仍在低保册")).expect("the lead");
    let id = line.split(',').next().expect("its number").trim_start_matches('\u{feff}').to_owned();
    let passwords = accounts(&data, &[Role::WindowClerk]);
    let serving = Serving::start(&["serve", "--data", &data]);
    let clerk = serving.sign_in("window-clerk", &passwords[0]);
    the_lead(&clerk, &id);
    report(&clerk, &id, 1, "不属实");
    assert!(the_lead(&clerk, &id).contains("不属实"));

    // May finds the cause still there, and does not open it again: somebody looked.
    let may = |more: &str| {
        let folder = place.path("may");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::copy(place.path("rosters/低保2020-04.csv"), folder.join("低保2020-05.csv")).expect("copied");
        let (rosters, out) = (place.text("may"), place.text("out-may"));
        let month = ["clear", "--region", "500243", "--month", "2020-05", "--json"];
        let cleared = doudi(&[&month[..], &["--rosters", &rosters, "--data", &data, "--out", &out]].concat());
        assert_eq!(cleared.status.code(), Some(0), "{more}: {}", stderr(&cleared));
        let summary: Value = serde_json::from_str(&stdout(&cleared)).expect("JSON");
        (summary["checks"]["死亡仍在低保册"].clone(), stderr(&cleared))
    };
    let (check, said) = may("once");
    assert!(said.contains("新的核查结果 1 条"), "{said}");
    assert_eq!((&check["open"], &check["closed"], &check["false"]), (&0.into(), &1.into(), &1.into()));
    assert_eq!(check["precision_text"], "1 件中 0 件属实");
    let closed = std::fs::read_to_string(place.path("out-may/closed-leads.csv")).expect("closed");
    assert!(closed.contains(&id) && closed.contains("不属实（乡镇窗口经办，2020-05-11）"), "{closed}");
    assert!(
        !closed.contains("冉某") && !closed.contains("同名的另一个人"),
        "no names, no free text: {closed}"
    );
    let (again, said) = may("twice");
    assert!(again == check && !said.contains("新的核查结果"), "{said}");

    let certificate = place.text("out-may/certificate.json");
    let import = ["store", "import", certificate.as_str(), "--data", &data];
    let first = json(&import);
    assert_eq!(
        (&first["answered"], &first["new_leads"], &first["closed"]),
        (&1.into(), &0.into(), &0.into())
    );
    assert_eq!(json(&import), first);
    let page = the_lead(&clerk, &id);
    assert!(page.contains("不属实") && page.contains("同名的另一个人"), "nothing was undone: {page}");

    // Looked at again: there is something in it. The clearing lists it anew, under the same number.
    report(&clerk, &id, 2, "属实");
    assert_eq!(json(&["store", "export-answers", "--data", &data])["answers"], 1);
    assert_eq!(json(&["store", "export-answers", "--data", &data])["answers"], 0);
    let (check, _) = may("corrected");
    assert_eq!((&check["open"], &check["true"], &check["false"]), (&1.into(), &1.into(), &0.into()));
    let leads = std::fs::read_to_string(place.path("out-may/leads.csv")).expect("leads");
    assert!(leads.contains(&id), "{leads}");
    assert_eq!(json(&import)["answered"], 1);
    assert!(the_lead(&clerk, &id).contains("属实"));
}

#[test]
fn a_photo_that_was_damaged_is_listed_with_its_lead() {
    let (place, data) = april();
    assert_eq!(doudi(&["key", "create", &place.text("data/doudi.keys")]).status.code(), Some(0));
    json(&["store", "import", &place.text("out/certificate.json"), "--data", &data]);
    let keys = || Keyring::from_file(&place.path("data/doudi.keys")).expect("keys");
    let lead = {
        let store = Store::open(&place.text("data/doudi.db"), keys()).expect("a store");
        let leads = std::fs::read_to_string(place.path("out/leads.csv")).expect("leads");
        let line = leads.lines().find(|line| line.contains("死亡仍在低保册")).expect("the lead");
        let lead = line.split(',').next().expect("its number").to_owned();
        let region = doudi_terms::RegionCode::parse("500243001202").expect("a village");
        let grants = Grants::new([Grant { role: Role::VillageWorker, region }]).expect("one role");
        let user = NewUser { login: "cun".into(), name: "村干部".into(), grants };
        let now = Moment::from_millis(1_588_000_000_000);
        let password = store.provision(&[user], now).expect("made").remove(0).1;
        let (token, _) = store.log_in("cun", &password, "::1", now).expect("signed in");
        let scope = store.scope(token.as_str(), "::1", now).expect("a scope");
        store.change_password(&scope, &password, "Chun-feng-2020-lv").expect("changed");
        let (token, _) = store.log_in("cun", "Chun-feng-2020-lv", "::1", now).expect("signed in");
        let scope = store.scope(token.as_str(), "::1", now).expect("a scope");
        // The smallest picture there is, and many bytes that say nothing.
        let mut bytes =
            b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08\x00\x10\x00\x10\x01\x01\x11\x00\xff\xda\x00\x02"
                .to_vec();
        bytes.extend((0..600_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8));
        bytes.extend_from_slice(b"\xff\xd9");
        let photo = doudi_store::NewEvidence { name: "入户照片.jpg".into(), bytes };
        store.add_evidence(&scope, &lead, &[photo]).expect("kept");
        lead
    };
    let whole = doudi(&["store", "verify-evidence", "--data", &data]);
    assert_eq!(whole.status.code(), Some(0), "{}", stderr(&whole));
    // The photo is by far the largest thing in the file: in the middle of it one byte is turned.
    let database = place.path("data/doudi.db");
    let mut bytes = std::fs::read(&database).expect("the store");
    let pages = bytes.len() / 4096;
    bytes[(pages - 60) * 4096 + 2_000] ^= 1;
    std::fs::write(&database, bytes).expect("written");
    let damaged = doudi(&["store", "verify-evidence", "--data", &data]);
    assert_eq!(damaged.status.code(), Some(1), "{}{}", stdout(&damaged), stderr(&damaged));
    assert!(stdout(&damaged).contains(&lead) && stdout(&damaged).contains("入户照片.jpg"));
    let listed = doudi(&["store", "verify-evidence", "--data", &data, "--json"]);
    let listed: Value = serde_json::from_str(&stdout(&listed)).expect("JSON");
    assert_eq!(listed["damaged"][0]["lead_id"], lead.as_str());
}
