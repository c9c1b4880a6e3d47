//! `policy pocket`: one page with one place's policies, sealed in it.

use crate::{copy_policies, doudi, edit, stderr, stdout};
use base64::Engine;
use flate2::read::GzDecoder;
use serde_json::Value;
use std::io::Read;
use std::path::Path;

/// The page itself needs an evaluator; what is tested here is what stands beside it.
fn write_page(folder: &Path, more: &[&str]) -> (Option<i32>, String) {
    let wasm = folder.join("engine.wasm");
    std::fs::write(&wasm, b"\0asm\x01\0\0\0").expect("written");
    let (wasm, out) = (wasm.display().to_string(), folder.join("page.html").display().to_string());
    let output = doudi(&[&["policy", "pocket", "--wasm", &wasm, "--out", &out], more].concat());
    (output.status.code(), format!("{}{}", stdout(&output), stderr(&output)))
}

fn bundle(folder: &Path) -> Value {
    let page = std::fs::read_to_string(folder.join("page.html")).expect("page");
    let start = "<script type=\"text/plain\" id=\"bundle\">";
    let sealed = page.split(start).nth(1).and_then(|rest| rest.split('<').next()).expect("bundle");
    let zipped = base64::engine::general_purpose::STANDARD.decode(sealed).expect("base64");
    let mut text = String::new();
    GzDecoder::new(zipped.as_slice()).read_to_string(&mut text).expect("gzip");
    serde_json::from_str(&text).expect("json")
}

#[test]
fn a_countys_page_has_the_nations_and_its_own_texts_and_no_other_provinces() {
    let folder = tempfile::tempdir().expect("folder");
    let (code, told) = write_page(folder.path(), &["--region", "500243"]);
    assert_eq!(code, Some(0), "{told}");
    let bundle = bundle(folder.path());
    let paths: Vec<&str> =
        bundle["sources"].as_array().expect("list").iter().filter_map(|file| file["path"].as_str()).collect();
    for wanted in
        ["national/57-2021.md", "500000-chongqing/", "500243-pengshui/2020-70.md", "calendars/2020.csv"]
    {
        assert!(paths.iter().any(|path| path.starts_with(wanted)), "{wanted} in {paths:?}");
    }
    assert!(!paths.iter().any(|path| path.starts_with("330000") || path.starts_with("370900")), "{paths:?}");
    assert_eq!(bundle["trial"]["member"]["死亡"], "否");
}

#[test]
fn what_a_trial_starts_from_must_be_a_fact_of_the_policies() {
    let folder = tempfile::tempdir().expect("folder");
    let policies = folder.path().join("policies");
    copy_policies(&policies);
    edit(&policies.join("programs.toml"), "\"死亡\" = \"否\"", "\"已故\" = \"否\"");
    let (code, told) =
        write_page(folder.path(), &["--region", "500243", "--policies", &policies.display().to_string()]);
    assert_eq!(code, Some(3));
    assert!(told.contains("“人.已故”不是一项事实"), "{told}");
}

#[test]
fn a_file_that_is_no_evaluator_and_an_unknown_place_are_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let (code, told) = write_page(folder.path(), &["--region", "彭水"]);
    assert_eq!(code, Some(3));
    assert!(told.contains("--region"), "{told}");
    let page = folder.path().join("a.html").display().to_string();
    let output = doudi(&["policy", "pocket", "--region", "500243", "--wasm", "Cargo.toml", "--out", &page]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("不是 WebAssembly"), "{}", stderr(&output));
}
