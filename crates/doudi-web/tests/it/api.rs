//! Programs at the counter: what they may, what they are told, and that the description is true.

use crate::counter::{encoded, form};
use crate::office::{OTHER, OWN, OWN_MARK, Reply, TestOffice};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode};
use doudi_casework::Role;
use doudi_web::{Access, pages};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::net::SocketAddr;

const VILLAGE: &str = "500243001201";

/// A program with a token of somebody.
struct Program<'o> {
    office: &'o TestOffice,
    token: String,
}

fn program<'o>(office: &'o TestOffice, login: &str, role: Role, place: &str) -> Program<'o> {
    Program { office, token: office.sign_in(login, role, place).token }
}

impl Program<'_> {
    fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut request = Request::builder().method(method).uri(path).header("host", "office");
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let peer = ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4_000)));
        self.office.send(request.extension(peer).body(Body::from(body.to_owned())).expect("a request"))
    }

    fn get(&self, path: &str) -> Reply {
        self.ask(Method::GET, path, &[], "")
    }

    fn post(&self, path: &str, key: &str, version: &str, body: &Json) -> Reply {
        let mut headers = vec![("content-type", "application/json"), ("idempotency-key", key)];
        if !version.is_empty() {
            headers.push(("if-match", version));
        }
        self.ask(Method::POST, path, &headers, &body.to_string())
    }
}

fn read(reply: &Reply) -> Json {
    serde_json::from_str(&reply.body).unwrap_or_else(|why| panic!("{why}: {}", reply.all))
}

fn done(reply: Reply) -> Json {
    assert!(reply.status.is_success(), "{}", reply.all);
    read(&reply)
}

/// The kind of a problem, held against its status and its content type.
fn problem(reply: &Reply) -> String {
    assert!(reply.all.contains("application/problem+json"), "{}", reply.all);
    let told = read(reply);
    assert_eq!(told["status"], reply.status.as_u16(), "{told}");
    assert!(!told["detail"].as_str().expect("words").is_empty());
    described("Problem", &told);
    told["type"].as_str().expect("a kind").replace("urn:doudi:problem:", "")
}

fn family() -> Json {
    json!({
        "kind": "help", "place": VILLAGE, "applicant": format!("欧阳{OWN_MARK}"),
        "facts": { "household": { "困难": "是", "补贴额": "100元", "有争议": "否" },
            "members": [{ "姓名": format!("欧阳{OWN_MARK}"), "收入": [] }] },
    })
}

fn opened(clerk: &Program<'_>, key: &str) -> String {
    let receipt = done(clerk.post("/api/v1/cases", key, "", &family()));
    receipt["case"].as_str().expect("a number").to_owned()
}

// What is published, and whether it is so.

fn description() -> Json {
    let office = TestOffice::new();
    done(Program { office: &office, token: String::new() }.get("/api/v1/openapi.json"))
}

/// Panics where a value is not as the description says: names that are required, kinds of values, no name unheard of.
fn described(schema: &str, value: &Json) {
    let text = include_str!("../../src/api/openapi.json");
    let document: Json = serde_json::from_str(text).expect("JSON");
    fits(&document, &document["components"]["schemas"][schema], value, schema);
}

fn fits(document: &Json, schema: &Json, value: &Json, at: &str) {
    if let Some(target) = schema["$ref"].as_str() {
        let target = document.pointer(target.trim_start_matches('#')).expect("a schema");
        return fits(document, target, value, at);
    }
    let is = |kind: &str| match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => value.is_null(),
    };
    let kinds: Vec<&str> = match &schema["type"] {
        Json::Array(kinds) => kinds.iter().filter_map(Json::as_str).collect(),
        kind => kind.as_str().into_iter().collect(),
    };
    assert!(kinds.iter().any(|kind| is(kind)), "{at}: {value} is no {kinds:?}");
    if let Some(words) = schema["enum"].as_array() {
        assert!(words.contains(value), "{at}: {value}");
    }
    for item in value.as_array().into_iter().flatten() {
        fits(document, &schema["items"], item, &format!("{at}[]"));
    }
    let Some((known, found)) = schema["properties"].as_object().zip(value.as_object()) else { return };
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str) {
        assert!(found.contains_key(name), "{at}: no {name} in {value}");
    }
    for (name, value) in found {
        let schema = known.get(name).unwrap_or_else(|| panic!("{at}: nobody said that there is {name}"));
        fits(document, schema, value, &format!("{at}.{name}"));
    }
}

#[test]
fn the_description_has_every_address_and_nothing_else() {
    let document = description();
    assert_eq!(document["openapi"], "3.1.0");
    for part in ["title", "version"] {
        assert!(document["info"][part].is_string(), "{part}");
    }
    let mut known = BTreeSet::new();
    let mut names = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            known.insert((path.clone(), method.to_uppercase()));
            assert!(names.insert(operation["operationId"].to_string()), "{path}: twice the same name");
            let placed = operation["parameters"].as_array().into_iter().flatten();
            let placed: Vec<String> = placed
                .filter(|parameter| parameter["in"] == "path" && parameter["required"] == true)
                .map(|parameter| format!("{{{}}}", parameter["name"].as_str().expect("a name")))
                .collect();
            assert_eq!(placed.len(), path.matches('{').count(), "{path}");
            assert!(placed.iter().all(|name| path.contains(name.as_str())), "{path}: {placed:?}");
            let responses = operation["responses"].as_object().expect("responses");
            for status in ["400", "401", "403", "404", "405", "409", "412", "413", "415", "422", "428", "500"]
            {
                assert!(responses.contains_key(status), "{path}: {status}");
            }
            assert!(responses.keys().any(|status| status.starts_with('2')), "{path}");
        }
    }
    let mut served = BTreeSet::new();
    for page in pages().into_iter().filter(|page| page.is_for_programs()) {
        served.insert((page.path.to_owned(), page.method.to_string()));
        let operation = &document["paths"][page.path][page.method.as_str().to_lowercase()];
        let is_open = operation["security"].as_array().is_some_and(Vec::is_empty);
        assert_eq!(is_open, page.access == Access::Anybody, "{}", page.path);
    }
    assert_eq!(known, served);
    every_reference_leads_somewhere(&document, &document);
}

fn every_reference_leads_somewhere(document: &Json, part: &Json) {
    match part {
        Json::Object(fields) => {
            for (name, value) in fields {
                if name == "$ref" {
                    let target = value.as_str().expect("a reference").trim_start_matches('#');
                    assert!(document.pointer(target).is_some(), "{value}");
                }
                every_reference_leads_somewhere(document, value);
            }
        }
        Json::Array(items) => items.iter().for_each(|item| every_reference_leads_somewhere(document, item)),
        _ => {}
    }
}

#[test]
fn a_program_leads_a_family_from_asking_to_the_visit_and_every_answer_is_as_described() {
    let office = TestOffice::new();
    let clerk = program(&office, "clerk", Role::WindowClerk, OWN);
    let kinds = done(clerk.get(&format!("/api/v1/procedures?place={VILLAGE}")));
    described("Procedures", &kinds);
    assert!(kinds["procedures"].as_array().expect("kinds").iter().any(|kind| kind["kind"] == "help"));
    let trial = json!({ "place": VILLAGE, "facts": { "members": [{ "姓名": "某" }] } });
    let trials = done(clerk.post("/api/v1/trials", "", "", &trial));
    described("Trials", &trials);
    assert!(!trials["questions"].as_array().expect("questions").is_empty());

    let reply = clerk.post("/api/v1/cases", "first-key", "", &family());
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.all);
    let receipt = read(&reply);
    described("Receipt", &receipt);
    let path = format!("/api/v1/cases/{}", receipt["case"].as_str().expect("a number"));
    assert_eq!(reply.location, path);
    let case = done(clerk.get(&path));
    described("Case", &case);
    assert_eq!((&case["version"], &case["state"]), (&json!(1), &json!("asked")));
    assert_eq!(case["offers"][0]["step"]["id"], "accept");

    let steps = format!("{path}/steps");
    let accept = json!({ "step": "accept", "answers": { "户.下放": "否" } });
    let receipt = done(clerk.post(&steps, "second-key", "\"1\"", &accept));
    described("Receipt", &receipt);
    assert_eq!((&receipt["version"], &receipt["state"]), (&json!(2), &json!("accepted")));
    let case = done(clerk.get(&path));
    described("Case", &case);
    assert_eq!(case["history"][1]["answers"]["户.下放"], "否");
    let documents = done(clerk.get(&format!("{path}/documents")));
    described("Documents", &documents);
    let paper = done(clerk.get(&format!("{path}/documents/receipt")));
    described("Document", &paper);
    assert!(paper.to_string().contains(OWN_MARK), "{paper}");

    let code = receipt["progress_code"].as_str().expect("a code");
    let nobody = Program { office: &office, token: String::new() };
    let progress = nobody.get(&format!("/api/v1/progress?code={code}"));
    assert!(!progress.all.contains(OWN_MARK), "{}", progress.all);
    described("Progress", &done(progress));
    let auditor = office.sign_in("auditor", Role::Auditor, OWN);
    let seen = auditor.get("/audit?action=case-step").body;
    assert!(seen.contains("接口令牌"), "{seen}");
}

#[test]
fn what_is_sent_twice_is_done_once_and_what_was_seen_too_early_not_at_all() {
    let office = TestOffice::new();
    let clerk = program(&office, "clerk", Role::WindowClerk, OWN);
    let first = clerk.post("/api/v1/cases", "same-key-1", "", &family());
    let again = clerk.post("/api/v1/cases", "same-key-1", "", &family());
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    assert_eq!(first.location, again.location);
    let mut other = family();
    other["applicant"] = json!("别人");
    assert_eq!(problem(&clerk.post("/api/v1/cases", "same-key-1", "", &other)), "key-reused");
    let list = done(clerk.get("/api/v1/cases"));
    assert_eq!(list["cases"].as_array().expect("cases").len(), 1, "{list}");

    let steps = format!("{}/steps", first.location);
    let accept = json!({ "step": "accept", "answers": { "户.下放": "否" } });
    assert_eq!(problem(&clerk.post(&steps, "same-key-2", "", &accept)), "version-missing");
    assert_eq!(problem(&clerk.post(&steps, "same-key-2", "1", &accept)), "malformed");
    let stale = clerk.post(&steps, "same-key-2", "\"7\"", &accept);
    assert_eq!(problem(&stale), "stale");
    assert_eq!(read(&stale)["version"], 1);
    let moved = done(clerk.post(&steps, "same-key-2", "\"1\"", &accept));
    assert_eq!(done(clerk.post(&steps, "same-key-2", "\"1\"", &accept)), moved);
    assert_eq!(problem(&clerk.post(&steps, "same-key-3", "\"2\"", &accept)), "step-impossible");
    let unkeyed = [("content-type", "application/json"), ("if-match", "\"2\"")];
    assert_eq!(problem(&clerk.ask(Method::POST, &steps, &unkeyed, &accept.to_string())), "key-missing");
    let visit = json!({ "step": "visit", "answers": { "户.在家": "不知道", "户.胡说": "x" } });
    let wrong = clerk.post(&steps, "same-key-4", "\"2\"", &visit);
    assert_eq!(problem(&wrong), "invalid");
    let fields: Vec<String> = read(&wrong)["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| error["field"].as_str().expect("a field").to_owned())
        .collect();
    for field in ["户.在家", "户.胡说", "note", "evidence"] {
        assert!(fields.iter().any(|known| known == field), "{field}: {fields:?}");
    }
}

#[test]
fn a_browsers_visit_opens_nothing_for_programs() {
    let office = TestOffice::new();
    let clerk = office.sign_in("clerk", Role::WindowClerk, OWN);
    let nobody = Program { office: &office, token: String::new() };
    let cookie = [("cookie", clerk.cookie.as_str()), ("origin", "http://office")];
    assert_eq!(problem(&nobody.ask(Method::GET, "/api/v1/cases", &cookie, "")), "no-token");
    let sent = [cookie[0], cookie[1], ("content-type", "application/json"), ("idempotency-key", "some-key")];
    let reply = nobody.ask(Method::POST, "/api/v1/cases", &sent, &family().to_string());
    assert_eq!(problem(&reply), "no-token");
    assert!(reply.all.contains("www-authenticate"), "{}", reply.all);
    for wrong in ["Bearer", "Bearer x", "Basic eDp5", "bearer doudi_x"] {
        let reply = nobody.ask(Method::GET, "/api/v1/cases", &[("authorization", wrong)], "");
        assert_eq!(problem(&reply), "no-token", "{wrong}");
    }
    // A page takes no token either.
    let bearer = format!("Bearer {}", clerk.token);
    let page = nobody.ask(Method::GET, "/cases", &[("authorization", bearer.as_str())], "");
    assert_eq!(page.status, StatusCode::SEE_OTHER);
}

#[test]
fn what_is_not_asked_for_is_refused_in_the_one_shape() {
    let office = TestOffice::new();
    let clerk = program(&office, "clerk", Role::WindowClerk, OWN);
    let case = format!("/api/v1/cases/{}", opened(&clerk, "first-key"));
    for (query, kind) in [
        ("kinds=help", "malformed"),
        ("limit=0", "invalid"),
        ("limit=201", "invalid"),
        ("limit=x", "malformed"),
        ("place=5002", "invalid"),
        ("clock=late", "invalid"),
        ("after=nonsense", "invalid"),
        ("q=%00", "invalid"),
        ("kind=%E5%8A%A0%0A", "invalid"),
    ] {
        let reply = clerk.get(&format!("/api/v1/cases?{query}"));
        assert!(reply.status.is_client_error(), "{query}");
        assert_eq!(problem(&reply), kind, "{query}");
    }
    let mut more = family();
    more["colour"] = json!("red");
    assert_eq!(problem(&clerk.post("/api/v1/cases", "other-key", "", &more)), "invalid");
    let mut facts = family();
    facts["facts"]["members"][0]["没有这一项"] = json!("x");
    assert_eq!(problem(&clerk.post("/api/v1/cases", "other-key", "", &facts)), "invalid");
    let json_kind = [("content-type", "application/json"), ("idempotency-key", "other-key")];
    let send = |body: &str| clerk.ask(Method::POST, "/api/v1/cases", &json_kind, body);
    assert_eq!(problem(&send("{")), "malformed");
    assert_eq!(problem(&send(&format!("{{\"kind\":\"{}\"}}", "x".repeat(300_000)))), "too-large");
    let as_form = [("content-type", "application/x-www-form-urlencoded"), ("idempotency-key", "other-key")];
    assert_eq!(problem(&clerk.ask(Method::POST, "/api/v1/cases", &as_form, "kind=help")), "not-json");
    let reply = clerk.ask(Method::DELETE, &case, &[], "");
    assert_eq!(problem(&reply), "no-such-method");
    assert!(reply.all.contains("allow"), "{}", reply.all);
    for nowhere in ["/api/v1/nothing", "/api/v2/cases", "/api/v1/cases/B999999", "/api/v1/cases/x%00"] {
        assert_eq!(problem(&clerk.get(nowhere)), "not-found", "{nowhere}");
    }
    assert_eq!(problem(&clerk.get(&format!("{case}/documents/none"))), "not-found");
    assert_eq!(problem(&clerk.get("/api/v1/progress?code=AAAA-BBBB-CCCC-DDDD")), "not-found");
}

#[test]
fn a_program_says_who_brings_it_for_a_family() {
    let office = TestOffice::new();
    let clerk = program(&office, "clerk", Role::WindowClerk, OWN);
    let mut wish = family();
    for (intake, field) in [
        (json!({ "way": "fly" }), "intake.way"),
        (json!({ "way": "other" }), "intake.proxy_name"),
        (
            json!({ "way": "other", "proxy_name": "司马某", "proxy_relation": "邻居", "proxy_phone": "打王婶" }),
            "intake.proxy_phone",
        ),
    ] {
        wish["intake"] = intake;
        let reply = clerk.post("/api/v1/cases", "own-key-1", "", &wish);
        assert_eq!(problem(&reply), "invalid");
        assert_eq!(read(&reply)["errors"][0]["field"], field);
    }
    wish["intake"] = json!({ "way": "other", "proxy_name": "司马某", "proxy_relation": "邻居" });
    described("IntakeWish", &wish["intake"]);
    let receipt = done(clerk.post("/api/v1/cases", "own-key-2", "", &wish));
    let case = done(clerk.get(&format!("/api/v1/cases/{}", receipt["case"].as_str().expect("a number"))));
    described("Case", &case);
    let brought =
        json!({ "way": "other", "name": "托人来说的", "proxy_name": "司马某", "proxy_relation": "邻居" });
    assert_eq!(case["intake"], brought);
    let own = done(clerk.get(&format!("/api/v1/cases/{}", opened(&clerk, "own-key-3"))));
    assert_eq!(own["intake"]["way"], "self");
}

#[test]
fn a_token_reaches_as_far_as_its_owner() {
    let office = TestOffice::new();
    let clerk = program(&office, "clerk", Role::WindowClerk, OWN);
    let case = format!("/api/v1/cases/{}", opened(&clerk, "first-key"));
    let afar = program(&office, "afar", Role::WindowClerk, OTHER);
    assert_eq!(problem(&afar.get(&case)), "not-found");
    assert_eq!(problem(&afar.post("/api/v1/cases", "first-key", "", &family())), "invalid");
    assert!(done(afar.get("/api/v1/cases"))["cases"].as_array().expect("a list").is_empty());
    let reader = program(&office, "reader", Role::Supervisor, OWN);
    assert_eq!(problem(&reader.post("/api/v1/cases", "first-key", "", &family())), "forbidden");
    let accept = json!({ "step": "accept", "answers": { "户.下放": "否" } });
    let steps = format!("{case}/steps");
    assert_eq!(problem(&reader.post(&steps, "first-key", "\"1\"", &accept)), "forbidden");
    assert_eq!(done(reader.get(&case))["version"], 1);
    let auditor = office.sign_in("auditor", Role::Auditor, OWN);
    assert!(auditor.get("/audit?action=refused").body.contains("/api/v1/cases"));
    let keeper = program(&office, "keeper", Role::DataOfficer, OWN);
    assert_eq!(problem(&keeper.get("/api/v1/cases")), "forbidden");
}

#[test]
fn pages_of_a_list_follow_one_another_without_gap_or_repeat() {
    let office = TestOffice::new();
    let clerk = program(&office, "clerk", Role::WindowClerk, OWN);
    let mut wanted: Vec<String> = (0..5).map(|at| opened(&clerk, &format!("list-key-{at}"))).collect();
    let mut found = Vec::new();
    let mut after = String::new();
    loop {
        let page = done(clerk.get(&format!("/api/v1/cases?limit=2&kind=help{after}")));
        described("CaseList", &page);
        let cases = page["cases"].as_array().expect("cases");
        found.extend(cases.iter().map(|case| case["case"].as_str().expect("a number").to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={}", encoded(next));
    }
    wanted.sort();
    found.sort();
    assert_eq!(found, wanted);
}

#[test]
fn a_token_is_made_on_ones_own_page_shown_once_and_ended_by_either() {
    let office = TestOffice::new();
    let clerk = office.sign_in("clerk", Role::WindowClerk, OWN);
    let made = clerk.post("/account/tokens", &form(&[("name", "大厅一体机"), ("until", "2021-05-20")]));
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let (_, after) = made.body.split_once("<strong>doudi_").expect("a token");
    let token = format!("doudi_{}", after.split('<').next().expect("the rest"));
    let list = clerk.get("/account").body;
    assert!(list.contains("大厅一体机") && !list.contains(&token), "{list}");
    let with = |token: &str| Program { office: &office, token: token.to_owned() };
    done(with(&token).get("/api/v1/cases"));
    let id = |body: &str| {
        let (_, after) = body.split_once("/tokens/").expect("a form");
        after.split('/').next().expect("a number").to_owned()
    };
    let ended = clerk.post(&format!("/account/tokens/{}/revoke", id(&list)), "");
    assert_eq!(ended.status, StatusCode::SEE_OTHER);
    assert_eq!(problem(&with(&token).get("/api/v1/cases")), "no-token");

    let second = clerk.token.clone();
    done(with(&second).get("/api/v1/cases"));
    let admin = office.sign_in("anquan", Role::SecurityAdministrator, OWN);
    let account = admin.get(&format!("/users/{}", clerk.user)).body;
    let stranger = office.sign_in("afar", Role::SecurityAdministrator, OTHER);
    let path = format!("/users/{}/tokens/{}/revoke", clerk.user, id(&account));
    assert_eq!(stranger.post(&path, "").status, StatusCode::NOT_FOUND);
    done(with(&second).get("/api/v1/cases"));
    assert_eq!(admin.post(&path, "").status, StatusCode::SEE_OTHER);
    assert_eq!(problem(&with(&second).get("/api/v1/cases")), "no-token");
    for (name, until) in [("", "2020-06-01"), ("x", "2020-05-19"), ("x", "2021-06-01"), ("x", "soon")] {
        let refused = clerk.post("/account/tokens", &form(&[("name", name), ("until", until)]));
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {until}");
    }
    let auditor = office.sign_in("auditor", Role::Auditor, OWN);
    assert!(auditor.get("/audit?action=manage-tokens").body.contains("管理接口令牌"));
}
