//! The clearing from rosters to certificate, on invented people.

mod answering;
mod comparing;
mod county;
mod following;
mod handing;
mod handout;
mod importing;
mod newcomers;
mod parts;
mod phones;
mod simulating;
mod verifying;

use county::{Row, World, dibao_rows, first_month, id_number, register_rows};
use doudi_engine::{Bucket, EngineError, LeadFile, LeadLog};

fn buckets_of(cleared: &doudi_engine::Cleared) -> Vec<(String, String)> {
    let text = String::from_utf8(cleared.persons_csv.bytes().expect("a list").into_owned()).expect("text");
    let cells = |line: &str| {
        let mut cells = line.split(',').map(str::to_owned);
        (cells.next().unwrap_or_default(), cells.next().unwrap_or_default())
    };
    text.lines().skip(1).map(cells).collect()
}

#[test]
fn everybody_is_in_exactly_one_bucket_and_everything_adds_up() {
    let mut world = World::new();
    first_month(&mut world, "2020-04");
    let cleared = world.clear("2020-04");
    let certificate = &cleared.certificate;
    assert_eq!(certificate.register.persons, 500);
    assert_eq!(certificate.register.new_persons, 0);
    assert!(certificate.identities.iter().all(|identity| identity.holds));
    assert!(certificate.identities.len() > 8);
    let buckets = buckets_of(&cleared);
    assert_eq!(buckets.len(), 500);
    let bucket =
        |person: usize| buckets.iter().find(|(id, _)| *id == person.to_string()).map(|(_, b)| b.as_str());
    // Person 5 has died and is on the roster: a lead, and no longer in scope all the same.
    assert_eq!(bucket(5), Some("out_of_scope"));
    assert_eq!(bucket(1), Some("covered"));
    // Nobody else without income is on the roster: entitled and not enrolled, sign of need or not.
    assert_eq!(bucket(100), Some("eligible_not_enrolled"));
    assert_eq!(bucket(331), Some("not_eligible"));
    assert_eq!(bucket(450), Some("no_sign_of_need"));
    let counts = certificate.buckets;
    assert_eq!((counts.out_of_scope, counts.covered, counts.verifying), (2, 29, 0));
    assert_eq!(counts.get(Bucket::NotEligible), 10);
    assert_eq!(cleared.leads.len(), 1);
    let lead = &cleared.leads[0];
    assert_eq!((lead.check.as_str(), lead.grade, lead.person_id.as_str()), ("死亡仍在册", 'A', "5"));
    assert_eq!(lead.reason, "2020-01-15 去世，2020-04 仍在低保名册");
    assert_eq!(lead.stake.map(|fen| fen.to_string()), Some("1320.00".into()));
    assert_eq!(lead.rows, ["deaths.csv##2", "dibao.csv##6"]);
    let refused = String::from_utf8_lossy(&cleared.persons_csv.bytes().expect("a list"))
        .lines()
        .find(|l| l.starts_with("331,"))
        .map(str::to_owned);
    assert_eq!(
        refused.as_deref(),
        Some("331,not_eligible,dibao,最低生活保障：家庭收入不低于低保标准（测试办法 第一条）,,,,")
    );
}

#[test]
fn the_same_inputs_give_the_same_hashes_and_importing_twice_changes_nothing() {
    let mut one = World::new();
    let people = first_month(&mut one, "2020-04");
    let first = one.clear("2020-04");
    one.import("register", "2020-04", &register_rows(&people));
    let again = one.clear("2020-04");
    assert_eq!(first.certificate, again.certificate);
    let events = LeadFile::of(&one.folder).events().expect("events");
    assert_eq!(events.len(), 1, "a lead that is open is not opened twice");
    let mut other = World::new();
    first_month(&mut other, "2020-04");
    assert_eq!(other.clear("2020-04").certificate, first.certificate);
}

#[test]
fn a_roster_that_has_not_come_leaves_people_undetermined_and_is_named() {
    let mut world = World::new();
    let people = county::people();
    world.import("register", "2020-04", &register_rows(&people));
    world.import("dibao", "2020-04", &dibao_rows(&people, 0..3));
    let disabled: Row = vec![people[300].name.clone(), people[300].id.clone(), "二级".into()];
    world.import("disabled", "2020-04", &[disabled]);
    let cleared = world.clear("2020-04");
    let missing: Vec<&str> =
        cleared.certificate.missing_rosters.iter().map(|missing| missing.roster.as_str()).collect();
    assert_eq!(missing, ["deaths", "incomes"]);
    assert_eq!(cleared.certificate.buckets.undetermined, 1);
    let text = String::from_utf8_lossy(&cleared.persons_csv.bytes().expect("a list")).into_owned();
    let line = text.lines().find(|line| line.starts_with("301,")).expect("the person");
    assert!(
        line.contains("undetermined,dibao,持残疾人证，情况不明,缺“收入”清单；缺同户成员的“收入”清单"),
        "{line}"
    );
    assert!(line.ends_with("500243001201,2020-04-30,"), "{line}");
}

#[test]
fn rows_of_unknown_people_open_persons_and_every_row_is_counted() {
    let mut world = World::new();
    let people = first_month(&mut world, "2020-04");
    let mut rows = dibao_rows(&people, 0..30);
    rows.push(vec!["D9".into(), "欧阳新人".into(), id_number(777)]);
    rows.push(vec!["D9".into(), "欧阳新人".into(), id_number(777)]);
    rows.push(vec!["D8".into(), people[7].name.clone(), people[7].id.clone()]);
    rows.push(vec!["D7".into(), String::new(), String::new()]);
    world.import("dibao", "2020-04", &rows);
    let stranger: Row = vec!["欧阳新人".into(), id_number(777), "一级".into()];
    world.import("disabled", "2020-04", &[stranger]);
    let cleared = world.clear("2020-04");
    let counts = cleared.certificate.roster_rows["dibao"];
    assert_eq!((counts.total, counts.linked, counts.new_persons), (34, 30, 1));
    assert_eq!((counts.review, counts.duplicates, counts.rejected), (0, 2, 1));
    let of_disabled = cleared.certificate.roster_rows["disabled"];
    assert_eq!((of_disabled.linked, of_disabled.new_persons), (1, 0), "a later roster finds the new person");
    assert_eq!(cleared.certificate.register.new_persons, 1);
    assert_eq!(cleared.certificate.register.persons, 501);
    assert!(buckets_of(&cleared).iter().any(|(id, bucket)| id.starts_with('N') && bucket == "covered"));
    assert!(cleared.problems.iter().any(|problem| problem.place.row == Some(35)));
}

#[test]
fn a_household_that_left_the_roster_is_a_wrongful_exit_and_leads_close_when_their_cause_is_gone() {
    let mut world = World::new();
    let people = first_month(&mut world, "2020-04");
    world.clear("2020-04");
    // Persons 1 to 3 leave the roster, and so does the dead person 5.
    let stayed: Vec<Row> =
        dibao_rows(&people, 3..30).into_iter().filter(|row| row[2] != people[4].id).collect();
    world.import("dibao", "2020-05", &stayed);
    let incomes: Vec<Row> =
        people[330..].iter().map(|p| vec![p.name.clone(), p.id.clone(), "250000".into()]).collect();
    world.import("incomes", "2020-05", &incomes);
    let cleared = world.clear("2020-05");
    let leads: Vec<(&str, &str)> =
        cleared.leads.iter().map(|lead| (lead.check.as_str(), lead.person_id.as_str())).collect();
    assert_eq!(leads, [("错退", "1"), ("错退", "2"), ("错退", "3")]);
    assert_eq!((cleared.opened, cleared.closed), (3, 1));
    assert_eq!(cleared.certificate.buckets.verifying, 3);
    assert!(cleared.certificate.last_month.is_some());
    // The register of April still counts, deaths too; the disabled of April do not.
    let missing: Vec<&str> =
        cleared.certificate.missing_rosters.iter().map(|missing| missing.roster.as_str()).collect();
    assert_eq!(missing, ["disabled"]);
    let tables = cleared.townships.iter().flat_map(|township| township.tables);
    let exits = tables.filter(|table| table.name == "错退").map(|table| table.rows.len());
    assert_eq!(exits.sum::<usize>(), 3);
    assert_eq!(world.difference(&cleared.certificate), None);
}

#[test]
fn a_region_without_people_and_a_month_without_register_are_refused() {
    let mut world = World::new();
    let refused = |result: Result<doudi_engine::Cleared, EngineError>| match result {
        Err(EngineError::BadInput(message)) => message,
        other => panic!("{:?}", other.map(|_| ()).map_err(|error| error.to_string())),
    };
    assert!(refused(world.clear_in("500243", "2020-04")).contains("没有“户籍名册”"));
    first_month(&mut world, "2020-04");
    assert!(refused(world.clear_in("370900", "2020-04")).contains("没有区划代码在 370900 之内的人"));
    let part = world.clear_in("500243001", "2020-04").expect("a township");
    assert!(part.certificate.register.persons > 200 && part.certificate.register.persons < 300);
    assert_eq!(part.certificate.by_township.len(), 1);
}

#[test]
fn a_malformed_region_code_is_a_problem_and_the_person_stays() {
    let mut world = World::new();
    let mut people = first_month(&mut world, "2020-04");
    people[1].region = "五〇〇二四三".into();
    world.import("register", "2020-04", &register_rows(&people));
    let cleared = world.clear("2020-04");
    assert_eq!(cleared.certificate.register.persons, 500);
    assert!(cleared.problems.iter().any(|problem| problem.what.contains("五〇〇二四三")));
}

fn tables(place: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(place).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            tables(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "parquet") {
            found.push(path);
        }
    }
}

/// These are not sealed where the rest of the folder is.
#[test]
fn snapshots_and_results_know_people_by_row_and_hold_no_texts() {
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    let mut world = World::new();
    first_month(&mut world, "2020-04");
    world.clear("2020-04");
    let mut found = Vec::new();
    for place in ["snapshots", "determinations"] {
        tables(&world.folder.root().join(place), &mut found);
    }
    assert!(found.len() > 3, "{found:?}");
    for path in found {
        let file = std::fs::File::open(&path).expect("a table");
        let table = ParquetRecordBatchReaderBuilder::try_new(file).expect("a table");
        for field in table.schema().fields() {
            let kind = field.data_type();
            let is_number = kind.is_numeric() || kind.is_temporal() || kind.is_null();
            assert!(is_number || *kind == arrow_schema::DataType::Boolean, "{}: {field}", path.display());
        }
    }
}
