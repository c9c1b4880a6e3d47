//! How large, how fast: an invented province is taken over, then asked as pages ask.
//!
//!     cargo run --release -p doudi-store --example measure -- FOLDER 1000000 100000 [postgres://…]
//!
//! Prints CPU seconds of the import and, for each kind of question, the middle and the 95th of a hundred in milliseconds.

// Measuring is what clocks and printing are for.
#![allow(clippy::print_stdout, clippy::disallowed_methods)]

mod invented;

use doudi_casework::{Grant, Grants, Moment, Role};
use doudi_store::{
    Answered, AuditQuery, CellKind, GroupColumn, GroupHead, GroupQuery, GroupSort, HouseholdQuery,
    ImportedClearing, ImportedFile, ImportedGroupRow, ImportedHousehold, ImportedLead, ImportedLink,
    ImportedPerson, Keyring, LeadFilter, LeadOrder, MonthKept, NewUser, Outcome, Scope, Store,
    create_key_file,
};
use doudi_terms::{Month, RegionCode, parse_date};
use invented::{household, name, place};
use std::path::Path;
use std::time::Instant;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, other| arguments.get(at).and_then(|text| text.parse().ok()).unwrap_or(other);
    let folder = Path::new(arguments.first().map_or("measured", String::as_str));
    let (persons, leads) = (number(1, 100_000), number(2, 10_000));
    let _ = std::fs::create_dir_all(folder);
    let key = folder.join("keys");
    let keys = if key.exists() { Keyring::from_file(&key)? } else { create_key_file(&key)? };
    let file = folder.join("doudi.db").to_string_lossy().into_owned();
    let store = Store::open(arguments.get(3).unwrap_or(&file), keys)?;
    let scope = scope(&store)?;
    if store.cleared_months(&scope)?.is_empty() {
        take_over(&store, persons, leads)?;
    }
    questions(&store, &scope, persons, leads)?;
    println!("memory {} MB at most", peak_megabytes());
    Ok(())
}

fn now() -> Moment {
    Moment::noon_of(parse_date("2020-05-11").unwrap_or_default())
}

fn scope(store: &Store) -> Outcome<Scope> {
    let region = RegionCode::parse("500243").unwrap_or(RegionCode::COUNTRY);
    let grants = Grants::new([Grant { role: Role::CountyReviewer, region }])?;
    let new = NewUser { login: "reviewer".into(), name: "审核".into(), grants };
    const PASSWORD: &str = "Lv8-kuaile-he";
    if let Ok(made) = store.provision(&[new], now()) {
        let token = store.log_in("reviewer", &made[0].1, "::1", now());
        let token = token.map_err(|error| doudi_store::StoreError::BadInput(error.to_string()))?.0;
        let first = store.scope(token.as_str(), "::1", now())?;
        store.change_password(&first, &made[0].1, PASSWORD)?;
    }
    let started = Instant::now();
    let token = store.log_in("reviewer", PASSWORD, "::1", now());
    let token = token.map_err(|error| doudi_store::StoreError::BadInput(error.to_string()))?.0;
    println!("log-in {} ms", started.elapsed().as_millis());
    store.scope(token.as_str(), "::1", now())
}

fn person(number: usize) -> ImportedPerson {
    let region = place(number);
    ImportedPerson {
        person_id: format!("P{number:08}"),
        household_id: household(number),
        region,
        name: name(number),
        relation: "户主".into(),
        sex: "女".into(),
        birth: parse_date("1950-03-07"),
        id_number: format!("500243{:08}{:04}", 19_500_101 + number / 10_000, number % 10_000),
        phone: format!("138{number:08}"),
        account: format!("62220000{number:011}"),
        address: format!("汉葭街道第{}组{}号", number % 17, number % 211),
        bucket: "no_sign_of_need".into(),
        programmes: String::new(),
        reason: "没有收入、财产、困难方面的记录".into(),
        missing: String::new(),
    }
}

fn lead(number: usize, persons: usize, leads: usize) -> ImportedLead {
    let person = person(number * (persons / leads).max(1));
    ImportedLead {
        lead_id: format!("{:064x}", (number as u128).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)),
        check: format!("第{}种疑点", number % 30),
        severity: ["红", "橙", "黄"][number % 3].into(),
        subject_kind: "人".into(),
        household_id: person.household_id,
        name: person.name,
        region: person.region,
        opened: Month::parse("2020-05").unwrap_or(Month::of(Default::default())),
        grade: "A".into(),
        stake: None,
        reason: "2020-02-01 去世，2020-05 仍在名册；本月发放 440.00元，账号尾号 1234".into(),
        rows: vec!["名册.xlsx#Sheet1#1234".into(), "死亡.csv##77".into()],
        records: Vec::new(),
        verify: "村核实去世情况，3个工作日".into(),
        closes: "死亡证明或在世见面记录；停发、追回到账资金".into(),
        article: "国务院令第649号第十三条".into(),
        due: parse_date(&format!("2020-05-{:02}", 1 + number % 28)),
        answer: None,
        person_id: person.person_id,
    }
}

fn take_over(store: &Store, persons: usize, leads: usize) -> Outcome<()> {
    let month = Month::parse("2020-05").unwrap_or(Month::of(Default::default()));
    let link = |row| ImportedLink {
        row,
        person_id: format!("P{row:08}"),
        class: "auto",
        grade: 'A',
        likelihood: 999_800,
    };
    let rows = u32::try_from(persons).unwrap_or(u32::MAX);
    let portions = (0..rows).step_by(200_000).map(|from| {
        Ok(ImportedFile {
            roster: "hukou".into(),
            month: "2020-05".into(),
            file: "户籍.csv".into(),
            key: format!("{from}"),
            links: (from..rows.min(from + 200_000)).map(link).collect(),
        })
    });
    let clearing = || ImportedClearing {
        region: RegionCode::COUNTRY,
        month,
        certificate_hash: "hash".into(),
        certificate_json: "{}".into(),
        persons: Box::new((0..persons).map(|number| Ok(person(number)))),
        files: Box::new(portions.clone()),
        leads: Box::new((0..leads).map(move |number| Ok(lead(number, persons, leads)))),
        ended: Vec::new(),
        figures: Vec::new(),
        sources: Vec::new(),
        kept: kept(persons),
    };
    for which in ["first", "again"] {
        let (started, cpu) = (Instant::now(), cpu_seconds());
        let done = store.import_clearing(clearing(), now())?;
        println!(
            "import {which}: {done:?}, {:.1} CPU s, {:.1} s, memory {} MB",
            cpu_seconds() - cpu,
            started.elapsed().as_secs_f64(),
            peak_megabytes()
        );
    }
    Ok(())
}

/// Households of three, every second one on a list of eight columns.
fn kept(persons: usize) -> MonthKept<'static> {
    let money = |name: &str, kind| GroupColumn {
        name: name.into(),
        kind,
        labels: Vec::new(),
        of_household: false,
        is_summed: kind == CellKind::Money,
    };
    let mut columns = vec![money("应发", CellKind::Money), money("实发", CellKind::Money)];
    columns.extend((0..6).map(|at| money(&format!("栏{at}"), CellKind::Count)));
    let home = |number: usize| {
        let first = person(number / 20 * 60 + number % 20);
        let members = (0..3).map(|at| person(number / 20 * 60 + at * 20 + number % 20));
        let members: Vec<(String, String)> = members.map(|person| (person.person_id, person.name)).collect();
        let facts = r#"{"known":{"城乡":"农村","低保在册":true,"低保月发放额":44000},"lists":{"人":{"complete":true,"rows":[
            {"known":{"出生日期":-7240,"低保在册":true,"劳动能力":"有"},"lists":{"发放":{"complete":true,"rows":[{"known":{"项目":"低保","金额":44000,"所属月":24244}}]}}},
            {"known":{"出生日期":-7240,"低保在册":true,"劳动能力":"有"},"lists":{"发放":{"complete":true,"rows":[]}}},
            {"known":{"出生日期":-7240,"低保在册":true,"残疾等级":"二级"},"lists":{"发放":{"complete":true,"rows":[]}}}]}}}"#;
        let row = |member| ImportedGroupRow {
            group: 0,
            member,
            cells: (0..8).map(|at| (at != number % 8).then_some((number * 37 % 1_000) as i64)).collect(),
        };
        Ok(ImportedHousehold {
            household_id: first.household_id,
            number: format!("{number:08}"),
            region: first.region,
            members,
            head: 0,
            facts: serde_json::from_str(facts).unwrap_or_default(),
            places: Vec::new(),
            sources_id: String::new(),
            answers: vec![Answered {
                programme: 0,
                member: None,
                entitled: Some(true),
                enrolled: Some(true),
                amount: Some(doudi_terms::Fen(44_000)),
            }],
            groups: if number.is_multiple_of(5) { vec![row(0), row(1)] } else { Vec::new() },
        })
    };
    MonthKept {
        policies_hash: "hash".into(),
        policies: vec![("national/a.md".into(), "条文".repeat(100_000))],
        registry: "{}".into(),
        checks: Vec::new(),
        groups: vec![GroupHead { name: "低保".into(), note: String::new(), columns }],
        households: Box::new((0..persons / 3).map(home)),
    }
}

fn questions(store: &Store, scope: &Scope, persons: usize, leads: usize) -> Outcome<()> {
    let month = Month::parse("2020-05").unwrap_or(Month::of(Default::default()));
    let filter = LeadFilter::default();
    let township = LeadFilter { place: RegionCode::parse("500243007").ok(), ..LeadFilter::default() };
    let check = LeadFilter { check: Some("第7种疑点".into()), ..LeadFilter::default() };
    let none = LeadFilter { check: Some("没有的疑点".into()), ..LeadFilter::default() };
    let mut cursor = None;
    ask("leads, first page", || {
        store.leads(scope, &filter, LeadOrder::Due, None, 50).map(|page| page.rows.len())
    })?;
    ask("leads, page after page", || {
        let page = store.leads(scope, &filter, LeadOrder::Due, cursor.as_ref(), 50)?;
        cursor = page.next;
        Ok(page.rows.len())
    })?;
    ask("leads of a township", || {
        store.leads(scope, &township, LeadOrder::Due, None, 50).map(|page| page.rows.len())
    })?;
    ask("leads of a check", || {
        store.leads(scope, &check, LeadOrder::Due, None, 50).map(|page| page.rows.len())
    })?;
    ask("leads of no check", || {
        store.leads(scope, &none, LeadOrder::Due, None, 50).map(|page| page.rows.len())
    })?;
    ordered(store, scope, &filter, &township)?;
    ask("board", || store.board(scope, month).map(|cells| cells.len()))?;
    ask_about_people(store, scope, persons)?;
    groups(store, scope, month)?;
    let mut of = 0;
    ask("lead", || {
        of = (of + 2) % leads;
        let lead = lead(of, persons, leads);
        if !lead.region.is_within(scope.home()) {
            return Ok(0);
        }
        store.lead(scope, &lead.lead_id).map(|found| found.history.len())
    })?;
    ask("audit of nobody's role", || {
        Ok(store.audit_records(scope, &AuditQuery::default()).map_or(0, |found| found.len()))
    })
}

fn ask_about_people(store: &Store, scope: &Scope, persons: usize) -> Outcome<()> {
    let mut at = 0_usize;
    let mut next = move || {
        at += 7_919 * 2;
        at % persons
    };
    ask("search by id number", || {
        store.search(scope, &person(next()).id_number, None, 50).map(|found| found.len())
    })?;
    ask("search by name", || store.search(scope, &name(next()), None, 50).map(|found| found.len()))?;
    ask("search by surname", || store.search(scope, "冉", None, 50).map(|found| found.len()))?;
    ask("person", || store.person(scope, &person(next()).person_id, "").map(|_| 1))?;
    ask("household, all months", || {
        store.household_record(scope, &person(next()).household_id, "").map(|found| found.months.len())
    })?;
    let by = |text: &str, place: Option<&str>| HouseholdQuery {
        text: text.into(),
        place: place.and_then(|place| RegionCode::parse(place).ok()),
        limit: 50,
        ..HouseholdQuery::default()
    };
    ask("households of a village", || {
        store.households(scope, &by("", Some("500243007201"))).map(|found| found.len())
    })?;
    ask("households by name", || store.households(scope, &by(&name(next()), None)).map(|found| found.len()))?;
    ask("households by number", || {
        store.households(scope, &by(&format!("{:08}", next() / 3), None)).map(|found| found.len())
    })?;
    ask("household", || {
        store.household(scope, &person(next()).household_id, "").map(|found| found.members.len())
    })
}

/// Leads in other orders than that of days, by name, and counted.
fn ordered(store: &Store, scope: &Scope, filter: &LeadFilter, township: &LeadFilter) -> Outcome<()> {
    let called = LeadFilter { text: Some("冉".into()), ..LeadFilter::default() };
    for (what, order) in [("leads by name", LeadOrder::Name), ("leads by place", LeadOrder::Place)] {
        ask(what, || store.leads(scope, filter, order, None, 50).map(|page| page.rows.len()))?;
        ask(&format!("{what}, of a township"), || {
            store.leads(scope, township, order, None, 50).map(|page| page.rows.len())
        })?;
    }
    ask("leads of a name", || {
        store.leads(scope, &called, LeadOrder::Due, None, 50).map(|page| page.rows.len())
    })?;
    ask("count by state", || store.count_states(scope, filter).map(|counts| counts.len()))?;
    ask("count of leads", || store.count_leads(scope, filter).map(|count| count as usize))?;
    Ok(())
}

fn groups(store: &Store, scope: &Scope, month: Month) -> Outcome<()> {
    let query = |place: Option<&str>, sort| GroupQuery {
        month,
        name: "低保".into(),
        place: place.and_then(|place| RegionCode::parse(place).ok()),
        filters: Vec::new(),
        sort,
        descending: false,
    };
    ask("lists", || store.group_lists(scope, month).map(|lists| lists.len()))?;
    let mut cursor = None;
    ask("list, page after page", || {
        let page = store.group_page(scope, &query(None, GroupSort::Place), cursor.as_ref(), 50)?;
        cursor = page.next;
        Ok(page.total as usize)
    })?;
    ask("list, by a column", || {
        store.group_page(scope, &query(None, GroupSort::Column(1)), None, 50).map(|page| page.rows.len())
    })?;
    ask("list, by name", || {
        store.group_page(scope, &query(None, GroupSort::Name), None, 50).map(|page| page.rows.len())
    })?;
    ask("list of a township, by a column", || {
        let query = query(Some("500243007"), GroupSort::Column(1));
        store.group_page(scope, &query, None, 50).map(|page| page.rows.len())
    })?;
    Ok(())
}

fn ask(what: &str, mut question: impl FnMut() -> Outcome<usize>) -> Outcome<()> {
    let cpu = cpu_seconds();
    let mut times = Vec::new();
    let mut found = 0;
    for _ in 0..100 {
        let started = Instant::now();
        found = question()?;
        times.push(started.elapsed().as_secs_f64() * 1_000.0);
    }
    times.sort_by(f64::total_cmp);
    let cpu = (cpu_seconds() - cpu) * 10.0;
    println!("{what}: {found} rows; {:.1} ms, 95th {:.1} ms, CPU {cpu:.1} ms", times[50], times[95]);
    Ok(())
}

/// User and system time of this process, in ticks of a hundredth of a second.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = text.rsplit(')').next().unwrap_or_default();
    let ticks = after.split_whitespace().skip(11).take(2).filter_map(|part| part.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

fn peak_megabytes() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) / 1_024
}
