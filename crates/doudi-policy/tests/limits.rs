//! Texts that are absurdly long, deep or many: each is told about, or read in bounded time and on a small stack.

use doudi_policy::{
    Diagnostic, Evaluation, Facts, Layout, Library, Program, Source, format_document, run_case_block,
};
use doudi_terms::{RegionCode, parse_date};

const FRONT: &str = "---\n编号: 试\n名称: 试验\n位阶: 工作口径\n施行: 2010-01-01\n---\n## 第一条\n> 原文\n\n";

/// Reads, links, runs and lays out; the first words of every problem.
fn words(articles: &str) -> Vec<String> {
    let text = format!("{FRONT}```条文\n{articles}\n```\n");
    let _ = format_document(&text);
    told(vec![Source { path: "national/t.md".into(), text }])
}

fn told(sources: Vec<Source>) -> Vec<String> {
    let (library, mut problems) = Library::read(sources);
    let layout = Layout::of(&library);
    let day = parse_date("2020-05-31").expect("a day");
    match Program::link(&library, RegionCode::COUNTRY, day) {
        Err(found) => problems.extend(found),
        Ok(program) => {
            let facts = Facts::new(&layout);
            let mut evaluation = Evaluation::new(&program, &facts);
            // From the top, so that nothing below is known yet.
            for rule in program.order.iter().rev() {
                evaluation.rule(*rule, 0);
            }
        }
    }
    for block in &library.cases {
        problems.extend(run_case_block(&library, &layout, block).err().unwrap_or_default());
    }
    let render = |problem: &Diagnostic| problem.render(&library.sources).len();
    let _ = problems.iter().take(200).map(render).sum::<usize>();
    problems.into_iter().map(|problem| problem.what).collect()
}

fn says(told: &[String], words: &str) -> bool {
    told.iter().any(|problem| problem.contains(words))
}

#[test]
fn a_formula_may_be_long_but_not_without_end() {
    let sum = |terms: usize| format!("规则 户.甲: 整数 = 1{}", " + 1".repeat(terms));
    assert_eq!(words(&sum(250)), [""; 0]);
    assert!(says(&words(&sum(20_000)), "式子太长"), "very many terms");
    let product = format!("规则 户.甲: 整数 = 1{}", " × 1".repeat(20_000));
    assert!(says(&words(&product), "式子太长"), "very many factors");
}

#[test]
fn what_stands_inside_something_else_is_counted_wherever_it_stands() {
    for open in [
        "在 ",
        "甲[",
        "（",
        "非 （",
        "取大（",
        "合计（成员 的 ",
        "（1 + ",
        "计数（成员 当 ",
        "已知（",
        "-（",
        "甲 为 ",
    ] {
        let told = words(&format!("输入 户.甲: 是否\n规则 户.乙: 整数 = {}", open.repeat(30_000)));
        assert!(!told.is_empty(), "{open}");
    }
    assert!(!words(&"规则 户.甲: 整数 = ".repeat(20_000)).is_empty());
    assert!(!words(&format!("规则 户.甲: 整数 = 户{}", ".户".repeat(20_000))).is_empty());
    assert!(
        !words(&format!("规则 户.甲: 是否 = {}是", "非 ".repeat(20_001)))
            .iter()
            .any(|told| told.contains("太深"))
    );
}

#[test]
fn a_chain_of_rules_is_as_long_as_the_stack_allows() {
    let chain = |length: usize| {
        let rules = (1..length).map(|at| format!("规则 户.甲{at}: 整数 = 甲{} + 1\n", at - 1));
        format!("规则 户.甲0: 整数 = 0\n{}", rules.collect::<String>())
    };
    assert_eq!(words(&chain(60)), [""; 0]);
    assert!(says(&words(&chain(3_000)), "连得太长"));
}

/// As many levels as are allowed, in rules and within them.
#[test]
fn deep_formulas_in_a_long_chain_fit_on_a_small_stack() {
    let deep = |levels: usize, inner: String| {
        format!("{}{inner}{}", "取大（1，".repeat(levels), "）".repeat(levels))
    };
    let chain = |length: usize, levels: usize| {
        let rules = (1..length)
            .map(|at| format!("规则 户.甲{at}: 整数 = {}\n", deep(levels, format!("甲{}", at - 1))));
        words(&format!("规则 户.甲0: 整数 = 0\n{}", rules.collect::<String>()))
    };
    assert_eq!(chain(7, 50), [""; 0]);
    assert_eq!(chain(60, 1), [""; 0]);
    assert!(says(&chain(30, 50), "连得太长"));
}

#[test]
fn dimensions_do_not_multiply_beyond_memory() {
    let labels: Vec<String> = (0..100).map(|at| format!("项{at}")).collect();
    let dimensions = ["类"; 12].join("、");
    let told = words(&format!("枚举 类 = {}\n参数 甲[{dimensions}]: 金额", labels.join("、")));
    assert!(says(&told, "维度太多"), "{told:?}");
    let many: Vec<String> = (0..70_000).map(|at| format!("项{at}")).collect();
    assert!(says(&words(&format!("枚举 类 = {}", many.join("、"))), "选项太多"));
}

#[test]
fn more_kinds_of_records_than_there_are_numbers_are_refused() {
    let records: String = (0..400).map(|at| format!("记录 某{at} 属于 户\n")).collect();
    assert!(says(&words(&records), "记录太多"));
    let nested: String = (1..300).map(|at| format!("记录 某{at} 属于 某{}\n", at - 1)).collect();
    assert!(says(&words(&format!("记录 某0 属于 户\n{nested}")), "记录太多"));
}

#[test]
fn numbers_of_any_length_are_numbers_or_problems() {
    for number in
        ["9".repeat(20_000), format!("0.{}1", "0".repeat(20_000)), "1/".repeat(20_000), "1.".repeat(20_000)]
    {
        words(&format!("规则 户.甲: 数 = {number}"));
        words(&format!("规则 户.甲: 金额 = {number}万元"));
        let case =
            format!("{FRONT}```条文\n规则 户.甲: 数 = 1\n```\n```案例\n试\n户：\n应得：甲 {number}\n```\n");
        assert!(!told(vec![Source { path: "national/t.md".into(), text: case }]).is_empty());
    }
    let powers = format!("规则 户.甲: 整数 = 999999999{}", " × 999999999".repeat(60));
    assert_eq!(words(&powers), [""; 0]);
}

#[test]
fn days_at_the_ends_of_the_calendar_are_computed_or_told_about() {
    let days =
        ["0001-01-01", "9999-12-31", "9999-01-01", "0000-01-01", "-9999-01-01", "2020-02-30", "99999-01-01"];
    for day in days {
        let formulas = format!(
            "规则 户.甲: 日期 = {day} + 999999999\n规则 户.乙: 日期 = 几个月后({day}, 99999999)\n\
             规则 户.丙: 日期 = 几个工作日后({day}, 3999)\n规则 户.丁: 月份 = 所在月({day}) + 2147483647\n\
             规则 户.戊: 日期 = 末日(所在月({day}) + 99999)\n规则 户.己: 整数 = {day} − 2020-01-01\n\
             规则 户.庚: 日期 = 首日(所在月({day}) − 999999)\n输入 人.出生日期: 日期\n规则 人.岁: 整数 = 在 {day} 的周岁"
        );
        words(&formulas);
        let case = format!(
            "{FRONT}```条文\n规则 户.甲: 月份 = 上月\n```\n```案例\n试\n地区 000000 日期 {day}\n户：\n应得：甲 不详\n```\n"
        );
        told(vec![Source { path: "national/t.md".into(), text: case }]);
    }
}

/// One line of a megabyte, a name of a hundred thousand characters, a million rows.
#[test]
fn long_lines_and_long_tables_take_seconds_not_hours() {
    words(&format!("规则 户.甲: 整数 = {}", "甲 ".repeat(5_000)));
    words(&format!("规则 户.{}: 整数 = 乙", "甲".repeat(20_000)));
    words(&format!("输入 户.甲: 是否 ？ “{}”", "问".repeat(60_000)));
    let parameter =
        format!("{FRONT}```条文\n枚举 类 = 一、二\n参数 数目[类]: 金额\n规则 户.甲: 金额 = 数目[一]\n```\n");
    let table = |line: &str, count: usize| {
        let csv = format!("参数,维度,起,止,值,文件,把握\n{}", line.repeat(count));
        let text = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
        told(vec![text("national/t.md", &parameter), text("national/t.csv", &csv)])
    };
    assert_eq!(table("数目,一,2019-09,,440元,某文,中\n", 5_000), [""; 0]);
    let wrong = table("没有这个,一,2019-09,,440元,某文,中\n", 5_000);
    assert!(wrong.len() < 200 && says(&wrong, "读不出来的行太多"), "{}", wrong.len());
}
