//! What is decided at the window, in the next clearing: on a village that fits on a page.

use crate::clear::{NAMES, Place, id_number};
use crate::{doudi, edit, stderr, stdout};
use doudi_casework::{CaseFile, Decision, DecisionKind, Grant, Grants, Moment, Role, StepRefusal};
use doudi_store::{Case, CaseMove, Keyring, NewCase, NewUser, Scope, Store};
use doudi_terms::{Date, RegionCode, parse_date};
use serde_json::{Value, json};

/// April with two poor families that are not on dibao, taken over into an office.
struct Village {
    place: Place,
    store: Store,
    password: String,
}

fn day(text: &str) -> Date {
    parse_date(text).expect("a day")
}

fn county() -> RegionCode {
    RegionCode::parse("500243").expect("a code")
}

impl Village {
    fn new() -> Village {
        let place = Place::new();
        let mut poor = "序号,户编号,姓名,证件号码,区划代码,脱贫属性\n".to_owned();
        for at in (3..6).chain(9..12) {
            let (name, id) = (NAMES[at], id_number(at + 1));
            poor.push_str(&format!("{at},P{},{name},{id},500243001202,未脱贫\n", at / 3));
        }
        std::fs::write(place.path("rosters/建档立卡2020-04.csv"), poor).expect("written");
        assert_eq!(place.clear(&[]).status.code(), Some(0));
        let data = place.text("data");
        assert_eq!(doudi(&["key", "create", &place.text("data/doudi.keys")]).status.code(), Some(0));
        let import = doudi(&["store", "import", &place.text("out/certificate.json"), "--data", &data]);
        assert_eq!(import.status.code(), Some(0), "{}", stderr(&import));
        let keys = Keyring::from_file(&place.path("data/doudi.keys")).expect("keys");
        let store = Store::open(&format!("{data}/doudi.db"), keys).expect("a store");
        let grants = Grants::new([Grant { role: Role::WindowClerk, region: county() }]).expect("one role");
        let clerk = NewUser { login: "clerk".into(), name: "冉办事".into(), grants };
        let made = store.provision(&[clerk], Moment::from_millis(1_580_000_000_000)).expect("made");
        let once = made[0].1.clone();
        let village = Village { place, store, password: once.clone() };
        let first = village.scope("2020-04-30");
        let own = "一句很长的话：每月的窗口办件都要交回".to_owned();
        village.store.change_password(&first, &once, &own).expect("changed");
        Village { password: own, ..village }
    }

    fn scope(&self, on: &str) -> Scope {
        let at = Moment::noon_of(day(on));
        let (token, _) = self.store.log_in("clerk", &self.password, "::1", at).expect("logged in");
        self.store.scope(token.as_str(), "::1", at).expect("a scope")
    }

    /// Opens a case about a family, by the number of its first member.
    fn open(&self, on: &str, kind: (&str, &str), first: usize, state: &str) -> Case {
        let scope = self.scope(on);
        let head = self.store.search(&scope, NAMES[first], None, 5).expect("found").remove(0);
        let members: Vec<Value> =
            NAMES[first..first + 3].iter().map(|name| json!({ "姓名": name })).collect();
        let file = CaseFile {
            kind: kind.0.into(),
            procedure: kind.1.into(),
            place: head.region,
            began: day(on),
            code: String::new(),
            state: state.into(),
            applicant: NAMES[first].into(),
            intake: None,
            member: None,
            facts: json!({ "household": {}, "members": members }),
            record: Vec::new(),
            pauses: Vec::new(),
            about: None,
            decision: None,
        };
        let new = NewCase {
            name: "一件办件".into(),
            household_id: head.household_id,
            first: CaseMove {
                file,
                step: "open".into(),
                state_name: state.into(),
                ends: false,
                due: None,
                is_single: true,
            },
        };
        self.store.open_case(&scope, &new, None).expect("opened")
    }

    fn decide(&self, on: &str, case: &Case, state: &str, decision: (DecisionKind, &str, &str)) {
        let scope = self.scope(on);
        let take = |case: &Case| -> Result<CaseMove, StepRefusal> {
            let (kind, amount, start) = decision;
            let decision = Decision {
                kind,
                on: day(on),
                by: scope.user().id,
                amount: amount.into(),
                start: start.into(),
                reasons: vec!["张某家里的话".into()],
                articles: vec!["国务院令第649号 第十一条".into()],
                delegated: false,
            };
            let file = CaseFile { state: state.into(), decision: Some(decision), ..case.file.clone() };
            Ok(CaseMove {
                file,
                step: "decide".into(),
                state_name: state.into(),
                ends: true,
                due: None,
                is_single: true,
            })
        };
        let (id, version) = (&case.row.case_id, case.row.version);
        self.store.step_case(&scope, id, version, &take, &|_: &CaseFile| Ok(None)).expect("decided");
    }

    /// Clears a month with April's rosters; gives what was said and the leads.
    fn clear(&self, month: &str) -> (String, Vec<Lead>) {
        let (from, folder, out) =
            (self.place.path("rosters"), self.place.path(month), self.place.text(&format!("out-{month}")));
        std::fs::create_dir_all(&folder).expect("a folder");
        for roster in ["低保", "建档立卡"] {
            let to = folder.join(format!("{roster}{month}.csv"));
            std::fs::copy(from.join(format!("{roster}2020-04.csv")), to).expect("copied");
        }
        let (rosters, data) = (self.place.text(month), self.place.text("data"));
        let clear = ["clear", "--region", "500243", "--month", month, "--rosters", &rosters];
        let cleared = doudi(&[&clear[..], &["--data", &data, "--out", &out]].concat());
        assert_eq!(cleared.status.code(), Some(0), "{}", stderr(&cleared));
        let text = std::fs::read_to_string(format!("{out}/leads.csv")).expect("leads");
        (stderr(&cleared), text.lines().skip(1).map(Lead::of).collect())
    }

    fn verify(&self, month: &str) -> std::process::Output {
        doudi(&["verify", &self.place.text(&format!("out-{month}/certificate.json"))])
    }

    fn import(&self, month: &str) {
        let certificate = self.place.text(&format!("out-{month}/certificate.json"));
        let import = doudi(&["store", "import", &certificate, "--data", &self.place.text("data")]);
        assert_eq!(import.status.code(), Some(0), "{}", stderr(&import));
    }
}

/// A line of leads.csv.
#[derive(Clone, Debug, PartialEq)]
struct Lead {
    id: String,
    line: String,
}

impl Lead {
    fn of(line: &str) -> Lead {
        let id = line.split(',').next().unwrap_or_default().trim_start_matches('\u{feff}').to_owned();
        Lead { id, line: line.to_owned() }
    }
}

fn about<'l>(leads: &'l [Lead], check: &str, name: &str) -> Option<&'l Lead> {
    let check = format!(",{check},");
    leads.iter().find(|lead| lead.line.contains(&check) && lead.line.contains(name))
}

const TELLING: (&str, &str) = ("telling", "procedures/telling-2014.toml");
const APPLICATION: (&str, &str) = ("dibao-application", "procedures/dibao-application-500000-2016.toml");

#[test]
fn who_was_granted_and_is_not_on_the_roster_is_a_lead_and_verify_finds_the_case_again() {
    let village = Village::new();
    let case = village.open("2020-05-06", APPLICATION, 9, "asked");
    let (said, leads) = village.clear("2020-05");
    let known = about(&leads, "贫困人口未兜底", NAMES[9]).expect("still listed");
    assert!(known.line.contains("2020-05-06 已收到低保申请"), "{known:?}\n{said}");
    assert!(about(&leads, "低保批准了没有发", NAMES[9]).is_none());
    village.decide("2020-05-12", &case, "done", (DecisionKind::Granted, "1320.00元", "2020-05"));

    let (said, leads) = village.clear("2020-05");
    assert!(said.contains("办件 1 件，说到 3 人次"), "{said}");
    for name in &NAMES[9..12] {
        let lead = about(&leads, "低保批准了没有发", name).expect("not paid");
        assert!(lead.line.contains("窗口 2020-05-12 批准，应从 2020-05 起发"), "{lead:?}");
        assert!(lead.line.contains("office#B000001/2") && lead.line.contains("1320"), "{lead:?}");
    }
    assert!(about(&leads, "低保批准了没有发", NAMES[3]).is_none());
    let certificate = std::fs::read_to_string(village.place.path("out-2020-05/certificate.json"));
    assert!(certificate.expect("the certificate").contains("cases_before_hash"));
    let verified = village.verify("2020-05");
    assert_eq!(verified.status.code(), Some(0), "{}", stdout(&verified));

    // What the month was told stays under its hash, whatever the office says later; without it nothing is proven.
    village.import("2020-05");
    let record = village.store.household_record(&village.scope("2020-05-31"), &case.row.household_id, "");
    let may = record.expect("the family").months.remove(0);
    let registry: Value = serde_json::from_str(&may.registry.registry).expect("JSON");
    let source = |number: u32| registry["sources"][number as usize]["name"].as_str().map(str::to_owned);
    let cases = may.places.iter().filter(|(number, _)| source(*number).as_deref() == Some("窗口办件"));
    assert_eq!(cases.map(|(_, row)| *row).collect::<Vec<_>>(), [1], "the page of the family names the case");
    let kept = std::fs::read_dir(village.place.path("data/identity/cases/before")).expect("kept");
    let kept: Vec<_> = kept.map(|entry| entry.expect("a file").path()).collect();
    let whole = kept.iter().find(|path| std::fs::read_to_string(path).expect("text").contains("granted"));
    let whole = whole.expect("the case as May found it");
    let text = std::fs::read_to_string(whole).expect("text");
    assert!(!text.contains(NAMES[9]) && !text.contains("张某"), "no name, no free text: {text}");
    edit(whole, "\"person_id\":\"10\"", "\"person_id\":\"4\"");
    let verified = village.verify("2020-05");
    assert_eq!(verified.status.code(), Some(1), "{}", stdout(&verified));
    assert!(stdout(&verified).contains("办件底数"), "{}", stdout(&verified));
}

#[test]
fn who_does_not_want_it_now_stays_listed_with_the_date_and_comes_back_when_it_is_time_to_ask_again() {
    let village = Village::new();
    let april = std::fs::read_to_string(village.place.path("out/leads.csv")).expect("leads");
    let april: Vec<Lead> = april.lines().skip(1).map(Lead::of).collect();
    let before = about(&april, "贫困人口未兜底", NAMES[3]).expect("found in April");
    assert!(before.line.contains(",红,"), "{before:?}");
    let case = village.open("2020-05-06", TELLING, 3, "told");
    village.decide("2020-05-11", &case, "declined", (DecisionKind::Closed, "", ""));

    let (_, may) = village.clear("2020-05");
    let told = about(&may, "贫困人口未兜底", NAMES[3]).expect("never dropped");
    assert_eq!(told.id, before.id, "not opened anew");
    assert!(told.line.contains("2020-05-11 本人表示现在不申请低保，2020-11-11 起再上门问"), "{told:?}");
    assert!(told.line.contains(",黄,") && told.line.contains("office#B000001/2"), "{told:?}");
    let other = about(&may, "贫困人口未兜底", NAMES[9]).expect("nobody has been there");
    assert!(other.line.contains(",红,") && !other.line.contains("本人表示"), "{other:?}");
    village.import("2020-05");

    let (_, october) = village.clear("2020-10");
    let still = about(&october, "贫困人口未兜底", NAMES[3]).expect("never dropped");
    assert!(still.line.contains(",黄,"), "{still:?}");
    let (_, november) = village.clear("2020-11");
    let again = about(&november, "贫困人口未兜底", NAMES[3]).expect("it is time to ask again");
    assert_eq!(again.id, before.id);
    assert!(again.line.contains(",红,") && again.line.contains("已经到了日子"), "{again:?}");
}

#[test]
fn an_office_without_a_case_changes_nothing_and_a_step_after_the_month_is_not_known_in_it() {
    let village = Village::new();
    let read = |name: &str| std::fs::read(village.place.path(name)).expect("a result");
    let files = ["certificate.json", "persons.csv", "leads.csv"];
    let alone: Vec<Vec<u8>> = files.iter().map(|file| read(&format!("out/{file}"))).collect();
    let again = || {
        assert_eq!(village.place.clear(&[]).status.code(), Some(0));
        files.iter().map(|file| read(&format!("out/{file}"))).collect::<Vec<_>>()
    };
    assert!(again() == alone, "an office that has nothing to say");
    village.open("2020-05-06", APPLICATION, 9, "asked");
    assert!(again() == alone, "April ended before");
    let export = doudi(&[
        "store",
        "export-cases",
        "--month",
        "2020-05",
        "--json",
        "--data",
        &village.place.text("data"),
    ]);
    let given: Value = serde_json::from_str(&stdout(&export)).expect("JSON");
    assert_eq!(given, json!({ "cases": 1, "people": 3, "unknown": 0 }));
}
