//! `doudi person`: who is who, decided by two people. What they decide goes before what linkage finds, in every month.

use crate::commands::clear::Stop;
use crate::commands::lookup::{from_folder, masked};
use crate::commands::vault::KeyArgs;
use crate::divisions::Divisions;
use crate::exit::Exit;
use clap::{Args, Subcommand};
use doudi_engine::{
    DataFolder, Double, DoubleEntry, PeopleDirectory, PersonEvent, PersonFile, PersonLog, PersonStanding,
    Proposal, Subject, close_proposal, latest_doubles, person_question, person_standings, propose,
};
use serde_json::json;
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum PersonCommand {
    /// 提出：两边是同一个人（两个人员编号，或一个编号和名册里的一种写法“号码|姓名”）
    Merge(ProposeArgs),
    /// 提出：两边不是同一个人；以前合并过的，确认以后就分开
    Split(ProposeArgs),
    /// 另一个人确认；确认以后每个月都照这样比对
    Confirm(CloseArgs),
    /// 撤回，或者不同意
    Withdraw(CloseArgs),
    /// 列出已经定了的和等人确认的
    List(ListArgs),
}

#[derive(Args)]
pub struct ProposeArgs {
    /// 留下的人员编号
    #[arg(value_name = "PERSON")]
    kept: String,
    /// 另一个人员编号，或者“号码|姓名”：名册里这样写的行
    #[arg(value_name = "OTHER")]
    other: String,
    #[command(flatten)]
    said: Said,
    /// 为什么
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// 凭什么：看了什么材料
    #[arg(long, value_name = "TEXT", default_value = "")]
    evidence: String,
}

#[derive(Args)]
pub struct CloseArgs {
    /// 哪一条：提出时给的编号
    #[arg(value_name = "QUESTION")]
    question: String,
    #[command(flatten)]
    said: Said,
}

#[derive(Args)]
struct Said {
    /// 谁
    #[arg(long, value_name = "NAME")]
    by: String,
    /// 哪一天，如 2020-05-10
    #[arg(long, value_name = "DATE", value_parser = day)]
    on: String,
    /// 数据文件夹
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    #[command(flatten)]
    key: KeyArgs,
}

#[derive(Args)]
pub struct ListArgs {
    /// 数据文件夹
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    #[command(flatten)]
    key: KeyArgs,
    /// 列出程序找到的、可能是同一个人而还没有人提出的登记（底册里的和名册里的）
    #[arg(long)]
    proposed: bool,
    /// 在标准输出写一个 JSON
    #[arg(long)]
    json: bool,
}

fn day(text: &str) -> Result<String, String> {
    let date = doudi_terms::parse_date(text).ok_or("日期写成 2020-05-10 这样")?;
    Ok(date.to_string())
}

pub fn run(command: &PersonCommand) -> Exit {
    let done = match command {
        PersonCommand::Merge(args) => put_forward(args, true),
        PersonCommand::Split(args) => put_forward(args, false),
        PersonCommand::Confirm(args) => close(args, true),
        PersonCommand::Withdraw(args) => close(args, false),
        PersonCommand::List(args) => list(args),
    };
    match done {
        Ok(text) => {
            crate::print_line(&text);
            Exit::Done
        }
        Err(stop) => {
            eprintln!("{}", stop.message);
            stop.exit
        }
    }
}

fn subject(text: &str) -> Subject {
    match text.split_once(['|', '｜']) {
        Some((number, name)) => {
            Subject::Row { id_number: number.trim().to_owned(), name: name.trim().to_owned() }
        }
        None => Subject::Person(text.trim().to_owned()),
    }
}

fn put_forward(args: &ProposeArgs, same: bool) -> Result<String, Stop> {
    args.said.key.existing(&args.said.data)?;
    let subjects = [subject(&args.kept), subject(&args.other)];
    let people = from_folder(&args.said.data, &args.said.key, None, &Divisions::read())?;
    let shown = subjects.iter().map(|subject| describe(subject, &people)).collect::<Result<Vec<_>, _>>()?;
    if !subjects.iter().any(|subject| matches!(subject, Subject::Person(_))) {
        return Err(Stop::bad_input("两边都是名册里的写法，没有写是谁。请至少写一个人员编号"));
    }
    let (folder, _lock) = args.said.key.take(&args.said.data)?;
    let proposal = Proposal {
        same,
        subjects,
        by: args.said.by.clone(),
        on: args.said.on.clone(),
        reason: args.reason.clone(),
        evidence: args.evidence.clone(),
    };
    let question = propose(&mut PersonFile::of(&folder), proposal)?;
    let what = if same { "是同一个人" } else { "不是同一个人" };
    Ok(format!(
        "已记下 {question}：\n  {}\n  {}\n{what}，{} 提出。要另一个人确认才算数：\ndoudi person confirm {question} --by 姓名 --on 日期 --data {}",
        shown[0],
        shown[1],
        args.said.by,
        args.said.data.display()
    ))
}

/// Who that is; a number that nobody has is told.
fn describe(subject: &Subject, people: &PeopleDirectory) -> Result<String, Stop> {
    match subject {
        Subject::Row { id_number, name } => Ok(format!("名册里写作“{} {name}”的行", masked(id_number, 6, 4))),
        Subject::Person(person_id) => {
            let person = people.person(person_id).ok_or_else(|| {
                Stop::bad_input(format!(
                    "没有人员编号“{person_id}”。请用 doudi lookup 查编号；名册里的写法写成“号码|姓名”"
                ))
            })?;
            let card = people.card(person);
            Ok(format!("{person_id} {} {} {}", card.name, masked(card.id_number, 6, 4), card.address))
        }
    }
}

fn close(args: &CloseArgs, agrees: bool) -> Result<String, Stop> {
    args.said.key.existing(&args.said.data)?;
    let (folder, _lock) = args.said.key.take(&args.said.data)?;
    let mut log = PersonFile::of(&folder);
    let open = close_proposal(&mut log, &args.question, &args.said.by, &args.said.on, agrees)?;
    Ok(match agrees {
        true => format!(
            "{} 已定：{} 提出，{} 确认。以后每次摸排都照这样；已经摸排过的月份，要重新摸排才会变",
            args.question, open.by, args.said.by
        ),
        false => format!("{} 已撤回，没有改变什么", args.question),
    })
}

/// What the latest clearings found to be probably one human, without what somebody has already put forward.
fn proposed(args: &ListArgs, folder: &DataFolder, events: &[PersonEvent]) -> Result<String, Stop> {
    let standings = person_standings(events);
    let is_asked = |double: &Double| {
        let subjects = double.entries.each_ref().map(|entry| Subject::Person(entry.person_id.clone()));
        let known = standings.get(person_question(&subjects).as_str());
        known.is_some_and(|standing| standing.open.is_some() || standing.decided.is_some())
    };
    let doubles: Vec<Double> =
        latest_doubles(folder)?.into_iter().filter(|double| !is_asked(double)).collect();
    if args.json {
        return Ok(format!("{:#}", json!({ "proposed": doubles })));
    }
    if doubles.is_empty() {
        return Ok("没有要核对的：最近一次摸排没有找到可能是同一个人的登记，或者都已有人提出".to_owned());
    }
    let shown = |entry: &DoubleEntry| {
        format!("  {} {} {} {}", entry.person_id, entry.name, masked(&entry.id_number, 6, 4), entry.address)
    };
    let data = args.data.display();
    let blocks = doubles.iter().map(|double| {
        let [first, second] = &double.entries;
        format!(
            "把握 {:.1}%：{}\n{}\n{}\n  是同一个人：doudi person merge {pair} {said}\n  不是：doudi person split {pair} {said}",
            double.probability * 100.0,
            double.evidence,
            shown(first),
            shown(second),
            pair = format_args!("{} {}", first.person_id, second.person_id),
            said = format_args!("--by 姓名 --on 日期 --reason 理由 --data {data}"),
        )
    });
    let head =
        format!("有 {} 对登记可能是同一个人。核对以后按下面的写法提出，另一个人确认才算数", doubles.len());
    Ok(std::iter::once(head).chain(blocks).collect::<Vec<_>>().join("\n\n"))
}

fn list(args: &ListArgs) -> Result<String, Stop> {
    let folder = args.key.existing(&args.data)?;
    let events = PersonFile::of(&folder).events()?;
    if args.proposed {
        return proposed(args, &folder, &events);
    }
    let standings = person_standings(&events);
    if args.json {
        let all: Vec<_> = standings
            .iter()
            .map(|(question, standing)| {
                let decided = standing.decided.as_ref().map(|decision| {
                    json!({
                        "same": decision.same,
                        "proposal": decision.proposal,
                        "confirmed_by": decision.confirmed_by,
                        "confirmed_on": decision.confirmed_on,
                    })
                });
                json!({ "question": question, "decided": decided, "open": standing.open })
            })
            .collect();
        return Ok(format!("{:#}", json!({ "questions": all, "events": events })));
    }
    let lines: Vec<String> = standings
        .iter()
        .map(|(question, standing)| line(question, standing))
        .filter(|l| !l.is_empty())
        .collect();
    Ok(if lines.is_empty() { "还没有人提出过合并或分开".to_owned() } else { lines.join("\n") })
}

fn line(question: &str, standing: &PersonStanding) -> String {
    let side = |subject: &Subject| match subject {
        Subject::Person(person_id) => person_id.clone(),
        Subject::Row { id_number, name } => format!("“{} {name}”的行", masked(id_number, 6, 4)),
    };
    let both = |subjects: &[Subject; 2]| format!("{}、{}", side(&subjects[0]), side(&subjects[1]));
    let word = |same: bool| if same { "是同一个人" } else { "不是同一个人" };
    let mut parts = Vec::new();
    if let Some(decision) = &standing.decided {
        parts.push(format!(
            "{}{}（{} 提出，{} {} 确认；{}）",
            both(&decision.proposal.subjects),
            word(decision.same),
            decision.proposal.by,
            decision.confirmed_by,
            decision.confirmed_on,
            decision.proposal.reason
        ));
    }
    if let Some(open) = &standing.open {
        let same = open.kind == doudi_engine::PersonEventKind::ProposedSame;
        let (by, reason) = (&open.by, &open.reason);
        parts.push(format!("等人确认：{}{}（{by} 提出；{reason}）", both(&open.subjects), word(same)));
    }
    if parts.is_empty() { String::new() } else { format!("{question}  {}", parts.join("；")) }
}
