//! Procedures of cases are content: all that are shipped come out as their worked cases say, and a number or a clause that
//! is changed in a folder changes what comes out, without a rebuild.

use crate::{copy_policies, doudi, edit, stderr, stdout};
use serde_json::Value;
use std::path::Path;

/// How many worked cases of procedures passed, and what did not.
fn tried(policies: Option<&Path>, filter: &str) -> (u64, String) {
    let mut arguments = vec!["policy", "test", filter, "--json"];
    let folder = policies.map(|folder| folder.to_string_lossy().into_owned());
    if let Some(folder) = &folder {
        arguments.extend(["--policies", folder]);
    }
    let output = doudi(&arguments);
    let told: Value = serde_json::from_str(stdout(&output).trim()).unwrap_or_default();
    let passed = told["passed"].as_u64().unwrap_or_default();
    let is_clean = told["failed"] == 0 && told["unreadable"] == 0;
    assert_eq!(output.status.code(), Some(if is_clean { 0 } else { 1 }), "{}", stderr(&output));
    (passed, stderr(&output))
}

#[test]
fn every_procedure_that_is_shipped_comes_out_as_its_worked_cases_say() {
    let (passed, wrong) = tried(None, "procedures/");
    assert_eq!(wrong, "");
    let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/procedures"));
    let files = files.expect("a folder").count() as u64;
    assert!(passed >= files, "{passed} worked cases of {files} procedures: each has one");
}

#[test]
fn one_number_and_one_clause_change_what_a_case_comes_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let policies = folder.path().join("policies");
    copy_policies(&policies);
    let file = "procedures/dibao-application-2021.toml";
    let (before, wrong) = tried(Some(&policies), file);
    assert!(before > 0 && wrong.is_empty(), "{wrong}");

    // The law's number: thirty working days become thirty-one.
    let law = policies.join("national/57-2021.md");
    edit(&law, "否则 几个工作日后(受理日期, 30)", "否则 几个工作日后(受理日期, 31)");
    let (passed, wrong) = tried(Some(&policies), file);
    assert!(passed < before && wrong.contains(file) && wrong.contains("期限应当是"), "{wrong}");
    edit(&law, "否则 几个工作日后(受理日期, 31)", "否则 几个工作日后(受理日期, 30)");

    // The table's clause: whoever had an opinion may decide as well.
    let table = policies.join(file);
    let text = std::fs::read_to_string(&table).expect("a table");
    let without: Vec<&str> = text.lines().filter(|line| !line.starts_with("not_by")).collect();
    std::fs::write(&table, without.join("\n")).expect("written");
    let (passed, wrong) = tried(Some(&policies), file);
    assert!(passed < before && wrong.contains("应当办不成（同一个人），却办成了"), "{wrong}");

    // And a table that leads nowhere is not used at all.
    std::fs::write(&table, text.replace("to = \"granted\"", "to = \"grantd\"")).expect("written");
    let checked = doudi(&["policy", "check", "--policies", &policies.to_string_lossy()]);
    assert_eq!(checked.status.code(), Some(1), "{}", stderr(&checked));
    let told = format!("{}{}", stdout(&checked), stderr(&checked));
    assert!(told.contains(file) && told.contains("“grantd”不是一个环节"), "{told}");
}
