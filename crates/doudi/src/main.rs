//! 兜底: the command-line program. Each command is one file under `commands`; this file only dispatches.

mod commands;
mod content;
mod divisions;
mod exit;
mod sparing;
mod strict;

use clap::{Parser, Subcommand};
use exit::Exit;
use std::process::ExitCode;

/// Millions of short texts are made and dropped on two threads: the system's allocator takes a fifth of a clearing.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// 兜底——不漏一户、不落一人的社会救助平台
#[derive(Parser)]
#[command(name = "doudi", version, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// 演示：编造一个县的两个月名册，埋下差错，清算，看找出多少
    Demo(commands::demo::DemoArgs),
    /// 每月摸排：读入名册，逐人归类，出证书、疑点清单和乡镇工作簿
    Clear(commands::clear::ClearArgs),
    /// 比对：一份名册的每一行是底册里的哪一个人
    Link(commands::link::LinkArgs),
    /// 找人：按姓名、拼音、号码的一段、电话、出生日期、村名找，几个词可以合用
    Lookup(commands::lookup::LookupArgs),
    /// 谁是谁：两个人员编号是不是同一个人，一人提出、另一人确认
    #[command(subcommand)]
    Person(commands::person::PersonCommand),
    /// 核验证书：重新计算，指出第一处不同
    Verify(commands::verify::VerifyArgs),
    /// 政策文件：检查、运行案例、解释、排版
    #[command(subcommand)]
    Policy(commands::policy::PolicyCommand),
    /// 名册说明：核对样例、取空白样表
    #[command(subcommand)]
    Roster(commands::roster::RosterCommand),
    /// 办公网页：疑点核查、复核、签字、操作记录，用浏览器打开
    Serve(commands::serve::ServeArgs),
    /// 办公数据库：导入摸排结果
    #[command(subcommand)]
    Store(commands::store::StoreCommand),
    /// 操作记录：核对有没有被改动
    #[command(subcommand)]
    Audit(commands::audit::AuditCommand),
    /// 备份：做一份、核对、恢复
    #[command(subcommand)]
    Backup(commands::backup::BackupCommand),
    /// 密钥：生成、更换
    #[command(subcommand)]
    Key(commands::key::KeyCommand),
    /// 测速：同样的数据，算得对不对，用了多久
    #[command(subcommand)]
    Bench(commands::bench::BenchCommand),
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            let asked = matches!(
                error.kind(),
                clap::error::ErrorKind::DisplayHelp | clap::error::ErrorKind::DisplayVersion
            );
            return if asked { ExitCode::SUCCESS } else { Exit::Usage.into() };
        }
    };
    match cli.command {
        Command::Demo(args) => commands::demo::run(&args),
        Command::Clear(args) => commands::clear::run(&args),
        Command::Link(args) => commands::link::run(&args),
        Command::Lookup(args) => commands::lookup::run(&args),
        Command::Person(command) => commands::person::run(&command),
        Command::Verify(args) => commands::verify::run(&args),
        Command::Policy(command) => commands::policy::run(command),
        Command::Roster(command) => commands::roster::run(command),
        Command::Serve(args) => commands::serve::run(&args),
        Command::Store(command) => commands::store::run(&command),
        Command::Audit(command) => commands::audit::run(&command),
        Command::Backup(command) => commands::backup::run(&command),
        Command::Key(command) => commands::key::run(&command),
        Command::Bench(command) => commands::bench::run(command),
    }
    .into()
}

/// Results go to stdout through here; a closed pipe is not an error of ours.
fn print_line(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{text}");
}
