//! Every specification under `rosters/` reads its own sample as its expectation says. A newcomer adds files only.

use doudi_rosters::{check_sample, load_dir};
use std::path::{Path, PathBuf};

fn rosters() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rosters")
}

fn file_of(dir: &Path, name: &str) -> Option<PathBuf> {
    let departments = std::fs::read_dir(dir).ok()?.flatten().map(|entry| entry.path());
    departments.map(|department| department.join(name)).find(|path| path.is_file())
}

#[test]
fn every_sample_reads_as_expected() {
    let set = load_dir(&rosters()).unwrap_or_else(|problems| panic!("{}", lines(&problems)));
    let mut found = Vec::new();
    for spec in set.iter() {
        let sample = file_of(&rosters(), &format!("{}.sample.csv", spec.id));
        let expected = file_of(&rosters(), &format!("{}.expected.toml", spec.id));
        let (Some(sample), Some(expected)) = (sample, expected) else {
            panic!("名册“{}”缺少样例 {}.sample.csv 或预期 {}.expected.toml", spec.name, spec.id, spec.id);
        };
        let expected = std::fs::read_to_string(expected).expect("an expectation");
        found.extend(check_sample(&set, spec, &sample, &expected));
    }
    assert!(found.is_empty(), "\n{}", lines(&found));
}

fn lines(problems: &[doudi_terms::Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
