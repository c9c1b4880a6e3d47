//! The policies that ship, for the places and days they are shipped for.

use crate::agreement::compare;
use crate::population::{Population, Recipe};
use doudi_policy::{Library, Program, Source, has_errors};
use doudi_terms::{RegionCode, parse_date};
use std::path::Path;
use std::sync::LazyLock;

pub static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let mut sources = Vec::new();
    read_folder(&root, &root, &mut sources);
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    let (library, problems) = Library::read(sources);
    assert!(!has_errors(&problems), "{problems:#?}");
    library
});

fn read_folder(root: &Path, folder: &Path, sources: &mut Vec<Source>) {
    for entry in std::fs::read_dir(folder).expect("the policies folder can be read") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read_folder(root, &path, sources);
        } else if path.extension().is_some_and(|kind| kind == "md" || kind == "csv") {
            let name = path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
            let text = std::fs::read_to_string(&path).expect("a text");
            sources.push(Source { path: name, text });
        }
    }
}

/// Rules and checks known to the scalar evaluator alone, of people about whom everything is known.
fn agree(place: &str, day: &str) -> Vec<String> {
    let region = RegionCode::parse(place).expect("a region");
    let program = Program::link(&LIBRARY, region, parse_date(day).expect("a day")).expect("it links");
    for (seed, unknown, incomplete) in [(1, 3, 10), (2, 20, 50), (3, 60, 100)] {
        let population = Population::draw(&LIBRARY, Recipe { households: 150, seed, unknown, incomplete });
        let found = compare(&program, &population, false).unwrap_or_else(|problem| panic!("{problem}"));
        assert!(found.known > found.cells / 10, "{found:?}");
    }
    let recipe = Recipe { households: 400, seed: 4, unknown: 0, incomplete: 0 };
    let found = compare(&program, &Population::draw(&LIBRARY, recipe), true);
    found.unwrap_or_else(|problem| panic!("{problem}")).scalar_only
}

/// Two things are unknown whatever else is known: the pension of an elder whom the roster does not list, and whether
/// somebody of another relation is family. There the scalar evaluator may still decide by bounds. These are the rules
/// behind income and family and the checks that look at them; no others may be known to the scalar evaluator alone.
const BEHIND_INCOME: [&str; 42] = [
    "个税收入超标",
    "人.一笔养老金超过全家标准",
    "人.列入单人户台账",
    "人.列入渐退台账",
    "人.儿童保障去向",
    "人.单人户低保金",
    "人.单人户台账金额",
    "人.单人户对象",
    "人.应享低保",
    "人.应享低保且未享特困",
    "人.应享特困且未享低保",
    "人.无生活来源",
    "人.本人收入低于标准",
    "人.特困供养金",
    "人.特困对象",
    "人.看全家收入",
    "人.错退未恢复",
    "人.预警分类",
    "低保成员有缴费工资",
    "低保金发放不符",
    "养老金未计收入",
    "在册而不符合条件",
    "大额医疗未救助",
    "存款超标",
    "户.一笔养老金超过全家标准",
    "户.人均月收入",
    "户.低保对象",
    "户.低保边缘家庭",
    "户.低保金",
    "户.分类施保金",
    "户.可停发本人份额",
    "户.应发低保总额",
    "户.月收入",
    "户.有人应享低保",
    "户.渐退月数",
    "户.渐退期内",
    "户.财产符合规定",
    "渐退期下月届满",
    "特困供养金发放不符",
    "该吃五保吃低保",
    "重残重病单人户未施保",
    "错退",
];

/// Asked for one case at a time, not of everybody: amounts of a household whose size or income the scalar evaluator knows
/// only by bounds, and clocks, which the batch does not run. A clock's name ends in 期限, 届满日 or
/// 届满时刻. When somebody who declined is asked again is a clock that only the people of leads are asked for.
const OF_ONE_CASE: [&str; 24] = [
    "人.低保不申请已到回访",
    "人.低保不申请未到回访",
    "人.低保回访日期",
    "人.疫情救助合计",
    "人.选低保再问日期",
    "人.选低保已到再问",
    "人.选低保未到再问",
    "户.人均年收入",
    "户.人均救助水平",
    "户.价格补贴发放期限",
    "户.低保应发",
    "户.小时届满时刻",
    "户.年口径低保对象",
    "户.应当减发低保金",
    "户.应当增发低保金",
    "户.拒绝就业后低保金",
    "户.放弃特困后低保对象",
    "户.放弃特困后低保金",
    "户.有限额内临时救助",
    "户.渐退对象",
    "户.渐退期低保金",
    "户.渐退超标",
    "户.骗取后低保对象",
    "户.骗取后低保金",
];

pub fn others(mut scalar_only: Vec<String>) -> Vec<String> {
    let clock = |name: &str| ["期限", "届满日", "届满时刻"].iter().any(|end| name.ends_with(end));
    scalar_only.retain(|name| {
        !BEHIND_INCOME.contains(&name.as_str()) && !OF_ONE_CASE.contains(&name.as_str()) && !clock(name)
    });
    scalar_only
}

#[test]
fn pengshui_in_may_2020() {
    let scalar_only = agree("500243", "2020-05-31");
    assert!(!scalar_only.is_empty(), "an unlisted pension leaves somebody's income open");
    assert_eq!(others(scalar_only), [""; 0]);
}

#[test]
fn pingba_in_august_2018() {
    assert_eq!(others(agree("520402", "2018-08-31")), [""; 0]);
}

#[test]
fn taishan_in_october_2020() {
    assert_eq!(others(agree("370902", "2020-10-31")), [""; 0]);
}
