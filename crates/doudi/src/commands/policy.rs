//! `doudi policy …`: check, test, explain, ask, docs, diff, simulate, pocket, procedures, fmt.

mod ask;
mod cases;
mod check;
mod diff;
mod docs;
mod explain;
mod fmt;
mod household;
mod impact;
mod pocket;
mod procedures;
mod registry;
mod simulate;
mod test;
mod wording;

use crate::exit::Exit;
use clap::{Args, Subcommand};
pub use docs::Shipped;
pub use impact::find as find_month;
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum PolicyCommand {
    /// 检查政策文件：写法、名称、类型、各地各时期能不能连起来
    Check(check::CheckArgs),
    /// 运行政策文件里的全部案例
    Test(test::TestArgs),
    /// 运行一份案例文件：各地交来的算例，逐栏核对
    Cases(cases::CasesArgs),
    /// 解释一户的结果：依据哪一条、怎么算的、还缺什么
    Explain(explain::ExplainArgs),
    /// 一户还缺哪几项才能定，下一项先问什么
    Ask(ask::AskArgs),
    /// 把政策文件写成网页：原文、式子、算例、各地标准，谁都能看
    Docs(docs::DocsArgs),
    /// 比较两个政策文件夹：改了什么、从什么时候起、牵涉哪些项目
    Diff(diff::DiffArgs),
    /// 试一个新标准：在一个月的快照上算，哪些户进入、退出、增加、减少，各地多花多少钱
    Simulate(simulate::SimulateArgs),
    /// 写成一个网页：一个地区的政策连同计算程序，手机上不联网也能试算一户
    Pocket(pocket::PocketArgs),
    /// 办件的程序：有哪些种类，各地各时期怎么办，环节和步骤画成图
    Procedures(procedures::ProceduresArgs),
    /// 统一条文的排版
    Fmt(fmt::FmtArgs),
}

/// Where the policies come from.
#[derive(Args, Clone)]
pub struct PolicyFolder {
    /// 政策文件夹（缺省用程序自带的）
    #[arg(long, value_name = "DIR")]
    pub policies: Option<PathBuf>,
}

pub fn run(command: PolicyCommand) -> Exit {
    match command {
        PolicyCommand::Check(args) => check::run(&args),
        PolicyCommand::Test(args) => test::run(&args),
        PolicyCommand::Cases(args) => cases::run(&args),
        PolicyCommand::Explain(args) => explain::run(&args),
        PolicyCommand::Ask(args) => ask::run(&args),
        PolicyCommand::Docs(args) => docs::run(&args),
        PolicyCommand::Diff(args) => diff::run(&args),
        PolicyCommand::Simulate(args) => simulate::run(&args),
        PolicyCommand::Pocket(args) => pocket::run(&args),
        PolicyCommand::Procedures(args) => procedures::run(&args),
        PolicyCommand::Fmt(args) => fmt::run(&args),
    }
}

/// Prints a problem of the input and says so in the exit code.
fn bad_input(message: &str) -> Exit {
    eprintln!("{message}");
    Exit::BadInput
}
