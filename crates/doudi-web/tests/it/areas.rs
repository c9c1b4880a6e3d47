//! Nothing of one county is ever told to another: over every page there is, for every role there is.

use crate::counter::{Opened, form};
use crate::office::{COUNTIES, County, OTHER, OTHER_MARK, OWN, OWN_MARK, PERSONS, Reply, TestOffice};
use axum::http::{Method, StatusCode};
use doudi_casework::{ROLES, Role};
use doudi_web::{Access, Page, pages};

const NOWHERE: County = County::nowhere();

/// The pages' paths with somebody's ids in place of `{…}`.
fn fill(path: &str, county: &County, opened: &Opened, user: i64) -> String {
    let at = 0;
    let draft = if path.starts_with("/cases/") { opened.draft.clone() } else { county.draft() };
    path.replace("{case}", &opened.case)
        .replace("{document}", "wall")
        .replace("{lead}", &county.lead(at))
        .replace("{person}", &county.person(at))
        .replace("{household}", &county.household(at))
        .replace("{draft}", &draft)
        .replace("{token}", "1")
        .replace("{user}", &user.to_string())
        .replace("{serial}", "1")
        .replace("{month}", "2020-05")
        .replace("{group}", "%E4%BD%8E%E4%BF%9D")
        .replace("{place}", county.code)
        .replace("{day}", "2020-05-31")
        .replace("{page}", "index.html")
        .replace("{hash}", "000000")
        .replace("{name}", "none.css")
        .replace("{file}", &format!("{}001.xlsx", county.code))
}

/// Questions that name what another county has, without its mark: whoever is told of it was told by us.
fn queries(county: &County, opened: &Opened, user: i64) -> Vec<String> {
    let code = county.code;
    vec![
        String::new(),
        "month=2020-05".into(),
        format!("place={code}"),
        format!("place={code}001"),
        "place=000000&purpose=%E8%AF%95%E8%AF%95&state=open".into(),
        format!("place={code}&purpose=%E8%AF%95%E8%AF%95"),
        format!("after=2020-05-15.{}", county.lead(0)),
        format!("sort=name&q={}&state=open", &county.lead(0)[..10]),
        format!("sort=place&after={code}001201.{}", county.lead(0)),
        format!("place={code}001&village={code}001201&whose={user}"),
        "q=%E6%AC%A7%E9%98%B3".into(),
        format!("q={}", county.id_number(0)),
        format!("q={}", county.phone(0)),
        format!("q={}", county.person(0)),
        format!("q={}", county.household(0)),
        format!("person={}", county.person(0)),
        format!("actor={user}"),
        format!("place={code}&sort=name&purpose=%E8%AF%95%E8%AF%95"),
        format!("after=.{code}001201.{}", county.person(0)),
        format!("article={code}&day=2020-05-31"),
        "rule=%E4%BA%BA.%E7%9B%B8%E7%AC%A6&row=0&month=2020-05".into(),
        format!("code={}", opened.code),
        format!("draft={}", opened.draft),
        format!("q={}&clock=ended", opened.granted),
        format!("place={code}001&kind=help&clock=overdue"),
        format!("after=0.{}&kind=help", opened.case),
    ]
}

fn forms(county: &County, opened: &Opened, user: i64) -> Vec<String> {
    let (lead, code) = (county.lead(0), county.code);
    vec![
        String::new(),
        format!("lead={lead}&to={user}&version=1"),
        format!("lead={lead}&to={user}"),
        format!("which=all&place={code}&to={user}"),
        format!("which=all&place={code}001&village={code}001201&to={user}"),
        "version=1&finding=%E5%B1%9E%E5%AE%9E&measure=%E7%BB%B4%E6%8C%81&on=2020-05-18&visitors=x&reason=x"
            .into(),
        "version=1&choice=confirm".into(),
        "version=1&choice=send-back&note=x".into(),
        "what=id&purpose=%E8%AF%95%E8%AF%95".into(),
        format!("month=2020-05&place={code}&remark=x"),
        format!("month=2020-05&place={code}001&remark=x"),
        format!("role=window-clerk&region={code}&action=grants&version=1"),
        "action=password&version=1".into(),
        "action=disable&version=1".into(),
        format!("login=spy&name=x&role=auditor&region={code}"),
        "serial=1".into(),
        "reason=x".into(),
        "action=commit&month=2020-05".into(),
        "action=discard".into(),
        "action=columns&roster=dibao&header=x&column=x".into(),
        form(&[("step", "grant"), ("version", "5")]),
        form(&[
            ("step", "visit"),
            ("version", "4"),
            ("fact:户.在家", "是"),
            ("note", "x"),
            ("draft", &opened.draft),
        ]),
        form(&[("household", &county.household(0))]),
        form(&[("applicant", "x"), ("place", &format!("{code}001201"))]),
        form(&[("action", "hand-in"), ("kind", "help"), ("applicant", "x"), ("member", "x")]),
        form(&[("action", "drop"), ("[\"household\",\"困难\"]", "否")]),
        form(&[("kind", "round"), ("place", code)]),
        form(&[("action", "check"), ("case", &format!("{}.5", opened.case))]),
        form(&[
            ("action", "decide"),
            ("day", "2020-05-20"),
            ("case", &format!("{}.5", opened.case)),
            ("case", &format!("{}.6", opened.granted)),
        ]),
    ]
}

/// What a program sends about another county's families.
fn bodies(county: &County) -> Vec<String> {
    let (village, household) = (format!("{}001201", county.code), county.household(0));
    let facts = r#"{"household":{"困难":"否"},"members":[{"姓名":"x"}]}"#;
    vec![
        format!(r#"{{"place":"{village}","facts":{facts}}}"#),
        format!(r#"{{"kind":"help","household":"{household}"}}"#),
        format!(r#"{{"kind":"help","place":"{village}","applicant":"x","facts":{facts}}}"#),
        r#"{"step":"accept","answers":{"户.下放":"是"}}"#.into(),
        format!(r#"{{"step":"visit","answers":{{"户.在家":"是"}},"note":"x","facts":{facts}}}"#),
        r#"{"step":"grant"}"#.into(),
    ]
}

/// What is sent to an address: forms to pages, JSON to those for programs.
fn sent(page: &Page, county: &County, opened: &Opened, user: i64) -> Vec<String> {
    if page.is_for_programs() { bodies(county) } else { forms(county, opened, user) }
}

#[test]
fn no_page_tells_one_county_about_another() {
    let mut office = TestOffice::new();
    office.open_cases();
    let office = office;
    let stranger = office.sign_in("other.head", Role::TownshipHead, OTHER).user.0;
    let (before, cases_before) = (others_leads(&office), others_cases(&office));
    let theirs = &office.opened[1];
    let mut answered = 0;
    for role in ROLES {
        let browser = office.sign_in(&format!("own.{}", role.code()), role, OWN);
        // One's own visit and password end the journey: they are walked in stories.
        let walked = pages().into_iter().filter(|page| !["/sign-out", "/account"].contains(&page.path));
        for page in walked {
            let path = fill(page.path, &COUNTIES[1], theirs, stranger);
            let replies: Vec<(String, Reply)> = if page.method == Method::POST {
                let forms = sent(&page, &COUNTIES[1], theirs, stranger).into_iter();
                forms.map(|form| (format!("{path} {form}"), browser.post(&path, &form))).collect()
            } else {
                let queries = queries(&COUNTIES[1], theirs, stranger)
                    .into_iter()
                    .map(|query| format!("{path}?{query}"));
                queries.map(|path| (path.clone(), browser.get(&path))).collect()
            };
            for (asked, reply) in replies {
                assert!(!reply.all.contains(OTHER_MARK), "{role}: {} {asked}\n{}", page.method, reply.all);
                assert_ne!(reply.status, StatusCode::INTERNAL_SERVER_ERROR, "{role}: {asked}");
                answered += 1;
            }
        }
    }
    assert!(answered > 2_000, "{answered}");
    assert_eq!(others_leads(&office), before, "somebody changed another county's lead");
    assert_eq!(others_cases(&office), cases_before, "somebody changed another county's case");
    assert_eq!(office.desk.touched(), 0, "somebody touched another county's rosters");
}

/// What the clerk of the other county sees of its cases and of what is half written.
fn others_cases(office: &TestOffice) -> String {
    static NUMBER: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let head = office.sign_in(&format!("look.{number}"), Role::Supervisor, OTHER);
    let main = |path: &str| {
        let body = head.get(path).body;
        body.split_once("<main").expect("a page").1.to_owned()
    };
    let opened = &office.opened[1];
    let cases = [&opened.case, &opened.granted].map(|case| main(&format!("/cases/{case}"))).join("");
    let drafts = office.store.own_drafts(&office.scope_of_clerk(OTHER)).expect("drafts");
    format!("{}{}{cases}{drafts:?}", main("/cases"), main("/cases?clock=ended"))
}

/// What a head of the other county sees of its leads.
fn others_leads(office: &TestOffice) -> String {
    static NUMBER: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let head = office.sign_in(&format!("watch.{number}"), Role::Supervisor, OTHER);
    let page = head.get("/leads").body;
    let (_, table) = page.split_once("<tbody>").expect("a table");
    table.split_once("</tbody>").expect("a table").0.to_owned()
}

#[test]
fn what_is_elsewhere_and_what_is_nowhere_get_one_answer() {
    let mut office = TestOffice::new();
    office.open_cases();
    let office = office;
    let stranger = office.sign_in("other.head", Role::TownshipHead, OTHER).user.0;
    let theirs = &office.opened[1];
    for role in ROLES {
        let browser = office.sign_in(&format!("own.{}", role.code()), role, OWN);
        for page in
            pages().into_iter().filter(|page| page.path.contains('{') && page.path != "/static/{hash}/{name}")
        {
            let elsewhere = fill(page.path, &COUNTIES[1], theirs, stranger);
            let nowhere = fill(page.path, &NOWHERE, &Opened::nowhere(), 999_999);
            let forms = if page.method == Method::POST {
                sent(&page, &COUNTIES[1], theirs, 1)
            } else {
                vec![String::new()]
            };
            for form in forms {
                let answer = |path: &str| match page.method {
                    Method::POST => browser.post(path, &form),
                    _ => browser.get(path),
                };
                let (one, other) = (answer(&elsewhere), answer(&nowhere));
                assert_eq!(one.status, other.status, "{role}: {} {elsewhere} {form}", page.method);
                let (one, other) = (one.body.replace(&elsewhere, ""), other.body.replace(&nowhere, ""));
                assert_eq!(one, other, "{role}: {} {elsewhere} {form}", page.method);
            }
        }
    }
}

#[test]
fn the_own_county_is_told_about_itself() {
    let mut office = TestOffice::new();
    office.open_cases();
    let (own, case) = (&COUNTIES[0], office.opened[0].clone());
    let head = office.sign_in("head", Role::TownshipHead, OWN);
    for path in [
        "/".to_owned(),
        "/leads".to_owned(),
        format!("/leads/{}", own.lead(0)),
        format!("/leads/{}/form", own.lead(0)),
        "/leads/forms?place=500243001".to_owned(),
        "/leads/export?purpose=%E8%AF%95%E8%AF%95".to_owned(),
        "/people?q=%E6%AC%A7%E9%98%B3".to_owned(),
        format!("/people?q={}", own.id_number(3)),
        format!("/people/{}", own.person(0)),
        format!("/households/{}", own.household(0)),
        format!("/households/{}/sheet", own.household(0)),
        format!("/households/{}/why?rule=%E4%BA%BA.%E7%9B%B8%E7%AC%A6", own.household(0)),
        "/households?place=500243001".to_owned(),
        "/households?q=%E6%AC%A7%E9%98%B3".to_owned(),
        format!("/households?q={}", own.household(0)),
        "/groups/2020-05/%E4%BD%8E%E4%BF%9D".to_owned(),
        "/groups/2020-05/%E4%BD%8E%E4%BF%9D?name=%E6%AC%A7%E9%98%B3&sort=0".to_owned(),
        "/cases".to_owned(),
        "/cases?clock=ended".to_owned(),
        "/cases?q=%E6%AC%A7%E9%98%B3&kind=help".to_owned(),
        format!("/cases/{}", case.case),
        format!("/cases/{}", case.granted),
        format!("/cases/{}/print/wall", case.case),
        format!("/cases/{}/print/letter", case.granted),
        "/api/v1/cases".to_owned(),
        format!("/api/v1/cases/{}", case.case),
        format!("/api/v1/cases/{}/documents/letter", case.granted),
    ] {
        let reply = head.get(&path);
        assert_eq!(reply.status, StatusCode::OK, "{path}");
        // The frame names the area too: what counts stands in the page.
        let main = reply.body.split_once("<main").map_or(reply.body.as_str(), |(_, main)| main);
        assert!(main.contains(OWN_MARK), "{path}\n{}", reply.body);
    }
    let auditor = office.sign_in("auditor", Role::Auditor, OWN);
    let seen = auditor.get(&format!("/audit?person={}", own.person(0))).body;
    assert!(seen.contains("看人员") && seen.contains("看疑点"), "{seen}");
    assert!(head.get("/people?q=%E6%AC%A7%E9%98%B3").body.matches("看全家").count() == PERSONS);
}

#[test]
fn the_board_counts_everybody_once_and_in_words() {
    let office = TestOffice::new();
    let board = office.sign_in("head", Role::TownshipHead, OWN).get("/").body;
    let row = format!("<th scope=\"row\">已享受救助</th><td class=\"number\">{PERSONS}</td>");
    let sum = format!("<th scope=\"row\">合计</th><td class=\"number\">{PERSONS}</td>");
    assert!(board.contains(&row) && board.contains(&sum), "{board}");
    assert!(!board.contains("covered") && !board.contains("persons"), "{board}");
    let village = office.sign_in("worker", Role::VillageWorker, "500243001201").get("/").body;
    assert!(village.contains(&sum.replace(&PERSONS.to_string(), &(PERSONS - 2).to_string())), "{village}");
}

#[test]
fn a_village_worker_sees_nothing_of_the_next_village() {
    let office = TestOffice::new();
    let own = &COUNTIES[0];
    let worker = office.sign_in("worker", Role::VillageWorker, "500243001201");
    let list = worker.get("/leads").body;
    assert!(list.contains(&own.lead(0)));
    // Persons 1, 3, 5 … live in the next village.
    assert_eq!(worker.get(&format!("/people/{}", own.person(1))).status, StatusCode::NOT_FOUND);
    assert_eq!(worker.get(&format!("/people/{}", own.person(0))).status, StatusCode::OK);
    assert!(!worker.get(&format!("/people?q={}", own.id_number(1))).body.contains("看全家"));
}

#[test]
fn every_page_asks_who_is_there() {
    let office = TestOffice::new();
    let own = &COUNTIES[0];
    for page in pages().into_iter().filter(|page| page.access != Access::Anybody) {
        let path = fill(page.path, own, &Opened::nowhere(), 1);
        let (status, goes) = match page.is_for_programs() {
            true => (StatusCode::UNAUTHORIZED, ""),
            false => (StatusCode::SEE_OTHER, "/sign-in"),
        };
        for cookie in ["", "doudi_visit=stolen"] {
            let reply = office.request(page.method.clone(), &path, "", cookie);
            assert_eq!(reply.status, status, "{path}");
            assert!(reply.location.starts_with(goes), "{path}: {}", reply.location);
            assert!(!reply.all.contains(OWN_MARK), "{path}");
        }
    }
}

#[test]
fn a_role_that_may_not_is_refused_and_that_is_written_down() {
    let office = TestOffice::new();
    let officer = office.sign_in("officer", Role::PolicyOfficer, OWN);
    let reply = officer.get("/leads");
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
    assert!(reply.body.contains("看疑点") && reply.body.contains("安全管理员"), "{}", reply.body);
    let auditor = office.sign_in("auditor", Role::Auditor, OWN);
    assert!(auditor.get("/audit?action=refused").body.contains("/leads"));
}

#[test]
fn a_number_of_the_board_opens_its_list_for_those_who_may_read_it() {
    let office = TestOffice::new();
    let head = office.sign_in("head", Role::TownshipHead, OWN).get("/").body;
    let officer = office.sign_in("officer", Role::PolicyOfficer, OWN).get("/").body;
    assert!(head.contains("href=\"/leads?place=") && officer.contains("清零看板"));
    assert!(!officer.contains("href=\"/leads"), "{officer}");
}

#[test]
fn what_a_record_is_about_is_said_in_words() {
    let office = TestOffice::new();
    office.sign_in("head", Role::TownshipHead, OWN).get("/leads");
    let seen = office.sign_in("auditor", Role::Auditor, OWN).get("/audit").body;
    assert!(seen.contains("<td data-label=\"对象\">疑点清单</td>"), "{seen}");
    for code in [">leads", ">lead ", ">user ", ">page", ">persons"] {
        assert!(!seen.contains(code), "{code}");
    }
}

#[test]
fn rosters_are_seen_to_by_the_data_officer_of_their_county_alone() {
    let office = TestOffice::new();
    let officer = office.sign_in("officer", Role::DataOfficer, OTHER);
    let draft = COUNTIES[1].draft();
    for (path, word) in [("/imports".to_owned(), "到了哪些"), (format!("/imports/{draft}"), "还没有导入")]
    {
        let reply = officer.get(&path);
        assert_eq!(reply.status, StatusCode::OK, "{path}");
        assert!(reply.body.contains(OTHER_MARK) && reply.body.contains(word), "{}", reply.body);
    }
    let done = officer.post(&format!("/imports/{draft}"), "action=commit&month=2020-05");
    assert_eq!((done.status, done.location.as_str()), (StatusCode::SEE_OTHER, "/imports?done=import"));
    assert_eq!(officer.post("/imports/undo", "serial=7").location, "/imports?done=undo");
    assert_eq!(officer.post("/imports/clear", "month=2020-05").location, "/imports?done=clear");
    assert_eq!(office.desk.touched(), 3);
    let page = officer.get("/imports").body;
    assert!(page.contains("乙标officer 2020-05-20"), "who and when: {page}");
    let auditor = office.sign_in("auditor", Role::Auditor, OTHER);
    assert!(auditor.get("/audit?action=rosters").body.contains("import"), "{}", auditor.get("/audit").body);
    for role in ROLES.into_iter().filter(|role| *role != Role::DataOfficer) {
        let head = office.sign_in(&format!("no.{}", role.code()), role, OTHER);
        assert_eq!(head.get("/imports").status, StatusCode::FORBIDDEN, "{role}");
    }
    let township = office.sign_in("town.officer", Role::DataOfficer, "370902001");
    assert_eq!(
        township.get(&format!("/imports/{draft}")).status,
        StatusCode::NOT_FOUND,
        "not the whole county"
    );
}
