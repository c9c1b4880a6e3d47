//! What townships are given: who is on which list follows from content and leads, and nobody is on it twice.

use crate::county::{self, PROGRAMS, Row, World, content, dibao_rows, first_month, policies};
use doudi_engine::{Cleared, Content, ContentFile, HandoutCell, HandoutTable, Visit};
use std::collections::BTreeMap;

/// April, with a household on dibao that earns too much: two orange leads beside the red one of its dead member.
fn april() -> (World, Cleared) {
    let mut world = World::new();
    let people = first_month(&mut world, "2020-04");
    let mut incomes: Vec<Row> =
        people[330..].iter().map(|p| vec![p.name.clone(), p.id.clone(), "250000".into()]).collect();
    incomes.push(vec![people[3].name.clone(), people[3].id.clone(), "400000".into()]);
    world.import("incomes", "2020-04", &incomes);
    world.import("dibao", "2020-04", &dibao_rows(&people, 0..30));
    let cleared = world.clear("2020-04");
    (world, cleared)
}

fn tables(cleared: &Cleared, name: &str) -> Vec<HandoutTable> {
    let tables = cleared.townships.iter().flat_map(|township| township.tables);
    let found: Vec<HandoutTable> = tables.filter(|table| table.name == name).collect();
    assert_eq!(found.len(), cleared.townships.len(), "{name} is in every workbook");
    found
}

fn at(table: &HandoutTable, row: &[HandoutCell], header: &str) -> String {
    let place = table.columns.iter().position(|column| column.header == header).expect("a column");
    match &row[place] {
        HandoutCell::Text(text) => text.clone(),
        HandoutCell::Money(fen) => fen.to_string(),
        HandoutCell::Integer(number) => number.to_string(),
        HandoutCell::Village(code) => code.to_string(),
    }
}

#[test]
fn the_sheets_stand_in_the_order_of_the_work_and_keep_the_columns_that_are_read_back() {
    let (_, cleared) = april();
    for township in cleared.townships.iter() {
        let names: Vec<&str> = township.tables.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(names, ["摸排清单", "疑点清单", "漏保", "错保", "错退", "待核实", "重残台账"]);
        let leads = &township.tables[1];
        let headers: Vec<&str> = leads.columns.iter().map(|column| column.header.as_ref()).collect();
        for wanted in ["核查情况", "核查结果", "核查人", "日期", "处理意见"] {
            assert!(headers.contains(&wanted), "{wanted} in {headers:?}");
        }
        assert_eq!(headers.last(), Some(&"疑点编号"));
        let outcome = leads.columns.iter().find(|column| column.header == "核查结果").expect("a column");
        assert_eq!(outcome.choices, ["属实", "不属实", "部分属实", "数据错误"]);
        for table in &township.tables {
            assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{}", table.name);
        }
    }
}

#[test]
fn every_lead_is_listed_exactly_once_and_its_household_gets_a_form() {
    let (_, cleared) = april();
    let text = String::from_utf8_lossy(&cleared.leads_csv).into_owned();
    let mut expected: Vec<&str> = text.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    expected.sort_unstable();
    assert_eq!(expected.len(), 3);
    let mut listed: Vec<String> = tables(&cleared, "疑点清单")
        .iter()
        .flat_map(|table| table.rows.iter().map(|row| at(table, row, "疑点编号")))
        .collect();
    listed.sort_unstable();
    assert_eq!(listed, expected);
    let visits: Vec<Visit> = cleared.townships.iter().flat_map(|township| township.visits).collect();
    let mut on_forms: Vec<&str> =
        visits.iter().flat_map(|visit| &visit.leads).map(|lead| lead.lead_id.as_str()).collect();
    on_forms.sort_unstable();
    assert_eq!(on_forms, expected);
    // Persons 4 to 6 are one household with leads of two kinds: one form with all three members.
    let forms: Vec<(usize, usize)> =
        visits.iter().map(|visit| (visit.members.len(), visit.leads.len())).collect();
    assert_eq!(forms, [(3, 3)]);
}

#[test]
fn in_a_village_the_gravest_leads_come_first() {
    let (_, cleared) = april();
    let mut seen = 0;
    for table in &tables(&cleared, "疑点清单") {
        let mut last = None;
        for row in &table.rows {
            let rank = ["红", "橙", "黄"].iter().position(|word| *word == at(table, row, "级"));
            let key = (at(table, row, "村（社区）"), rank);
            assert!(last.as_ref().is_none_or(|last| *last <= key), "{last:?} then {key:?}");
            last = Some(key);
            seen += 1;
        }
    }
    assert_eq!(seen, 3);
}

#[test]
fn content_decides_whom_to_look_in_on_and_nobody_is_listed_twice() {
    let (mut world, cleared) = april();
    let mut by_class: BTreeMap<String, usize> = BTreeMap::new();
    let mut numbers = Vec::new();
    for table in &tables(&cleared, "摸排清单") {
        assert!(table.page_by_village);
        for row in &table.rows {
            let class = at(table, row, "类别");
            if class.contains("重残") {
                assert_eq!(at(table, row, "等级"), "一级");
            }
            *by_class.entry(class).or_default() += 1;
            numbers.push(at(table, row, "身份证号"));
        }
        for (village, line) in &table.village_lines {
            let rows = table.rows.iter().filter(|row| table.is_of(row, *village)).count();
            assert!(line.starts_with(&format!("{rows} 人：")), "{line}");
        }
    }
    let all = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), all, "one row per person");
    // Twenty of the forty disabled are of the first degree; fifteen of these have no income and are not enrolled.
    let of = |class: &str| by_class.get(class).copied().unwrap_or(0);
    assert_eq!((of("重残、符合条件未享受"), of("重残")), (15, 5));
    assert_eq!(of("核查疑点"), 2, "the dead are not looked in on: {by_class:?}");

    let mut without: serde_json::Value = serde_json::from_str(PROGRAMS).expect("JSON");
    without.as_object_mut().expect("an object").remove("look_in");
    let mut files = policies();
    files.last_mut().expect("the registry").text = without.to_string();
    world.content = content(files, world.content.spec_files.clone());
    let fewer = world.clear("2020-04");
    let listed: usize = tables(&fewer, "摸排清单").iter().map(|table| table.rows.len()).sum();
    assert_eq!(listed, all - 5, "those who were looked in on as members of the class alone");
}

#[test]
fn a_ledger_shows_what_content_asks_for_and_leaves_the_rest_to_be_filled_in() {
    let (_, cleared) = april();
    let mut amounts = Vec::new();
    for table in &tables(&cleared, "重残台账") {
        assert!(table.filed);
        assert_eq!(table.note, "每月报县里");
        for row in &table.rows {
            assert_eq!(at(table, row, "残疾等级"), "一级");
            assert_eq!((at(table, row, "期止"), at(table, row, "报备")), (String::new(), String::new()));
            amounts.push(at(table, row, "户低保金"));
        }
    }
    amounts.sort_unstable();
    amounts.dedup();
    assert_eq!(amounts, ["0.00", "1320.00"]);
}

#[test]
fn a_column_of_a_rule_that_no_policy_has_is_refused_by_name() {
    let world = World::new();
    for (wrong, says) in [
        (r#""fact": "人.没有的事实""#, "“人.没有的事实”在政策文件里没有"),
        (r#""fact": "收入.月额""#, "应是人或户的规则或事实"),
        (r#""fact": "人.残疾等级", "rule": "人.在重残台账""#, "只能写一个"),
    ] {
        let registry = PROGRAMS.replace(r#""fact": "人.残疾等级", "width": 8"#, wrong);
        assert_ne!(registry, PROGRAMS);
        let file = ContentFile { path: "programs.toml".into(), text: registry };
        let mut files = policies();
        *files.last_mut().expect("the registry") = file.clone();
        let specs = world.content.spec_files.clone();
        let list = serde_json::from_str(&specs[0].text).expect("specs");
        let clearing = serde_json::from_str(&file.text).expect("registry");
        let error = Content::new(files, specs, list, clearing).expect_err("refused").to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn a_check_waits_only_for_rosters_that_nothing_else_replaces() {
    let (_, cleared) = april();
    let severities: Vec<&str> = cleared.checks_in_force.iter().map(|check| check.severity.as_str()).collect();
    let first = severities.iter().position(|severity| *severity != "红").expect("others");
    assert!(first >= 2 && severities[first..].iter().all(|severity| *severity != "红"), "{severities:?}");
    let sees = |name: &str| {
        let check = cleared.checks_in_force.iter().find(|check| check.name == name).expect("in force");
        check.waits_for.is_empty()
    };
    assert!(sees("死亡仍在册") && sees("低保户收入过高"));
    let mut world = World::new();
    let people = county::people();
    world.import("register", "2020-04", &county::register_rows(&people));
    world.import("dibao", "2020-04", &dibao_rows(&people, 0..30));
    let cleared = world.clear("2020-04");
    let waits = |name: &str| {
        let check = cleared.checks_in_force.iter().find(|check| check.name == name).expect("in force");
        check.waits_for.join("、")
    };
    assert_eq!(waits("死亡仍在册"), "死亡名册");
    assert_eq!(waits("低保户收入过高"), "收入名册");
}
