//! The policies that ship with the program: they read without errors, and every example beside them holds.

use doudi_policy::ir::ExprKind;
use doudi_policy::{
    FindingKind, Layout, Level, Library, Named, Source, analyse, deadline, has_errors, run_case_block,
};
use std::path::{Path, PathBuf};

fn read_folder(folder: &Path, prefix: &str, sources: &mut Vec<Source>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("policies folder")
        .map(|entry| entry.expect("entry").path())
        .collect();
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

fn read(folder: &str) -> Library {
    let mut sources = Vec::new();
    read_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), "", &mut sources);
    let (library, problems) = Library::read(sources);
    let rendered: String = problems.iter().map(|problem| problem.render(&library.sources)).collect();
    assert!(!has_errors(&problems), "{rendered}");
    library
}

/// Runs every example of a library; the number that held. Panics with all that did not.
fn run_all(library: &Library) -> usize {
    let layout = Layout::of(library);
    let mut passed = 0;
    let mut failed = String::new();
    for block in &library.cases {
        match run_case_block(library, &layout, block) {
            Err(problems) => failed.extend(problems.iter().map(|problem| problem.render(&library.sources))),
            Ok(results) => {
                for result in results {
                    if result.failures.is_empty() {
                        passed += 1;
                    } else {
                        let lines = result.failures.join("\n    ");
                        failed.push_str(&format!(
                            "{}「{}」第 {} 行\n    {lines}\n",
                            result.citation, result.title, result.row
                        ));
                    }
                }
            }
        }
    }
    assert!(failed.is_empty(), "{failed}");
    passed
}

#[test]
fn every_formula_says_what_its_text_says_and_every_text_is_carried_out() {
    let library = read("../../policies");
    let analysis = analyse(&library);
    let kinds = [
        FindingKind::Wording,
        FindingKind::Citation,
        FindingKind::Unused,
        FindingKind::Absent,
        FindingKind::Period,
    ];
    let found = analysis
        .findings
        .iter()
        .filter(|finding| finding.level == Level::Warning && kinds.contains(&finding.kind));
    let rendered: String = found.map(|finding| finding.render(&library.sources)).collect();
    assert!(rendered.is_empty() && analysis.problems.is_empty(), "{rendered}{:?}", analysis.problems);
}

#[test]
fn every_example_beside_an_article_holds() {
    assert!(run_all(&read("../../policies")) > 200);
}

/// What the language promises about exceptions, unknown facts and open lists, one document per promise.
#[test]
fn the_language_keeps_its_promises() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/semantics");
    let mut sources = Vec::new();
    read_folder(&folder, "", &mut sources);
    assert!(sources.len() >= 2);
    for source in sources {
        let (library, problems) = Library::read(vec![source]);
        let rendered: String = problems.iter().map(|problem| problem.render(&library.sources)).collect();
        assert!(!has_errors(&problems), "{rendered}");
        assert!(run_all(&library) > 3);
    }
}

/// So that a page can make every name a link.
#[test]
fn every_rule_and_parameter_in_a_formula_is_found_at_its_place() {
    let library = read("../../policies");
    let references = library.references();
    let mut count = 0;
    for expr in library.defs.iter().flat_map(|def| def.exprs()) {
        expr.walk(&mut |node| {
            let named = match &node.kind {
                ExprKind::Rule(id) | ExprKind::Applies { rule: id, .. } => Named::Rule(*id),
                ExprKind::Parameter { parameter, .. } | ExprKind::HasParameter { parameter, .. } => {
                    Named::Parameter(*parameter)
                }
                _ => return,
            };
            let inside = references.iter().any(|reference| {
                let (place, whole) = (reference.span, node.span);
                reference.named == named
                    && place.source == whole.source
                    && whole.start <= place.start
                    && place.end <= whole.end
            });
            let source = &library.sources[node.span.source.0 as usize];
            assert!(inside, "{} in {}: {}", library.path(named), source.path, source.slice(node.span));
            count += 1;
        });
    }
    assert!(count > 500, "{count} names");
}

/// Nobody is reminded of a lead that has no day.
#[test]
fn every_check_says_by_when_somebody_should_have_looked() {
    let library = read("../../policies");
    let from = doudi_terms::parse_date("2020-05-11").expect("a date");
    for check in &library.checks {
        let words = check.verify.as_deref().unwrap_or_default();
        let day = deadline(words, from, &library.calendar);
        assert!(day.is_ok_and(|day| day.is_some_and(|day| day > from)), "{}: {words}", check.name);
    }
    assert!(library.checks.len() > 60);
}
