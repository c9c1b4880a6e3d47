//! Proposed values on a month that was cleared: ten households whose every fen is worked out by hand.

use crate::county::{self, Invented, PROGRAMS, Row, World, people, policies, register_rows};
use doudi_engine::imports::note_clearing;
use doudi_engine::simulate::{
    Basis, CHANGES, Change, Changed, Comparison, Effect, Entitled, Range, compare, effects, kept_months,
};
use doudi_engine::{Cleared, Content, ContentFile};
use doudi_policy::Proposal;
use doudi_terms::RegionCode;
use std::collections::BTreeSet;

/// Households of three, by what all members together have a month, in fen; `None`: the two others are not known.
const INCOMES: [(Option<i64>, i64); 10] = [
    (Some(0), 132_000), // exactly the old standard
    (Some(0), 150_000), // exactly the new standard
    (Some(0), 149_999),
    (Some(0), 100_000),
    (Some(0), 0),
    (Some(0), 131_999),
    (None, -1), // nothing is known, and nothing points to need
    (None, -1), // nothing is known, and it is on the list
    (Some(0), 500_000),
    (None, 140_000), // at least this, and a member is disabled
];

const SECOND: &str = r#", {"id": "disabled", "name": "残疾补贴", "unit": "人", "entitled": "人.应享残补",
    "enrolled": "人.享受残补", "amount": "人.残补"}],
  "ledger""#;

/// The policies of these tests: no income is negative, and a second programme rests on the first.
fn law(standards: &str) -> Vec<ContentFile> {
    let mut files = policies();
    for file in &mut files {
        match file.path.as_str() {
            "national/facts.md" => {
                file.text = file.text.replace("输入 收入.月额: 金额", "输入 收入.月额: 金额 不为负");
            }
            "national/law.md" => {
                let more = "规则 人.应享低保: 是否 = 户.低保对象\n\
                            规则 人.应享残补: 是否 = 残疾人 且 户.低保对象\n\
                            规则 人.享受残补: 是否 = 否\n规则 人.残补: 金额 = 50元";
                file.text = file.text.replace("规则 人.应享低保: 是否 = 户.低保对象", more);
            }
            "national/standards.csv" => file.text = format!("参数,维度,起,止,值,文件,把握,地区\n{standards}"),
            _ => file.text = file.text.replace("],\n  \"ledger\"", SECOND),
        }
    }
    files
}

const STANDARD: &str = "低保标准,农村,2019-09,,440元,测试文件,高,000000\n";

fn specs() -> Vec<ContentFile> {
    let mut files = county::specs();
    files[0].text = files[0].text.replace("\"complete\": true", "\"complete_for_listed\": true");
    files
}

fn row(person: &Invented, more: &str) -> Row {
    vec![person.name.clone(), person.id.clone(), more.to_owned()]
}

/// A world in which April has been cleared.
fn cleared(standards: &str, region: &str, move_to: &str) -> (World, Cleared) {
    let mut world = World::new();
    world.content = county::content(law(standards), specs());
    let mut people: Vec<Invented> = people().into_iter().take(30).collect();
    for person in people.iter_mut().filter(|person| person.household.as_str() >= "H0005") {
        person.region = person.region.replacen("500243", move_to, 1);
    }
    world.import("register", "2020-04", &register_rows(&people));
    world.import("dibao", "2020-04", &county::dibao_rows(&people, 21..24));
    world.import("deaths", "2020-04", &[]);
    world.import("disabled", "2020-04", &[row(&people[1], "二级"), row(&people[28], "一级")]);
    let mut incomes = Vec::new();
    for (household, (others, head)) in people.chunks(3).zip(INCOMES) {
        if head >= 0 {
            incomes.push(row(&household[0], &head.to_string()));
        }
        if let Some(others) = others {
            incomes.extend(household[1..].iter().map(|person| row(person, &others.to_string())));
        }
    }
    world.import("incomes", "2020-04", &incomes);
    let cleared = world.clear_in(region, "2020-04").unwrap_or_else(|error| panic!("{error}"));
    note_clearing(&world.folder, &cleared.certificate).expect("noted");
    (world, cleared)
}

fn basis(world: &World) -> Basis {
    let kept = kept_months(&world.folder).expect("months").pop().expect("a month");
    Basis::read(&world.folder, &kept, &world.content).unwrap_or_else(|error| panic!("{error}"))
}

fn proposed(world: &World, basis: &Basis, text: &str) -> (Content, Proposal) {
    let library = &world.content.library;
    let proposal = Proposal::parse(library, text, basis.kept.region).expect("a proposal");
    let library = library.with_proposals(std::slice::from_ref(&proposal), basis.kept.month);
    (world.content.with_library(library).expect("content"), proposal)
}

fn simulated(world: &World, text: &str) -> Comparison {
    let basis = basis(world);
    let (after, _) = proposed(world, &basis, text);
    compare(&basis, &world.content, &after, basis.kept.region).unwrap_or_else(|error| panic!("{error}"))
}

fn county(standards: &str) -> (World, Cleared) {
    cleared(standards, "500243", "500243")
}

/// The numbers of the households (or persons) with this change in a programme, with their amounts in fen.
fn who(comparison: &Comparison, programme: &str, change: Change) -> Vec<(String, Option<i64>, Option<i64>)> {
    let at = comparison.programmes.iter().position(|found| found.id == programme).expect("the programme");
    let listed = comparison.changed.iter().filter(|one| one.programme == at && one.change == change);
    let mut found: Vec<_> = listed
        .map(|one| (one.household.clone(), one.before.amount.known(), one.after.amount.known()))
        .collect();
    found.sort();
    found
}

fn household(number: &str, before: i64, after: i64) -> (String, Option<i64>, Option<i64>) {
    (number.to_owned(), Some(before), Some(after))
}

#[test]
fn a_household_exactly_at_the_new_standard_does_not_enter_and_one_fen_below_does() {
    let (world, _) = county(STANDARD);
    let comparison = simulated(&world, "低保标准[500243,农村]=500元");
    let entered = who(&comparison, "dibao", Change::Enter);
    assert_eq!(entered, [household("H0000", 0, 18_000), household("H0002", 0, 1)]);
    let gained = who(&comparison, "dibao", Change::Gain);
    let expected = [
        household("H0003", 32_000, 50_000),
        household("H0004", 132_000, 150_000),
        household("H0005", 1, 18_001),
    ];
    assert_eq!(gained, expected);
    let total = &comparison.programmes[0].total;
    assert_eq!((total.before.known, total.after.known), (164_001, 236_002));
    assert_eq!((total.difference(Change::Enter), total.difference(Change::Gain)), (18_001, 54_000));
    assert_eq!((total.persons.get(Change::Enter), total.persons.get(Change::Gain)), (6, 9));
    assert_eq!((comparison.households, comparison.persons), (10, 30));
}

#[test]
fn a_lower_standard_makes_households_leave_and_lose_to_the_fen() {
    let (world, _) = county(STANDARD);
    let comparison = simulated(&world, "低保标准[500243,农村]=400元");
    assert_eq!(who(&comparison, "dibao", Change::Leave), [household("H0005", 1, 0)]);
    let lost = who(&comparison, "dibao", Change::Lose);
    assert_eq!(lost, [household("H0003", 32_000, 20_000), household("H0004", 132_000, 120_000)]);
    assert_eq!(comparison.overall.less, 3);
    let left = comparison.changed.iter().find(|one| one.change == Change::Leave).expect("who leaves");
    assert_eq!(left.after.reason, "家庭收入不低于低保标准（测试办法 第一条）");
    assert_eq!((left.person_id.as_str(), left.members), ("16", 3));
}

#[test]
fn unknown_income_is_never_nothing_it_has_bounds_and_those_without_need_are_counted_apart() {
    let (world, _) = county(STANDARD);
    let comparison = simulated(&world, "低保标准[500243,农村]=500元");
    let total = &comparison.programmes[0].total;
    // H7 is on the list; H6 points to no need; of H9 one member is disabled: its income of 1400 or more is enough to
    // refuse under the old standard and not under the new one.
    let units = &total.households;
    assert_eq!((units.before.unknown, units.before.unasked, units.before.not_entitled), (1, 1, 5));
    assert_eq!((units.after.unknown, units.after.unasked, units.after.not_entitled), (2, 1, 2));
    assert_eq!((units.get(Change::StillUnknown), units.get(Change::NotToUnknown)), (2, 1));
    assert_eq!(
        (total.before.open, total.before.low, total.before.upper()),
        (1, 164_001, Some(164_001 + 132_000))
    );
    assert_eq!((total.after.open, total.after.low), (2, 236_002));
    assert_eq!(total.after.upper(), Some(236_002 + 150_000 + 10_000));
    let at = |one: &&Changed| one.programme == 0 && one.change == Change::NotToUnknown;
    let open = comparison.changed.iter().find(at).expect("H9");
    assert_eq!((open.household.as_str(), open.after.standing), ("H0009", Entitled::Unknown));
    assert_eq!(open.after.amount, Range { low: 0, high: Some(10_000) });
    assert!(open.after.reason.contains("“收入”清单"), "{}", open.after.reason);
}

#[test]
fn a_programme_that_rests_on_the_standard_changes_with_it() {
    let (world, _) = county(STANDARD);
    let comparison = simulated(&world, "低保标准[500243,农村]=500元");
    assert_eq!(who(&comparison, "disabled", Change::Enter), [household("H0000", 0, 5_000)]);
    let entered = comparison.changed.iter().find(|one| one.programme == 1).expect("the person");
    assert_eq!((entered.person_id.as_str(), entered.change), ("2", Change::Enter));
    // Two programmes for H0, one more household each for H2 to H5; of H9 it is not known.
    let overall = comparison.overall;
    assert_eq!((overall.more, overall.less, overall.even, overall.unknown), (5, 0, 0, 1));
}

#[test]
fn everybody_is_counted_once_in_every_place_and_all_equations_hold() {
    let (world, _) = county(STANDARD);
    let comparison = simulated(&world, "低保标准[500243,农村]=500元");
    assert!(comparison.identities.iter().all(|identity| identity.holds));
    for programme in &comparison.programmes {
        assert_eq!(programme.by_township.len(), 2);
        for change in CHANGES {
            let sum: u64 = programme.by_township.values().map(|tally| tally.persons.get(change)).sum();
            assert_eq!(sum, programme.total.persons.get(change), "{}", change.name());
        }
        assert_eq!(programme.by_county.values().next(), Some(&programme.total));
    }
}

#[test]
fn a_county_with_a_row_of_its_own_hides_the_value_of_its_parent() {
    let own =
        "低保标准,农村,2019-09,,440元,测试文件,高,000000\n低保标准,农村,2019-09,,450元,县文件,高,500101\n";
    let (world, _) = cleared(own, "50", "500101");
    let basis = basis(&world);
    let (after, proposal) = proposed(&world, &basis, "低保标准[50,农村]=500元");
    let code = |text: &str| RegionCode::parse(text).expect("a code");
    let found = effects(&basis, &world.content, &after, &[proposal], code("50"));
    let expected = Effect { holds: vec![(code("500243"), Some(0))], hidden: vec![(code("500101"), 1)] };
    assert_eq!(found, [expected]);
    let comparison = compare(&basis, &world.content, &after, code("50")).expect("compared");
    let counties = &comparison.programmes[0].by_county;
    assert!(counties[&code("500101")].is_unchanged());
    assert_eq!(counties[&code("500243")].households.get(Change::Enter), 2);
    assert!(comparison.changed.iter().all(|one| one.county == code("500243")));
    // Of one county alone, only its people are counted.
    let part = compare(&basis, &world.content, &after, code("500101")).expect("compared");
    assert_eq!((part.households, part.changed.len()), (5, 0));
}

#[test]
fn a_simulated_value_comes_to_what_a_clearing_afresh_with_that_value_comes_to() {
    let (world, before) = county(STANDARD);
    let (other, after) = county(&STANDARD.replace("440元", "500元"));
    let comparison = simulated(&world, "低保标准[500243,农村]=500元");
    for programme in &comparison.programmes {
        for (cleared, counts, cost) in [
            (&before, &programme.total.persons.before, &programme.total.before),
            (&after, &programme.total.persons.after, &programme.total.after),
        ] {
            let certified = &cleared.certificate.by_programme[&programme.id];
            assert_eq!((certified.entitled, counts.entitled), (counts.entitled, certified.entitled));
            let yuan = doudi_terms::Fen(i64::try_from(cost.known).expect("fen")).to_string();
            assert_eq!(certified.amount_yuan, yuan, "{}", programme.name);
        }
    }
    // Nobody who enters is on the list: those who are entitled and not enrolled by the two clearings differ by them.
    let missed = |cleared: &Cleared| -> BTreeSet<String> {
        let text = String::from_utf8_lossy(&cleared.persons_csv.bytes().expect("a list")).into_owned();
        let with = |line: &&str| line.rsplit(',').next().is_some_and(|ids| ids.contains("dibao"));
        text.lines().filter(with).map(|line| line.split(',').next().unwrap_or_default().to_owned()).collect()
    };
    let (old, new) = (missed(&before), missed(&after));
    let entered: Vec<&String> = new.difference(&old).collect();
    assert_eq!(entered, ["1", "2", "3", "7", "8", "9"]);
    // Back again from the other side: the same households with the amounts exchanged.
    let back = simulated(&other, "低保标准[500243,农村]=440元");
    let mirrored = |comparison: &Comparison, turn: bool| -> Vec<_> {
        let listed = comparison.changed.iter().map(|one| {
            let sides = [&one.before, &one.after].map(|side| (side.standing, side.amount, side.entitled));
            let [before, after] = if turn { [sides[1], sides[0]] } else { sides };
            (one.programme, one.household.clone(), one.person_id.clone(), before, after)
        });
        listed.collect()
    };
    assert_eq!(mirrored(&comparison, false), mirrored(&back, true));
}

#[test]
fn options_in_another_order_are_found_by_their_words_and_change_nobody() {
    let (world, _) = county(STANDARD);
    let mut files = law(STANDARD);
    for file in &mut files {
        file.text = file.text.replace("户.城乡: 农村、城镇", "户.城乡: 城镇、农村");
        file.text =
            file.text.replace("一级、二级、三级、四级\n", "四级、三级、二级、一级\n输入 人.新事: 是否\n");
    }
    let other = county::content(files, specs());
    let basis = basis(&world);
    let comparison = compare(&basis, &world.content, &other, basis.kept.region).expect("compared");
    assert!(comparison.programmes.iter().all(|programme| programme.total.is_unchanged()));
    assert_eq!(comparison.changed, []);
    assert_eq!(comparison.unknown_facts, ["人.新事"]);
}

#[test]
fn a_programme_that_only_one_side_has_is_entered_or_left_by_all_who_are_entitled() {
    let (world, _) = county(STANDARD);
    let mut files = law(STANDARD);
    for file in files.iter_mut().filter(|file| file.path == "programs.toml") {
        file.text = PROGRAMS.to_owned();
    }
    let without = county::content(files, specs());
    let basis = basis(&world);
    let region = basis.kept.region;
    let raised = simulated(&world, "低保标准[500243,农村]=500元");
    assert_eq!(raised.programmes.len(), 2);
    let (after, _) = proposed(&world, &basis, "低保标准[500243,农村]=500元");
    let gone = compare(&basis, &after, &without, region).expect("compared");
    assert_eq!(who(&gone, "disabled", Change::Leave), [household("H0000", 5_000, 0)]);
    let left = gone.changed.iter().find(|one| one.programme == 1).expect("the person");
    assert_eq!(left.after.reason, "当地没有这个项目");
    let new = compare(&basis, &without, &after, region).expect("compared");
    assert_eq!(who(&new, "disabled", Change::Enter), [household("H0000", 0, 5_000)]);
}

#[test]
fn an_example_tells_the_rules_before_and_after_without_naming_rows() {
    let (world, _) = county(STANDARD);
    let comparison = simulated(&world, "低保标准[500243,农村]=500元");
    let changes: Vec<Change> = comparison.examples.iter().map(|example| example.change).collect();
    assert_eq!(changes, [Change::Enter, Change::Gain]);
    let text: String = comparison.examples[0].after.iter().map(doudi_policy::Explanation::to_text).collect();
    assert!(text.contains("低保标准[农村]：500.00元〔模拟的值〕"), "{text}");
    assert!(text.contains("第1位成员的应享低保：是"), "{text}");
}
