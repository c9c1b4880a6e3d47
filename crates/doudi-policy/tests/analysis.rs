//! Texts that are well written and still say something wrong, each with the words that an officer gets for it, and its
//! mended twin, of which nothing is found. `DOUDI_ACCEPT=1` writes new expectations, to be read in the diff.

use doudi_policy::{
    Analysis, Diagnostic, Evaluation, Exact, Fact, FactValue, Facts, Finding, FindingKind, Layout, Level,
    Library, ParameterValue, Program, Source, Value, analyse, analyse_within, has_errors, ir,
};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

/// One file may hold several documents and tables, parted by a cut line.
const CUT: &str = "----8<----\n";

/// What this half of the analysis finds; words and sources of the texts are tested elsewhere.
const KINDS: [FindingKind; 6] = [
    FindingKind::Gap,
    FindingKind::Boundary,
    FindingKind::Overlap,
    FindingKind::Unreachable,
    FindingKind::Constant,
    FindingKind::Declaration,
];

fn sources(text: &str) -> Vec<Source> {
    text.split(CUT)
        .enumerate()
        .map(|(index, text)| {
            let table = text.starts_with("参数,");
            let path = if table {
                format!("500243-表{index}/standards.csv")
            } else {
                format!("文件{}.md", index + 1)
            };
            Source { path, text: text.to_owned() }
        })
        .collect()
}

fn analysed(text: &str) -> (Library, Analysis) {
    let (library, problems) = Library::read(sources(text));
    let words = |problems: &[Diagnostic]| -> String {
        problems.iter().map(|problem| problem.render(&library.sources)).collect()
    };
    assert!(!has_errors(&problems), "{}", words(&problems));
    let analysis = analyse(&library);
    assert!(analysis.problems.is_empty(), "{}", words(&analysis.problems));
    assert_eq!(analysis.open, 0, "every question is answered");
    (library, analysis)
}

fn rendered(text: &str) -> String {
    let (library, analysis) = analysed(text);
    let told = analysis.findings.iter().filter(|found| KINDS.contains(&found.kind)).map(|finding| {
        let declared =
            finding.declared.as_ref().map_or(String::new(), |reason| format!("  已说明：{reason}\n"));
        format!("[{}] {}{declared}\n", finding.kind.word(), finding.render(&library.sources))
    });
    told.collect()
}

fn texts() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/analysis");
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("folder").map(|entry| entry.expect("entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).expect("text"))).collect()
}

fn is_mended(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".mended.md")
}

#[test]
fn every_hole_is_told_with_a_household_in_the_words_beside_it() {
    let mut differing = String::new();
    for (path, text) in texts().into_iter().filter(|(path, _)| !is_mended(path)) {
        let got = rendered(&text);
        assert!(!got.is_empty(), "{} is not found wrong at all", path.display());
        let expectation = path.with_extension("txt");
        if std::env::var_os("DOUDI_ACCEPT").is_some() {
            std::fs::write(&expectation, &got).expect("written");
        }
        if got != std::fs::read_to_string(&expectation).unwrap_or_default() {
            differing.push_str(&format!("== {}\n{got}", path.display()));
        }
    }
    assert!(differing.is_empty(), "{differing}");
}

#[test]
fn of_a_mended_text_nothing_is_found() {
    let mended: Vec<_> = texts().into_iter().filter(|(path, _)| is_mended(path)).collect();
    assert!(mended.len() >= 12);
    for (path, text) in mended {
        assert_eq!(rendered(&text), "", "{}", path.display());
        let wrong = path.to_string_lossy().replace(".mended.md", ".md");
        assert!(Path::new(&wrong).exists(), "{wrong} is missing");
    }
}

/// A record may be of somebody not yet born: ages below zero exist, and a proof must not forget them.
#[test]
fn nothing_is_proven_of_an_age_below_zero() {
    let text = "---\n编号: 试\n名称: 试\n位阶: 工作口径\n施行: 2012-01-01\n---\n## 一\n> 原文\n```条文\n\
        输入 人.出生日期: 日期\n规则 人.周岁: 整数 = 在 月末 的周岁\n规则 人.已出生: 是否 = 周岁 不低于 0\n```\n";
    assert_eq!(rendered(text), "");
}

#[test]
fn a_word_that_differs_from_the_text_can_be_declared_too() {
    let text = "---\n编号: 试\n名称: 试\n位阶: 部门规章\n施行: 2012-01-01\n---\n## 第一条\n\n\
        > 家庭人均收入低于当地最低生活保障标准的，给予最低生活保障。\n\n```条文\n\
        输入 户.人均收入: 金额 不为负\n参数 低保标准: 金额/月\n规则 户.低保对象: 是否 = 人均收入 不超过 低保标准\n```\n";
    let found = |text: &str| {
        let (_, analysis) = analysed(text);
        let mut found = analysis.findings;
        found.retain(|finding| matches!(finding.kind, FindingKind::Wording | FindingKind::Declaration));
        found
    };
    assert!(found(text).iter().any(|finding| finding.declared.is_none()));
    let declared = format!("{text}\n```缺口\n字词 户.低保对象：经办口径含本数，待省厅答复。\n```\n");
    assert!(found(&declared).iter().all(|finding| finding.declared.is_some()));
}

/// Nothing is found in the policies that ship but what they declare to be the law's own.
#[test]
fn shipped_policies_have_no_hole_that_they_do_not_declare() {
    let mut sources = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    gather(&root, &root, &mut sources);
    let (library, problems) = Library::read(sources);
    assert!(!has_errors(&problems));
    let analysis = analyse(&library);
    assert_eq!(analysis.open, 0);
    let undeclared: String = analysis
        .findings
        .iter()
        .filter(|found| {
            KINDS.contains(&found.kind) && found.level == Level::Warning && found.declared.is_none()
        })
        .map(|found| found.render(&library.sources))
        .collect();
    assert_eq!(undeclared, "");
    let phase_out = analysis.findings.iter().find(|found| {
        found.kind == FindingKind::Boundary && found.subjects.iter().any(|path| path == "户.低保对象「渐退」")
    });
    let phase_out = phase_out.expect("income exactly at the standard is neither");
    let words: Vec<String> = phase_out.examples.iter().map(|example| example.words()).collect();
    for (words, income) in words.iter().zip(["439.99元", "440.00元", "440.01元"]) {
        assert!(words.contains(&format!("人均月收入 {income}，城乡 农村")), "{words}");
    }
    assert!(words[0].ends_with("低保对象 是") && words[1].ends_with("低保对象 否"), "{words:?}");
}

fn gather(folder: &Path, root: &Path, sources: &mut Vec<Source>) {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("folder").map(|entry| entry.expect("entry").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            gather(&path, root, sources);
        } else if path.extension().is_some_and(|extension| extension == "md" || extension == "csv") {
            let name = path.strip_prefix(root).expect("inside").to_string_lossy().into_owned();
            sources.push(Source { path: name, text: std::fs::read_to_string(&path).expect("text") });
        }
    }
}

const HEAD: &str = "---\n编号: 试\n名称: 试\n位阶: 工作口径\n施行: 2012-01-01\n---\n## 一\n> 原文\n```条文\n\
    输入 户.甲: 是否\n输入 户.乙: 农村、城镇\n输入 户.丙: 金额 不为负\n输入 人.戊: 整数\n输入 人.己: 日期\n\
    参数 标准[乙]: 金额/月\n参数 倍数: 数\n";

/// Conditions as tired hands might write them, nested.
fn condition() -> impl Strategy<Value = String> {
    let amount = prop_oneof![
        Just("丙".to_owned()),
        Just("标准[乙]".to_owned()),
        Just("倍数 × 标准[乙]".to_owned()),
        Just("丙 × 丙数".to_owned()),
        Just("丙 ÷ 3".to_owned()),
        Just("取大(丙, 标准[乙] − 丙, 0元)".to_owned()),
        Just("999999999999999.99元 × 999999999999".to_owned()),
        (0..900_u32).prop_map(|yuan| format!("{yuan}元")),
    ];
    let compare =
        prop_oneof![Just("低于"), Just("超过"), Just("不低于"), Just("不超过"), Just("等于"), Just("不等于")];
    let atom = prop_oneof![
        Just("甲".to_owned()),
        Just("乙 为 农村".to_owned()),
        Just("有规定(倍数)".to_owned()),
        Just("已知(丙)".to_owned()),
        Just("确知(甲)".to_owned()),
        Just("任一(成员 当 戊 超过 3)".to_owned()),
        Just("丙数 超过 2".to_owned()),
        (amount.clone(), compare, amount).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
    ];
    atom.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} 且 {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} 或 {b})")),
            inner.prop_map(|a| format!("非 ({a})")),
        ]
    })
}

fn document() -> impl Strategy<Value = String> {
    let clauses = prop::collection::vec((condition(), 0..4_u32), 1..6);
    let exceptions = prop::collection::vec((condition(), 0..3_u32), 0..4);
    (clauses, any::<bool>(), exceptions, condition()).prop_map(|(clauses, rest, exceptions, other)| {
        let mut text = format!("{HEAD}规则 户.丙数: 整数 = 计数(成员)\n规则 户.庚: 金额/月\n");
        for (condition, value) in clauses {
            text.push_str(&format!("  当 {condition} 则 {value}元\n"));
        }
        text.push_str(if rest { "  否则 9元\n" } else { "" });
        for (number, (condition, value)) in exceptions.into_iter().enumerate() {
            text.push_str(&format!("例外 户.庚 「{number}」 当 {condition} 则 {value}元\n"));
        }
        text.push_str(&format!("规则 户.辛: 是否 = {other} 且 庚 超过 2元\n```\n"));
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_analysed_within_its_budget(text in document(), steps in 1..60_000_u32) {
        let (library, problems) = Library::read(sources(&text));
        prop_assert!(!has_errors(&problems), "{:?}\n{}", problems, text);
        let analysis = analyse_within(&library, steps);
        prop_assert!(analysis.steps <= steps);
        // The same text, the same findings: nothing depends on the order of a hash table.
        prop_assert_eq!(analyse_within(&library, steps).findings, analysis.findings);
    }
}

/// A household and a place as chance has them, unknown facts and unpublished values among them.
#[derive(Clone, Debug)]
struct Chance {
    yes: Option<bool>,
    option: Option<u16>,
    money: Option<i128>,
    ages: Vec<Option<i128>>,
    /// By parameter and key: not published, published as having none, or a value.
    values: Vec<u8>,
    amounts: Vec<i128>,
}

fn chance() -> impl Strategy<Value = Chance> {
    let money = prop_oneof![Just(0), Just(1), 0..100_000_i128, (0..900_i128).prop_map(|yuan| yuan * 100)];
    (
        prop::option::of(any::<bool>()),
        prop::option::of(0..2_u16),
        prop::option::of(money.clone()),
        prop::collection::vec(prop::option::of(0..6_i128), 0..4),
        prop::collection::vec(0..4_u8, 3),
        prop::collection::vec(money, 3),
    )
        .prop_map(|(yes, option, money, ages, values, amounts)| Chance {
            yes,
            option,
            money,
            ages,
            values,
            amounts,
        })
}

impl Chance {
    fn facts<'l>(&self, library: &Library, layout: &'l Layout) -> Facts<'l> {
        let mut facts = Facts::new(layout);
        let mut set = |path: &str, row: u32, value: Option<Value>| {
            let id = library.input_by_path(path).expect("declared");
            let entity = library.inputs[id.index()].entity;
            if let Some(value) = value {
                facts.set(entity, row, id, Fact { value: FactValue::Known(value), source: None });
            }
        };
        let number = |number: i128| Value::Number(Exact::from_integer(number));
        set("户.甲", 0, self.yes.map(Value::YesNo));
        set("户.乙", 0, self.option.map(Value::Label));
        set("户.丙", 0, self.money.map(number));
        for age in &self.ages {
            let row = facts.add_row(ir::PERSON, 0, "");
            if let Some(age) = age {
                let id = library.input_by_path("人.戊").expect("declared");
                let value = FactValue::Known(number(*age));
                facts.set(ir::PERSON, row, id, Fact { value, source: None });
            }
        }
        facts
    }

    fn publish(&self, program: &mut Program<'_>) {
        let slots = program.parameters.iter_mut().flatten();
        for ((slot, kind), amount) in slots.zip(&self.values).zip(&self.amounts) {
            *slot = match kind {
                0 => ParameterValue::Unpublished,
                1 => ParameterValue::None(0),
                _ => ParameterValue::Value(Value::Number(Exact::from_integer(*amount)), 0),
            };
        }
    }
}

/// What the finding says that cannot be: a condition is yes, or is no, or a clause holds and surely none before it.
fn contradicted(library: &Library, finding: &Finding, evaluation: &mut Evaluation<'_>) -> bool {
    let mut nodes: Vec<(&ir::Expr, ir::EntityId)> = Vec::new();
    let mut decides = false;
    for def in &library.defs {
        let entity = library.rules[def.rule.index()].entity;
        for expr in def.exprs() {
            expr.walk(&mut |node| {
                if node.span == finding.span && node.ty == ir::Type::YesNo {
                    nodes.push((node, entity));
                }
            });
        }
        if let ir::Body::Clauses { clauses, otherwise } = &def.body {
            let rest = otherwise.as_ref().map(|expr| expr.span);
            let spans = clauses.iter().map(|clause| clause.condition.span).chain(rest);
            let answers: Vec<Option<bool>> = clauses
                .iter()
                .map(|clause| evaluation.expr(&clause.condition, entity, 0).as_yes_no())
                .collect();
            for (at, span) in spans.enumerate() {
                let holds = answers.get(at).is_none_or(|answer| *answer == Some(true));
                let alone = answers[..at].iter().all(|answer| *answer == Some(false));
                decides |= span == finding.span && holds && alone;
            }
        }
    }
    if finding.kind == FindingKind::Unreachable {
        return decides;
    }
    let wrong = finding.what.contains("永远不会成立");
    // Words like 确知 stand for several nodes; what was said is true if it is true of one.
    !nodes.is_empty()
        && nodes.into_iter().all(|(node, entity)| evaluation.expr(node, entity, 0).as_yes_no() == Some(wrong))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_said_to_be_impossible_happens_in_no_household(
        text in document(),
        chances in prop::collection::vec(chance(), 40),
    ) {
        let (library, _) = Library::read(sources(&text));
        let analysis = analyse(&library);
        let layout = Layout::of(&library);
        let day = doudi_terms::parse_date("2020-05-31").expect("a day");
        let mut program = Program::link(&library, doudi_terms::RegionCode::COUNTRY, day).expect("linked");
        let proven = [FindingKind::Unreachable, FindingKind::Constant];
        for finding in analysis.findings.iter().filter(|finding| proven.contains(&finding.kind)) {
            for chance in &chances {
                chance.publish(&mut program);
                let facts = chance.facts(&library, &layout);
                let mut evaluation = Evaluation::new(&program, &facts);
                let words = finding.render(&library.sources);
                prop_assert!(
                    !contradicted(&library, finding, &mut evaluation),
                    "{}\n{:?}\n{}", words, chance, text
                );
            }
        }
    }
}
