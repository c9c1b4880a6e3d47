//! `doudi lookup`, in a file and in a data folder.

use crate::clear::{NAMES, Place, id_number};
use crate::{doudi, stderr, stdout};

fn in_register(place: &Place, more: &[&str]) -> (Option<i32>, String) {
    let register = place.text("rosters/户籍2020-04.csv");
    let output = doudi(&[&["lookup", "--register", &register], more].concat());
    (output.status.code(), stdout(&output) + &stderr(&output))
}

#[test]
fn people_are_found_and_their_numbers_masked() {
    let place = Place::new();
    let (code, text) = in_register(&place, &["冉xj"]);
    assert_eq!(code, Some(0), "{text}");
    let id = id_number(3);
    assert!(text.contains(NAMES[2]) && text.contains("首字母"), "{text}");
    assert!(text.contains(&format!("{}********{}", &id[..6], &id[14..])) && !text.contains(&id), "{text}");
    let (_, text) = in_register(&place, &["冉xj", "--unmask"]);
    assert!(text.contains(&id), "{text}");
}

#[test]
fn nobody_is_an_answer_that_says_what_was_tried() {
    let place = Place::new();
    let (code, text) = in_register(&place, &["欧阳翠花"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("没有找到") && text.contains("“欧阳翠花”") && text.contains("12 人"), "{text}");
    let (code, text) = in_register(&place, &["冉光明", "--region", "520000"]);
    assert!(code == Some(1) && !text.contains("500243"), "{text}");
    assert_eq!(in_register(&place, &["，"]).0, Some(2));
    assert_eq!(in_register(&place, &["冉", "--region", "999999"]).0, Some(3));
}

#[test]
fn a_data_folder_has_the_register_and_those_whom_only_rosters_know() {
    let place = Place::new();
    let dibao = place.path("rosters/低保2020-04.csv");
    let mut text = std::fs::read_to_string(&dibao).expect("a roster");
    text.push_str(&format!("4,D9,陈新生,陈新生,{},500243001202,400,2018-01,农村\n", id_number(20)));
    std::fs::write(&dibao, text).expect("written");
    assert_eq!(place.clear(&[]).status.code(), Some(0));
    let data = place.text("data");
    let output = doudi(&["lookup", "--data", &data, "--json", "chenxs"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&found["total"], &found["persons"], &found["newcomers"]), (&1.into(), &13.into(), &1.into()));
    assert!(found["hits"][0]["person_id"].as_str().is_some_and(|id| id.starts_with('N')), "{found:#}");
    let by_number = doudi(&["lookup", "--data", &data, "3"]);
    assert!(stdout(&by_number).contains(NAMES[2]), "{}", stdout(&by_number));
}
