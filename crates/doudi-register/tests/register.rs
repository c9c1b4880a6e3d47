//! What a register promises, with small invented registers.

use doudi_register::{
    PersonRow, PersonTexts, Register, RegisterBuilder, UnitOrigin, Units, UnitsBuilder, UnitsError,
};
use doudi_terms::{Place, Problem, RegionCode, ResidentId, Severity};
use proptest::prelude::*;

const ID: &str = "11010519491231002X";

fn region(text: &str) -> RegionCode {
    RegionCode::parse(text).expect("a region code")
}

fn row<'a>(person_id: &'a str, name: &'a str, household: &'a str, relation: &'a str) -> PersonRow<'a> {
    PersonRow {
        person_id,
        id_number: "",
        name,
        sex: None,
        birth: Some(-7_000),
        household_number: household,
        relation,
        region: region("500243001202"),
        address: "汉葭街道北斗村1组2号",
        phone: "",
        account: "",
    }
}

fn place(row: u32) -> Place {
    Place { file: "人口库.csv".into(), row: Some(row), ..Place::default() }
}

fn build(rows: &[PersonRow<'_>]) -> (Register, PersonTexts, Vec<Problem>) {
    let mut builder = RegisterBuilder::new();
    for (number, row) in (2..).zip(rows) {
        builder.push(row, &place(number));
    }
    builder.build()
}

#[test]
fn members_and_head_of_a_household_are_found() {
    let (register, texts, problems) = build(&[
        row("1", "王小明", "H1", "子女"),
        row("2", "李四", "H2", "户主"),
        row("3", "王强", "H1", "户主"),
    ]);
    assert!(problems.is_empty());
    let households = register.households();
    assert_eq!((households.members(0), households.head(0)), (&[0, 2][..], Some(2)));
    assert_eq!((households.number(1), households.members(1)), ("H2", &[1][..]));
    assert_eq!((texts.name(2), texts.get(0).relation, register.household(2)), ("王强", "子女", Some(0)));
    assert_eq!((register.find_person_id("2"), register.find_person_id("9")), (Some(1), None));
}

#[test]
fn a_household_without_a_head_gets_its_first_member_and_a_warning() {
    let (register, _, problems) =
        build(&[row("1", "王小明", "H1", "子女"), row("2", "王小红", "H1", "子女")]);
    assert_eq!(register.households().head(0), Some(0));
    assert_eq!(
        problems.iter().map(Problem::to_string).collect::<Vec<_>>(),
        ["人口库.csv 第 2 行：户号“H1”没有户主，暂以“王小明”为户主。请核对这一户的户主"]
    );
}

#[test]
fn a_second_head_is_reported_and_the_first_stays() {
    let (register, _, problems) = build(&[row("1", "王强", "H1", "户主"), row("2", "王刚", "H1", "户主")]);
    assert_eq!((register.households().head(0), problems.len()), (Some(0), 1));
}

#[test]
fn a_person_without_a_household_is_a_household_of_one() {
    let (register, _, problems) = build(&[row("1", "王强", " ", ""), row("2", "李四", "", "")]);
    assert_eq!(register.households().len(), 2);
    assert_eq!(register.households().members(1), [1]);
    assert!(problems.len() == 2 && problems.iter().all(|p| p.severity == Severity::Warning));
}

#[test]
fn two_rows_with_one_id_number_are_both_kept_and_flagged() {
    let with_id = |person_id, name| PersonRow { id_number: ID, ..row(person_id, name, "H1", "户主") };
    let (register, _, problems) =
        build(&[with_id("1", "王强"), PersonRow { household_number: "H2", ..with_id("2", "王强") }]);
    assert_eq!(register.len(), 2);
    assert_eq!(register.suspected_duplicates(), [(1, 0)]);
    assert!(problems[0].what.contains("疑似同一人重复登记"));
}

#[test]
fn a_person_opened_twice_from_rosters_is_one_person() {
    let mut builder = RegisterBuilder::new();
    builder.push(&row("1", "王强", "H1", "户主"), &place(2));
    let opened = PersonRow { id_number: ID, ..row("N0123456789ab", "赵新", "", "") };
    assert_eq!(builder.add_new_person(&opened, &place(3)), Some(1));
    assert_eq!(builder.add_new_person(&opened, &place(4)), Some(1));
    assert_eq!(builder.find_id_number(&ResidentId::parse(ID).expect("valid")), Some(1));
    let (register, texts, problems) = builder.build();
    assert_eq!((register.len(), register.person_id(1), problems.len()), (2, "N0123456789ab", 1));
    assert_eq!((texts.len(), texts.get(1).id_number, texts.get(2).name), (2, ID, ""));
}

#[test]
fn asking_for_nobody_gives_nothing() {
    let (register, ..) = build(&[]);
    assert_eq!((register.person_id(7), register.birth(7), register.household(7)), ("", None, None));
    assert!(register.households().members(7).is_empty());
    let units = UnitsBuilder::new(&register).build();
    assert!(units.is_empty() && units.members(0).is_empty() && units.unit_of(0).is_none());
}

#[test]
fn the_dibao_roster_overrides_the_household_and_a_survey_both() {
    let (register, ..) = build(&[
        row("1", "王强", "H1", "户主"),
        row("2", "王老", "H1", "父亲"),
        row("3", "李四", "H2", "户主"),
    ]);
    let mut builder = UnitsBuilder::new(&register);
    assert_eq!(builder.regroup(&[1], UnitOrigin::Enrolled), Ok(()));
    assert_eq!(builder.regroup(&[1, 2], UnitOrigin::Enrolled), Err(UnitsError::AlreadyGrouped(1)));
    assert_eq!(builder.regroup(&[1, 9], UnitOrigin::Survey), Err(UnitsError::UnknownPerson(9)));
    assert_eq!(builder.regroup(&[], UnitOrigin::Survey), Err(UnitsError::NoMembers));
    assert_eq!(builder.regroup(&[2, 1, 2], UnitOrigin::Survey), Ok(()));
    let units = builder.build();
    let all: Vec<_> = units.iter().map(|(_, origin, members)| (origin, members.to_vec())).collect();
    assert_eq!(all, [(UnitOrigin::Hukou, vec![0]), (UnitOrigin::Survey, vec![1, 2])]);
}

fn assert_partition(units: &Units, persons: u32) {
    let mut seen: Vec<u32> = units.all_members().to_vec();
    seen.sort_unstable();
    assert_eq!(seen, (0..persons).collect::<Vec<_>>());
    for (unit, _, members) in units.iter() {
        assert!(!members.is_empty() && members.is_sorted());
        assert!(members.iter().all(|&person| units.unit_of(person) == Some(unit)));
    }
    assert_eq!(units.offsets().last().copied(), (!units.is_empty()).then_some(persons).or(Some(0)));
}

proptest! {
    #[test]
    fn everybody_is_in_exactly_one_unit(
        households in proptest::collection::vec(0_u8..12, 0..60),
        groups in proptest::collection::vec((proptest::collection::vec(0_u32..70, 0..6), 0_u8..3), 0..20),
    ) {
        let numbers: Vec<String> = households.iter().map(|h| if *h == 0 { String::new() } else { format!("H{h}") }).collect();
        let ids: Vec<String> = (0..numbers.len()).map(|n| n.to_string()).collect();
        let rows: Vec<PersonRow<'_>> = ids.iter().zip(&numbers).map(|(id, number)| row(id, "某人", number, "户主")).collect();
        let (register, ..) = build(&rows);
        let mut builder = UnitsBuilder::new(&register);
        for (members, origin) in &groups {
            let origin = [UnitOrigin::Hukou, UnitOrigin::Enrolled, UnitOrigin::Survey][usize::from(*origin)];
            let refused = builder.regroup(members, origin).is_err();
            prop_assert!(refused || members.iter().all(|&person| person < register.len()));
        }
        assert_partition(&builder.build(), register.len());
    }
}
