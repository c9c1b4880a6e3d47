//! `doudi link evaluate`, `train` and `explain`, and what a changed weight does.

use crate::link::{link, register, vehicles, write};
use crate::{copy_content, doudi, edit, stderr, stdout};
use std::path::Path;

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn explain(folder: &Path, more: &[&str]) -> std::process::Output {
    let (register, roster) = (text(&register(folder)), text(&vehicles(folder)));
    let mut arguments = vec!["link", "explain", "--register", &register, "--roster", &roster];
    arguments.extend(more);
    doudi(&arguments)
}

#[test]
fn links_are_scored_beside_the_truth_and_strangers_linked_are_counted() {
    let folder = tempfile::tempdir().expect("folder");
    let links = write(
        folder.path(),
        "links.csv",
        "row_id,person_id,probability,class\n1,17,0.999000,auto\n2,18,0.995000,auto\n3,19,0.600000,review\n4,,0.000000,none\n",
    );
    let truth = write(
        folder.path(),
        "truth.csv",
        "roster,row_id,person_id,err\nvehicle,1,17,\nvehicle,2,0,\nvehicle,3,19,digit1|moved\nvehicle,4,20,missing\nother,1,9,\n",
    );
    let (links, truth) = (text(&links), text(&truth));
    let arguments = ["link", "evaluate", "--links", &links, "--truth", &truth];
    let output = doudi(&[&arguments[..], &["--roster", "vehicle", "--json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!((&report["rows"], &report["not_in_register"]), (&4.into(), &1.into()));
    assert_eq!((&report["default"]["right"], &report["default"]["predicted"]), (&2.into(), &3.into()));
    assert_eq!(report["default"]["f1"], 0.666667);
    assert_eq!((&report["auto"]["precision"], &report["auto"]["recall"]), (&0.5.into(), &0.333333.into()));
    assert_eq!(report["auto"]["linked_though_not_in_register"], 1);
    assert_eq!(report["by_error"]["moved"]["found"], 1);
    assert_eq!(report["by_error"]["missing"]["found"], 0);
    let several = doudi(&arguments);
    assert_eq!(several.status.code(), Some(3));
    assert!(stderr(&several).contains("几种名册的答案：other、vehicle"), "{}", stderr(&several));
}

#[test]
fn a_changed_weight_changes_the_links_without_a_rebuild_and_the_model_has_another_name() {
    let folder = tempfile::tempdir().expect("folder");
    let (register, roster) = (register(folder.path()), vehicles(folder.path()));
    let specs = folder.path().join("rosters");
    copy_content("rosters", &specs);
    let linked = |specs: &Path| {
        let out = folder.path().join("links.csv");
        let (register, roster, out, specs) = (text(&register), text(&roster), text(&out), text(specs));
        let arguments = ["link", "--register", &register, "--roster", &roster, "--out", &out, "--json"];
        let output = doudi(&[&arguments[..], &["--specs", &specs]].concat());
        (output, std::fs::read_to_string(&out).unwrap_or_default())
    };
    let report = |output: &std::process::Output| -> serde_json::Value {
        serde_json::from_str(&stdout(output)).expect("JSON")
    };
    let file = specs.join("public-security/vehicle.weights.toml");
    std::fs::remove_file(&file).expect("the shipped weights of vehicles");
    let (before, links) = linked(&specs);
    assert!(links.contains("\n6,18,") && links.contains(",auto\n"), "{links}");
    let weights = "[[weight]]\nid = \"id-one-slip\"\nlabel = \"号码差一处\"\nmeaning = \"试\"\nlog2 = -20.0\norigin = \"试\"\n";
    std::fs::write(&file, weights).expect("written");
    let (after, links) = linked(&specs);
    assert!(!links.contains("\n6,18,"), "one slip now speaks against a person: {links}");
    let model = |output| report(output)["model"]["name"].as_str().expect("a name").to_owned();
    assert!(model(&before).starts_with("weights/default@") && model(&after).starts_with("weights/vehicle@"));
    edit(&file, "log2 = -20.0", "log2 = 200.0");
    let (wrong, _) = linked(&specs);
    assert_eq!(wrong.status.code(), Some(3));
    let told = stderr(&wrong);
    assert!(told.contains("vehicle.weights.toml 第 1 行") && told.contains("分值 200 不合理"), "{told}");
}

#[test]
fn an_explanation_shows_what_differs_and_hides_the_rest_of_a_number() {
    let folder = tempfile::tempdir().expect("folder");
    let output = explain(folder.path(), &["6"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told = stdout(&output);
    assert!(told.contains("第 6 行 王秀英，是不是底册 18 王秀英？"), "{told}");
    assert!(
        told.contains("身份证号只差一处：500243＊＊＊【8】") && told.contains("底册 500243＊＊＊【7】"),
        "{told}"
    );
    assert!(told.contains("起点：人很多") && told.contains("合计"), "{told}");
    assert!(!told.contains("0820"), "the day of birth within the number is hidden: {told}");
    let open = stdout(&explain(folder.path(), &["6", "--unmask"]));
    assert!(open.contains("50024319【5】") || open.contains("500243195【8】0820"), "{open}");
}

#[test]
fn a_borrowed_number_is_explained_with_the_reason_why_somebody_must_look() {
    let folder = tempfile::tempdir().expect("folder");
    let report: serde_json::Value =
        serde_json::from_str(&stdout(&explain(folder.path(), &["8", "19", "--json"]))).expect("JSON");
    assert_eq!((&report["person_id"], &report["row_id"]), (&"19".into(), &"8".into()));
    assert_ne!(report["class"], "auto");
    let evidence = report["evidence"].as_array().expect("evidence");
    let ids: Vec<&str> = evidence.iter().filter_map(|e| e["level"].as_str()).collect();
    assert!(ids.contains(&"id-same") && ids.contains(&"name-different"), "{ids:?}");
    let sum: f64 = evidence.iter().filter_map(|e| e["log2"].as_f64()).sum::<f64>();
    let total = report["total_log2"].as_f64().expect("a sum");
    assert!(
        (sum + report["prior_log2"].as_f64().expect("a prior") - total).abs() < 0.1,
        "what is shown adds up"
    );
    assert!(report["why_not_auto"].to_string().contains("身份证号属于另一个人"), "{report}");
}

#[test]
fn the_page_of_an_explanation_needs_nothing_from_elsewhere() {
    let folder = tempfile::tempdir().expect("folder");
    let page = stdout(&explain(folder.path(), &["6", "--html"]));
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("<mark>8</mark>"), "{page}");
    for foreign in ["<script", "http://", "https://", "src=", "@import"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    assert!(!page.contains("19580820"), "the number is masked");
}

#[test]
fn a_row_or_person_that_is_not_there_is_refused_with_what_to_write_instead() {
    let folder = tempfile::tempdir().expect("folder");
    for (arguments, told) in
        [(["99", "18"], "没有第 99 行，共 4 行"), (["6", "99"], "底册里没有人员编号“99”")]
    {
        let output = explain(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(3));
        assert!(stderr(&output).contains(told), "{}", stderr(&output));
    }
}

#[test]
fn too_few_rows_teach_nothing_and_no_file_is_written() {
    let folder = tempfile::tempdir().expect("folder");
    let (register, roster) = (text(&register(folder.path())), text(&vehicles(folder.path())));
    let out = folder.path().join("weights.toml");
    let arguments = ["link", "train", "--register", &register, "--roster", &roster, "--out", &text(&out)];
    let output = doudi(&arguments);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("至少要 200 行"), "{}", stderr(&output));
    assert!(!out.exists());
    assert!(
        link(Path::new(&register), Path::new(&roster), "auto", &folder.path().join("l.csv")).status.success()
    );
}
