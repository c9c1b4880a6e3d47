//! No text and no facts may panic, hang or overflow: damaged copies of the shipped policies are read, linked and run.

use doudi_policy::{Diagnostic, Layout, Library, Program, Source, format_document, run_case_block};
use doudi_terms::RegionCode;
use proptest::prelude::*;
use std::path::Path;

fn shipped() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    [
        "national/649-2014.md",
        "national/220-2012.md",
        "national/facts.md",
        "500243-pengshui/2020-70.md",
        "national/scope.md",
    ]
    .iter()
    .map(|path| ((*path).to_owned(), std::fs::read_to_string(root.join(path)).expect("shipped policy")))
    .collect()
}

/// What a tired hand does to a text.
#[derive(Clone, Debug)]
enum Damage {
    Delete { at: usize, length: usize },
    Repeat { at: usize, length: usize },
    Insert { at: usize, text: String },
}

fn damage() -> impl Strategy<Value = Damage> {
    let fragments = prop_oneof![
        Just("当".to_owned()),
        Just("则".to_owned()),
        Just("```条文\n".to_owned()),
        Just("（".repeat(200)),
        Just("99999999999999999999元".to_owned()),
        Just("规则 户.月收入: 金额 = 月收入".to_owned()),
        Just("÷ 0".to_owned()),
        Just("“".to_owned()),
        "\\PC{0,12}",
    ];
    prop_oneof![
        (any::<usize>(), 1..40_usize).prop_map(|(at, length)| Damage::Delete { at, length }),
        (any::<usize>(), 1..200_usize).prop_map(|(at, length)| Damage::Repeat { at, length }),
        (any::<usize>(), fragments).prop_map(|(at, text)| Damage::Insert { at, text }),
    ]
}

fn quoted_word() -> impl Strategy<Value = String> {
    let words = [
        "低于",
        "不低于",
        "以上",
        "以下",
        "内",
        "不满",
        "满",
        "连续",
        "达到",
        "超过",
        "（不含）",
        "（",
        "的",
        "当地低保标准",
        "规定",
        "1.5倍",
        "一点五倍",
        "60周岁",
        "六十周岁",
        "三十个工作日",
        "30日",
        "百分之",
        "九九九九万",
        "点五倍",
        "第三级",
        "一、二级",
        "至三级",
        "99999999999999999999元",
        "。",
        "；",
        "，",
        "人均收入",
        "2020年",
    ];
    prop_oneof![prop::sample::select(words.map(str::to_owned).to_vec()), "\\PC{0,6}"]
}

fn apply(text: &str, damages: &[Damage]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for damage in damages {
        let place = |at: usize, chars: &[char]| at % (chars.len() + 1);
        match damage {
            Damage::Delete { at, length } => {
                let at = place(*at, &chars);
                let end = (at + length).min(chars.len());
                chars.drain(at..end);
            }
            Damage::Repeat { at, length } => {
                let at = place(*at, &chars);
                let end = (at + length).min(chars.len());
                let copy: Vec<char> = chars[at..end].to_vec();
                chars.splice(at..at, copy);
            }
            Damage::Insert { at, text } => {
                let at = place(*at, &chars);
                chars.splice(at..at, text.chars());
            }
        }
    }
    chars.into_iter().collect()
}

/// Everything a user could do with a library, whatever it holds. Returns what was found wrong.
fn exercise(sources: Vec<Source>) -> Vec<Diagnostic> {
    let (library, mut problems) = Library::read(sources);
    let layout = Layout::of(&library);
    let region = RegionCode::parse("500243").expect("a code");
    let date = doudi_terms::parse_date("2020-05-31").expect("a date");
    if let Err(found) = Program::link(&library, region, date) {
        problems.extend(found);
    }
    for block in &library.cases {
        if let Err(found) = run_case_block(&library, &layout, block) {
            problems.extend(found);
        }
    }
    // Whatever it holds: the analysis of a damaged text may be wrong, but it ends.
    let analysis = doudi_policy::analyse(&library);
    for finding in &analysis.findings {
        let _ = finding.render(&library.sources);
    }
    problems.extend(analysis.problems);
    for problem in &problems {
        let _ = problem.render(&library.sources);
    }
    problems
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_policies_are_told_about_never_a_panic(which in 0..5_usize, damages in prop::collection::vec(damage(), 1..6)) {
        let sources = shipped().into_iter().enumerate().map(|(index, (path, text))| {
            let text = if index == which { apply(&text, &damages) } else { text };
            Source { path, text }
        }).collect();
        exercise(sources);
    }

    /// Bound words, numbers and grades in any order, as the quotation above a formula that has them too.
    #[test]
    fn no_quotation_stops_the_analysis(words in prop::collection::vec(quoted_word(), 0..24)) {
        let text = format!(
            "---\n文件: 试\n名称: 试\n位阶: 部门规章\n施行: 2020-01-01\n---\n## 一\n> {}\n```条文\n{}\n```\n",
            words.concat(),
            "输入 人.出生日期: 日期\n输入 人.等级: 一级、二级、三级\n参数 低保标准: 金额/月\n输入 户.人均收入: 金额\n\
             规则 人.甲: 是否 = 在 月末 的周岁 在 60 以上 且 等级 为 一级、二级\n\
             规则 户.乙: 是否 = 人均收入 低于 1.5 × 低保标准\n规则 人.丙: 日期 = 几个工作日后(出生日期, 30)"
        );
        exercise(vec![Source { path: "a.md".into(), text }]);
    }

    #[test]
    fn layout_is_stable_and_keeps_what_a_document_says(which in 0..5_usize, damages in prop::collection::vec(damage(), 0..4)) {
        let (path, text) = shipped().swap_remove(which);
        let damaged = apply(&text, &damages);
        let once = format_document(&damaged);
        prop_assert_eq!(&format_document(&once), &once);
        // The same complaints, place aside: laying out changes no meaning.
        let complaints = |text: String| {
            let found = exercise(vec![Source { path: path.clone(), text }]);
            let mut words: Vec<String> = found.into_iter().map(|problem| problem.what).collect();
            words.sort();
            words
        };
        prop_assert_eq!(complaints(damaged), complaints(once));
    }
}
