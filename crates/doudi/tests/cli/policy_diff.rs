//! `policy diff`: what was changed, said in words, with the programmes that rest on it.

use crate::{copy_policies, doudi, edit, stderr, stdout};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A changed copy of the shipped policies; the folder lives as long as the first value.
fn changed(change: impl Fn(&Path)) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("folder");
    let policies = folder.path().join("policies");
    copy_policies(&policies);
    change(&policies);
    (folder, policies)
}

fn diff(policies: &Path) -> String {
    let output = doudi(&["policy", "diff", "embedded", &policies.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(1), "{}{}", stdout(&output), stderr(&output));
    stdout(&output)
}

const COUNTY: &str = "500243-pengshui/2020-70.md";
const STANDARDS: &str = "500243-pengshui/standards.csv";

#[test]
fn the_same_policies_are_the_same_whatever_their_layout() {
    let (_folder, policies) = changed(|policies| {
        edit(
            &policies.join(COUNTY),
            "  当 疫情救助对象 则 2 × 低保标准[城乡]\n",
            "  当 疫情救助对象 -- 只是换了写法\n    则 2*低保标准[城乡]\n",
        );
    });
    let output = doudi(&["policy", "diff", "embedded", &policies.to_string_lossy()]);
    assert_eq!((output.status.code(), stdout(&output).trim()), (Some(0), "两边一样。"));
    let output = doudi(&["policy", "diff", "embedded", "embedded", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let answer: Value = serde_json::from_str(&stdout(&output)).expect("json");
    assert_eq!(answer["same"], Value::Bool(true));
}

#[test]
fn a_new_standard_is_told_with_what_held_until_then_and_its_programmes() {
    let (_folder, policies) = changed(|policies| {
        let file = policies.join(STANDARDS);
        let text = std::fs::read_to_string(&file).expect("text");
        std::fs::write(
            &file,
            text.trim_end().to_owned() + "\n低保标准,农村,2021-03,,515元,渝试〔2021〕1号,中\n",
        )
        .expect("written");
    });
    let text = diff(&policies);
    assert!(
        text.contains("新增：重庆市彭水苗族土家族自治县 低保标准 农村 2021-03-01 起：496元 → 515元"),
        "{text}"
    );
    assert!(text.contains("依据文件：渝试〔2021〕1号"), "{text}");
    let programmes = text.lines().find(|line| line.contains("牵涉的项目")).expect("programmes");
    assert!(programmes.contains("最低生活保障") && programmes.contains("新冠患者临时救助"), "{text}");
    assert!(!programmes.contains("孤儿基本生活费"), "{text}");
}

#[test]
fn a_countys_first_own_value_is_told_against_its_provinces_and_a_lapsed_one_is_not() {
    let (_folder, policies) = changed(|policies| {
        let file = policies.join(STANDARDS);
        let text = std::fs::read_to_string(&file).expect("text");
        let text = text.replace("低保标准,农村,2020-09,,496元", "低保标准,农村,2020-09,2020-12,496元");
        let more = "分类施保起始年龄,,2021-01,,65,渝试〔2021〕1号,中\n低保标准,农村,2021-03,,515元,渝试〔2021〕2号,中\n";
        std::fs::write(&file, format!("{}\n{more}", text.trim_end())).expect("written");
    });
    let text = diff(&policies);
    assert!(text.contains("分类施保起始年龄 2021-01-01 起：70 → 65"), "{text}");
    assert!(text.contains("低保标准 农村 2021-03-01 起：515元（前一天没有值）"), "{text}");
}

#[test]
fn a_second_document_of_one_number_is_refused_and_not_lost() {
    let (_folder, policies) = changed(|policies| {
        for (name, words) in [("z1.md", "甲"), ("z2.md", "乙")] {
            let text = format!(
                "---\n文件: 试〔2021〕1号\n名称: 试验\n位阶: 县级规范性文件\n地区: 500243\n施行: 2021-01-01\n---\n# 试验\n\n## 一\n\n> {words}\n"
            );
            std::fs::write(policies.join("500243-pengshui").join(name), text).expect("written");
        }
    });
    let output = doudi(&["policy", "diff", "embedded", &policies.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(3), "{}", stdout(&output));
    let refused = stderr(&output);
    assert!(refused.contains("“试〔2021〕1号”已经是另一份文件的文号"), "{refused}");
    assert!(refused.contains("z2.md:2:5") && refused.contains("z1.md 也用这个文号"), "{refused}");
}

#[test]
fn a_value_that_was_written_down_and_is_changed_is_warned_about() {
    let (_folder, policies) = changed(|policies| {
        edit(&policies.join(STANDARDS), "2019-09,2020-08,440元", "2019-09,2020-07,450元");
    });
    let text = diff(&policies);
    assert!(
        text.contains("改动：重庆市彭水苗族土家族自治县 低保标准 农村 2019-09-01 起：440元 → 450元"),
        "{text}"
    );
    assert!(text.contains("止：2020-08-31 → 2020-07-31") && text.contains("早先的月份再算会不同"), "{text}");
}

#[test]
fn changed_words_formulas_and_dates_are_told_by_article() {
    let (_folder, policies) = changed(|policies| {
        let county = policies.join(COUNTY);
        edit(&county, "> 特别是对贫困对象", "> 对贫困对象");
        edit(&county, "当 疫情救助对象 则 2 ×", "当 疫情救助对象 则 3 ×");
        edit(&county, "例外 人.价格补贴对象 「孤儿」", "例外 人.价格补贴对象 「儿童」");
        edit(&county, "施行: 2020-04-30", "施行: 2020-05-15");
    });
    let text = diff(&policies);
    for part in [
        "改动文件 《脱贫攻坚总攻社会救助兜底脱贫专项行动方案》（彭水民发〔2020〕70号）　重庆市彭水苗族土家族自治县，2020-05-15 起",
        "文件头 施行：2020-04-30 → 2020-05-15",
        "改动：原文 三（二）3 加强协作，做好衔接",
        "现：对贫困对象退出兜底保障的",
        "注意：原文改了，这一条的式子没有改",
        "改动：规则 人.疫情临时救助金　三（一）2 加强对贫困患者的救助",
        "当 疫情救助对象 则 3 × 低保标准[城乡]",
        "删去：例外 人.价格补贴对象「孤儿」",
        "新增：例外 人.价格补贴对象「儿童」",
        "    牵涉的项目：新冠患者临时救助\n",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let path = policies.to_string_lossy().into_owned();
    let output = doudi(&["policy", "diff", &path, "embedded", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let answer: Value = serde_json::from_str(&stdout(&output)).expect("json");
    assert_eq!(answer["documents"][0]["header"][0]["after"], "2020-04-30");
    assert_eq!(answer["parameters"].as_array().map(Vec::len), Some(0));
}

#[test]
fn documents_programmes_and_holidays_that_come_or_go_are_told() {
    let (_folder, policies) = changed(|policies| {
        std::fs::remove_file(policies.join("500000-chongqing/tekun.md")).expect("removed");
        edit(&policies.join("programs.toml"), "name = \"孤儿基本生活费\"", "name = \"孤儿生活费\"");
        edit(&policies.join("calendars/2026.csv"), "2026-01-01,休", "2026-01-01,班");
        let cases = policies.join("worked-cases/grace.yaml");
        let text = std::fs::read_to_string(&cases).expect("text");
        std::fs::write(&cases, text + "# 末行\n").expect("written");
    });
    let text = diff(&policies);
    for part in [
        "删去文件 《重庆市特困人员救助供养标准》",
        "例外 人.特困基本生活标准「重庆城市标准」",
        "删去：项目 孤儿基本生活费",
        "新增：项目 孤儿生活费",
        "改动：2026-01-01",
        "改动：worked-cases/grace.yaml",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn a_side_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().to_string_lossy().into_owned();
    let output = doudi(&["policy", "diff", "embedded", &path]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains(&path), "{}", stderr(&output));
}

#[test]
fn what_a_refusal_may_propose_and_how_letters_read_are_changes() {
    let (_folder, policies) = changed(|policies| {
        edit(
            &policies.join("national/facts.md"),
            "输入 人.性别: 男、女 不试 来源",
            "输入 人.性别: 男、女 来源",
        );
        edit(&policies.join("letters/refusal.md"), "## 差在哪里", "## 还差多少");
    });
    let said = diff(&policies);
    assert!(said.contains("性别") && said.contains("不试"), "{said}");
    assert!(said.contains("letters/refusal.md"), "{said}");
}
