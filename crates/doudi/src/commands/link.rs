//! `doudi link`: which person of a register each row of one roster speaks of, as the monthly clearing would answer.

mod cost;
mod evaluate;
mod explain;
pub mod input;
mod merges;
mod outcome;
mod region_codes;
mod report;
mod train;
mod truth;

use crate::commands::clear::{Progress, Stop};
use crate::exit::Exit;
use clap::{Args, Subcommand};
use cost::Stopwatch;
use doudi_engine::{ReadRegister, RegisterReader, RosterRows, write_file};
use doudi_linkage::{
    Answer, MatchGrade, PhoneHouseholds, PhoneNames, RosterRow, SharedNumbers, SharedPhones, Weights,
};
use input::{Input, PairArgs};
use merges::Merges;
use outcome::Outcome;
use std::path::PathBuf;
use std::sync::Arc;

/// One roster against the register, or something about how that is done.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct LinkArgs {
    #[command(subcommand)]
    task: Option<LinkTask>,
    // Beside each other: a group within an optional group would never be there.
    #[command(flatten)]
    pair: Option<PairArgs>,
    #[command(flatten)]
    results: Option<ResultArgs>,
}

#[derive(Subcommand)]
enum LinkTask {
    /// 对照真实答案，给比对结果打分：查准率、查全率、各种差错各找到多少、概率准不准
    Evaluate(evaluate::EvaluateArgs),
    /// 用自己的名册估计各项证据的分值，不需要真实答案
    Train(train::TrainArgs),
    /// 解释一行：为什么是、或者不是这个人，逐项说明
    Explain(explain::ExplainArgs),
    /// 用几次训练记下的对错，定出概率的校准表
    Calibrate(train::CalibrateArgs),
}

#[derive(Args)]
pub struct ResultArgs {
    /// 结果写到哪个文件（.csv）
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// 疑似同一个人的登记（底册里、名册里）写到哪个文件（.csv），供两人核对；不给就不找
    #[arg(long, value_name = "FILE")]
    merges: Option<PathBuf>,
    /// 在标准输出写一个 JSON：行数、用时、内存、界限、模型
    #[arg(long)]
    json: bool,
}

pub fn run(args: &LinkArgs) -> Exit {
    let done = match (&args.task, args.pair.as_ref().zip(args.results.as_ref())) {
        (Some(LinkTask::Evaluate(args)), _) => evaluate::run(args),
        (Some(LinkTask::Train(args)), _) => train::run(args),
        (Some(LinkTask::Explain(args)), _) => explain::run(args),
        (Some(LinkTask::Calibrate(args)), _) => train::calibrate(args),
        (None, Some((pair, results))) => link(pair, results).map(|()| Exit::Done),
        // The command line was read: one of the two is there.
        (None, None) => return Exit::Usage,
    };
    match done {
        Ok(exit) => exit,
        Err(stop) => {
            eprintln!("{}", stop.message);
            stop.exit
        }
    }
}

fn link(files: &PairArgs, args: &ResultArgs) -> Result<(), Stop> {
    let mut watch = Stopwatch::start();
    let written = [Some(&args.out), args.merges.as_ref()];
    if written.into_iter().flatten().any(|path| *path == files.roster || *path == files.register) {
        let message = "--out、--merges 不能就是名册：结果会把它盖掉".to_owned();
        return Err(Stop { exit: Exit::Usage, message });
    }
    let pair = files.open()?;
    let mut roster = pair.roster()?;
    let weights = pair.weights_of(&roster);
    let mut file = pair.register()?;
    let progress = Progress::new();
    progress.say("读入人口底册");
    let register = read_register(&mut file)?;
    watch.lap("register");
    progress.say("逐行比对");
    let against = Against { register: &register, weights, merges: args.merges.is_some() };
    let mut outcome = link_rows(&mut roster, &against, pair.weights_of_all())?;
    watch.lap("link");
    refuse_without_identity(&roster, &outcome)?;
    write_file(&args.out, &outcome.csv)?;
    if let (Some(path), Some(merges)) = (&args.merges, &mut outcome.merges) {
        merges.add_register(&register, weights);
        write_file(path, &merges.csv)?;
    }
    watch.lap("write");
    progress.finish();
    let model = (weights, pair.weights_hash());
    let report =
        report::Report { args, register: (&file, &register), roster: &roster, outcome: &outcome, model };
    for input in [&file, &roster] {
        input.code_warning().iter().for_each(|warning| eprintln!("{warning}"));
    }
    report.warnings().iter().for_each(|warning| eprintln!("{warning}"));
    crate::print_line(&if args.json { format!("{:#}", report.json(&watch)) } else { report.text(&watch) });
    Ok(())
}

fn read_register(file: &mut Input<'_>) -> Result<ReadRegister, Stop> {
    let mut reader = RegisterReader::for_file_of(file.bytes());
    file.read(&mut |batch, _| reader.add(batch))?;
    let register = reader.finish();
    let persons = register.len();
    if persons == register.nameless as usize {
        return Err(Stop::bad_input(format!(
            "{}：{persons} 行都没有身份证号和姓名，没有人可以比对。请换成填了这两列的人口底册",
            file.name()
        )));
    }
    Ok(register)
}

/// What the rows are compared with, and how.
struct Against<'a> {
    register: &'a ReadRegister,
    weights: &'a Weights,
    /// Pairs that are probably one human are asked for.
    merges: bool,
}

/// What the first look at all rows has told.
struct FirstLook {
    /// In the order of the rows.
    answers: Vec<Answer>,
    numbers: SharedNumbers,
    phones: Arc<SharedPhones>,
}

impl FirstLook {
    /// Rows whose number or phone stands for nobody are answered anew; nothing else has changed for the others.
    fn answer_to(&self, at: usize, row: &RosterRow<'_>) -> Option<Answer> {
        let anew = self.numbers.is_placeholder(row) || self.phones.concern(row);
        self.answers.get(at).copied().filter(|_| !anew)
    }
}

/// All rows, once; and once more where a number or a phone turned out to stand for nobody.
fn link_rows(roster: &mut Input<'_>, against: &Against<'_>, of_all: &Weights) -> Result<Outcome, Stop> {
    let mut numbers = SharedNumbers::default();
    let mut names = PhoneNames::new(usize::try_from(roster.bytes()).unwrap_or(0) / BYTES_PER_ROW, of_all);
    let mut answers = Vec::new();
    let outcome = one_pass(roster, against, None, &mut |row, answer| {
        answers.push(*answer);
        // Whoever has number and name of one person is no reason to doubt the number.
        if answer.grade != MatchGrade::A {
            numbers.see(row);
        }
        names.see(row);
    })?;
    let phones = shared_phones(roster, &names, of_all)?;
    if numbers.placeholders() == 0 && phones.is_empty() {
        return Ok(outcome);
    }
    let first = FirstLook { answers, numbers, phones: Arc::new(phones) };
    let weights = against.weights.with_shared_phones(&first.phones);
    let against = Against { weights: &weights, ..*against };
    let mut outcome = one_pass(roster, &against, Some(&first), &mut |_, _| {})?;
    outcome.shared_phones = weights.shared_phones().map(|(phone, _)| phone.to_string()).collect();
    Ok(outcome)
}

/// Rows of a text file are about so long; nothing but the room for counting rests on it.
const BYTES_PER_ROW: usize = 64;

/// The phones that a roster gives for many households. `names` has seen all its rows.
fn shared_phones(
    roster: &mut Input<'_>,
    names: &PhoneNames,
    weights: &Weights,
) -> Result<SharedPhones, Stop> {
    if names.are_all_plain() {
        return Ok(SharedPhones::default());
    }
    let mut households = PhoneHouseholds::default();
    roster.read(&mut |batch, _| {
        (0..batch.len()).for_each(|at| households.see(&RosterRows::row(batch, at), names));
    })?;
    Ok(households.shared(weights))
}

fn one_pass(
    roster: &mut Input<'_>,
    &Against { register, weights, merges }: &Against<'_>,
    first: Option<&FirstLook>,
    see: &mut dyn FnMut(&RosterRow<'_>, &Answer),
) -> Result<Outcome, Stop> {
    let mut outcome = Outcome::new();
    outcome.merges = merges.then(|| Merges::new(roster.spec.several_rows));
    let mut rows_before = 0;
    roster.read(&mut |batch, header_row| {
        let is_placeholder =
            |row: &RosterRow<'_>| first.is_some_and(|first| first.numbers.is_placeholder(row));
        let answers = RosterRows::each(batch, |at, row| {
            let known = first.and_then(|first| first.answer_to(rows_before + at, &row));
            known.unwrap_or_else(|| {
                let without = RosterRow { id_number: "", ..row };
                register.index.answer(if is_placeholder(&row) { &without } else { &row }, weights)
            })
        });
        rows_before += batch.len();
        for (at, answer) in answers.iter().enumerate() {
            let row = RosterRows::row(batch, at);
            see(&row, answer);
            outcome.note(&row, is_placeholder(&row));
            let place = batch.rows[at].saturating_sub(header_row);
            let person = answer.person.map_or("", |person| register.person_id(person));
            outcome.add((RosterRows::row_number(batch, at), place), answer, person);
        }
    })?;
    Ok(outcome)
}

/// A roster in which no row says whose it is cannot be compared with anything.
fn refuse_without_identity(roster: &Input<'_>, outcome: &Outcome) -> Result<(), Stop> {
    if outcome.unidentified < outcome.rows {
        return Ok(());
    }
    Err(Stop::bad_input(format!(
        "{}：没有一行有可用的身份信息，没有比对，也没有写结果。缺的是：{}。\
         请至少补上身份证号，或者姓名加上出生日期、区划、住址、电话中的一项",
        roster.name(),
        outcome.lacking().join("；")
    )))
}
