//! `policy explain --letter`: decisions that can be printed and signed. The letters stand beside this file, named by
//! what they promise; `DOUDI_ACCEPT=1` writes them anew, to be read in the diff.

use crate::{copy_policies, doudi, edit, stderr, stdout};
use std::path::{Path, PathBuf};
use std::process::Output;

const FAMILY: &str = include_str!("letters/family.json");
const OLD_MAN: &str = include_str!("letters/old-man.json");

fn letter(facts: &str, date: &str, more: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("户.json");
    std::fs::write(&file, facts).expect("written");
    let path = file.to_string_lossy().into_owned();
    let place = ["policy", "explain", "--facts", &path, "--region", "500243", "--date", date, "--letter"];
    doudi(&[&place, more].concat())
}

fn refused() -> String {
    FAMILY.replace("1500元", "1660元")
}

/// Without the deposit, the son's incomes and the child's houses.
fn open() -> String {
    let facts = FAMILY
        .replace("\"存款总额\": \"3000元\", ", "")
        .replace("\"房产\": []}\n", "\"户口迁出\": \"否\"}\n");
    let start = facts.find("\"收入\": [{\"种类\": \"工资性收入\"").expect("the wage");
    let end = facts[start..].find("], ").expect("its end") + start + "], ".len();
    format!("{}{}", &facts[..start], &facts[end..])
}

fn matches_snapshot(name: &str, got: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/letters").join(format!("{name}.txt"));
    if std::env::var_os("DOUDI_ACCEPT").is_some() {
        std::fs::write(&path, got).expect("written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(got, expected, "{name}");
}

#[test]
fn a_grant_shows_the_family_the_income_and_the_sum_step_by_step() {
    let output = letter(FAMILY, "2020-05-31", &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    matches_snapshot("a-grant-shows-the-sum-step-by-step", &stdout(&output));
    assert!(stderr(&output).contains("签发前核对：“低保标准”的值要核对文件"), "{}", stderr(&output));
}

#[test]
fn a_refusal_says_by_how_much_what_is_nearest_and_where_to_appeal() {
    matches_snapshot(
        "a-refusal-says-by-how-much-and-where-to-appeal",
        &stdout(&letter(&refused(), "2020-05-31", &[])),
    );
}

#[test]
fn what_is_not_known_is_asked_of_who_can_know_it() {
    matches_snapshot(
        "what-is-not-known-is-asked-of-who-can-know-it",
        &stdout(&letter(&open(), "2020-05-31", &[])),
    );
}

/// No standard after August 2021 ships; the place's own file would have it.
fn later_standard() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("folder");
    copy_policies(folder.path());
    edit(
        &folder.path().join("500243-pengshui/standards.csv"),
        "低保标准,农村,2021-09,,不详",
        "低保标准,农村,2021-09,,496元",
    );
    folder
}

#[test]
fn a_decision_of_2026_rests_on_the_law_of_that_year() {
    let folder = later_standard();
    let policies = folder.path().to_string_lossy().into_owned();
    let more = ["--name", "李秀英家", "--policies", &policies];
    let text = stdout(&letter(&refused().replace("1660元", "1900元"), "2026-08-31", &more));
    matches_snapshot("a-decision-of-2026-rests-on-the-law-of-that-year", &text);
}

#[test]
fn a_refusal_to_a_person_says_whose_support_stands_in_the_way() {
    let text = stdout(&letter(OLD_MAN, "2020-05-31", &["--programme", "tekun"]));
    matches_snapshot("a-refusal-to-a-person-says-whose-support-stands-in-the-way", &text);
}

#[test]
fn the_route_of_appeal_is_the_one_of_the_day() {
    let refused = FAMILY.replace("1500元", "1900元");
    let folder = later_standard();
    let policies = folder.path().to_string_lossy().into_owned();
    let route = |date: &str| stdout(&letter(&refused, date, &["--policies", &policies]));
    assert!(route("2023-12-31").contains("向县级人民政府或者上一级民政部门申请行政复议"));
    assert!(route("2024-01-01").contains("向县级人民政府申请行政复议"));
    assert!(route("2024-01-01").contains("《中华人民共和国行政复议法》第二十条、第二十四条"));
    // Only from 2021 an article lets the applicant ask the township to look again.
    assert!(!route("2020-05-31").contains("要求乡镇人民政府（街道办事处）复查"));
    assert!(
        route("2022-05-31")
            .contains("要求乡镇人民政府（街道办事处）复查。（《最低生活保障审核确认办法》第十八条）")
    );
}

#[test]
fn a_changed_policy_changes_the_letter_without_a_rebuild() {
    let folder = tempfile::tempdir().expect("folder");
    copy_policies(folder.path());
    let law = folder.path().join("national/649-2014.md");
    let text = std::fs::read_to_string(&law).expect("law");
    let reason = "理由 “共同生活的家庭成员人均收入不低于当地低保标准”";
    std::fs::write(&law, text.replacen(reason, "理由 “平均每人的收入到了线上”", 1)).expect("written");
    edit(&folder.path().join("letters/refusal.md"), "# {项目}不予确认决定书", "# {地区}{项目}决定书");
    let policies = folder.path().to_string_lossy().into_owned();
    let changed = stdout(&letter(&refused(), "2020-05-31", &["--policies", &policies]));
    assert!(changed.starts_with("重庆市彭水苗族土家族自治县最低生活保障决定书\n"), "{changed}");
    assert!(changed.contains("多出约2.67元。平均每人的收入到了线上（国务院令第649号第九条）。"), "{changed}");
    edit(&folder.path().join("letters/refusal.md"), "{收信人}", "{收件人}");
    let wrong = doudi(&["policy", "check", "--policies", &policies]);
    assert_ne!(wrong.status.code(), Some(0));
    let said = format!("{}{}", stdout(&wrong), stderr(&wrong));
    assert!(said.contains("letters/refusal.md:7") && said.contains("是不是想写 收信人？"), "{said}");
}

#[test]
fn json_holds_the_sentences_and_the_letter() {
    let output = letter(&refused(), "2020-05-31", &["--json"]);
    let json: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("json");
    let result = &json["results"][0];
    assert_eq!(result["letter"]["kind"], "不予");
    assert_eq!(result["letter"]["title"], "最低生活保障不予确认决定书");
    let sentences = result["sentences"].as_array().expect("sentences");
    assert!(
        sentences.iter().any(|line| line == "人均月收入：月收入1,328.00元÷共同生活3人＝约442.67元。"),
        "{sentences:?}"
    );
    assert!(result["letter"]["text"].as_str().expect("text").contains("四、不服本决定怎么办"));
    assert!(!result["letter"]["to_check"].as_array().expect("notes").is_empty());
}

#[test]
fn letters_name_people_and_never_number_them() {
    let numbered = letter(FAMILY, "2020-05-31", &["--name", "李秀英 11010519491231002X"]);
    assert_eq!(numbered.status.code(), Some(3));
    assert!(stderr(&numbered).contains("不写身份证号"), "{}", stderr(&numbered));
    let unnamed = FAMILY.replace("\"姓名\": \"张建国\", ", "");
    let text = stdout(&letter(&unnamed, "2020-05-31", &[]));
    assert!(text.contains("共同生活3人：李秀英、子女（第2位成员）、张小花。"), "{text}");
}

#[test]
fn what_was_asked_wrongly_is_told_with_what_there_is() {
    for (more, words) in
        [(["--programme", "tekan"], "有：dibao（最低生活保障）"), (["--member", "张小花"], "不用 --member")]
    {
        let output = letter(FAMILY, "2020-05-31", &more);
        assert_eq!(output.status.code(), Some(3), "{more:?}");
        assert!(stderr(&output).contains(words), "{}", stderr(&output));
    }
    let output = letter(FAMILY, "2020-05-31", &["--programme", "tekun", "--member", "张大花"]);
    assert!(
        stderr(&output).contains("写姓名（李秀英、张建国、张小花）或者 1 到 3 的序号"),
        "{}",
        stderr(&output)
    );
    let one = stdout(&letter(FAMILY, "2020-05-31", &["--programme", "tekun", "--member", "张建国"]));
    assert!(one.contains("\n张建国：\n") && one.matches("决定书\n").count() == 1, "{one}");
}

#[test]
fn a_printed_letter_is_well_formed_and_needs_nothing_else() {
    let page = stdout(&letter(&refused(), "2020-05-31", &["--html"]));
    assert!(page.contains("@page{size:A4") && page.contains("<h1>最低生活保障不予确认决定书</h1>"));
    assert!(page.contains("<span>1,328.00元</span>"), "a number stays with its unit");
    for foreign in ["<script", "http://", "https://", "@import", "url("] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    well_formed(&page);
    let folder = tempfile::tempdir().expect("folder");
    let file: PathBuf = folder.path().join("户.json");
    std::fs::write(&file, refused()).expect("written");
    let facts = file.to_string_lossy().into_owned();
    let place = ["--region", "500243", "--date", "2020-05-31"];
    let boxes = stdout(&doudi(&[&["policy", "explain", "--facts", &facts, "--html"], &place[..]].concat()));
    well_formed(&boxes);
}

/// Every tag that opens closes, in order.
fn well_formed(page: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once('<') {
        let (tag, following) = after.split_once('>').expect("a tag ends");
        let name = tag.split([' ', '\n']).next().unwrap_or("");
        match name.strip_prefix('/') {
            Some(closed) => assert_eq!(open.pop(), Some(closed), "…{}", &tag),
            None if name.starts_with('!') || matches!(name, "meta" | "br" | "link") => {}
            None => open.push(name),
        }
        rest = following;
    }
    assert_eq!(open, Vec::<&str>::new());
}
