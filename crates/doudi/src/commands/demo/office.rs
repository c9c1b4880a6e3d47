//! The demo's office: its two months taken over, an account for every role, then the pages.

use super::DemoArgs;
use crate::commands::clear::Stop;
use crate::commands::desk::OpenDesk;
use crate::commands::office::now;
use crate::commands::vault::KeyArgs;
use crate::commands::{serve, store};
use crate::divisions::Divisions;
use doudi_casework::{Grant, Grants, Moment, ROLES, Role};
use doudi_demo::months;
use doudi_store::{Keyring, NewUser, Store, create_key_file};
use doudi_terms::{Month, RegionCode, RegionLevel};
use doudi_web::Proxies;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Logins, roles, places and one-time passwords, as they were printed.
const ACCOUNTS: &str = "accounts.txt";

/// In the folder that it seals, so that a demo can be tried without another word; a real one lies elsewhere.
fn key_file(out: &Path) -> PathBuf {
    out.join("data").join("doudi.keys")
}

/// Makes the key that seals everything from the start.
pub fn make_key(args: &DemoArgs) -> Result<(), Stop> {
    let path = key_file(&args.out);
    let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    made.map_err(|error| Stop::bad_input(format!("建不了 {}：{error}", path.display())))?;
    Ok(create_key_file(&path).map(drop)?)
}

pub fn key_of(args: &DemoArgs) -> KeyArgs {
    KeyArgs::file(Some(key_file(&args.out)))
}

fn accounts(args: &DemoArgs) -> PathBuf {
    args.out.join(ACCOUNTS)
}

/// How far the demo's calendar stands from the real one, in milliseconds.
const CLOCK: &str = "office-clock.txt";

/// The first working morning after the last month that is cleared: an office of 2020 that opened years later would find
/// everything overdue and no standard in force. What time passes at the desk passes there too.
fn opens_at(args: &DemoArgs) -> Moment {
    let noon = Moment::noon_of(months()[1].last_day());
    let opens = noon.plus_seconds(OPENS_AFTER);
    let ahead = std::fs::read_to_string(args.out.join(CLOCK)).ok().and_then(|text| text.trim().parse().ok());
    let ahead: i64 = ahead.unwrap_or(opens.millis() - now().millis());
    Moment::from_millis(now().millis().saturating_add(ahead))
}

/// From noon of a month's last day to half past eight of the next.
const OPENS_AFTER: i64 = (12 * 60 + 8 * 60 + 30) * 60;

fn database(data: &Path) -> String {
    data.join("doudi.db").to_string_lossy().into_owned()
}

/// Takes the cleared months over into a new store, and gives every role to somebody.
pub fn open_for_business(args: &DemoArgs) -> Result<(), Stop> {
    let data = args.out.join("data");
    let keys = Keyring::from_file(&key_file(&args.out))?;
    let store = Store::open(&database(&data), keys)?;
    let today = opens_at(args);
    let ahead = today.millis() - now().millis();
    write_private(&args.out.join(CLOCK), &format!("{ahead}\n"))?;
    for month in months() {
        eprintln!("把 {month} 的结果放进办公数据库");
        let certificate = args.out.join("out").join(month.to_string()).join("certificate.json");
        store::import_certificate(&store, &certificate, &key_of(args), today)?;
    }
    let people = people(&busiest_village(args, months()[1])?)?;
    let made = store.provision(&people, today)?;
    let divisions = Divisions::read();
    let mut text = String::from("用户名 | 一次性密码 | 角色 | 辖区\n");
    for (person, (_, password)) in people.iter().zip(&made) {
        let grants = person.grants.iter().map(|grant| {
            format!("{} | {}（{}）", grant.role.name(), divisions.full_name(grant.region), grant.region)
        });
        let grants: Vec<String> = grants.collect();
        text.push_str(&format!("{} | {password} | {}\n", person.login, grants.join("；")));
    }
    write_private(&accounts(args), &text)
}

/// Serves a demo that is ready, until somebody stops it.
pub fn serve(args: &DemoArgs) -> Result<(), Stop> {
    let data = args.out.join("data");
    let keys = Keyring::from_file(&key_file(&args.out))?;
    let store = Arc::new(Store::open(&database(&data), keys)?);
    let table = std::fs::read_to_string(accounts(args)).unwrap_or_default();
    let report = args.out.join("out").join(months()[1].to_string()).join("report.html");
    let today = opens_at(args);
    let ahead = today.millis() - now().millis();
    let day = today.day().map(|day| day.to_string()).unwrap_or_default();
    crate::print_line(&format!("\n演示的办公室里，今天是 {day}：期限、标准都按这一天算。"));
    crate::print_line(&format!(
        "\n演示的账号（第一次登录要换掉一次性密码，换过的以换过的为准）：\n{table}\n全县报告另有一页，不用登录：{}",
        report.display()
    ));
    let desk = OpenDesk::open(&data, &key_of(args), None, store.clone())?;
    let front = serve::Front { listen: args.listen, behind_https: false, proxies: Proxies::default() };
    serve::serve(store, front, None, desk, ahead)
}

/// Where most leads are, so that its people have something to do.
fn busiest_village(args: &DemoArgs, month: Month) -> Result<RegionCode, Stop> {
    let path = args.out.join("out").join(month.to_string()).join("leads.csv");
    let broken = |error: csv::Error| Stop::bad_input(format!("读不了 {}：{error}", path.display()));
    let mut reader = csv::Reader::from_path(&path).map_err(broken)?;
    let column = reader.headers().map_err(broken)?.iter().position(|name| name == "region_code");
    let mut leads: BTreeMap<RegionCode, u32> = BTreeMap::new();
    for row in reader.into_records() {
        let row = row.map_err(broken)?;
        let place = column.and_then(|at| row.get(at)).and_then(|code| RegionCode::parse(code).ok());
        if let Some(village) = place.filter(|place| place.level() == RegionLevel::Village) {
            *leads.entry(village).or_default() += 1;
        }
    }
    let busiest = leads.iter().max_by_key(|(_, count)| **count).map(|(village, _)| *village);
    let any = || RegionCode::parse("500243001001").map_err(|error| Stop::bad_input(error.to_string()));
    busiest.map_or_else(any, Ok)
}

/// One of every role, in the village, its township or its county.
fn people(village: &RegionCode) -> Result<Vec<NewUser>, Stop> {
    let place = |role: Role| match role {
        Role::VillageWorker | Role::Citizen => *village,
        Role::WindowClerk | Role::TownshipHead => village.township(),
        _ => village.county(),
    };
    let new = |role: Role| {
        let grants = Grants::new([Grant { role, region: place(role) }]);
        let grants = grants.map_err(|error| Stop::bad_input(error.to_string()))?;
        Ok(NewUser { login: role.code().to_owned(), name: format!("{}（演示）", role.name()), grants })
    };
    ROLES.into_iter().map(new).collect()
}

fn write_private(path: &Path, text: &str) -> Result<(), Stop> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| Stop::bad_input(format!("写不了 {}：{error}", path.display())))
}
