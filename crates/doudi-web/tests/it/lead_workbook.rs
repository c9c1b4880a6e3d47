//! A list of leads that is filled in away from the office and brought back.

use crate::office::{COUNTIES, OWN_MARK, TestOffice};
use axum::http::StatusCode;
use doudi_casework::Role;
use doudi_rosters::{CellValue, Sheet, SheetColumn, SheetKind, write_table_xlsx};

const PURPOSE: &str = "purpose=%E5%85%A5%E6%88%B7";

/// A filled list: number of the lead, version, finding, measure, who, day, what was seen.
fn list(rows: &[[&str; 7]]) -> Vec<u8> {
    let headers = ["姓名", "疑点编号", "版本", "核查结果", "措施", "核查人", "日期", "核查情况"];
    let sheet = Sheet {
        name: "疑点清单".into(),
        columns: headers.iter().map(|header| SheetColumn::new(*header, SheetKind::Text)).collect(),
        rows: rows
            .iter()
            .map(|row| std::iter::once("欧阳某").chain(*row).map(CellValue::from).collect())
            .collect(),
        ..Sheet::default()
    };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.xlsx");
    write_table_xlsx(&path, &[sheet]).expect("written");
    std::fs::read(path).expect("read")
}

/// The text of a workbook's sheets: enough to look for words in it.
fn words(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.xlsx");
    std::fs::write(&path, bytes).expect("written");
    let spec = "id = \"any\"\nregister = true\nname = \"x\"\ndepartment = \"x\"\ncolumns = [\
                { name = \"姓名\", kind = \"person-name\", required = true }, { name = \"疑点编号\", kind = \"text\", required = true }, \
                { name = \"错误原因\", kind = \"text\" }, { name = \"版本\", kind = \"text\" }, { name = \"核查情况\", kind = \"text\" } ]\n";
    let set = doudi_rosters::SpecSet::from_files([("any.toml", spec)]).expect("a specification");
    let mut all = String::new();
    let reading =
        doudi_rosters::read_file(&path, &set, &mut |_, batch| all.push_str(&format!("{:?}", batch.columns)));
    assert_eq!(reading.sheets.len(), 1, "{:?}", reading.problems);
    all
}

fn kept(page: &str) -> String {
    let (_, after) = page.split_once("name=\"kept\" value=\"").expect("the file goes along");
    after.split('"').next().expect("its end").to_owned()
}

#[test]
fn a_list_goes_out_as_a_workbook_with_its_numbers_and_versions() {
    let office = TestOffice::new();
    let head = office.sign_in("head", Role::TownshipHead, "500243001");
    let reply = head.get(&format!("/leads/workbook?place=500243001201&{PURPOSE}"));
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    assert!(reply.all.contains("spreadsheetml") && reply.bytes.starts_with(b"PK"));
    let text = words(&reply.bytes);
    assert!(
        text.contains(&COUNTIES[0].lead(0)) && text.contains(OWN_MARK) && text.contains("\"1\""),
        "{text}"
    );
    assert_eq!(head.get("/leads/workbook?place=500243001").status, StatusCode::BAD_REQUEST, "no purpose");
    let worker = office.sign_in("worker", Role::VillageWorker, "500243001201");
    assert_eq!(worker.get(&format!("/leads/workbook?{PURPOSE}")).status, StatusCode::FORBIDDEN);
}

#[test]
fn what_comes_back_is_looked_at_row_by_row_then_taken_once() {
    let office = TestOffice::new();
    let own = &COUNTIES[0];
    let worker = office.sign_in("worker", Role::VillageWorker, "500243001201");
    let head = office.sign_in("head", Role::TownshipHead, "500243001");
    head.post("/leads/assign", &format!("lead={}&to={}", own.lead(4), worker.user));
    let (a, b, c, d) = (own.lead(0), own.lead(2), own.lead(4), own.lead(6));
    let elsewhere = COUNTIES[1].lead(0);
    let file = list(&[
        [&a, "1", "不属实", "", "冉某、任某", "2020-05-18", "见到本人"],
        [&b, "1", "属实", "增发", "冉某、任某", "2020-05-18", ""],
        [&c, "1", "属实", "维持", "冉某、任某", "2020-05-18", "在家"],
        [&d, "1", "已核查", "维持", "冉某、任某", "2020-05-18", "在家"],
        [&elsewhere, "1", "属实", "维持", "冉某、任某", "2020-05-18", "在家"],
        [&own.lead(8), "1", "属实", "停发", "冉某、任某", "2020-05-18", "在家"],
        [&own.lead(10), "1", "", "", "", "", ""],
    ]);
    let preview = worker.send("/leads/import", &[], &[("file", "清单.xlsx", &file)]);
    assert_eq!(preview.status, StatusCode::OK, "{}", preview.body);
    for part in [
        "<strong>1</strong> 行可以收",
        "<strong>5</strong> 行不能收，1 行还没有填",
        "“核查情况”空着",
        "下载清单以后已经有人改过",
        "已核查",
        "没有这条疑点，或者不在您的辖区里",
        "请在系统里打开这条疑点逐条填报",
        "还没有保存",
    ] {
        assert!(preview.body.contains(part), "{part}\n{}", preview.body);
    }
    assert!(worker.get(&format!("/leads/{a}")).body.contains("待分派"), "a look changes nothing");

    let file = kept(&preview.body);
    let fields = [("step", "apply"), ("name", "清单.xlsx"), ("kept", file.as_str())];
    let done = worker.send("/leads/import", &fields, &[]);
    assert!(done.body.contains("收了 <strong>1</strong> 行"), "{}", done.body);
    let lead = worker.get(&format!("/leads/{a}")).body;
    assert!(lead.contains("核实销号") && lead.contains("见到本人"), "{lead}");
    let again = worker.send("/leads/import", &fields, &[]);
    assert!(again.body.contains("收了 <strong>0</strong> 行，1 行原来就是这样"), "{}", again.body);
    assert_eq!(worker.get(&format!("/leads/{a}")).body.matches("报不属实").count(), 1, "one event");

    let fields = [("step", "errors"), ("name", "清单.xlsx"), ("kept", file.as_str())];
    let errors = worker.send("/leads/import", &fields, &[]);
    assert!(errors.all.contains("spreadsheetml"), "{}", &errors.all[..400]);
    let text = words(&errors.bytes);
    assert!(text.contains("不在您的辖区里") && text.contains("“核查情况”空着"), "{text}");
}

#[test]
fn what_is_no_list_is_told_so() {
    let office = TestOffice::new();
    let worker = office.sign_in("worker", Role::VillageWorker, "500243001201");
    assert!(worker.get("/leads/import").body.contains("看看收不收"));
    for (bytes, word) in [(&b"MZ\x90\0"[..], "不是系统里下载的疑点清单"), (b"", "还没有选文件")]
    {
        let reply = worker.send("/leads/import", &[], &[("file", "清单.xlsx", bytes)]);
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(reply.body.contains(word), "{}", reply.body);
    }
    let supervisor = office.sign_in("dudao", Role::Supervisor, "500243");
    assert_eq!(supervisor.get("/leads/import").status, StatusCode::FORBIDDEN);
}
