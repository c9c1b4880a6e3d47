//! Papers: what their places give, and what none of them gives.

use crate::{content, counter, day, opened, step, visited};
use doudi_casework::{Filling, Piece, PlaceNames, Role, Sheet};
use serde_json::json;

const ID: &str = "500243195003070012";

pub const PLACES: PlaceNames<'static> =
    PlaceNames { township: "试街道", county: "试县", whole: "试县试街道某村" };

fn filling() -> Filling<'static> {
    Filling {
        number: "B000001",
        link: "http://office/progress?code=X",
        places: PLACES,
        on: day("2020-05-08"),
        ..Filling::default()
    }
}

fn words(sheet: &Sheet) -> String {
    format!("{sheet:?}")
}

#[test]
fn a_receipt_says_who_what_and_by_when() {
    let counter = counter();
    let case = visited(&counter, "否");
    let document = counter.document_named("receipt").expect("a document");
    let due = counter.due(&case).expect("a clock");
    let sheet = counter.sheet(document, &case, &Filling { due, ..filling() }).expect("a sheet");
    assert_eq!(sheet.title, "收件回执");
    let text =
        "某甲：您家的试验帮扶申请已于2020年5月6日收下，编号B000001，最迟2020年5月12日办完。".to_owned();
    assert_eq!(sheet.pieces[0], Piece::Text(text));
    assert_eq!(sheet.pieces[1], Piece::Heading("一家人".into()));
    let Piece::Table { head, rows } = &sheet.pieces[2] else { panic!("{:?}", sheet.pieces) };
    assert_eq!((head.len(), rows.len()), (3, 2));
    assert_eq!(rows[1], ["2", "某乙", "配偶"]);
    assert_eq!(sheet.pieces[3], Piece::Code("http://office/progress?code=X".into()));
    assert_eq!(sheet.pieces[4], Piece::Sign("经办人".into()));
    assert_eq!(sheet.pieces[6], Piece::End("2020年5月8日".into()));
}

#[test]
fn what_is_not_known_is_said_to_be_unknown() {
    let counter = counter();
    let case = visited(&counter, "否");
    let document = counter.document_named("wall").expect("a document");
    let text = words(&counter.sheet(document, &case, &filling()).expect("a sheet"));
    assert!(
        text.contains("住处：不详") && text.contains("每月100.00元") && text.contains("家2口人"),
        "{text}"
    );
}

#[test]
fn no_place_of_a_paper_gives_an_id_number_or_an_account() {
    let counter = counter();
    let mut case = visited(&counter, "否");
    case.applicant = format!("某甲{ID}");
    case.facts["members"][0]["姓名"] = json!(format!("某甲（{ID}）"));
    let long = ["6222 0000 1234 5678 901", "50024319500307001X", "５００２４３１９５００３０７００１２"];
    let note = format!("本人{ID}，账号{}，另一个{}，{}", long[0], long[1], long[2]);
    let missing = vec![format!("身份证 {ID} 的复印件")];
    let trials = counter.trial(&case.facts, case.place, day("2020-05-08")).expect("a trial");
    for id in ["wall", "receipt"] {
        let document = counter.document_named(id).expect("a document");
        let filling = Filling { note: &note, missing: &missing, trials: &trials, ..filling() };
        let text = words(&counter.sheet(document, &case, &filling).expect("a sheet"));
        for number in [ID, long[0], long[1], long[2], "19500307"] {
            assert!(!text.contains(number), "{number}: {text}");
        }
        assert!(text.contains("某甲"), "{text}");
    }
    // A telephone to call stays, and so do days and sums.
    let filling = Filling { note: "请在2020年5月8日打 023-78441234 或 13800001234", ..filling() };
    let document = counter.document_named("wall").expect("a document");
    let text = words(&counter.sheet(document, &case, &filling).expect("a sheet"));
    assert!(text.contains("请在2020年5月8日打 023-78441234 或 13800001234"), "{text}");
}

#[test]
fn a_paper_with_an_unknown_place_or_without_a_head_is_refused() {
    for (from, to, words) in [
        ("{附言}", "{身份证号}", "“身份证号”不是事实"),
        ("{户.每月补}", "{户.每年补}", "“户.每年补”不是事实"),
        ("编号: wall\n", "", "开头缺“编号:”"),
        ("施行: 2000-01-01", "施行: 某天", "“某天”不是日期"),
        ("---\n# ", "# ", "开头要有两行 ---"),
    ] {
        let mut content = content();
        let file = content.iter_mut().find(|(path, _)| path == "documents/wall.md").expect("a file");
        assert!(file.1.contains(from), "{from}");
        file.1 = file.1.replacen(from, to, 1);
        let told = opened(&content).map(|_| ()).expect_err("refused");
        let fits = |problem: &String| problem.starts_with("documents/wall.md") && problem.contains(words);
        assert!(told.iter().any(fits), "{told:#?}");
    }
}

#[test]
fn a_wording_is_used_from_its_day_on() {
    let mut content = content();
    let wall = content.iter().find(|(path, _)| path == "documents/wall.md").expect("a file").1.clone();
    let newer = wall.replace("2000-01-01", "2020-06-01").replace("# 张贴单", "# 新张贴单");
    content.push(("documents/a-newer-wall.md".into(), newer.clone()));
    let counter = opened(&content).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let case = visited(&counter, "否");
    let title = |on: &str| {
        let document = counter.document_of("wall", day(on)).expect("a wording");
        counter.sheet(document, &case, &filling()).expect("a sheet").title
    };
    assert_eq!((title("2020-05-31").as_str(), title("2020-06-01").as_str()), ("张贴单", "新张贴单"));
    assert!(counter.document_of("wall", day("1999-12-31")).is_none());
    content.push(("documents/b-newer-wall.md".into(), newer));
    let told = opened(&content).map(|_| ()).expect_err("two of one day");
    assert!(told[0].contains("“wall”") && told[0].contains("2020-06-01"), "{told:#?}");
}

#[test]
fn a_paper_is_signed_by_the_office_whose_it_is() {
    let counter = counter();
    let signed = |id: &str, case: &_, places| {
        let document = counter.document_named(id).expect("a document");
        let sheet = counter.sheet(document, case, &Filling { places, ..filling() }).expect("a sheet");
        let ends = sheet.pieces.into_iter().filter_map(|piece| match piece {
            Piece::End(text) => Some(text),
            _ => None,
        });
        ends.collect::<Vec<_>>().remove(0)
    };
    let case = visited(&counter, "是");
    assert_eq!(signed("receipt", &case, PLACES), "试街道的窗口");
    assert_eq!(signed("wall", &case, PLACES), "试县办");
    let own = step("grant", &crate::user(9, Role::CountyApprover), "2020-05-08", &[]).take(&counter, &case);
    assert_eq!(signed("wall", &own.expect("granted"), PLACES), "试县办");
    let delegated =
        step("grant", &crate::user(8, Role::TownshipHead), "2020-05-08", &[]).take(&counter, &case);
    let delegated = delegated.expect("granted");
    assert_eq!(signed("wall", &delegated, PLACES), "试街道办事处", "who decided signs");
    let letter = counter.letter(&delegated, &PLACES).expect("a letter").expect("a letter");
    assert!(letter.text.contains("试街道办事处") && !letter.text.contains("试县办"), "{}", letter.text);
    let rural = PlaceNames { township: "试乡", ..PLACES };
    assert_eq!(signed("wall", &delegated, rural), "试乡政府");
    let of_county = PlaceNames { township: "", ..PLACES };
    assert_eq!(signed("receipt", &case, of_county), "试县的窗口");
}

#[test]
fn a_moment_is_printed_as_people_write_it() {
    let counter = counter();
    let mut case = visited(&counter, "否");
    case.facts["household"]["起算时刻"] = json!("2020-05-06T23:05");
    let document = counter.document_named("wall").expect("a document");
    let text = words(&counter.sheet(document, &case, &filling()).expect("a sheet"));
    assert!(text.contains("来电：2020年5月6日23时05分"), "{text}");
}
