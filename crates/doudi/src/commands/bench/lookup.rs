//! `doudi bench lookup`: how long looking somebody up takes, with queries as people type them, made of the register's own
//! people: each is looked for, and it is counted whether they are found. Times are the processor's.

use super::clock::{Clock, peak_rss_mb, thread_seconds};
use crate::commands::clear::Stop;
use crate::commands::lookup::{name_of, read_file};
use crate::divisions::Divisions;
use crate::exit::Exit;
use clap::Args;
use doudi_engine::{PeopleDirectory, PersonCard};
use doudi_linkage::{Query, Scope};
use doudi_terms::{RegionCode, date_from_epoch_day};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Args)]
pub struct LookupBenchArgs {
    /// 户籍登记名册，csv 或 xlsx
    #[arg(long, value_name = "FILE")]
    register: PathBuf,
    /// 问多少次
    #[arg(long, default_value_t = 5000)]
    queries: usize,
    /// 每次列出几个人
    #[arg(long, default_value_t = 20)]
    limit: usize,
    /// 只看这个地区的人
    #[arg(long, value_name = "CODE", default_value = "000000")]
    region: String,
    /// 换一批要找的人
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Each query is asked so often, and the quickest answer counts: what the machine does besides is not ours.
const TIMES: usize = 2;

pub fn run(args: &LookupBenchArgs) -> Exit {
    match measure(args) {
        Ok(line) => {
            crate::print_line(&line);
            Exit::Done
        }
        Err(stop) => {
            eprintln!("{}", stop.message);
            stop.exit
        }
    }
}

#[derive(Default)]
struct Kind {
    micros: Vec<u64>,
    /// How often the person was among the hits.
    found: usize,
    slowest: (u64, String),
}

fn measure(args: &LookupBenchArgs) -> Result<String, Stop> {
    let region = RegionCode::parse(&args.region)
        .map_err(|error| Stop { exit: Exit::Usage, message: format!("--region：{error}") })?;
    let divisions = Divisions::read();
    let reader = read_file(&args.register, None)?;
    let clock = Clock::start();
    let people = reader.finish(&|code| name_of(&divisions, code));
    let build_s = clock.cpu_seconds();
    let scope = Scope::of([region]);
    let mut chance = Chance(args.seed);
    let mut kinds: BTreeMap<&'static str, Kind> = BTreeMap::new();
    let mut all = Vec::new();
    let of_clock = clock_nanos();
    for _ in 0..args.queries {
        let person = chance.below(people.directory.len() as u64) as u32;
        let (kind, text) = query(&people, person, &mut chance);
        let query = Query::parse(&text);
        let mut quickest = u64::MAX;
        let mut is_found = false;
        for _ in 0..TIMES {
            let (micros, found) = timed(of_clock, || people.directory.search(&query, &scope, args.limit));
            quickest = quickest.min(micros);
            is_found = found.hits.iter().any(|hit| hit.person == person);
        }
        let kind = kinds.entry(kind).or_default();
        kind.found += usize::from(is_found);
        kind.micros.push(quickest);
        if quickest >= kind.slowest.0 {
            kind.slowest = (quickest, text);
        }
        all.push(quickest);
    }
    all.sort_unstable();
    let by_kind: BTreeMap<&str, serde_json::Value> =
        kinds.iter_mut().map(|(name, kind)| (*name, kind.json())).collect();
    let result = json!({
        "persons": people.directory.len(),
        "index_mb": people.directory.bytes() as f64 / 1e6,
        "build_cpu_s": build_s,
        "peak_rss_mb": peak_rss_mb(),
        "queries": all.len(),
        "p50_ms": at(&all, 50),
        "p90_ms": at(&all, 90),
        "p99_ms": at(&all, 99),
        "max_ms": at(&all, 100),
        "by_kind": by_kind,
    });
    Ok(format!("{result:#}"))
}

impl Kind {
    fn json(&mut self) -> serde_json::Value {
        self.micros.sort_unstable();
        let count = self.micros.len();
        json!({
            "queries": count,
            "found_percent": 100.0 * self.found as f64 / count as f64,
            "p50_ms": at(&self.micros, 50),
            "p99_ms": at(&self.micros, 99),
            "slowest": format!("{}（{} ms）", self.slowest.1, self.slowest.0 as f64 / 1e3),
        })
    }
}

fn at(sorted: &[u64], percent: usize) -> f64 {
    let place = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(place).map_or(0.0, |&micros| micros as f64 / 1e3)
}

/// Processor time of the calling thread.
fn processor_nanos() -> u64 {
    (thread_seconds() * 1e9) as u64
}

/// What reading the clock takes.
fn clock_nanos() -> u64 {
    let one = || {
        let start = processor_nanos();
        processor_nanos().saturating_sub(start)
    };
    (0..64).map(|_| one()).min().unwrap_or(0)
}

fn timed<T>(clock_nanos: u64, work: impl FnOnce() -> T) -> (u64, T) {
    let start = processor_nanos();
    let result = work();
    (processor_nanos().saturating_sub(start + clock_nanos) / 1_000, result)
}

/// Numbers as good as chance, the same for the same seed (SplitMix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }
}

/// What somebody types who looks for this person, and which kind of query that is. The shares are what windows of
/// townships ask: most have a name or a number at hand.
fn query(people: &PeopleDirectory, person: u32, chance: &mut Chance) -> (&'static str, String) {
    let card = people.card(person);
    let end = last(card.id_number, 4);
    let village = village(card.address);
    let year = card.birth.and_then(date_from_epoch_day).map_or(String::new(), |date| date.year().to_string());
    let phone = if card.phone.is_empty() { card.name } else { card.phone };
    let pinyin = |with: usize| people.directory.spelt(card.name, with);
    match chance.below(100) {
        0..18 => ("姓名", card.name.to_owned()),
        18..32 => ("身份证号", card.id_number.to_owned()),
        32..40 => ("姓名＋村", format!("{} {village}", card.name)),
        40..47 => ("姓名＋末四位", format!("{} {end}", card.name)),
        47..53 => ("姓名＋出生年", format!("{} {year}", card.name)),
        53..60 => ("电话", phone.to_owned()),
        60..65 => ("全拼", pinyin(usize::MAX)),
        65..70 => ("首字母", pinyin(0)),
        70..75 => ("姓全拼＋首字母", pinyin(1)),
        75..79 => ("首字母＋村", format!("{} {village}", pinyin(0))),
        79..84 => ("错一位的号码", slipped(card.id_number, chance)),
        84..89 => ("错一个字的姓名", wrong_character(people, card.name, chance)),
        89..92 => ("错一个字的姓名＋村", format!("{} {village}", wrong_character(people, card.name, chance))),
        92..94 => ("末四位", end.to_owned()),
        94..96 => ("电话末四位", last(phone, 4).to_owned()),
        96..98 => ("出生日期", day(&card)),
        98..99 => ("村", village.to_owned()),
        _ => ("姓", card.name.chars().take(1).collect()),
    }
}

fn day(card: &PersonCard<'_>) -> String {
    card.birth.and_then(date_from_epoch_day).map_or_else(|| card.name.to_owned(), |date| date.to_string())
}

fn last(text: &str, count: usize) -> &str {
    let at = text.char_indices().rev().nth(count - 1).map_or(0, |(at, _)| at);
    &text[at..]
}

/// The last part of an address before its numbers, as far as it can be told: 团结村.
fn village(address: &str) -> &str {
    let place = address.split(|c: char| c.is_ascii_digit()).next().unwrap_or_default();
    let from = ['镇', '乡', '道'].iter().filter_map(|c| place.rfind(*c).map(|at| at + c.len_utf8())).max();
    place.get(from.unwrap_or(0)..).unwrap_or_default()
}

fn slipped(number: &str, chance: &mut Chance) -> String {
    let at = chance.below(17) as usize;
    let other = |c: char| c.to_digit(10).and_then(|d| char::from_digit((d + 3) % 10, 10)).unwrap_or('1');
    number.chars().enumerate().map(|(place, c)| if place == at { other(c) } else { c }).collect()
}

/// One character of the given name taken from somebody else's.
fn wrong_character(people: &PeopleDirectory, name: &str, chance: &mut Chance) -> String {
    let other = people.card(chance.below(people.directory.len() as u64) as u32).name;
    let wrong = other.chars().last().unwrap_or('明');
    let at = name.chars().count().saturating_sub(1);
    name.chars().enumerate().map(|(place, c)| if place == at { wrong } else { c }).collect()
}
