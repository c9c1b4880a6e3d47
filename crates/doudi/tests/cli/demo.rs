//! `doudi demo` up to the pages in a browser, and again.

use crate::browser::Serving;
use std::path::Path;

fn start(out: &Path) -> Serving {
    Serving::start(&["demo", "--persons", "1000", "--out", &out.to_string_lossy()])
}

#[test]
fn a_demo_ends_in_an_office_with_every_role_and_opens_again_as_it_was_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("demo");
    let first = start(&out);
    assert!(first.get("/sign-in").contains("登录"), "{}", first.get("/sign-in"));
    let said = first.stop();
    for role in doudi_casework::ROLES {
        let line = said.lines().find(|line| line.starts_with(&format!("{} | ", role.code())));
        let line = line.unwrap_or_else(|| panic!("{role}: {said}"));
        assert!(line.contains(role.name()) && line.contains("500243"), "{line}");
        assert!(line.split(" | ").nth(1).is_some_and(|password| password.len() > 12), "{line}");
    }
    let table = said[said.find("用户名 |").expect("a table")..].to_owned();

    // What tells of people lies sealed, and nobody has to name the key.
    assert!(out.join("data/sealed.json").is_file());
    let certificate = out.join("out/2020-05/certificate.json").to_string_lossy().into_owned();
    let verified = crate::doudi(&["verify", &certificate]);
    assert_eq!(verified.status.code(), Some(0), "{}", crate::stderr(&verified));
    let again = start(&out);
    assert!(again.get("/sign-in").contains("登录"));
    let said = again.stop();
    assert!(said.contains(&table) && !said.contains("疑点种类"), "nothing is invented anew: {said}");
}
