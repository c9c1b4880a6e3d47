//! Twelve realistic months for some households of the invented province: facts, places and answers of a demo's households,
//! explained by the demo's policies. Run after `measure` has made the province.
//!
//!     cargo run --release -p doudi-store --example months -- STORE KEYS DEMO-DATA 1000000
//!
//! Those get them whom `doudi bench serve` finds by the names it searches for. Prints rows, bytes and CPU seconds.

// Measuring is what clocks and printing are for.
#![allow(clippy::print_stdout, clippy::disallowed_methods)]

#[allow(dead_code, reason = "the other example asks for all of it")]
mod invented;

use doudi_casework::{Grant, Grants, Moment, Role};
use doudi_store::{
    HouseholdLine, HouseholdMonth, HouseholdQuery, ImportedClearing, ImportedHousehold, Keyring, MonthKept,
    NewUser, Outcome, Scope, Store, StoreError,
};
use doudi_terms::{Month, RegionCode, parse_date};
use invented::{household, name, place};
use std::path::Path;
use std::time::Instant;

const SEARCHED: [&str; 10] = ["冉光", "王明", "李秀", "张英", "刘国", "陈华", "杨桂", "赵兰", "黄志", "周强"];
const MONTHS: i32 = 12;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, keys, demo, persons] = &arguments[..] else {
        return Err(StoreError::BadInput("STORE KEYS DEMO-DATA PERSONS".into()));
    };
    let persons: usize = persons.parse().unwrap_or(0);
    let demo = Path::new(demo);
    let from =
        Store::open(&demo.join("doudi.db").to_string_lossy(), Keyring::from_file(&demo.join("doudi.keys"))?)?;
    let like = templates(&from)?;
    let store = Store::open(address, Keyring::from_file(Path::new(keys))?)?;
    let first = like.first().ok_or_else(|| StoreError::BadInput("the demo has no household".into()))?;
    let texts = from.policies(&first.registry.policies_hash)?.unwrap_or_default();
    let last = Month::parse("2020-05").unwrap_or(Month::of(Default::default()));
    let started = Instant::now();
    for back in (0..MONTHS).rev() {
        let Some(month) = Month::from_index(last.index() - back) else { continue };
        let clearing = ImportedClearing {
            // Of the county that is asked about: the province's own lists of the last month stay as they are.
            region: RegionCode::parse("500243").unwrap_or(RegionCode::COUNTRY),
            month,
            certificate_hash: format!("realistic-{month}"),
            certificate_json: "{}".into(),
            persons: Box::new(std::iter::empty()),
            files: Box::new(std::iter::empty()),
            leads: Box::new(std::iter::empty()),
            ended: Vec::new(),
            figures: Vec::new(),
            sources: Vec::new(),
            kept: MonthKept {
                policies_hash: first.registry.policies_hash.clone(),
                policies: texts.clone(),
                registry: first.registry.registry.clone(),
                households: Box::new((0..persons / 3).filter_map(|number| home(number, &like)).map(Ok)),
                ..MonthKept::default()
            },
        };
        store.import_clearing(clearing, Moment::noon_of(parse_date("2020-05-11").unwrap_or_default()))?;
        println!("{month}: {:.0} s", started.elapsed().as_secs_f64());
    }
    Ok(())
}

/// What the demo's latest month knew of its households.
fn templates(store: &Store) -> Outcome<Vec<HouseholdMonth>> {
    let scope = scope(store)?;
    let mut found = Vec::new();
    let mut after: Option<HouseholdLine> = None;
    while found.len() < 1_000 {
        let place = RegionCode::parse("500243").ok();
        let query = HouseholdQuery { place, after: after.take(), limit: 100, ..HouseholdQuery::default() };
        let lines = store.households(&scope, &query)?;
        let Some(last) = lines.last() else { break };
        after = Some(last.clone());
        for line in &lines {
            // Households of last month whose people are gone stand in the list, and have nobody to show.
            let Ok(record) = store.household_record(&scope, &line.household_id, "") else { continue };
            found.extend(record.months.into_iter().next().filter(|month| month.members.len() == 3));
        }
    }
    Ok(found)
}

fn scope(store: &Store) -> Outcome<Scope> {
    const PASSWORD: &str = "Lv8-kuaile-he";
    let now = Moment::noon_of(parse_date("2020-05-11").unwrap_or_default());
    let region = RegionCode::parse("500243").unwrap_or(RegionCode::COUNTRY);
    let grants = Grants::new([Grant { role: Role::CountyReviewer, region }])?;
    let new = NewUser { login: "templates".into(), name: "审核".into(), grants };
    let bad = |error: &dyn std::fmt::Display| StoreError::BadInput(error.to_string());
    if let Ok(made) = store.provision(&[new], now) {
        let token = store.log_in("templates", &made[0].1, "::1", now).map_err(|error| bad(&error))?.0;
        let first = store.scope(token.as_str(), "::1", now)?;
        store.change_password(&first, &made[0].1, PASSWORD)?;
    }
    let token = store.log_in("templates", PASSWORD, "::1", now).map_err(|error| bad(&error))?.0;
    store.scope(token.as_str(), "::1", now)
}

/// A household that somebody finds, with the facts of one like it.
fn home(number: usize, like: &[HouseholdMonth]) -> Option<ImportedHousehold> {
    let first = number / 20 * 60 + number % 20;
    let people: Vec<usize> = (0..3).map(|at| first + at * 20).collect();
    // Of all whose names begin so, a page shows the first in the order of names.
    let is_shown =
        |person: &usize| name(*person).strip_suffix('光').is_some_and(|begins| SEARCHED.contains(&begins));
    if !people.iter().any(is_shown) {
        return None;
    }
    let like = like.get(number % like.len().max(1))?;
    if place(first).county().to_string().trim_end_matches('0') != "500243" {
        return None;
    }
    let members = people.iter().take(like.members.len());
    Some(ImportedHousehold {
        household_id: household(first),
        number: format!("{number:08}"),
        region: place(first),
        members: members.map(|person| (format!("P{person:08}"), name(*person))).collect(),
        head: 0,
        facts: like.facts.clone(),
        places: like.places.clone(),
        sources_id: like.sources_id.clone(),
        answers: like.answers.clone(),
        groups: Vec::new(),
    })
}
