//! `doudi policy procedures`: how cases are handled, by kind, place and time.

use super::{PolicyFolder, bad_input};
use crate::content;
use crate::exit::Exit;
use clap::Args;
use doudi_casework::{Procedure, procedure_diagram};

#[derive(Args)]
pub struct ProceduresArgs {
    #[command(flatten)]
    folder: PolicyFolder,
    /// 画出一种办件的环节和步骤（Mermaid）：写种类，或者文件路径里的几个字
    #[arg(long, value_name = "KIND")]
    diagram: Option<String>,
}

pub fn run(args: &ProceduresArgs) -> Exit {
    let files = match content::policies(args.folder.policies.as_deref()) {
        Ok(files) => files,
        Err(message) => return bad_input(&message),
    };
    let counter = match content::counter(&files) {
        Ok(counter) => counter,
        Err(problems) => return bad_input(&problems.join("\n")),
    };
    let Some(wanted) = &args.diagram else {
        counter.procedures().iter().for_each(|procedure| crate::print_line(&line(procedure)));
        return Exit::Done;
    };
    let fits = |procedure: &&Procedure| procedure.kind == *wanted || procedure.path.contains(wanted.as_str());
    let mut found = counter.procedures().iter().filter(fits).peekable();
    if found.peek().is_none() {
        return bad_input(&format!("没有“{wanted}”这种办件。不写 --diagram 就列出全部"));
    }
    for procedure in found {
        crate::print_line(&format!("%% {}", line(procedure)));
        crate::print_line(&procedure_diagram(procedure));
    }
    Exit::Done
}

/// `dibao-application 最低生活保障申请 500000 2016-10-01 至 2021-06-30（procedures/….toml，13 个环节，31 步，5 个算例）`
fn line(procedure: &Procedure) -> String {
    let until = procedure.until.map(|day| format!(" 至 {day}")).unwrap_or_else(|| " 起".into());
    format!(
        "{} {} {} {}{until}（{}，{} 个环节，{} 步，{} 个算例）",
        procedure.kind,
        procedure.name,
        procedure.place,
        procedure.from,
        procedure.path,
        procedure.states.len(),
        procedure.steps.len(),
        procedure.examples.len()
    )
}
