//! The policy is the program: changing a number or a clause in a policies folder changes results without a rebuild.

use crate::{copy_policies, doudi, edit, stderr, stdout};
use serde_json::Value;
use std::path::Path;

/// A farming family of three with 600 yuan a month, in rural Pengshui.
const HOUSEHOLD: &str = r#"{
  "household": { "城乡": "农村", "建档立卡": "否", "存款总额": "0元", "经济状况已核对": "是" },
  "members": [
    { "姓名": "甲", "与户主关系": "户主", "出生日期": "1975-03-01", "死亡": "否", "户口迁出": "否",
      "收入": [{ "种类": "经营净收入", "月额": "600元" }], "刚性支出": [], "车辆": [], "房产": [] },
    { "姓名": "乙", "与户主关系": "配偶", "出生日期": "1976-08-01", "死亡": "否",
      "收入": [], "刚性支出": [], "车辆": [], "房产": [] },
    { "姓名": "丙", "与户主关系": "子女", "出生日期": "2010-05-31", "死亡": "否",
      "收入": [], "刚性支出": [], "车辆": [], "房产": [] }
  ]
}"#;

fn amount(folder: &Path, policies: Option<&Path>) -> String {
    let facts = folder.join("户.json");
    std::fs::write(&facts, HOUSEHOLD).expect("written");
    let facts = facts.to_string_lossy();
    let mut arguments =
        vec!["policy", "explain", "--facts", &facts, "--region", "500243", "--date", "2020-05-31"];
    arguments.extend(["--rule", "户.低保金", "--json"]);
    let policies = policies.map(|path| path.to_string_lossy().into_owned());
    if let Some(policies) = &policies {
        arguments.extend(["--policies", policies.as_str()]);
    }
    let output = doudi(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let answer: Value = serde_json::from_str(&stdout(&output)).expect("json");
    answer["results"][0]["explanation"]["value"].as_str().expect("a value").to_owned()
}

#[test]
fn one_number_and_one_clause_change_the_answer() {
    let folder = tempfile::tempdir().expect("folder");
    let policies = folder.path().join("policies");
    copy_policies(&policies);
    assert_eq!(amount(folder.path(), None), "720.00元");
    assert_eq!(amount(folder.path(), Some(&policies)), "720.00元");

    // One number: the rural standard of spring 2020.
    let standards = policies.join("500243-pengshui/standards.csv");
    edit(&standards, "低保标准,农村,2019-09,2020-08,440元", "低保标准,农村,2019-09,2020-08,450元");
    assert_eq!(amount(folder.path(), Some(&policies)), "750.00元");

    // One clause: how the top-up is rounded.
    let act = policies.join("national/649-2014.md");
    edit(
        &act,
        "舍入(不低于零(低保补差), 实用舍入方式, 实用舍入单位)",
        "进一到元(不低于零(低保补差 − 0.5元))",
    );
    assert_eq!(amount(folder.path(), Some(&policies)), "750.00元");
    edit(&act, "− 0.5元", "− 1.5元");
    assert_eq!(amount(folder.path(), Some(&policies)), "749.00元");

    // The worked examples beside the article notice it.
    let policies = policies.to_string_lossy();
    let output = doudi(&["policy", "test", "--policies", &policies]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("低保金 应为"), "{}", stderr(&output));
}

#[test]
fn shipped_policies_pass_their_own_check_and_examples() {
    for arguments in [["policy", "check"], ["policy", "test"]] {
        let output = doudi(&arguments);
        assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let output = doudi(&["policy", "fmt", "--check", &root.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
}

#[test]
fn a_wrong_policies_folder_is_refused_with_place_and_next_step() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().to_string_lossy().into_owned();
    let output = doudi(&["policy", "test", "--policies", &path]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("没有政策文件"), "{}", stderr(&output));

    std::fs::write(folder.path().join("错.md"), "---\n名称: 错\n---\n").expect("written");
    let output = doudi(&["policy", "test", "--policies", &path]);
    assert_eq!(output.status.code(), Some(3));
    assert!(
        stderr(&output).contains("错.md:1:1") && stderr(&output).contains("怎么办"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn check_reads_the_register_of_programmes_and_refuses_what_is_below_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    copy_policies(folder.path());
    let path = folder.path().to_string_lossy().into_owned();
    let check = || doudi(&["policy", "check", "--policies", &path]);
    assert_eq!(check().status.code(), Some(0));
    edit(
        &folder.path().join("programs.toml"),
        "entitled = \"人.应享低保且未享特困\"",
        "entitled = \"人.应享低保且\"",
    );
    let told = check();
    assert_eq!(told.status.code(), Some(1));
    assert!(stderr(&told).contains("“人.应享低保且”不是一条规则"), "{}", stderr(&told));
    edit(&folder.path().join("500243-pengshui/standards.csv"), "2020-08,440元", "2020-08,-440元");
    let told = check();
    assert_eq!(told.status.code(), Some(1));
    assert!(stderr(&told).contains("“-440元”小于零"), "{}", stderr(&told));
}
