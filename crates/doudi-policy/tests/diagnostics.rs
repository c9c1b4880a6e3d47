//! Wrong policy texts and the words an officer gets for them. `DOUDI_ACCEPT=1` writes new expectations, to be read in
//! the diff like any other text.

use doudi_policy::{Diagnostic, Library, Program, Source};
use doudi_terms::RegionCode;
use std::path::{Path, PathBuf};

/// One file may hold several documents, parted by a cut line.
const CUT: &str = "----8<----\n";

fn rendered(text: &str) -> String {
    let sources: Vec<Source> = text
        .split(CUT)
        .enumerate()
        .map(|(index, text)| Source { path: format!("文件{}.md", index + 1), text: text.to_owned() })
        .collect();
    let (library, mut problems) = Library::read(sources);
    if !doudi_policy::has_errors(&problems) {
        let region = RegionCode::parse("500243").expect("a code");
        let date = doudi_terms::parse_date("2020-06-30").expect("a date");
        problems.extend(Program::link(&library, region, date).err().unwrap_or_default());
    }
    problems.iter().map(|problem: &Diagnostic| problem.render(&library.sources) + "\n").collect()
}

#[test]
fn every_wrong_text_gets_the_words_beside_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics");
    let mut cases: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("folder").map(|entry| entry.expect("entry").path()).collect();
    cases.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    cases.sort();
    assert!(cases.len() >= 10);
    let mut differing = String::new();
    for case in cases {
        let got = rendered(&std::fs::read_to_string(&case).expect("text"));
        assert!(!got.is_empty(), "{} is not found wrong at all", case.display());
        let expectation = case.with_extension("txt");
        if std::env::var_os("DOUDI_ACCEPT").is_some() {
            std::fs::write(&expectation, &got).expect("written");
        }
        let expected = std::fs::read_to_string(&expectation).unwrap_or_default();
        if got != expected {
            differing.push_str(&format!("== {}\n{got}", case.display()));
        }
    }
    assert!(differing.is_empty(), "{differing}");
}
