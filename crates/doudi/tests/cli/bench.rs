//! `doudi bench clear` and `doudi bench evaluate` on a village that fits on a page.

use crate::clear::Place;
use crate::{doudi, stderr, stdout};

#[test]
fn a_measured_clearing_is_the_same_clearing_and_says_what_every_step_cost() {
    let place = Place::new();
    let (rosters, keep) = (place.text("rosters"), place.text("measured"));
    let bench = || {
        let arguments = ["--data", &rosters, "--region", "500243", "--month", "2020-04", "--keep", &keep];
        doudi(&[&["bench", "clear", "--json"], &arguments[..]].concat())
    };
    let measured = bench();
    assert_eq!(measured.status.code(), Some(0), "{}", stderr(&measured));
    let result: serde_json::Value = serde_json::from_str(&stdout(&measured)).expect("JSON");
    assert_eq!((&result["persons"], &result["rosters"]), (&12.into(), &3.into()));
    let stages = result["stages"].as_array().expect("steps");
    let names: Vec<&str> = stages.iter().filter_map(|stage| stage["name"].as_str()).collect();
    for step in ["读入名册", "比对人员", "按政策认定", "写出结果"] {
        assert_eq!(names.iter().filter(|name| **name == step).count(), 1, "{step} in {names:?}");
    }
    assert_eq!(place.clear(&[]).status.code(), Some(0));
    let file = |folder: &str, name: &str| std::fs::read(place.path(folder).join(name)).expect("written");
    for name in ["persons.csv", "leads.csv"] {
        assert!(file("measured/out", name) == file("out", name), "{name}");
    }
    let evaluated =
        doudi(&["bench", "evaluate", "--data", &place.text("measured/data"), "--runs", "1", "--json"]);
    assert_eq!(evaluated.status.code(), Some(0), "{}", stderr(&evaluated));
    let result: serde_json::Value = serde_json::from_str(&stdout(&evaluated)).expect("JSON");
    assert_eq!(result["persons"], 12);
    assert!(result["rules"].as_u64() > Some(0) && result["checks"].as_u64() > Some(0), "{result}");
    let listed = &result["one_by_one"];
    assert!(listed["persons"].as_u64() > Some(0), "somebody is in the list of leads: {listed}");
    assert!(listed["characters_per_person"].as_u64() > Some(0), "something is said of them: {listed}");
    let again = bench();
    assert_eq!(again.status.code(), Some(3), "what is there already would not be computed");
    assert!(stderr(&again).contains("另指定一个空文件夹"), "{}", stderr(&again));
}
