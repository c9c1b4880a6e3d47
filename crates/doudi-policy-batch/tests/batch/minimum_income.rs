//! The rule set of the speed measurement: exact to the fen, for everybody, in the same data that it is measured with.
//! The figures come from another program that computes one household after the other with exact fractions.

use crate::register::{Register, parameter_rows};
use doudi_policy::ir::{EntityId, HOUSEHOLD, PERSON};
use doudi_policy::{Evaluation, Layout, Library, Program, Source, has_errors};
use doudi_policy_batch::{FactTables, Prepared, Wanted, evaluate, household};
use doudi_terms::{RegionCode, parse_date};

const RULES: &str = include_str!("../../../../benches/minimum-income.md");
const COUNTIES: &str = include_str!("../../../../benches/minimum-income-counties.md");
const PERSONS: usize = 3000;

const COUNTS: [&str; 8] = [
    "户.低保",
    "户.渐退",
    "人.单人户",
    "人.特困",
    "人.得生活补贴",
    "人.得护理补贴",
    "人.得儿童补差",
    "人.得物价补贴",
];
const SUMS: [&str; 9] = [
    "户.低保金",
    "户.增发金合计",
    "户.渐退金",
    "人.单人户金",
    "人.特困金",
    "人.生活补贴",
    "人.护理补贴",
    "人.儿童补差",
    "人.物价补贴",
];

#[derive(Debug, PartialEq)]
struct Figures {
    counts: [u64; 8],
    sums: [i128; 9],
    grand: i128,
    /// Of each household's total times its number modulo 1000, plus one.
    households: i128,
    /// Of each county's total times its number, plus one.
    counties: i128,
}

fn read(rules: &str) -> Library {
    let text = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
    let sources = vec![
        text("minimum-income.md", rules),
        text("counties.md", COUNTIES),
        text("params.csv", &parameter_rows()),
    ];
    let (library, problems) = Library::read(sources);
    assert!(!has_errors(&problems), "{problems:#?}");
    library
}

fn link<'l>(library: &'l Library, day: &str) -> Program<'l> {
    Program::link(library, RegionCode::COUNTRY, parse_date(day).expect("a day")).expect("it links")
}

fn prepared<'t>(program: &Program<'_>, tables: &'t FactTables) -> Prepared<'t> {
    let rule = |path: &str| Wanted::Rule(program.library.rule_by_path(path).expect("a rule"));
    let wanted: Vec<Wanted> = COUNTS.into_iter().chain(SUMS).chain(["户.总额"]).map(rule).collect();
    Prepared::without_reasons(program, tables, &wanted).expect("it compiles")
}

fn figures(library: &Library, tables: &FactTables, day: &str, threads: usize) -> Figures {
    totals(library, &prepared(&link(library, day), tables), threads)
}

fn totals(library: &Library, prepared: &Prepared<'_>, threads: usize) -> Figures {
    let county = library.input_by_path("户.县").expect("an input");
    let parts = prepared.fold(
        threads,
        || (Figures { counts: [0; 8], sums: [0; 9], grand: 0, households: 0, counties: 0 }, vec![0; 200]),
        |(figures, by_county), block| {
            for (at, count) in figures.counts.iter_mut().enumerate() {
                *count += block.count(at).expect("all known");
            }
            for (at, sum) in figures.sums.iter_mut().enumerate() {
                *sum += block.total(COUNTS.len() + at).expect("all known");
            }
            let total = COUNTS.len() + SUMS.len();
            let first = block.households().start;
            block
                .each(total, |row, fen| {
                    figures.grand += i128::from(fen);
                    figures.households += i128::from(fen) * ((first + row) % 1000 + 1) as i128;
                })
                .expect("all known");
            block.add_by_option(total, county, by_county).expect("all known");
        },
        |done| done,
    );
    let mut all = Figures { counts: [0; 8], sums: [0; 9], grand: 0, households: 0, counties: 0 };
    for (figures, by_county) in parts {
        (0..8).for_each(|at| all.counts[at] += figures.counts[at]);
        (0..9).for_each(|at| all.sums[at] += figures.sums[at]);
        all.grand += figures.grand;
        all.households += figures.households;
        all.counties += by_county.iter().enumerate().map(|(at, fen)| fen * (at as i128 + 1)).sum::<i128>();
    }
    all
}

#[test]
fn march_agrees_to_the_fen() {
    let library = read(RULES);
    let tables = Register::draw(PERSONS).tables(&library);
    let wanted = Figures {
        counts: [303, 17, 34, 45, 72, 64, 6, 996],
        sums: [24875263, 2537643, 1425387, 1398325, 3611057, 360000, 430000, 482557, 2181822],
        grand: 37302054,
        households: 19107358508,
        counties: 1862077206,
    };
    assert_eq!(figures(&library, &tables, "2020-03-31", 1), wanted);
    assert_eq!(figures(&library, &tables, "2020-03-31", 2), wanted);
}

#[test]
fn a_month_without_price_subsidy_agrees_to_the_fen() {
    let library = read(RULES);
    let tables = Register::draw(PERSONS).tables(&library);
    let may = figures(&library, &tables, "2020-05-31", 1);
    assert_eq!((may.grand, may.households, may.counties), (35120232, 17985941787, 1749244444));
    assert_eq!((may.counts[7], may.sums[8]), (0, 0));
}

#[test]
fn standards_that_rise_in_july_agree_to_the_fen() {
    let library = read(RULES);
    let tables = Register::draw(PERSONS).tables(&library);
    let wanted = Figures {
        counts: [314, 16, 35, 45, 75, 64, 6, 0],
        sums: [27665748, 2749929, 1326725, 1513270, 3770338, 450000, 430000, 465999, 0],
        grand: 38372009,
        households: 19739216637,
        counties: 1890364611,
    };
    assert_eq!(figures(&library, &tables, "2020-08-31", 1), wanted);
}

#[test]
fn instructions_of_newer_processors_change_nothing() {
    let library = read(RULES);
    let tables = Register::draw(PERSONS).tables(&library);
    for day in ["2020-03-31", "2020-08-31"] {
        let program = link(&library, day);
        let here = totals(&library, &prepared(&program, &tables), 1);
        assert_eq!(here, totals(&library, &prepared(&program, &tables).on_any_processor(), 1));
    }
}

/// One line of the document changed, and what the other program gives with the same mistake.
#[test]
fn the_rules_stand_in_the_document_alone() {
    let tables = Register::draw(PERSONS).tables(&read(RULES));
    for (line, wrong, grand, households) in [
        ("财产 不超过 24 × 保障标准", "财产 低于 24 × 保障标准", 37080235, 19039070529),
        ("人均月收入 低于 1.5 × 保障标准", "人均月收入 不超过 1.5 × 保障标准", 37376123, 19107604782),
        ("年龄 不低于 60", "年龄 超过 60", 37187675, 19061628443),
        ("年龄 不低于 70", "年龄 超过 70", 37221249, 19065872284),
        (
            "则 四舍五入到分((保障标准 − 人均月收入)",
            "则 去尾到分((保障标准 − 人均月收入)",
            37301926,
            19107292667,
        ),
        ("则 四舍五入到分(工资", "则 去尾到分(工资", 37302061, 19107362651),
        ("= 取小(合计(成员 的 医疗自付", "= 取大(合计(成员 的 医疗自付", 65436857, 33107057160),
        ("= 不低于零(收入 − 刚性支出)", "= 收入 − 刚性支出", 38983364, 19932978179),
        ("不低于零(净收入) ÷ 12", "净收入 ÷ 12", 37316720, 19107424505),
        ("    且 非 义务人有能力\n", "", 93398207, 47711477017),
    ] {
        assert_eq!(RULES.matches(line).count(), 1, "{line}");
        let library = read(&RULES.replace(line, wrong));
        let found = figures(&library, &tables, "2020-03-31", 1);
        assert_eq!((found.grand, found.households), (grand, households), "{line} -> {wrong}");
    }
}

#[test]
fn every_rule_is_what_the_scalar_evaluator_gives() {
    let library = read(RULES);
    let program = link(&library, "2020-03-31");
    let tables = Register::draw(PERSONS).tables(&library);
    let wanted: Vec<Wanted> = program.order.iter().copied().map(Wanted::Rule).collect();
    let results = evaluate(&program, &tables, &wanted).expect("results");
    let layout = Layout::of(&library);
    let mut next_person = 0;
    for number in 0..300 {
        let facts = household(&tables, &layout, number);
        let mut scalar = Evaluation::new(&program, &facts);
        let persons = facts.rows(PERSON);
        for column in &results.columns {
            let Wanted::Rule(rule) = column.wanted else { continue };
            let rows = if column.entity == HOUSEHOLD { 1 } else { persons };
            let first = if column.entity == HOUSEHOLD { number as usize } else { next_person };
            for row in 0..rows {
                let name = &library.rules[rule.index()].name;
                let value = column.value(first + row as usize);
                assert_eq!(value, scalar.rule(rule, row).known(), "{name}, household {number}, row {row}");
                let clause = column.reason(first + row as usize).filter(|code| *code < 0x8000);
                assert_eq!(clause, scalar.fired(rule, row).expect("fired").clause, "{name}, {number}, {row}");
            }
        }
        next_person += persons as usize;
    }
    assert!(results.columns.iter().any(|column| column.entity == EntityId(1)));
}
