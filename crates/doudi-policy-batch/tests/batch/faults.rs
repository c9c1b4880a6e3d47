//! What cannot be computed is reported for its row, never wrapped and never a crash.

use crate::agreement::of_rule;
use crate::library;
use arrow_array::{ArrayRef, BooleanArray, Int64Array};
use doudi_policy::ir::{HOUSEHOLD, PERSON};
use doudi_policy::{Exact, Library, Program, Value};
use doudi_policy_batch::{BatchError, EntityTable, FactTables, ResultColumn, Results, Wanted, evaluate};
use doudi_terms::{RegionCode, parse_date};
use std::collections::BTreeMap;
use std::sync::Arc;

const DOCUMENT: &str = "---
文件: 试〔2020〕2号
名称: 算不出来的时候
位阶: 部门规范性文件
施行: 2010-01-01
---
# 试验
## 第一条
```条文
输入 户.甲: 金额
输入 户.份数: 整数
输入 户.建档: 是否
输入 人.钱: 金额
规则 户.两倍: 金额 = 甲 × 2
规则 户.平方: 金额 = 甲 × 份数 × 份数
规则 户.每份: 数额 = 甲 ÷ 份数
规则 户.合计: 金额 = 合计（成员 的 钱）
规则 户.首日: 日期 = 2020-01-01 + 份数 × 1000000000
规则 户.低: 是否 = 每份 低于 100元 且 建档
规则 户.建档才算: 金额
  当 非 建档 则 0元
  否则 两倍
规则 户.打架: 金额 = 1元
例外 户.打架 「一」 当 份数 不少于 1 则 2元
例外 户.打架 「二」 当 建档 则 3元
```
";

const HOUSEHOLDS: [(i64, i64, bool); 5] =
    [(100, 2, true), (i64::MAX, 1, true), (i64::MIN, 0, false), (700, 0, true), (i64::MAX, 3, false)];
/// Members of each household.
const MONEY: [&[i64]; 5] = [&[1, 2], &[i64::MAX, 1], &[i64::MAX, 1, -1], &[], &[i64::MIN, -1, 5]];

fn tables(library: &Library) -> FactTables {
    let input = |path: &str| library.input_by_path(path).expect("an input");
    let whole = |values: Vec<i64>| -> ArrayRef { Arc::new(Int64Array::from(values)) };
    let mut offsets = vec![0];
    for members in MONEY {
        offsets.push(offsets[offsets.len() - 1] + members.len() as u32);
    }
    let marked: ArrayRef = Arc::new(BooleanArray::from_iter(HOUSEHOLDS.iter().map(|row| Some(row.2))));
    let households = EntityTable {
        rows: HOUSEHOLDS.len(),
        columns: BTreeMap::from([
            (input("户.甲"), whole(HOUSEHOLDS.iter().map(|row| row.0).collect())),
            (input("户.份数"), whole(HOUSEHOLDS.iter().map(|row| row.1).collect())),
            (input("户.建档"), marked),
        ]),
        ..EntityTable::default()
    };
    let members = EntityTable {
        rows: MONEY.concat().len(),
        offsets: Some(offsets),
        columns: BTreeMap::from([(input("人.钱"), whole(MONEY.concat()))]),
        complete: None,
    };
    FactTables::new(library, vec![households, members]).expect("columns that fit")
}

fn run(check: impl Fn(&Program<'_>, &Results)) {
    let library = library(DOCUMENT, "参数,起,值,文件,把握\n");
    let day = parse_date("2020-05-31").expect("a day");
    let program = Program::link(&library, RegionCode::COUNTRY, day).expect("it links");
    let wanted: Vec<Wanted> = program.order.iter().copied().map(Wanted::Rule).collect();
    let results = evaluate(&program, &tables(&library), &wanted).expect("results");
    check(&program, &results);
}

fn values(column: &ResultColumn) -> Vec<Option<Value>> {
    (0..HOUSEHOLDS.len()).map(|row| column.value(row)).collect()
}

fn money(fen: i64) -> Option<Value> {
    Some(Value::Number(Exact::from_integer(i128::from(fen))))
}

fn faulty(column: &ResultColumn, kind: fn(&doudi_policy_batch::FaultKinds) -> bool) -> Vec<u32> {
    column.faults.iter().filter(|fault| kind(&fault.kinds)).map(|fault| fault.row).collect()
}

#[test]
fn a_product_beyond_64_bits_is_an_overflow_of_its_row() {
    run(|program, results| {
        let double = of_rule(program, results, "户.两倍");
        assert_eq!(values(double), [money(200), None, None, money(1400), None]);
        assert_eq!(faulty(double, |kinds| kinds.overflow()), [1, 2, 4]);
        let square = of_rule(program, results, "户.平方");
        assert_eq!(values(square), [money(400), money(i64::MAX), money(0), money(0), None]);
    });
}

#[test]
fn a_sum_may_pass_through_what_does_not_fit() {
    run(|program, results| {
        let sum = of_rule(program, results, "户.合计");
        assert_eq!(values(sum), [money(3), None, money(i64::MAX), money(0), money(i64::MIN + 4)]);
        assert_eq!(faulty(sum, |kinds| kinds.overflow()), [1]);
    });
}

#[test]
fn division_by_zero_is_a_fault_unless_the_answer_stands_without_it() {
    run(|program, results| {
        let share = of_rule(program, results, "户.每份");
        assert_eq!(faulty(share, |kinds| kinds.division_by_zero()), [2, 3]);
        // The household of row 2 is not marked: whatever its share, the answer is no.
        let low = of_rule(program, results, "户.低");
        assert_eq!(low.yes_no(2), Some(false));
        assert_eq!(low.yes_no(3), None);
        assert_eq!(faulty(low, |kinds| kinds.division_by_zero()), [3]);
    });
}

#[test]
fn a_value_that_is_not_used_cannot_fail() {
    run(|program, results| {
        let used = of_rule(program, results, "户.建档才算");
        assert_eq!(values(used), [money(200), None, money(0), money(1400), money(0)]);
        assert_eq!(faulty(used, |kinds| kinds.overflow()), [1]);
    });
}

#[test]
fn exceptions_that_disagree_are_a_conflict() {
    run(|program, results| {
        let conflict = of_rule(program, results, "户.打架");
        assert_eq!(values(conflict), [None, None, money(100), money(300), money(200)]);
        assert_eq!(faulty(conflict, |kinds| kinds.conflict()), [0, 1]);
    });
}

#[test]
fn a_day_beyond_the_calendar_is_an_overflow() {
    run(|program, results| {
        let day = of_rule(program, results, "户.首日");
        assert_eq!(faulty(day, |kinds| kinds.overflow()), [4]);
        assert_eq!(values(day)[4], None);
        assert!(values(day)[0].is_some());
    });
}

#[test]
fn columns_that_do_not_fit_are_refused_by_name() {
    let library = library(DOCUMENT, "参数,起,值,文件,把握\n");
    let money = library.input_by_path("户.甲").expect("an input");
    let member_money = library.input_by_path("人.钱").expect("an input");
    let attempt = |household: EntityTable, person: EntityTable| {
        FactTables::new(&library, vec![household, person]).err().map(|error| error.to_string())
    };
    let households = |id, column: ArrayRef| EntityTable {
        rows: 1,
        columns: BTreeMap::from([(id, column)]),
        ..EntityTable::default()
    };
    let nobody = || EntityTable { offsets: Some(vec![0, 0]), ..EntityTable::default() };
    let fen: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let two: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
    let yes: ArrayRef = Arc::new(BooleanArray::from(vec![true]));
    assert_eq!(attempt(households(money, Arc::clone(&fen)), nobody()), None);
    let wrong_type = attempt(households(money, yes), nobody()).expect("an error");
    assert!(wrong_type.contains("户.甲") && wrong_type.contains("Int64"), "{wrong_type}");
    let wrong_length = attempt(households(money, two), nobody()).expect("an error");
    assert!(wrong_length.contains("户.甲"), "{wrong_length}");
    let foreign = attempt(households(member_money, Arc::clone(&fen)), nobody()).expect("an error");
    assert!(foreign.contains('钱') && foreign.contains('户'), "{foreign}");
    for offsets in [None, Some(vec![0]), Some(vec![0, 3]), Some(vec![1, 0])] {
        let person = EntityTable { offsets, ..EntityTable::default() };
        let wrong = attempt(households(money, Arc::clone(&fen)), person).expect("an error");
        assert!(wrong.contains('人'), "{wrong}");
    }
    let alone = FactTables::new(&library, vec![EntityTable::default()]).err();
    assert_eq!(alone, Some(BatchError::EntityCount { expected: 2, found: 1 }));
    assert_eq!((HOUSEHOLD.index(), PERSON.index()), (0, 1));
}
