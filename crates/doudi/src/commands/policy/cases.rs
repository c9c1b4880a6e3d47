//! `doudi policy cases`: worked examples that an office hands over, run against the policies.

mod answer;
mod apply;
mod mapping;
mod sheet;
mod unread;

use super::{PolicyFolder, bad_input};
use crate::content;
use crate::exit::Exit;
use answer::{Answer, Answerer};
use apply::Applier;
use clap::Args;
use doudi_policy::{Layout, Library, Program};
use mapping::Mapping;
use serde_json::{Value as Json, json};
use sheet::{Sheet, UnreadCase, WorkedCase};
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Args)]
pub struct CasesArgs {
    #[command(flatten)]
    folder: PolicyFolder,
    /// 案例文件（YAML）
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// 输出一个 JSON 对象
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    Passed,
    Failed,
    NotExpressible,
}

struct Judged {
    about: String,
    status: Status,
    answer: Answer,
    why: String,
}

pub fn run(args: &CasesArgs) -> Exit {
    let (library, mappings, sheet) = match read(args) {
        Ok(read) => read,
        Err(message) => return bad_input(&message),
    };
    let layout = Layout::of(&library);
    let judged: Vec<(&WorkedCase, Judged)> =
        sheet.cases.iter().map(|case| (case, judge(&library, &layout, &mappings, case))).collect();
    if args.json {
        print_json(&judged, &sheet.unread)
    } else {
        print_table(&judged, &sheet.unread)
    }
    if !sheet.unread.is_empty() {
        let told = sheet.unread.iter().map(|unread| format!("  {}：{}", unread.place(), unread.why));
        let told = told.collect::<Vec<_>>().join("\n");
        let file = args.file.display();
        return bad_input(&format!(
            "{file} 有 {} 个案例读不出来，改好再运行；别的案例已经运行：\n{told}",
            sheet.unread.len()
        ));
    }
    let failed = judged.iter().any(|(_, judged)| judged.status != Status::Passed);
    if failed { Exit::No } else { Exit::Done }
}

type Read = (Library, BTreeMap<String, Mapping>, Sheet);

fn read(args: &CasesArgs) -> Result<Read, String> {
    let files = content::policies(args.folder.policies.as_deref())?;
    let (library, _) = content::library(&files)?;
    let mappings = mapping::read(&files)?;
    let text = crate::strict::read_text(&args.file)?;
    let sheet =
        sheet::read(&text).map_err(|problem| format!("{} 有问题：\n  {problem}", args.file.display()))?;
    Ok((library, mappings, sheet))
}

fn judge(
    library: &Library,
    layout: &Layout,
    mappings: &BTreeMap<String, Mapping>,
    case: &WorkedCase,
) -> Judged {
    let about = mappings.get(&case.kind).map_or(String::new(), |mapping| mapping.about.clone());
    match answered(library, layout, mappings, case) {
        Ok(answer) if answer.differences.is_empty() => {
            let why = match answer.lacking.as_slice() {
                [] => String::new(),
                lacking => format!("还缺：{}", lacking.join("、")),
            };
            Judged { about, status: Status::Passed, answer, why }
        }
        Ok(answer) => {
            let why = answer.differences.join("；");
            Judged { about, status: Status::Failed, answer, why }
        }
        Err(why) => Judged { about, status: Status::NotExpressible, answer: Answer::default(), why },
    }
}

fn answered(
    library: &Library,
    layout: &Layout,
    mappings: &BTreeMap<String, Mapping>,
    case: &WorkedCase,
) -> Result<Answer, String> {
    let mapping = mappings.get(&case.kind).ok_or_else(|| format!("没有种类“{}”的对照表", case.kind))?;
    unread::refuse_unmapped(mapping, case)?;
    let mut program = Program::link_with(library, case.region, case.date, false).map_err(|problems| {
        problems.iter().map(|problem| problem.what.clone()).collect::<Vec<_>>().join("；")
    })?;
    apply::set_parameters(&mut program, mapping, case)?;
    let applied = Applier::new(library, layout, mapping, case).facts()?;
    Answerer { program: &program, mapping, case }.answer(&applied)
}

fn count(judged: &[(&WorkedCase, Judged)], status: Status) -> usize {
    judged.iter().filter(|(_, judged)| judged.status == status).count()
}

fn print_json(judged: &[(&WorkedCase, Judged)], unread: &[UnreadCase]) {
    let unread_items = unread.iter().map(|unread| {
        json!({
            "id": unread.id, "status": "unreadable", "got": {}, "missing": [], "articles": [],
            "why": format!("{}：{}", unread.place(), unread.why),
        })
    });
    let items: Vec<Json> = judged
        .iter()
        .map(|(case, judged)| {
            json!({
                "id": case.id,
                "status": match judged.status {
                    Status::Passed => "passed",
                    Status::Failed => "failed",
                    Status::NotExpressible => "not_expressible",
                },
                "got": judged.answer.got,
                "missing": judged.answer.missing,
                "articles": judged.answer.articles,
                "why": judged.why,
            })
        })
        .chain(unread_items)
        .collect();
    let summary = json!({
        "cases": items,
        "passed": count(judged, Status::Passed),
        "failed": count(judged, Status::Failed),
        "not_expressible": count(judged, Status::NotExpressible),
        "unreadable": unread.len(),
    });
    crate::print_line(&summary.to_string());
}

fn print_table(judged: &[(&WorkedCase, Judged)], unread: &[UnreadCase]) {
    crate::print_line("编号\t结论\t事项\t标题\t说明");
    for (case, judged) in judged {
        let status = match judged.status {
            Status::Passed => "相符",
            Status::Failed => "不符",
            Status::NotExpressible => "写不出",
        };
        let note = match judged.status {
            Status::Passed if judged.why.is_empty() => judged.answer.articles.join("、"),
            _ => judged.why.clone(),
        };
        crate::print_line(&format!("{}\t{status}\t{}\t{}\t{note}", case.id, judged.about, case.title));
    }
    let unread = match unread.len() {
        0 => String::new(),
        some => format!("，读不出来 {some}"),
    };
    crate::print_line(&format!(
        "{} 个案例：相符 {}，不符 {}，写不出 {}{unread}。",
        judged.len(),
        count(judged, Status::Passed),
        count(judged, Status::Failed),
        count(judged, Status::NotExpressible),
    ));
}
