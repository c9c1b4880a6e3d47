//! `doudi bench …`: speed, with the answers checked by whoever reads them.

mod clear;
mod clock;
mod data;
mod evaluate;
mod link;
mod lookup;
mod next_month;
mod policy;
mod serve;

use crate::exit::Exit;
use clap::Subcommand;

#[derive(Subcommand)]
pub enum BenchCommand {
    /// 按列计算一套规则：一个月，全部人口，出合计和用时
    Policy(policy::PolicyArgs),
    /// 摸排过的一个月，按政策再认定一遍：连接、编译、排列、计算、写出各用多少，逐户重算一人多少
    Evaluate(evaluate::EvaluateArgs),
    /// 一个月的摸排从头做一遍：每一步的用时和占用的内存
    Clear(clear::ClearBenchArgs),
    /// 各名册与人口底册比对：对不对、漏不漏、用时和占用的内存
    Link(link::LinkBenchArgs),
    /// 找人：像人那样查很多次，每次多久，找到没有
    Lookup(lookup::LookupBenchArgs),
    /// 办公网页：每秒几百次请求、上百人同时登录，每种网页多久，有没有出错
    Serve(serve::ServeBenchArgs),
}

pub fn run(command: BenchCommand) -> Exit {
    match command {
        BenchCommand::Policy(args) => policy::run(&args),
        BenchCommand::Evaluate(args) => evaluate::run(&args),
        BenchCommand::Clear(args) => clear::run(&args),
        BenchCommand::Link(args) => link::run(&args),
        BenchCommand::Lookup(args) => lookup::run(&args),
        BenchCommand::Serve(args) => serve::run(&args),
    }
}
