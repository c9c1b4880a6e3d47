//! What looking people up promises, on small invented registers.

use doudi_linkage::{Directory, Found, PersonEntry, Query, ReasonKind, Scope};
use doudi_terms::{RegionCode, check_character, epoch_day, parse_date};
use proptest::prelude::*;
use std::sync::LazyLock;

/// A valid number from its first seventeen digits.
fn id(seventeen: &str) -> String {
    let check = check_character(seventeen.as_bytes()).expect("seventeen digits");
    format!("{seventeen}{}", char::from(check))
}

#[derive(Clone, Debug)]
struct Person {
    seventeen: String,
    name: String,
    phone: String,
    region: String,
    address: String,
}

fn person(seventeen: &str, name: &str, phone: &str, region: &str, address: &str) -> Person {
    let [seventeen, name, phone, region, address] =
        [seventeen, name, phone, region, address].map(str::to_owned);
    Person { seventeen, name, phone, region, address }
}

fn people() -> Vec<Person> {
    let (north, unity) = ("汉葭街道北斗村村民委员会3组12号", "新田镇团结社区居民委员会6组193号");
    vec![
        person("50024319650312002", "王小明", "13812345678", "500243001202", north),
        person("50024319700820004", "王晓敏", "13900000001", "500243001202", north),
        person("50024319650313003", "汪小民", "13900000002", "500243103203", unity),
        person("50024320080301001", "曾冶", "", "500243103203", unity),
        person("65312619490920032", "阿米娜·伊斯马依", "13900000004", "653126100001", "托万村1组5号"),
        person("50024319551205007", "欧阳建国", "13812345679", "500243103203", unity),
        person("50024319880101008", "劉国强", "15000001234", "", ""),
    ]
}

fn directory_of(people: &[Person]) -> Directory {
    let mut builder = Directory::builder();
    for (number, person) in (0..).zip(people) {
        let id = id(&person.seventeen);
        let pushed = builder.push(PersonEntry {
            id_number: &id,
            name: &person.name,
            birth: parse_date(&person.seventeen[6..14]).map(epoch_day),
            sex: None,
            region: RegionCode::parse(&person.region).ok(),
            address: &person.address,
            phone: &person.phone,
            account: "",
            household: number,
        });
        assert_eq!(pushed, number);
    }
    let name =
        |code: RegionCode| (code.number() == 500_243_000_000).then(|| "彭水苗族土家族自治县".to_owned());
    builder.build(&name)
}

/// Built once: the tables of characters take longer than the people.
static DIRECTORY: LazyLock<Directory> = LazyLock::new(|| directory_of(&people()));

fn search(query: &str) -> Found {
    DIRECTORY.search(&Query::parse(query), &Scope::everywhere(), 20)
}

/// Names and the first word's reasons.
fn found(query: &str) -> Vec<(String, ReasonKind)> {
    let hits = search(query).hits.into_iter();
    hits.map(|hit| (people()[hit.person as usize].name.clone(), hit.reasons[0].kind)).collect()
}

fn names(query: &str) -> Vec<String> {
    found(query).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn a_name_is_found_as_it_is_spelt_sounds_and_looks() {
    assert_eq!(found("王小明")[0], ("王小明".to_owned(), ReasonKind::Name));
    assert_eq!(found("王晓明")[0], ("王小明".to_owned(), ReasonKind::NameSoundsAlike));
    assert_eq!(found("曾治"), [("曾冶".to_owned(), ReasonKind::NameLooksAlike)]);
    assert_eq!(names("刘国强"), ["劉国强"]);
    assert_eq!(names("王明"), ["王小明"]);
    assert_eq!(names("王明小"), ["王小明"]);
    assert!(names("王小华").contains(&"王小明".to_owned()));
    assert_eq!(found("小明")[0], ("王小明".to_owned(), ReasonKind::GivenName));
    assert_eq!(found("阿米娜"), [("阿米娜·伊斯马依".to_owned(), ReasonKind::NameBeginning)]);
    assert_eq!(names("王*明")[0], "王小明");
}

#[test]
fn a_name_is_found_by_syllables_initials_and_a_mixture() {
    assert_eq!(found("wangxiaoming")[0], ("王小明".to_owned(), ReasonKind::NamePinyin));
    assert!(names("wangxiaoming").contains(&"王晓敏".to_owned()));
    for query in ["wxm", "WXM", "wangxm", "wangxiaom"] {
        assert_eq!(names(query), ["王小明", "王晓敏", "汪小民"], "{query}");
    }
    assert_eq!(names("王xm"), ["王小明", "王晓敏", "汪小民"]);
    assert_eq!(names("zengye"), ["曾冶"]);
    assert_eq!(names("cengye"), ["曾冶"]);
    assert_eq!(names("ouyangjg"), ["欧阳建国"]);
    assert_eq!(names("jianguo"), ["欧阳建国"]);
}

#[test]
fn a_number_is_found_whole_in_parts_masked_and_with_a_slip() {
    let whole = id("50024319650312002");
    assert_eq!(found(&whole), [("王小明".to_owned(), ReasonKind::Id)]);
    assert_eq!(names("500243196503120"), ["王小明"]);
    assert_eq!(found("500243650312002"), [("王小明".to_owned(), ReasonKind::Id)]);
    assert_eq!(found(&whole[14..]), [("王小明".to_owned(), ReasonKind::IdEnd)]);
    assert_eq!(names(&format!("500243********{}", &whole[14..])), ["王小明"]);
    assert_eq!(names("653126"), ["阿米娜·伊斯马依"]);
    for (at, to) in [(3, '9'), (9, '7'), (16, '5')] {
        let slipped: String = whole.chars().enumerate().map(|(i, c)| if i == at { to } else { c }).collect();
        assert_eq!(found(&slipped), [("王小明".to_owned(), ReasonKind::IdSlip)], "{slipped}");
    }
}

#[test]
fn a_birth_date_and_a_phone_are_found_in_their_forms() {
    assert_eq!(found("1965-03-12"), [("王小明".to_owned(), ReasonKind::BirthDay)]);
    assert_eq!(names("650312"), ["王小明"]);
    assert_eq!(names("1965年3月"), ["王小明", "汪小民"]);
    assert_eq!(names("1965"), ["王小明", "汪小民"]);
    assert_eq!(
        found("13812345678"),
        [("王小明".to_owned(), ReasonKind::Phone), ("欧阳建国".to_owned(), ReasonKind::PhoneSlip),]
    );
    assert_eq!(names("138-1234-5679")[0], "欧阳建国");
    assert_eq!(names("5678"), ["王小明"]);
    assert_eq!(names("1381234"), ["王小明", "欧阳建国"]);
    assert_eq!(names("13812345687")[0], "王小明");
}

#[test]
fn places_are_found_however_the_village_is_called() {
    for query in ["新田镇团结社区", "团结村", "新田镇团结社区居委会", "团结6组193号"]
    {
        assert_eq!(names(query), ["汪小民", "曾冶", "欧阳建国"], "{query}");
    }
    assert_eq!(names("彭水").len(), 5, "by the county's name, which no address has");
    assert_eq!(names("新田团结"), ["汪小民", "曾冶", "欧阳建国"]);
}

#[test]
fn several_words_narrow_it_down() {
    assert_eq!(names("wxm 团结"), ["汪小民"]);
    assert_eq!(names("王 1970"), ["王晓敏"]);
    assert_eq!(names("王小明1965")[0], "王小明");
    assert_eq!(names("王小明 1965-03-02")[0], "王小明");
    let end = &id("50024319650312002")[14..];
    let slipped = format!("9{}", &end[1..]);
    assert_eq!(names(&format!("王小明 {slipped}"))[0], "王小明");
}

#[test]
fn where_nobody_fits_all_words_the_odd_one_is_named() {
    let found = search("王小明 1999");
    assert_eq!((found.without.as_deref(), found.hits[0].person), (Some("1999"), 0));
    assert_eq!(found.tried.len(), 2);
    let nobody = search("钱多多");
    assert_eq!((nobody.total, nobody.without), (0, None));
    assert_eq!(nobody.tried, ["“钱多多”：按姓名（汉字、拼音、首字母、同音形近字）、住址找过"]);
    assert_eq!(search("").total, 0);
    assert_eq!(search("？！……").tried, ["“？！……”：看不出是姓名、号码、日期还是住址"]);
}

#[test]
fn whoever_has_no_region_is_seen_by_those_who_see_everything() {
    let of = |region| Scope::of([RegionCode::parse(region).expect("a code")]);
    let total = |scope: &Scope| DIRECTORY.search(&Query::parse("刘国强"), scope, 5).total;
    assert_eq!((total(&Scope::everywhere()), total(&of("500243")), total(&Scope::of([]))), (1, 0, 0));
}

fn any_person() -> impl Strategy<Value = Person> {
    let surname = prop::sample::select(vec!["王", "汪", "曾", "李", "黎"]);
    let given = prop::sample::select(vec!["小明", "晓敏", "明", "秀英", "秀", "冶", "治"]);
    let region = prop::sample::select(vec!["500243001202", "500243001203", "500243103203", "520000000000"]);
    let place = prop::sample::select(vec!["团结社区", "团结村委会", "北斗村"]);
    let numbers = (1960..1964_u32, 1..4_u32, 1..4_u32, 0..30_u32, 1..4_u32, 1..4_u32);
    (surname, given, region, place, numbers).prop_map(|(surname, given, region, place, numbers)| {
        let (year, month, day, order, group, house) = numbers;
        let seventeen = format!("500243{year}{month:02}{day:02}{order:03}");
        let phone = format!("138000000{order:02}");
        person(
            &seventeen,
            &format!("{surname}{given}"),
            &phone,
            region,
            &format!("{place}{group}组{house}号"),
        )
    })
}

fn any_word() -> impl Strategy<Value = String> {
    let fixed = [
        "王小明",
        "王",
        "wxm",
        "wang",
        "王xm",
        "小明",
        "曾治",
        "1961",
        "1962-02-02",
        "196202",
        "620202",
        "13800000005",
        "1380",
        "0005",
        "团结",
        "团结村2组1号",
        "2组",
        "500243",
        "500243********0021",
        "500243196202020100",
        "zeng",
        "ceng",
    ];
    prop::sample::select(fixed.map(str::to_owned).to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// As if they were not there: neither hits nor order nor number change, whichever way is the quickest.
    #[test]
    fn people_outside_the_scope_change_nothing(
        people in prop::collection::vec(any_person(), 1..60),
        words in prop::collection::vec(any_word(), 1..4),
        limit in 1..12_usize,
    ) {
        let inside: Vec<usize> = (0..people.len()).filter(|&at| people[at].region.starts_with("500243001")).collect();
        let scope = Scope::of(["500243001"].map(|code| RegionCode::parse(code).expect("a code")));
        let query = Query::parse(&words.join(" "));
        let mut among_all = directory_of(&people).search(&query, &scope, limit);
        let alone: Vec<Person> = inside.iter().map(|&at| people[at].clone()).collect();
        let mut expected = directory_of(&alone).search(&query, &Scope::everywhere(), limit);
        for hit in &mut expected.hits {
            hit.person = inside[hit.person as usize] as u32;
        }
        among_all.tried.clear();
        expected.tried.clear();
        prop_assert_eq!(among_all, expected);
    }

    #[test]
    fn whatever_is_typed_is_answered(text in ".{0,40}") {
        let found = DIRECTORY.search(&Query::parse(&text), &Scope::everywhere(), 5);
        prop_assert!(found.hits.len() <= 5 && found.hits.len() <= found.total);
    }
}
