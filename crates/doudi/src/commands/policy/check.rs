//! `doudi policy check`: everything that can be found wrong without a household.

use super::{PolicyFolder, bad_input, registry};
use crate::content;
use crate::exit::Exit;
use clap::Args;
use doudi_policy::{Analysis, Diagnostic, Finding, Level, Library, Source, Span};
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
    let mut analysis = Analysis::default();
    if !doudi_policy::has_errors(&problems) {
        analysis = doudi_policy::analyse(&library);
        problems.append(&mut analysis.problems);
    }
    // While the texts have errors, nobody can say whether a name of the register is right.
    let mut register =
        if doudi_policy::has_errors(&problems) { Vec::new() } else { registry::problems(&files, &library) };
    if !doudi_policy::has_errors(&problems) && register.is_empty() {
        register.extend(content::counter(&files).err().unwrap_or_default());
    }
    if args.json {
        report_json(&library, &problems, &analysis, &register);
    } else {
        report(&library, &problems, &analysis);
        register.iter().for_each(|problem| eprintln!("错误：{problem}"));
    }
    if doudi_policy::has_errors(&problems) || !register.is_empty() { Exit::No } else { Exit::Done }
}

fn counts(problems: &[Diagnostic]) -> [usize; 3] {
    [Level::Error, Level::Warning, Level::Note]
        .map(|level| problems.iter().filter(|problem| problem.level == level).count())
}

fn report_json(library: &Library, problems: &[Diagnostic], analysis: &Analysis, register: &[String]) {
    let [errors, warnings, notes] = counts(problems);
    let items: Vec<_> = problems.iter().map(|problem| to_json(library, problem)).collect();
    let findings: Vec<_> = analysis.findings.iter().map(|finding| finding_json(library, finding)).collect();
    let summary = json!({
        "documents": library.documents.len(), "rules": library.rules.len(), "checks": library.checks.len(),
        "cases": library.cases.len(), "parameters": library.rows.len(),
        "errors": errors, "warnings": warnings, "not_carried_out": notes, "problems": items,
        "findings": findings, "register": register, "open_questions": analysis.open,
    });
    crate::print_line(&summary.to_string());
}

fn report(library: &Library, problems: &[Diagnostic], analysis: &Analysis) {
    let [errors, warnings, notes] = counts(problems);
    for problem in problems.iter().filter(|problem| problem.level != Level::Note) {
        eprintln!("{}", problem.render(&library.sources));
    }
    // What the texts declare as holes of the law is listed below, not told again.
    let (remarks, told): (Vec<&Finding>, Vec<&Finding>) = analysis
        .findings
        .iter()
        .filter(|finding| finding.declared.is_none())
        .partition(|finding| finding.level == Level::Note);
    for finding in &told {
        eprintln!("{}", finding.render(&library.sources));
    }
    crate::print_line(&format!(
        "{} 份文件，{} 条规则，{} 个疑点，{} 组案例，{} 行参数：{errors} 处错误，{warnings} 处提醒，分析发现 {} 处。",
        library.documents.len(),
        library.rules.len(),
        library.checks.len(),
        library.cases.len(),
        library.rows.len(),
        told.len(),
    ));
    if analysis.open > 0 {
        crate::print_line(&format!("有 {} 个问题太复杂，没有分析完；没有查出不等于没有。", analysis.open));
    }
    if !library.own_gaps.is_empty() {
        crate::print_line(&format!("原文自身的缺口 {} 处：", library.own_gaps.len()));
        for gap in &library.own_gaps {
            let kind = gap.kind.chinese();
            let citation = library.citation(gap.article);
            crate::print_line(&format!("  {citation}：{kind} {}：{}", gap.subject, gap.reason));
        }
    }
    if !remarks.is_empty() {
        crate::print_line(&format!("分析说明 {} 处，不一定要改：", remarks.len()));
        for remark in remarks {
            let (file, line, _) = place(library, remark.span);
            let example = remark.examples.first();
            let example = example.map_or(String::new(), |example| format!("（如 {}）", example.brief()));
            crate::print_line(&format!("  {}:{line} {}{example}", file.unwrap_or(""), remark.what));
        }
    }
    if notes > 0 {
        crate::print_line(&format!("写明没有实现的条文 {notes} 处："));
        for item in library.not_carried_out() {
            crate::print_line(&format!("  {} {}：{}", item.document, item.article, item.reason));
        }
    }
}

fn to_json(library: &Library, problem: &Diagnostic) -> serde_json::Value {
    let (file, line, column) = place(library, problem.span);
    json!({
        "level": level_word(problem.level), "file": file, "line": line, "column": column,
        "what": problem.what, "why": problem.why, "next": problem.next,
    })
}

fn finding_json(library: &Library, finding: &Finding) -> serde_json::Value {
    let (file, line, column) = place(library, finding.span);
    let pairs = |pairs: &[(String, String)]| -> Vec<_> {
        pairs.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
    };
    let examples: Vec<_> = finding
        .examples
        .iter()
        .map(|example| json!({ "facts": pairs(&example.facts), "results": pairs(&example.results) }))
        .collect();
    let settings: Vec<_> = finding
        .settings
        .iter()
        .map(|setting| json!({ "region": setting.region.to_string(), "from": setting.date.to_string() }))
        .collect();
    json!({
        "kind": finding.kind.word(), "level": level_word(finding.level),
        "file": file, "line": line, "column": column,
        "what": finding.what, "why": finding.why, "next": finding.next,
        "examples": examples, "settings": settings, "subjects": finding.subjects,
        "declared": finding.declared,
    })
}

fn place(library: &Library, span: Span) -> (Option<&str>, usize, usize) {
    let source = library.sources.get(span.source.0 as usize);
    let (line, column) = source.map_or((0, 0), |source| source.line_and_column(span.start));
    (source.map(|source| source.path.as_str()), line, column)
}

fn level_word(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}
