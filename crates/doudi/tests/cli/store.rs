//! `doudi store`, `key`, `audit` and `backup` on a village that fits on a page.

use crate::clear::{Place, answered_in_may};
use crate::{doudi, stderr, stdout};
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
    assert_eq!(doudi(&["key", "create", &key]).status.code(), Some(4), "never overwritten");
    let rows = std::fs::read_to_string(place.path("out/leads.csv")).expect("leads").lines().count() - 1;
    let first = json(&import);
    assert_eq!((&first["persons"], &first["leads"], &first["links"]), (&12.into(), &rows.into(), &4.into()));
    assert_eq!(first["new_leads"], first["leads"]);
    let again = json(&import);
    assert_eq!((&again["new_leads"], &again["leads"]), (&0.into(), &rows.into()));

    assert_eq!(answered_in_may(&place, "不属实").status.code(), Some(0));
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
