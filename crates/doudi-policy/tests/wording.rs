//! Texts that read well and yet do not say what their formulas do, and the words an officer gets for them. Every wrong
//! text has a mended twin of which nothing is found. `DOUDI_ACCEPT=1` writes new expectations, to be read in the diff.

use doudi_policy::{FindingKind, Level, Library, Source, analyse};
use std::path::{Path, PathBuf};

/// Parts the files of one case; the path of the next follows.
const CUT: &str = "----8<---- ";

/// What the textual half of the analysis finds.
const KINDS: [FindingKind; 5] = [
    FindingKind::Wording,
    FindingKind::Citation,
    FindingKind::Unused,
    FindingKind::Absent,
    FindingKind::Period,
];

fn sources(text: &str) -> Vec<Source> {
    let part = |part: &str| {
        let (path, text) = part.split_once('\n').unwrap_or((part, ""));
        Source { path: path.trim().to_owned(), text: text.to_owned() }
    };
    text.split(CUT).filter(|piece| !piece.trim().is_empty()).map(part).collect()
}

/// Everything found, with notes only if asked for.
fn found(sources: Vec<Source>, least: Level) -> String {
    let (library, problems) = Library::read(sources);
    let problems = problems.into_iter().filter(|problem| problem.level <= Level::Warning);
    let analysis = analyse(&library);
    let mut words: String =
        problems.chain(analysis.problems).map(|problem| problem.render(&library.sources) + "\n").collect();
    for finding in
        analysis.findings.iter().filter(|found| KINDS.contains(&found.kind) && found.level <= least)
    {
        words.push_str(&(finding.render(&library.sources) + "\n"));
    }
    words
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wording");
    let mut cases: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("folder").map(|entry| entry.expect("entry").path()).collect();
    cases.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    cases.sort();
    cases
}

fn is_mended(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".mended.md")
}

#[test]
fn every_wrong_text_gets_the_words_beside_it() {
    let mut differing = String::new();
    for case in cases().into_iter().filter(|case| !is_mended(case)) {
        let least = if case.to_string_lossy().contains("note-") { Level::Note } else { Level::Warning };
        let got = found(sources(&std::fs::read_to_string(&case).expect("text")), least);
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

#[test]
fn nothing_is_found_in_the_mended_twin_of_every_wrong_text() {
    let cases = cases();
    for case in cases.iter().filter(|case| !is_mended(case)) {
        let twin = case.with_extension("mended.md");
        let text = std::fs::read_to_string(&twin).unwrap_or_else(|_| panic!("{} has a twin", case.display()));
        let got = found(sources(&text), Level::Warning);
        assert!(got.is_empty(), "{}\n{got}", twin.display());
    }
    assert!(cases.len() >= 30);
}
