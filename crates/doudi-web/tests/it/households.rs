//! What a household's pages say, what its sheet says, and what a list of a group gives away.

use crate::office::{COUNTIES, OWN, PERSONS, TestOffice};
use axum::http::StatusCode;
use doudi_casework::Role;

#[test]
fn a_household_sees_what_it_should_have_had_and_why() {
    let office = TestOffice::new();
    let own = &COUNTIES[0];
    let head = office.sign_in("head", Role::TownshipHead, OWN);
    let page = head.get(&format!("/households/{}", own.household(0))).body;
    for said in ["应 500元", "收 440元", "少 60元", "甲标保障", "正在享受", "500.00元", "家庭成员"]
    {
        assert!(page.contains(said), "{said}\n{page}");
    }
    assert!(page.contains("甲标困难"), "the reason of the law\n{page}");
    assert!(
        page.contains("/policies/find?month=2020-05&#38;")
            || page.contains("/policies/find?month=2020-05&amp;")
    );
    assert!(page.contains("/why?month=2020-05&amp;rule=%E6%88%B7.%E5%BA%94%E5%8F%91&amp;row=0"), "{page}");
    let why = head.get(&format!(
        "/households/{}/why?month=2020-05&rule=%E6%88%B7.%E5%BA%94%E5%8F%91",
        own.household(0)
    ));
    assert_eq!(why.status, StatusCode::OK);
    for said in ["应发", "标准", "500.00元", "试1 第一条"] {
        assert!(why.body.contains(said), "{said}\n{}", why.body);
    }
    let row = "甲标标准册（民政，2020-05）：标准.xlsx 第 17 行“标准列”栏";
    assert!(why.body.contains(row) && page.contains(row), "where the fact was read\n{}", why.body);
    let stale = head.get(&format!("/households/{}", own.household(2))).body;
    assert!(!stale.contains("第 17 行"), "its places are of another clearing\n{stale}");
    for wrong in [
        "rule=%E6%88%B7.%E6%B2%A1%E6%9C%89",
        "rule=%E6%88%B7.%E5%BA%94%E5%8F%91&row=7",
        "month=2019-01&rule=%E6%88%B7.%E5%BA%94%E5%8F%91",
    ] {
        let reply = head.get(&format!("/households/{}/why?{wrong}", own.household(0)));
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{wrong}");
    }
    let person = head.get(&format!("/people/{}", own.person(0))).body;
    assert!(person.contains("应 500元") && person.contains("甲标困难"), "{person}");
}

#[test]
fn a_sheet_says_what_a_family_gets_whom_to_call_and_how_to_appeal() {
    let office = TestOffice::new();
    let own = &COUNTIES[0];
    let worker = office.sign_in("worker", Role::VillageWorker, "500243001201");
    let sheet = worker.get(&format!("/households/{}/sheet", own.household(0))).body;
    for said in [
        "一单清",
        "正在享受",
        "甲标保障",
        "每月 500.00元",
        "2020-05 收到 440元",
        "甲标窗口",
        "甲标复查",
        "不是决定书",
    ] {
        assert!(sheet.contains(said), "{said}\n{sheet}");
    }
    assert!(!sheet.contains("19500307"), "no id number is handed over");
}

#[test]
fn what_the_next_village_has_is_not_on_the_own_list() {
    let office = TestOffice::new();
    let county = office.sign_in("reviewer", Role::CountyReviewer, OWN);
    let list = county.get("/groups/2020-05/%E4%BD%8E%E4%BF%9D").body;
    assert!(list.contains(&format!("共 {} 人", PERSONS / 2)), "{list}");
    assert!(list.contains(&format!("{}元", 500 * PERSONS / 2)), "the sum of all\n{list}");
    let village = list.replace('\n', "");
    assert!(village.contains("甲标金额") && !village.contains("19500307"));
    assert!(
        list.contains("data-label=\"身份证号\"") && !list.contains("data-label=\"id\""),
        "words on a telephone"
    );
    let elsewhere = county.get("/groups/2020-05/%E4%BD%8E%E4%BF%9D?place=500243001202").body;
    assert!(elsewhere.contains("共 0 人") && !elsewhere.contains("欧阳"), "{elsewhere}");
    let bare = county.get("/groups/2020-05/%E4%BD%8E%E4%BF%9D?col=sex").body;
    assert!(
        bare.contains("性别</th>") && !bare.contains("身份证号</th>"),
        "only the columns that are chosen\n{bare}"
    );
    let sorted = county.get("/groups/2020-05/%E4%BD%8E%E4%BF%9D?sort=0&way=down").body;
    assert!(sorted.contains("aria-sort=\"descending\""), "{sorted}");
}

#[test]
fn a_list_is_filtered_by_its_columns_and_a_wrong_filter_is_said_at_its_field() {
    let office = TestOffice::new();
    let county = office.sign_in("reviewer", Role::CountyReviewer, OWN);
    let path = "/groups/2020-05/%E4%BD%8E%E4%BF%9D";
    let column = "%E7%94%B2%E6%A0%87%E9%87%91%E9%A2%9D";
    let all = county.get(&format!("{path}?from.{column}=500&sort=0")).body;
    assert!(all.contains(&format!("共 {} 人", PERSONS / 2)), "{all}");
    let ordered = format!("{path}?place=&#38;sort=name&#38;from.{column}=500");
    assert!(all.contains(&ordered), "another order keeps the filter\n{all}");
    assert!(all.contains("name=\"from.甲标金额\" value=\"500\""), "the export has it too\n{all}");
    let none = county.get(&format!("{path}?to.{column}=499.99")).body;
    assert!(none.contains("共 0 人") && none.contains("没有符合这些条件的人"), "{none}");
    let unknown = county.get(&format!("{path}?is.{column}=%E4%B8%8D%E8%AF%A6")).body;
    assert!(unknown.contains("共 0 人"), "{unknown}");
    let wrong = county.get(&format!("{path}?from.{column}=%E5%BE%88%E5%B0%91"));
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.body.contains("“很少”不是金额") && wrong.body.contains("href=\"#from.甲标金额\""),
        "{}",
        wrong.body
    );
    assert!(wrong.body.contains("value=\"很少\"") && !wrong.body.contains("共 "), "what was typed stays");
    let export =
        county.get(&format!("{path}/export?purpose=%E7%9D%A3%E6%88%98&from.{column}=%E5%BE%88%E5%B0%91"));
    assert_eq!(export.status, StatusCode::BAD_REQUEST, "no workbook of another list than was asked for");
}

#[test]
fn an_export_is_a_workbook_and_in_the_audit_of_everybody_on_it() {
    let office = TestOffice::new();
    let own = &COUNTIES[0];
    let reviewer = office.sign_in("reviewer", Role::CountyReviewer, OWN);
    let path = "/groups/2020-05/%E4%BD%8E%E4%BF%9D/export";
    assert_eq!(reviewer.get(path).status, StatusCode::BAD_REQUEST, "what for?");
    let book = reviewer.get(&format!("{path}?purpose=%E7%9D%A3%E6%88%98"));
    assert_eq!(book.status, StatusCode::OK);
    assert!(book.body.starts_with("PK") && book.all.contains("spreadsheetml"), "a workbook");
    let auditor = office.sign_in("auditor", Role::Auditor, OWN);
    for at in (0..PERSONS).step_by(2) {
        let seen = auditor.get(&format!("/audit?person={}&action=export", own.person(at))).body;
        assert!(seen.contains("督战") && seen.contains("甲标金额"), "{at} {seen}");
    }
    let other = auditor.get(&format!("/audit?person={}&action=export", own.person(1))).body;
    assert!(!other.contains("督战"), "was not on the list");
}

#[test]
fn the_board_says_where_it_could_not_see_and_folds_what_is_clean() {
    let office = TestOffice::new();
    let head = office.sign_in("head", Role::TownshipHead, OWN);
    let board = head.get("/").body;
    assert!(
        board.contains("kind=kind-1#kind-1") && board.contains(">甲标</a>"),
        "a kind by its short name\n{board}"
    );
    assert!(board.contains("class=\"number blind\""), "a number that may be too small\n{board}");
    assert!(board.contains("疑点甲标：还缺户籍，查得不全"), "{board}");
    let (before, blind) = board.split_once("没有查成的 1 项").expect("blind checks");
    assert!(blind.contains("看不见甲标：缺 死亡名册") && !before.contains("看不见甲标"), "{board}");
    assert!(board.contains("没有疑点的 1 项") && board.contains("干净甲标"), "{board}");
    assert!(
        board.contains("&amp;check=%E7%96%91%E7%82%B9%E7%94%B2%E6%A0%87\">"),
        "open ones behind the number\n{board}"
    );
    let overdue = head.get("/?show=overdue").body;
    assert!(overdue.contains("&#38;clock=overdue") || overdue.contains("&amp;clock=overdue\">"), "{overdue}");
    assert!(overdue.contains("正在看超期"), "{overdue}");
}

#[test]
fn an_auditor_finds_a_person_by_id_number_and_a_colleague_by_name() {
    let office = TestOffice::new();
    let own = &COUNTIES[0];
    let head = office.sign_in("head", Role::TownshipHead, OWN);
    head.get(&format!("/people/{}", own.person(0)));
    let auditor = office.sign_in("auditor", Role::Auditor, OWN);
    let by_number = auditor.get(&format!("/audit?person={}", own.id_number(0))).body;
    assert!(by_number.contains("看人员") && by_number.contains("看到的栏 姓名"), "{by_number}");
    let by_login = auditor.get(&format!("/audit?person={}&actor=head", own.person(0))).body;
    assert!(by_login.contains("看人员"), "{by_login}");
    let by_other = auditor.get(&format!("/audit?person={}&actor=nobody", own.person(0))).body;
    assert!(by_other.contains("没有符合条件的记录"), "{by_other}");
    let elsewhere = auditor.get(&format!("/audit?person={}", COUNTIES[1].id_number(0))).body;
    assert!(!elsewhere.contains("看人员</td>"), "of another county\n{elsewhere}");
    assert_eq!(head.get("/audit").status, StatusCode::FORBIDDEN);
}
