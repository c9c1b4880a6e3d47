//! What linkage promises, on a small invented register.

use doudi_linkage::{
    Agreement, Field, Index, Link, LinkClass, MatchGrade, PersonEntry, RepairKind, RosterRow, WeightSet,
    Weights, WhyNot,
};
use doudi_terms::{RegionCode, ResidentId, Sex, check_character, epoch_day, parse_date};
use proptest::prelude::*;
use std::sync::LazyLock;

const VILLAGE: &str = "500243001202";
const HOME: &str = "重庆市彭水苗族土家族自治县汉葭街道北斗村村民委员会3组12号";

/// A valid number from its first seventeen digits.
fn id(seventeen: &str) -> String {
    let check = check_character(seventeen.as_bytes()).expect("seventeen digits");
    format!("{seventeen}{}", char::from(check))
}

/// Number, name, day of birth, sex, phone, household.
type Person = (&'static str, &'static str, &'static str, Sex, &'static str, u32);

const PERSONS: [Person; 8] = [
    ("50024319550412003", "刘国强", "1955-04-12", Sex::Male, "13900000001", 0),
    ("50024319570820004", "王秀英", "1957-08-20", Sex::Female, "13900000001", 0),
    ("50024320080301001", "刘欣怡", "2008-03-01", Sex::Female, "", 1),
    ("50024320080301002", "刘欣悦", "2008-03-01", Sex::Female, "", 1),
    ("65312619490920032", "阿米娜·伊斯马依", "1949-09-20", Sex::Female, "13900000004", 2),
    ("52042319431212032", "吴春玉", "1943-12-12", Sex::Female, "13900000005", 3),
    ("37092319821005001", "张涛", "1982-10-05", Sex::Male, "13900000006", 4),
    ("37098219820617009", "张涛", "1982-06-17", Sex::Male, "13900000007", 5),
];

fn day(text: &str) -> Option<i32> {
    parse_date(text).map(epoch_day)
}

/// Built once: the tables of characters take longer than eight persons.
static INDEX: LazyLock<Index> = LazyLock::new(index);

static WEIGHTS: LazyLock<Weights> = LazyLock::new(|| {
    let files = [("default.weights.toml", include_str!("../../../rosters/default.weights.toml"))];
    WeightSet::from_files(files).expect("the shipped weights").of("dibao").clone()
});

fn index() -> Index {
    let mut builder = Index::builder();
    for (number, (seventeen, name, birth, sex, phone, household)) in (0..).zip(PERSONS) {
        let pushed = builder.push(PersonEntry {
            id_number: &id(seventeen),
            name,
            birth: day(birth),
            sex: Some(sex),
            region: RegionCode::parse(VILLAGE).ok(),
            address: &HOME.replace("12号", &format!("{}号", 12 + household)),
            phone,
            account: "",
            household,
        });
        assert_eq!(pushed, number);
    }
    builder.build()
}

fn row<'a>(id_number: &'a str, name: &'a str) -> RosterRow<'a> {
    RosterRow { id_number, name, ..RosterRow::default() }
}

fn link(row: RosterRow<'_>) -> Link {
    INDEX.link(&row, &WEIGHTS)
}

fn is_auto(link: &Link, person: u32) -> bool {
    (link.class, link.person) == (LinkClass::Auto, Some(person))
}

fn repaired(link: &Link, kind: RepairKind) -> bool {
    link.repairs.iter().any(|repair| repair.kind == kind)
}

#[test]
fn the_same_number_and_name_are_one_person() {
    let number = id(PERSONS[0].0);
    let link = link(row(&number, "刘国强"));
    assert!(is_auto(&link, 0) && link.grade == MatchGrade::A && link.repairs.is_empty());
    assert_eq!(link.id.map(|id| id.to_string()), Some(number));
}

#[test]
fn the_same_number_and_name_outweigh_everything_else_that_was_filled_in_wrongly() {
    let number = id(PERSONS[6].0);
    let link = link(RosterRow {
        birth: Some("1931-01-02"),
        sex: Some(Sex::Female),
        region: RegionCode::parse("110105001001").ok(),
        address: "北京市朝阳区建外街道永安里村1组2号",
        phone: "13911111111",
        ..row(&number, "张涛")
    });
    assert!(is_auto(&link, 6) && link.grade == MatchGrade::A, "{link:?}");
}

#[test]
fn numbers_in_other_spellings_are_read_and_the_repair_is_kept() {
    let number = id(PERSONS[5].0);
    let wide: String =
        number.chars().map(|c| char::from_u32(u32::from(c) + 0xFEE0).expect("full-width")).collect();
    let old = format!("{}{}", &number[..6], &number[8..17]);
    for (raw, kind) in [
        (wide, RepairKind::FullWidth),
        (format!("'{} {}", &number[..6], &number[6..]), RepairKind::Blanks),
        (format!("{number}42"), RepairKind::CertificateCut),
        (old, RepairKind::FifteenDigits),
    ] {
        let link = link(row(&raw, "吴春玉"));
        assert!(is_auto(&link, 5) && repaired(&link, kind) && link.grade == MatchGrade::A, "{raw} {link:?}");
    }
}

#[test]
fn a_disability_certificate_of_any_length_leads_to_its_person() {
    let number = id(PERSONS[5].0);
    let old = format!("{}{}", &number[..6], &number[8..17]);
    for raw in [format!("{number}44"), format!("{number}44B1"), format!("{old}44"), format!("{old}44B1")] {
        let link = link(RosterRow { disability_certificate: true, ..row(&raw, "吴春玉") });
        assert!(is_auto(&link, 5), "{raw} {link:?}");
    }
}

#[test]
fn one_slip_in_the_number_is_found_and_named() {
    let number = id(PERSONS[0].0);
    let wrong = number.replacen("1955", "1956", 1);
    let swapped = number.replacen("0412", "4012", 1);
    let dropped = number.replacen("0412", "042", 1);
    for (raw, kind) in [
        (wrong, RepairKind::WrongDigit),
        (swapped, RepairKind::SwappedDigits),
        (dropped, RepairKind::DroppedDigit),
    ] {
        let link = link(row(&raw, "刘国强"));
        assert!(is_auto(&link, 0) && repaired(&link, kind) && link.grade == MatchGrade::B, "{raw} {link:?}");
    }
}

#[test]
fn digits_that_excel_lost_are_made_up_for_by_name_and_birth() {
    let raw = format!("{}000", &id(PERSONS[0].0)[..15]);
    let link = link(RosterRow { birth: Some("1955.4.12"), ..row(&raw, "刘国强") });
    assert!(is_auto(&link, 0) && repaired(&link, RepairKind::LostDigits), "{link:?}");
}

#[test]
fn swapped_columns_are_swapped_back() {
    let number = id(PERSONS[0].0);
    let swapped = link(row("刘国强", &number));
    assert!(is_auto(&swapped, 0) && repaired(&swapped, RepairKind::SwappedColumns));
    let without_number = link(RosterRow {
        birth: Some("19550412"),
        phone: "13900000001",
        region: RegionCode::parse(VILLAGE).ok(),
        ..row("刘国强", "无")
    });
    assert!(is_auto(&without_number, 0), "{without_number:?}");
}

#[test]
fn names_in_other_spellings_agree() {
    for (person, name) in [
        (0, "劉國強"),
        (0, "刘 国强"),
        (0, "刘国墙"),
        (0, "刘?强"),
        (0, "刘强"),
        (0, "刘老大"),
        (4, "阿米娜.伊斯马依"),
        (4, "阿米娜司马义"),
        (4, "阿米娜"),
    ] {
        let number = id(PERSONS[person as usize].0);
        let link = link(RosterRow { birth: Some(PERSONS[person as usize].2), ..row(&number, name) });
        assert!(is_auto(&link, person) && link.grade == MatchGrade::A, "{name} {link:?}");
    }
}

#[test]
fn a_borrowed_number_leads_to_the_relative_whose_name_it_is() {
    let husband = id(PERSONS[0].0);
    let link = link(RosterRow {
        birth: Some("1957年8月20日"),
        sex: Some(Sex::Female),
        region: RegionCode::parse(VILLAGE).ok(),
        ..row(&husband, "王秀英")
    });
    assert!(is_auto(&link, 1), "{link:?}");
    assert!(link.evidence.iter().any(|e| e.field == Field::IdNumber && e.agreement == Agreement::Household));
}

#[test]
fn a_borrowed_number_is_sure_where_name_and_birth_are_written_a_little_differently() {
    let husband = id(PERSONS[0].0);
    let home = RosterRow {
        birth: Some("1957-08-20"),
        region: RegionCode::parse(VILLAGE).ok(),
        ..row(&husband, "王秀莺")
    };
    assert!(is_auto(&link(home), 1), "the name sounds alike: {:?}", link(home));
    let lunar = RosterRow { name: "王秀英", birth: Some("1957年7月25日"), ..home };
    assert!(is_auto(&link(lunar), 1), "the lunar date: {:?}", link(lunar));
    let other_day = RosterRow { birth: Some("1961-01-09"), ..home };
    assert_ne!(link(other_day).class, LinkClass::Auto, "{:?}", link(other_day));
}

#[test]
fn a_borrowed_number_without_birth_is_sure_by_house_and_own_phone_only() {
    let (taken, house) = (id(PERSONS[2].0), HOME.replace("12号", "13号"));
    // The mother has a phone of her own.
    let mut builder = Index::builder();
    for (seventeen, name, phone) in
        [(PERSONS[2].0, "刘欣怡", ""), ("50024319800301002", "何丽琴", "13900000008")]
    {
        builder.push(PersonEntry {
            id_number: &id(seventeen),
            name,
            birth: None,
            sex: None,
            region: None,
            address: &house,
            phone,
            account: "",
            household: 1,
        });
    }
    let index = builder.build();
    let with_phone = RosterRow { address: &house, phone: "13900000008", ..row(&taken, "何丽琴") };
    assert!(is_auto(&index.link(&with_phone, &WEIGHTS), 1), "{:?}", index.link(&with_phone, &WEIGHTS));
    let without = index.link(&RosterRow { phone: "", ..with_phone }, &WEIGHTS);
    assert_eq!((without.class, without.person), (LinkClass::Review, Some(1)), "{without:?}");
}

#[test]
fn two_slips_that_make_a_valid_number_are_seen_through_by_name_birth_and_village() {
    let (right, born) = (id(PERSONS[5].0), "1943-12-12");
    // Of all numbers two digits away the first that is valid.
    let wrong = (0..17)
        .flat_map(|a| (a + 1..17).flat_map(move |b| (b'0'..=b'9').map(move |c| (a, b, c))))
        .find_map(|(a, b, c)| {
            let mut text = right.clone().into_bytes();
            text[a] = b'0' + (text[a] - b'0' + 1) % 10;
            text[b] = c;
            let text = String::from_utf8(text).ok()?;
            (ResidentId::parse(&text).is_ok() && text[..6] == right[..6]).then_some(text)
        })
        .expect("a valid neighbour");
    let here =
        RosterRow { birth: Some(born), region: RegionCode::parse(VILLAGE).ok(), ..row(&wrong, "吴春玉") };
    assert!(is_auto(&link(here), 5), "{:?}", link(here));
    let another_name = link(RosterRow { name: "吴春霞", ..here });
    assert_ne!(another_name.class, LinkClass::Auto, "{another_name:?}");
    let elsewhere = link(RosterRow { region: None, ..here });
    assert_ne!(elsewhere.class, LinkClass::Auto, "{elsewhere:?}");
}

#[test]
fn without_a_number_a_slip_in_the_day_of_birth_is_outweighed_by_name_and_house() {
    let house = HOME.replace("12号", "15号");
    let slip = RosterRow {
        birth: Some("1943-12-13"),
        region: RegionCode::parse(VILLAGE).ok(),
        address: &house,
        ..row("", "吴春玉")
    };
    assert!(is_auto(&link(slip), 5), "{:?}", link(slip));
    let without = link(RosterRow { birth: None, ..slip });
    assert_eq!(without.class, LinkClass::Review, "name and house may be somebody who moved in: {without:?}");
}

#[test]
fn a_rare_name_in_its_own_house_is_sure_and_a_common_one_is_not() {
    let house = |number: usize| HOME.replace("12号", &format!("{number}号"));
    let mut builder = Index::builder();
    // Two hundred households; every tenth head has one name.
    for household in 0..200_usize {
        let rare: String = [household / 20, household % 20]
            .into_iter()
            .filter_map(|at| char::from_u32(0x5E00 + at as u32 * 31))
            .collect();
        builder.push(PersonEntry {
            id_number: &id(&format!("5002431960{:02}01{household:03}", 1 + household % 12)),
            name: &if household % 10 == 0 { "王秀英".to_owned() } else { format!("冉{rare}") },
            birth: None,
            sex: None,
            region: RegionCode::parse(VILLAGE).ok(),
            address: &house(household),
            phone: "",
            account: "",
            household: household as u32,
        });
    }
    let index = builder.build();
    let mut weights = WEIGHTS.clone();
    weights.settings.pseudo_population = 100_000.0;
    let rare: String = [0_u32, 3].into_iter().filter_map(|at| char::from_u32(0x5E00 + at * 31)).collect();
    let (rare, address) = (format!("冉{rare}"), house(3));
    let row_of =
        |name, address| RosterRow { region: RegionCode::parse(VILLAGE).ok(), address, ..row("", name) };
    let found = index.link(&row_of(&rare, &address), &weights);
    assert!(is_auto(&found, 3), "{found:?}");
    let address = house(10);
    let common = index.link(&row_of("王秀英", &address), &weights);
    assert_eq!((common.class, common.person), (LinkClass::Review, Some(10)), "{common:?}");
}

#[test]
fn a_number_with_a_stranger_name_is_never_linked_without_a_person_looking() {
    let number = id(PERSONS[0].0);
    let everything = RosterRow {
        birth: Some("1955-04-12"),
        sex: Some(Sex::Male),
        region: RegionCode::parse(VILLAGE).ok(),
        address: HOME,
        phone: "13900000001",
        ..row(&number, "赵明亮")
    };
    for row in [everything, row(&number, "赵明亮")] {
        let link = link(row);
        assert_eq!((link.class, link.unlinked), (LinkClass::Review, Some(WhyNot::BorrowedId)), "{link:?}");
    }
}

#[test]
fn a_valid_number_that_nobody_has_is_a_new_person_and_not_a_namesake() {
    let number = id("50024319560105005");
    let link = link(RosterRow {
        birth: Some("1956-01-05"),
        region: RegionCode::parse(VILLAGE).ok(),
        address: HOME,
        ..row(&number, "刘国强")
    });
    assert_eq!(
        (link.class, link.person, link.unlinked),
        (LinkClass::None, None, Some(WhyNot::NotInRegister))
    );
    assert_eq!(link.id, ResidentId::parse(&number).ok());
}

#[test]
fn without_a_number_name_birth_and_village_are_enough() {
    for number in ["", "无", "000000000000000000"] {
        let link = link(RosterRow {
            birth: Some("19431212"),
            region: RegionCode::parse(VILLAGE).ok(),
            ..row(number, "吴春玉")
        });
        assert!(is_auto(&link, 5) && link.grade == MatchGrade::B, "{link:?}");
    }
}

#[test]
fn a_lunar_birth_date_speaks_for_the_person() {
    let link = link(RosterRow {
        birth: Some("1943年11月16日"),
        region: RegionCode::parse(VILLAGE).ok(),
        phone: "13900000005",
        ..row("", "吴春玉")
    });
    assert!(is_auto(&link, 5), "{link:?}");
    assert!(link.evidence.iter().any(|e| e.agreement == Agreement::LunarSame));
}

#[test]
fn twins_are_told_apart_by_their_given_names() {
    let born =
        RosterRow {
            birth: Some("2008-03-01"), region: RegionCode::parse(VILLAGE).ok(), ..row("", "刘欣悦")
        };
    assert!(is_auto(&link(born), 3));
    let masked = link(RosterRow { name: "刘欣?", ..born });
    assert_eq!((masked.class, masked.unlinked), (LinkClass::Review, Some(WhyNot::Ambiguous)), "{masked:?}");
}

#[test]
fn namesakes_are_told_apart_by_phone_or_not_at_all() {
    let zhang = RosterRow { region: RegionCode::parse(VILLAGE).ok(), ..row("", "张涛") };
    assert_ne!(link(zhang).class, LinkClass::Auto);
    assert_eq!(link(RosterRow { phone: "13900000007", ..zhang }).person, Some(7));
}

#[test]
fn a_row_that_names_nobody_says_so() {
    for row in [row("", ""), row("无", "不详"), row("", "张涛"), row("000000000000000000", "张涛")] {
        let link = link(row);
        assert_eq!((link.class, link.unlinked), (LinkClass::None, Some(WhyNot::NoUsableIdentity)));
    }
}

#[test]
fn an_explanation_reads_as_a_sentence_for_the_clerk() {
    let text = link(row(&format!("'{}", id(PERSONS[0].0)), "劉国强")).describe();
    for part in ["身份证号相同（+24.0）", "姓名相同", "夹有空格或引号", "繁体或异体字"]
    {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn a_key_that_thousands_share_finds_nobody_and_costs_nothing() {
    let mut builder = Index::builder();
    for household in 0..5_000 {
        builder.push(PersonEntry {
            id_number: "000000000000000000",
            name: "王伟",
            birth: day("1980-01-01"),
            sex: None,
            region: RegionCode::parse(VILLAGE).ok(),
            address: HOME,
            phone: "13900000000",
            account: "62284800000000000",
            household,
        });
    }
    let index = builder.build();
    let link = index.link(
        &RosterRow {
            birth: Some("1980-01-01"),
            region: RegionCode::parse(VILLAGE).ok(),
            address: HOME,
            phone: "13900000000",
            account: "62284800000000000",
            ..row("000000000000000000", "王伟")
        },
        &WEIGHTS,
    );
    assert_eq!((link.class, link.person), (LinkClass::None, None));
}

#[test]
fn a_number_that_many_of_the_register_share_stands_for_nobody() {
    let number = id("50024319550412003");
    let names =
        ["刘国强", "王秀英", "吴春玉", "张涛", "陈红香", "赵颖", "李建国", "何平伟", "廖友福", "高利"];
    let mut builder = Index::builder();
    for (household, name) in (0..).zip(names) {
        builder.push(PersonEntry {
            id_number: &number,
            name,
            birth: day(&format!("19{}-04-12", 50 + household)),
            sex: None,
            region: RegionCode::parse(VILLAGE).ok(),
            address: &HOME.replace("12号", &format!("{household}号")),
            phone: "",
            account: "",
            household,
        });
    }
    let index = builder.build();
    let born = RosterRow {
        birth: Some("1956-04-12"),
        region: RegionCode::parse(VILLAGE).ok(),
        ..row(&number, "李建国")
    };
    let linked = index.link(&born, &WEIGHTS);
    assert!(is_auto(&linked, 6), "name, birth and village tell who it is: {linked:?}");
    let number_alone = index.link(&row(&number, "欧阳锋"), &WEIGHTS);
    assert_eq!(
        (number_alone.class, number_alone.unlinked, number_alone.id),
        (LinkClass::None, Some(WhyNot::NobodyFits), None),
        "and nobody new is opened under it: {number_alone:?}"
    );
}

proptest! {
    #[test]
    fn no_text_makes_it_panic_and_every_answer_is_whole(
        number in "[0-9Xx０-９ B*'无]{0,26}", name in "\\PC{0,30}", birth in "[0-9年月日./: -]{0,12}",
        address in "\\PC{0,30}", phone in "[0-9+ -]{0,24}", certificate: bool,
    ) {
        let row = RosterRow {
            birth: Some(&birth), address: &address, phone: &phone, account: &phone,
            disability_certificate: certificate, ..row(&number, &name)
        };
        let link = INDEX.link(&row, &WEIGHTS);
        prop_assert_eq!(link.person.is_none(), link.class == LinkClass::None);
        prop_assert!((0.0..=1.0).contains(&link.probability));
        prop_assert!(link.class == LinkClass::Auto || link.person.is_some() || link.unlinked.is_some());
        prop_assert_eq!(&link, &INDEX.link(&row, &WEIGHTS));
        let answer = INDEX.answer(&row, &WEIGHTS);
        prop_assert_eq!(
            (answer.class, answer.person, answer.probability, answer.grade, answer.id, answer.unlinked),
            (link.class, link.person, link.probability, link.grade, link.id, link.unlinked),
        );
    }

    #[test]
    fn any_one_wrong_digit_still_leads_home(person in 0_usize..8, at in 0_usize..17, add in 1_u8..10) {
        let mut number = id(PERSONS[person].0).into_bytes();
        number[at] = b'0' + (number[at] - b'0' + add) % 10;
        let number = String::from_utf8(number).expect("digits");
        let link = INDEX.link(&row(&number, PERSONS[person].1), &WEIGHTS);
        prop_assert_eq!((link.class, link.person), (LinkClass::Auto, Some(person as u32)));
    }
}

#[test]
fn a_name_alone_may_mean_all_its_bearers_or_too_many() {
    assert_eq!(INDEX.namesakes("张 涛", 8), [6, 7]);
    assert_eq!(INDEX.namesakes("張涛", 8), [6, 7], "traditional characters are the same name");
    assert_eq!(INDEX.namesakes("张涛", 1), [0; 0], "a name that many bear casts doubt on none");
    assert_eq!(INDEX.namesakes("欧阳锋", 8), [0; 0]);
    assert_eq!(INDEX.namesakes("", 8), [0; 0]);
}

#[test]
fn entries_of_one_human_are_proposed_and_twins_and_namesakes_are_not() {
    let number = id(PERSONS[0].0);
    let mut builder = Index::builder();
    // Moved and entered twice with one number; twins; a mother and daughter of one name; one human with two numbers.
    for (id_number, name, birth, house, phone, household) in [
        (number.clone(), "刘国强", "1955-04-12", 12, "13900000001", 0),
        (id(PERSONS[2].0), "刘欣怡", "2008-03-01", 13, "", 1),
        (id(PERSONS[3].0), "刘欣悦", "2008-03-01", 13, "", 1),
        (number, "劉国强", "1955-04-12", 77, "", 2),
        (id("50024319600507002"), "何丽琴", "1960-05-07", 14, "13900000008", 3),
        (id("50024319860507002"), "何丽琴", "1986-05-07", 14, "13900000008", 3),
        (id("50024319700917006"), "冉启芬", "1970-09-17", 15, "13900000009", 4),
        (id("52042319700917008"), "冉启芬", "1970-09-17", 15, "13900000009", 5),
    ] {
        builder.push(PersonEntry {
            id_number: &id_number,
            name,
            birth: day(birth),
            sex: None,
            region: RegionCode::parse(VILLAGE).ok(),
            address: &HOME.replace("12号", &format!("{house}号")),
            phone,
            account: "",
            household,
        });
    }
    let found = builder.build().duplicates(&WEIGHTS);
    let pairs: Vec<(u32, u32)> = found.iter().map(|pair| (pair.first, pair.second)).collect();
    assert_eq!(pairs, [(0, 3), (6, 7)], "{found:?}");
    assert!(found[0].probability > 0.99 && found[0].describe().contains("身份证号相同"), "{found:?}");
}

#[test]
fn newcomers_written_twice_are_proposed_by_phone_and_house_and_their_families_are_not() {
    let mut builder = Index::builder();
    // One man with two numbers and two spellings that do not sound alike; his brother and his son, in the same house;
    // his sister's number once with another day; a neighbour of nearly his name.
    for (id_number, name, birth, house, phone) in [
        ("50024319700917013", "冉启明", "1970-09-17", 15, "13900000019"),
        ("50024319700917217", "冉启朋", "1970-09-17", 15, "13900000019"),
        ("50024319730301019", "冉启亮", "1973-03-01", 15, "13900000019"),
        ("50024319980301015", "冉小军", "1998-03-01", 15, "13900000019"),
        ("50024319750612012", "冉启芳", "1975-06-12", 16, "13900000020"),
        ("50024319751612012", "冉启芳", "", 16, "13900000020"),
        ("50024319800612018", "冉启朋", "1980-06-12", 17, "13900000021"),
    ] {
        builder.push(PersonEntry {
            id_number: &id(id_number),
            name,
            birth: day(birth),
            sex: None,
            region: RegionCode::parse(VILLAGE).ok(),
            address: &HOME.replace("12号", &format!("{house}号")),
            phone,
            account: "",
            household: id_number.as_bytes()[13].into(),
        });
    }
    let index = builder.build();
    let pairs = |found: Vec<doudi_linkage::Duplicate>| -> Vec<(u32, u32)> {
        found.iter().map(|pair| (pair.first, pair.second)).collect()
    };
    assert_eq!(pairs(index.duplicates(&WEIGHTS)), []);
    assert_eq!(pairs(index.duplicates_nearby(&WEIGHTS)), [(0, 1), (4, 5)]);
}
