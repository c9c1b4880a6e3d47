//! A county's rosters handed in, looked at, imported, taken back and cleared from the pages.

use crate::browser::{Serving, Visitor, location};
use crate::clear::Place;
use crate::{doudi, stderr, stdout};
use doudi_casework::{Grant, Grants, Moment, Role};
use doudi_store::{Keyring, NewUser, Store};
use doudi_terms::RegionCode;
use std::time::Duration;

/// April cleared and taken over; a data officer of the county and one of another.
fn county(is_sealed: bool) -> (Place, String, Vec<String>) {
    let place = Place::new();
    let (data, certificate) = (place.text("data"), place.text("out/certificate.json"));
    let make_key = || {
        std::fs::create_dir_all(&data).expect("a folder");
        assert_eq!(doudi(&["key", "create", &place.text("data/doudi.keys")]).status.code(), Some(0));
    };
    if is_sealed {
        make_key();
    }
    assert_eq!(place.clear(&[]).status.code(), Some(0));
    if !is_sealed {
        make_key();
    }
    let import = doudi(&["store", "import", &certificate, "--data", &data]);
    assert_eq!(import.status.code(), Some(0), "{}", stderr(&import));
    let keys = Keyring::from_file(&place.path("data/doudi.keys")).expect("keys");
    let store = Store::open(&place.text("data/doudi.db"), keys).expect("a store");
    let officer = |login: &str, code: &str| {
        let region = RegionCode::parse(code).expect("a code");
        let grants = Grants::new([Grant { role: Role::DataOfficer, region }]).expect("one role");
        NewUser { login: login.to_owned(), name: format!("数据员{code}"), grants }
    };
    let users = [officer("own", "500243"), officer("other", "370902")];
    let made = store.provision(&users, Moment::from_millis(1_588_000_000_000)).expect("made");
    (place, data, made.into_iter().map(|(_, password)| password).collect())
}

fn dibao(place: &Place) -> String {
    std::fs::read_to_string(place.path("rosters/低保2020-04.csv")).expect("the roster")
}

/// Files of the data folder in which somebody is named, but for what is handed out, and the store, which has its own keys.
fn told(place: &Place) -> Vec<String> {
    let others = ["results", "doudi.db"].map(|name| place.text(&format!("data/{name}")));
    let told = crate::sealed::told(&place.path("data"));
    told.into_iter().filter(|line| !others.iter().any(|other| line.starts_with(other))).collect()
}

fn is_there(answer: &str, words: &[&str]) {
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    for word in words {
        assert!(answer.contains(word), "{word}: {answer}");
    }
}

fn wait_for(officer: &Visitor<'_>, words: &str) -> String {
    for _ in 0..300 {
        let page = officer.get("/imports?month=2020-05");
        assert!(!page.contains("没有做成"), "{page}");
        if page.contains(words) {
            return page;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    panic!("{}", officer.get("/imports?month=2020-05"));
}

#[test]
fn a_roster_with_strange_headers_is_learned_imported_taken_back_and_cleared() {
    let (place, data, passwords) = county(true);
    let serving = Serving::start(&["serve", "--data", &data]);
    let (officer, other) = (serving.sign_in("own", &passwords[0]), serving.sign_in("other", &passwords[1]));
    is_there(&officer.get("/imports"), &["彭水", "户籍", "撤销这一次", "命令行"]);

    let strange = dibao(&place).replace("户主姓名", "当家人");
    let sent = officer.upload("/imports", "低保2020-05.csv", strange.as_bytes());
    let draft = location(&sent).to_owned();
    is_there(&officer.get(&draft), &["没有认出是哪种名册", "当家人", "低保"]);
    assert_eq!(told(&place), Vec::<String>::new(), "what was sent lies sealed");
    for answer in
        [other.get(&draft), other.get(&format!("{draft}/errors")), other.post(&draft, "action=discard")]
    {
        assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    }
    let elsewhere = other.get("/imports");
    assert!(elsewhere.contains("没有您辖区的名册") && !elsewhere.contains("低保2020"), "{elsewhere}");
    assert!(other.upload("/imports", "低保2020-05.csv", strange.as_bytes()).starts_with("HTTP/1.1 404"));

    let named = officer.post(&draft, "action=columns&roster=dibao&header=当家人&column=户主姓名");
    assert_eq!(location(&named), draft, "{named}");
    is_there(&officer.get(&draft), &["城乡低保在册名册", "2020-05", "3 行", "500243********"]);
    assert_eq!(told(&place), Vec::<String>::new(), "so does what was seen in it");
    assert!(!officer.get("/imports").contains("低保2020-05.csv：城乡低保在册名册"), "nothing counts yet");
    let refused = officer.post(&draft, "action=commit&month=2020-07");
    assert!(refused.starts_with("HTTP/1.1 422") && refused.contains("写明是 2020-05"), "{refused}");
    let done = officer.post(&draft, "action=commit&month=");
    assert_eq!(location(&done), "/imports?done=import");
    is_there(&officer.get("/imports"), &["低保2020-05.csv：城乡低保在册名册，2020-05，3 行", "数据员500243"]);
    assert!(officer.get(&draft).starts_with("HTTP/1.1 404"), "it has gone to the rosters");

    assert!(other.post("/imports/undo", "serial=2").starts_with("HTTP/1.1 404"));
    assert_eq!(location(&officer.post("/imports/undo", "serial=2")), "/imports?done=undo");
    is_there(&officer.get("/imports"), &["撤销第 2 次导入", "已撤销"]);
    // Sent again, its strange header is known, here and on the command line.
    let draft = location(&officer.upload("/imports", "低保2020-05.csv", strange.as_bytes())).to_owned();
    assert_eq!(location(&officer.post(&draft, "action=commit")), "/imports?done=import");
    std::fs::write(place.path("低保2020-05.csv"), &strange).expect("written");
    let again = doudi(&["roster", "import", &place.text("低保2020-05.csv"), "--data", &data]);
    assert_eq!(again.status.code(), Some(0), "{}", stderr(&again));
    assert!(stdout(&again).contains("已经导入过"), "{}", stdout(&again));

    assert!(other.post("/imports/clear", "month=2020-05").starts_with("HTTP/1.1 404"));
    assert_eq!(location(&officer.post("/imports/clear", "month=2020-05")), "/imports?done=clear");
    let page = wait_for(&officer, "2020-05 摸排做好了");
    assert!(page.contains("12 人；疑点"), "{page}");
    let made = officer.get("/results");
    is_there(&made, &["/results/2020-05/report.html", "乡镇工作簿"]);
    let report = officer.get("/results/2020-05/report.html");
    assert!(report.starts_with("HTTP/1.1 200") && report.contains("attachment"), "{:.400}", report);
    assert!(!other.get("/results").contains("report.html"));
    assert!(other.get("/results/2020-05/report.html").starts_with("HTTP/1.1 404"));
    let verified = doudi(&["verify", &place.text("data/results/2020-05/certificate.json")]);
    assert_eq!(verified.status.code(), Some(0), "{}", stdout(&verified));
    assert_eq!(told(&place), Vec::<String>::new(), "and what has become of it");
    assert_eq!(doudi(&["audit", "verify", "--data", &data]).status.code(), Some(0));
}

#[test]
fn bad_rows_are_named_and_come_as_a_workbook_and_another_countys_roster_is_refused() {
    let (place, data, passwords) = county(false);
    let serving = Serving::start(&["serve", "--data", &data]);
    let officer = serving.sign_in("own", &passwords[0]);
    let bad = dibao(&place).replacen("1320", "一千三", 1);
    let sent = officer.upload("/imports", "低保2020-05.csv", bad.as_bytes());
    let draft = location(&sent).to_owned();
    is_there(&officer.get(&draft), &["第 2 行，户月保障金", "一千三", "下载改错表"]);
    let wrong = dibao(&place).lines().nth(1).expect("a row").split(',').nth(4).expect("an id").to_owned();
    let short = dibao(&place).replacen(&wrong, &wrong[..17], 1);
    let second = location(&officer.upload("/imports", "低保2020-05.csv", short.as_bytes())).to_owned();
    let told = officer.get(&second);
    assert!(told.contains("第 2 行，身份证号") && !told.contains(&wrong[..17]), "{told}");
    assert!(told.contains(&format!("{}*", &wrong[..6])), "{told}");
    let workbook = officer.get(&format!("{draft}/errors"));
    assert!(workbook.starts_with("HTTP/1.1 200") && workbook.contains("PK"), "{:.300}", workbook);
    assert_eq!(location(&officer.post(&draft, "action=discard")), "/imports?done=discard");
    assert!(officer.get(&draft).starts_with("HTTP/1.1 404"));

    let foreign = dibao(&place).replace(",500243001202,", ",370902001001,");
    let draft = location(&officer.upload("/imports", "低保2020-05.csv", foreign.as_bytes())).to_owned();
    is_there(&officer.get(&draft), &["像是别的地方的名册"]);
    let refused = officer.post(&draft, "action=commit&month=2020-05");
    assert!(refused.starts_with("HTTP/1.1 422") && refused.contains("别的地方"), "{refused}");
    let empty = officer.upload("/imports", "空.xlsx", b"");
    assert!(empty.starts_with("HTTP/1.1 422") && empty.contains("是空的"), "{empty}");
    let nothing = officer.upload("/imports", "说明.csv", "甲,乙\n1,2\n".as_bytes());
    is_there(&officer.get(location(&nothing)), &["没有认出", "甲"]);
}
