//! `roster check` and `roster template`, as a newcomer who adds a roster uses them.

use crate::{doudi, stderr, stdout};
use std::path::Path;

#[test]
fn shipped_rosters_read_their_samples_as_expected() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rosters");
    let output = doudi(&["roster", "check", "--specs", &specs.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("0 种不对"), "{}", stdout(&output));
    // Without a folder it checks those that the program brings along.
    let own = doudi(&["roster", "check"]);
    assert_eq!((own.status.code(), stdout(&own)), (Some(0), stdout(&output)), "{}", stderr(&own));
}

#[test]
fn an_empty_form_is_recognised_as_its_own_roster() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("残疾人.xlsx");
    let output = doudi(&["roster", "template", "disabled", "--out", &file.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    // Handed in without a row it is refused with the reason, not taken for a county without disabled people.
    let rosters = folder.path().to_string_lossy().into_owned();
    let data = folder.path().join("data").to_string_lossy().into_owned();
    let out = folder.path().join("out").to_string_lossy().into_owned();
    let output = doudi(&[
        "clear",
        "--region",
        "500243",
        "--month",
        "2020-05",
        "--rosters",
        &rosters,
        "--data",
        &data,
        "--out",
        &out,
    ]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("只有表头，没有一行数据"), "{}", stderr(&output));
}

#[test]
fn an_unknown_roster_lists_the_known_ones() {
    let output = doudi(&["roster", "template", "没有的", "--out", "x.xlsx"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("disabled（持证残疾人名册）"), "{}", stderr(&output));
}

#[test]
fn a_fact_that_no_policy_declares_is_named() {
    let folder = tempfile::tempdir().expect("folder");
    let specs = folder.path().join("rosters");
    crate::copy_content("rosters", &specs);
    let path = specs.join("education/students.toml");
    let text = std::fs::read_to_string(&path).expect("a specification");
    std::fs::write(&path, text.replace("人.学段", "人.学断")).expect("written");
    let output = doudi(&["roster", "check", "--specs", &specs.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("students.toml：政策里没有“人.学断”"), "{}", stderr(&output));
}
