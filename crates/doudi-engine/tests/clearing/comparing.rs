//! Facts that come of comparing a row with itself, with its person, and with the other rows.

use crate::county::{self, Row, World, dibao_rows, first_month};
use doudi_engine::{Cleared, Lead};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::path::Path;

const MONTH: &str = "2020-04";

/// The dibao roster with an account and a region code for everybody.
fn with_accounts(world: &mut World, change: impl FnOnce(&mut Vec<Row>)) -> Cleared {
    let people = first_month(world, MONTH);
    let mut rows = dibao_rows(&people, 0..30);
    for (at, row) in rows.iter_mut().enumerate() {
        // One account for a household, as it should be.
        row.extend([format!("62170000{:04}", at / 3), "500243001201".to_owned()]);
    }
    change(&mut rows);
    world.import("dibao", MONTH, &rows);
    world.clear(MONTH)
}

fn of_check<'c>(cleared: &'c Cleared, check: &str) -> Vec<&'c Lead> {
    cleared.leads.iter().filter(|lead| lead.check == check).collect()
}

#[test]
fn households_that_share_an_account_are_counted_and_the_other_rows_are_named() {
    let mut world = World::new();
    let cleared = with_accounts(&mut world, |rows| {
        rows[9][3] = "６２１７ ００００ ０００１".into();
        rows[12][3] = String::new();
        rows[15][3] = "无".into();
    });
    // The second household (rows 3 to 5) and a member of the fourth.
    let leads = of_check(&cleared, "一折多户");
    let persons: Vec<&str> = leads.iter().map(|lead| lead.person_id.as_str()).collect();
    assert_eq!(persons, ["4", "5", "6", "10"]);
    assert_eq!(leads[3].reason, "领款账户同时用于 2 户");
    assert_eq!(leads[3].rows, ["dibao.csv##11", "dibao.csv##5", "dibao.csv##6", "dibao.csv##7"]);
    assert_eq!(world.difference(&cleared.certificate), None);
}

#[test]
fn somebody_listed_in_two_households_makes_no_shared_account_of_either() {
    let mut world = World::new();
    let cleared = with_accounts(&mut world, |rows| {
        let mut second = rows[0].clone();
        (second[0], second[3]) = (rows[6][0].clone(), rows[6][3].clone());
        rows.push(second);
    });
    assert_eq!(of_check(&cleared, "一折多户"), Vec::<&Lead>::new());
}

#[test]
fn somebody_whom_only_the_roster_knows_shares_an_account_with_his_household() {
    let mut world = World::new();
    let cleared = with_accounts(&mut world, |rows| {
        let (household, account) = (String::new(), rows[6][3].clone());
        rows.push(vec![household, "钟梅".into(), county::id_number(900), account, "500243001201".into()]);
    });
    assert_eq!(cleared.certificate.register.persons, 501, "a new person");
    assert_eq!(of_check(&cleared, "一折多户"), Vec::<&Lead>::new());
}

#[test]
fn a_wrong_name_and_a_damaged_number_are_found_and_ways_of_writing_are_not() {
    let mut world = World::new();
    let cleared = with_accounts(&mut world, |rows| {
        rows[0][1] = format!(" {}　", rows[0][1]);
        rows[1][1].pop();
        rows[1][1].push('辉');
        let number = rows[2][2].clone();
        rows[2][2] = number.chars().map(|c| char::from_u32(c as u32 + 0xFEE0).expect("full width")).collect();
        rows[3][2].pop();
    });
    let named = of_check(&cleared, "姓名不符");
    assert_eq!(named.iter().map(|lead| lead.person_id.as_str()).collect::<Vec<_>>(), ["2"]);
    assert_eq!(named[0].rows, ["dibao.csv##3"]);
    let numbers = of_check(&cleared, "证号无效");
    let found: Vec<(&str, &str)> =
        numbers.iter().map(|lead| (lead.person_id.as_str(), lead.reason.as_str())).collect();
    assert_eq!(found, [("4", "低保名册上的证号位数不对")]);
    assert_eq!(world.difference(&cleared.certificate), None);
}

#[test]
fn somebody_on_the_lists_of_two_counties_is_counted_though_the_second_row_is_a_duplicate() {
    let mut world = World::new();
    let cleared = with_accounts(&mut world, |rows| {
        let mut twice = rows[20].clone();
        twice[4] = "500240001201".into();
        rows.push(twice);
    });
    let leads = of_check(&cleared, "多县低保");
    assert_eq!(leads.len(), 1);
    assert_eq!((leads[0].person_id.as_str(), leads[0].reason.as_str()), ("21", "在 2 个县领取低保"));
    assert_eq!(cleared.certificate.roster_rows["dibao"].duplicates, 1);
}

#[test]
fn no_text_enters_the_snapshot() {
    let mut world = World::new();
    let cleared = with_accounts(&mut world, |rows| rows[1][1] = "赵大国".into());
    let mut columns = Vec::new();
    schemas(&world.folder.root().join("snapshots"), &mut columns);
    assert!(columns.iter().any(|(name, _)| name == "低保名册姓名不符"));
    assert!(columns.iter().any(|(name, _)| name == "低保账户领款户数"));
    let texts: Vec<_> = columns.iter().filter(|(_, kind)| kind.contains("Utf8")).collect();
    assert!(texts.is_empty(), "{texts:?}");
    let manifest =
        std::fs::read_to_string(snapshot_folder(&world, &cleared).join("manifest.json")).expect("a manifest");
    assert!(!manifest.contains("赵大国") && !manifest.contains("62170000"));
}

fn snapshot_folder(world: &World, cleared: &Cleared) -> std::path::PathBuf {
    let hash = doudi_engine::digest::short(&cleared.certificate.snapshot_hash);
    world.folder.root().join("snapshots/500243").join(MONTH).join(hash)
}

fn schemas(folder: &Path, columns: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            schemas(&path, columns);
        } else if path.extension().is_some_and(|extension| extension == "parquet") {
            let file = std::fs::File::open(&path).expect("a file");
            let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("parquet");
            let fields = reader.schema().fields().iter();
            columns.extend(fields.map(|field| (field.name().clone(), field.data_type().to_string())));
        }
    }
}

#[test]
fn a_missing_roster_names_what_would_have_been_derived_from_it() {
    let mut world = World::new();
    first_month(&mut world, MONTH);
    world.import("deaths", "2020-05", &[]);
    let cleared = world.clear("2020-05");
    let missing = &cleared.certificate.missing_rosters;
    let dibao = missing.iter().find(|missing| missing.roster == "dibao").expect("named");
    for input in ["人.低保名册姓名不符", "人.低保名册证号状态", "人.低保账户领款户数", "人.低保在册县数"]
    {
        assert!(dibao.inputs.iter().any(|name| name == input), "{input}: {:?}", dibao.inputs);
    }
}

#[test]
fn of_one_row_the_first_fact_that_applies_holds_and_contradicts_nothing() {
    let mut world = World::new();
    let people = first_month(&mut world, MONTH);
    let row = |at: usize, grade: &str| vec![people[at].name.clone(), people[at].id.clone(), grade.to_owned()];
    world.import("disabled", MONTH, &[row(403, "注销"), row(404, "一级")]);
    let cleared = world.clear(MONTH);
    assert_eq!(cleared.certificate.contradictions, 0);
    let persons =
        String::from_utf8(cleared.persons_csv.bytes().expect("a list").into_owned()).expect("UTF-8");
    let line = |id: &str| {
        let start = format!("{id},");
        persons
            .lines()
            .find(|line| line.starts_with(&start))
            .map(str::to_owned)
            .expect("a line for everybody")
    };
    // A sign of need is assessed, a cancelled certificate is none.
    assert!(line("405").contains(",not_eligible,"), "{}", line("405"));
    assert!(line("404").contains(",no_sign_of_need,"), "{}", line("404"));
}

#[test]
fn a_number_written_for_everybody_opens_nobody_new_and_names_decide() {
    let mut world = World::new();
    let people = first_month(&mut world, "2020-04");
    let mut rows = dibao_rows(&people, 0..30);
    // A valid number that nobody in the register has, for twenty of thirty people.
    for (row, person) in rows.iter_mut().zip(&people).skip(10) {
        row[2] = county::id_number(777);
        row.extend([String::new(), person.region.clone()]);
    }
    world.import("dibao", "2020-04", &rows);
    let counts = world.clear("2020-04").certificate.roster_rows["dibao"];
    assert_eq!((counts.total, counts.new_persons), (30, 0), "{counts:?}");
    assert!(counts.linked >= 10 && counts.linked + counts.review + counts.rejected == 30, "{counts:?}");
}
