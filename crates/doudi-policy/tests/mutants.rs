//! Examples that cannot tell the law from a slip of the pen do not protect it: of the slips that a hand can make in the
//! shipped policies, more than nine in ten fail an example. `doudi policy test --mutants` tries all and lists the rest.

use doudi_policy::mutate::{Trials, Verdict, mutants, sites};
use doudi_policy::{Layout, Library, Source, has_errors};
use std::path::{Path, PathBuf};

/// Every so many slips one is tried here.
const EVERY: usize = 5;

fn read_folder(folder: &Path, prefix: &str, sources: &mut Vec<Source>) {
    let entries = std::fs::read_dir(folder).expect("policies folder");
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.expect("entry").path()).collect();
    entries.sort();
    for path in entries {
        let name = format!("{prefix}{}", path.file_name().expect("name").to_string_lossy());
        if path.is_dir() {
            read_folder(&path, &format!("{name}/"), sources);
        } else if name.ends_with(".md") || name.ends_with(".csv") {
            sources.push(Source { path: name, text: std::fs::read_to_string(&path).expect("text") });
        }
    }
}

#[test]
fn nine_slips_in_ten_fail_an_example() {
    let mut sources = Vec::new();
    read_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies"), "", &mut sources);
    let (library, problems) = Library::read(sources);
    assert!(!has_errors(&problems));
    let layout = Layout::of(&library);
    let mut trials = match Trials::of(&library, &layout) {
        Ok(trials) => trials,
        Err(problems) => panic!("{}", problems[0].render(&library.sources)),
    };
    let all = sites(&library).into_iter().flat_map(|site| mutants(&library, site));
    let mut missed = Vec::new();
    let mut tried = 0;
    for mutant in all.step_by(EVERY) {
        tried += 1;
        if let Verdict::Missed { .. } = trials.run(&mutant) {
            missed.push(format!("{}：{}", mutant.place, mutant.what));
        }
    }
    assert!(tried > 1_000, "{tried}");
    assert!(missed.len() * 10 < tried, "{} of {tried} are missed:\n{}", missed.len(), missed.join("\n"));
}
