//! `doudi policy check`: everything that can be found wrong without a household.

use super::{PolicyFolder, bad_input};
use crate::content;
use crate::exit::Exit;
use clap::Args;
use doudi_policy::{Diagnostic, Level, Library, Program, Source};
use doudi_terms::{Date, RegionCode};
use serde_json::json;

#[derive(Args)]
pub struct CheckArgs {
    #[command(flatten)]
    folder: PolicyFolder,
    /// 输出一个 JSON 对象
    #[arg(long)]
    json: bool,
}

pub fn run(args: &CheckArgs) -> Exit {
    let files = match content::policies(args.folder.policies.as_deref()) {
        Ok(files) => files,
        Err(message) => return bad_input(&message),
    };
    let sources = files
        .iter()
        .filter(|file| file.path.ends_with(".md") || file.path.ends_with(".csv"))
        .map(|file| Source { path: file.path.clone(), text: file.text.clone() })
        .collect();
    let (library, mut problems) = Library::read(sources);
    if !doudi_policy::has_errors(&problems) {
        problems.extend(link_everywhere(&library));
    }
    report(&library, &problems, args.json);
    if doudi_policy::has_errors(&problems) { Exit::No } else { Exit::Done }
}

/// Links every place that has a document of its own, on every day on which the law there changes.
fn link_everywhere(library: &Library) -> Vec<Diagnostic> {
    let mut places: Vec<RegionCode> = library.documents.iter().map(|document| document.region).collect();
    places.sort();
    places.dedup();
    let mut problems: Vec<Diagnostic> = Vec::new();
    for place in places {
        let speaking = library.documents.iter().filter(|document| document.applies_in(place));
        let mut days: Vec<Date> =
            speaking.flat_map(|document| [Some(document.from), document.until]).flatten().collect();
        days.sort();
        days.dedup();
        for day in days {
            if let Err(found) = Program::link(library, place, day) {
                for problem in found {
                    if !problems.iter().any(|known| known.span == problem.span && known.what == problem.what)
                    {
                        problems.push(problem);
                    }
                }
            }
        }
    }
    problems
}

fn report(library: &Library, problems: &[Diagnostic], as_json: bool) {
    let count = |level: Level| problems.iter().filter(|problem| problem.level == level).count();
    let (errors, warnings, notes) = (count(Level::Error), count(Level::Warning), count(Level::Note));
    if as_json {
        let items: Vec<_> = problems.iter().map(|problem| to_json(library, problem)).collect();
        let summary = json!({
            "documents": library.documents.len(), "rules": library.rules.len(), "checks": library.checks.len(),
            "cases": library.cases.len(), "parameters": library.rows.len(),
            "errors": errors, "warnings": warnings, "not_carried_out": notes, "problems": items,
        });
        crate::print_line(&summary.to_string());
        return;
    }
    for problem in problems.iter().filter(|problem| problem.level != Level::Note) {
        eprintln!("{}", problem.render(&library.sources));
    }
    crate::print_line(&format!(
        "{} 份文件，{} 条规则，{} 个疑点，{} 组案例，{} 行参数：{errors} 处错误，{warnings} 处提醒。",
        library.documents.len(),
        library.rules.len(),
        library.checks.len(),
        library.cases.len(),
        library.rows.len(),
    ));
    if notes > 0 {
        crate::print_line(&format!("写明没有实现的条文 {notes} 处："));
        for item in library.not_carried_out() {
            crate::print_line(&format!("  {} {}：{}", item.document, item.article, item.reason));
        }
    }
}

fn to_json(library: &Library, problem: &Diagnostic) -> serde_json::Value {
    let source = library.sources.get(problem.span.source.0 as usize);
    let (line, column) = source.map_or((0, 0), |source| source.line_and_column(problem.span.start));
    json!({
        "level": match problem.level { Level::Error => "error", Level::Warning => "warning", Level::Note => "note" },
        "file": source.map(|source| source.path.as_str()), "line": line, "column": column,
        "what": problem.what, "why": problem.why, "next": problem.next,
    })
}
