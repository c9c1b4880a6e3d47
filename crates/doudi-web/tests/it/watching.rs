//! What the machine's watch is told: enough to see that something is wrong, and nobody's data.

use crate::office::{COUNTIES, OWN, TestOffice};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode};
use doudi_casework::{ROLES, Role};
use doudi_web::{Limits, Proxies, pages, router};
use std::cell::RefCell;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Once;

/// Typed everywhere that somebody can type; in plain and as addresses have it.
const MARKS: [&str; 4] = ["zhangsan-mark", "%E5%BC%A0%E4%B8%89%E8%AE%B0", "张三记", "500243195003079999"];

thread_local! {
    /// The log of this thread. One subscriber for all: those of single threads come and go, and lose lines of others.
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct ToThread;

impl Write for ToThread {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.with_borrow_mut(|log| log.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What is logged while something is done.
fn log_of<T>(work: impl FnOnce() -> T) -> (T, String) {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| tracing_subscriber::fmt().json().with_writer(|| ToThread).init());
    LOG.take();
    let done = work();
    (done, String::from_utf8(LOG.take()).expect("text"))
}

fn from(peer: [u8; 4], headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::builder().uri("/metrics").header("host", "office");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let peer = ConnectInfo(SocketAddr::from((peer, 4_000)));
    request.extension(peer).body(Body::empty()).expect("a request")
}

const HERE: [u8; 4] = [127, 0, 0, 1];
const ELSEWHERE: [u8; 4] = [10, 0, 0, 5];

fn signing_in(peer: [u8; 4], headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::builder().method(Method::POST).uri("/sign-in").header("host", "office");
    for (name, value) in headers
        .iter()
        .chain(&[("origin", "http://office"), ("content-type", "application/x-www-form-urlencoded")])
    {
        request = request.header(*name, *value);
    }
    let peer = ConnectInfo(SocketAddr::from((peer, 4_000)));
    request.extension(peer).body(Body::from("login=root.admin&password=x")).expect("a request")
}

#[test]
fn the_audit_has_the_address_that_a_trusted_proxy_tells_and_nobody_elses_word() {
    let mut office = TestOffice::new();
    let proxies = Proxies { trusted: vec!["127.0.0.1".parse().expect("an address")], ..Proxies::default() };
    office.router = router(office.office.clone().with_proxies(proxies));
    let told = [("x-forwarded-for", "6.6.6.6, 198.51.100.7")];
    office.send(signing_in(HERE, &told));
    office.send(signing_in(ELSEWHERE, &[("x-forwarded-for", "7.7.7.7")]));
    office.send(signing_in(HERE, &[("forwarded", "for=8.8.8.8")]));
    let auditor = office.sign_in("auditor", Role::Auditor, "000000");
    let audit = auditor.get("/audit?action=log-in-failed").body;
    for address in ["198.51.100.7", "10.0.0.5", "127.0.0.1"] {
        assert!(audit.contains(address), "{address}\n{audit}");
    }
    for forged in ["6.6.6.6", "7.7.7.7", "8.8.8.8"] {
        assert!(!audit.contains(forged), "{forged}\n{audit}");
    }
    // Whoever comes through a proxy of this machine is not this machine.
    let through = from(HERE, &[("x-forwarded-for", "198.51.100.7")]);
    assert_ne!(office.send(through).status, StatusCode::OK);
}

#[test]
fn nothing_that_somebody_types_reaches_the_log_the_counts_or_the_audit() {
    let office = TestOffice::new();
    let mut answered = 0;
    let ((), log) = log_of(|| {
        for role in ROLES {
            let browser = office.sign_in(&format!("own.{}", role.code()), role, OWN);
            for page in pages().into_iter().filter(|page| page.path != "/sign-out") {
                for mark in MARKS {
                    answered += 1;
                    let written = if mark.is_ascii() { mark.to_owned() } else { urlencoded(mark) };
                    let of_nobody = ["lead", "person", "household", "user", "hash", "name"]
                        .iter()
                        .fold(page.path.to_owned(), |path, name| {
                            path.replace(&format!("{{{name}}}"), &written)
                        });
                    let names =
                        ["q", "place", "check", "back", "after", "purpose", "person", "actor", "month"];
                    let query: Vec<String> = names.iter().map(|name| format!("{name}={written}")).collect();
                    let form = "login,name,password,reason,heard,visitors,note,remark,what,q,lead,to,version";
                    let form: Vec<String> = form.split(',').map(|name| format!("{name}={written}")).collect();
                    let asked = format!("{of_nobody}?{}", query.join("&"));
                    let sent = if page.method == Method::POST { form.join("&") } else { String::new() };
                    office.request(page.method.clone(), &asked, &sent, &browser.cookie);
                    office.request(page.method.clone(), &asked, &sent, "");
                    // Pages about somebody who is there, with the mark in what is typed.
                    let lead = COUNTIES[0].lead(0);
                    let own = page.path.replace("{lead}", &lead).replace("{person}", &COUNTIES[0].person(0));
                    office.request(page.method.clone(), &own, &sent, &browser.cookie);
                }
            }
        }
        for mark in MARKS.iter().filter(|mark| mark.is_ascii()) {
            let method = Method::from_bytes(b"ZHANGSAN-MARK").expect("a method of nobody's");
            office.request(method, &format!("/{mark}"), "", "");
        }
    });
    assert!(answered > 500);
    let counts = office.send(from(HERE, &[])).body;
    assert!(log.matches("\"message\":\"request\"").count() > answered, "every request has its line");
    let auditor = office.sign_in("auditor", Role::Auditor, OWN);
    let mut audit = String::new();
    let mut before = i64::MAX.to_string();
    loop {
        let page = auditor.get(&format!("/audit?before={before}")).body;
        audit += &page;
        let Some((_, next)) = page.rsplit_once("&amp;before=") else { break };
        before = next.split('"').next().unwrap_or_default().to_owned();
    }
    assert!(audit.contains("GET /leads/{lead} 404") && audit.contains("按 姓名；找到 0"));
    for mark in MARKS {
        for (what, text) in [("log", &log), ("counts", &counts), ("audit", &audit)] {
            let line = text.lines().find(|line| line.to_lowercase().contains(mark));
            assert_eq!(line, None, "{what}");
        }
    }
    for name in ["欧阳", "甲标", "own.village-worker"] {
        assert!(!log.contains(name) && !counts.contains(name), "{name}");
    }
}

fn urlencoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[test]
fn a_request_is_logged_with_its_pattern_its_end_and_who_by_number() {
    let office = TestOffice::new();
    let worker = office.sign_in("worker", Role::VillageWorker, OWN);
    let (reply, line) = log_of(|| worker.get(&format!("/people/{}?x=y", COUNTIES[1].person(0))));
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
    let line: serde_json::Value = serde_json::from_str(line.trim()).expect("one line of JSON");
    let fields = &line["fields"];
    assert_eq!(fields["route"], "/people/{person}");
    assert_eq!((&fields["method"], &fields["status"]), (&"GET".into(), &404.into()));
    assert_eq!(fields["user"], worker.user.0);
    assert!(fields["ms"].is_u64());
    let number = fields["number"].as_u64().expect("a number");
    assert!(reply.all.contains(&format!("\"x-request-id\": \"{number}\"")), "{}", reply.all);
    let (_, quiet) = log_of(|| office.request(Method::GET, "/healthz", "", ""));
    assert_eq!(quiet, "", "what machines ask every second is not logged while it is well");
}

#[test]
fn a_place_that_is_not_ones_own_is_refused_with_the_reason_and_that_is_written_down() {
    let office = TestOffice::new();
    let worker = office.sign_in("worker", Role::VillageWorker, "500243001201");
    let reply = worker.get(&format!("/leads/{}", COUNTIES[1].lead(0)));
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
    assert!(reply.body.contains("不在您的辖区"), "{}", reply.body);
    let auditor = office.sign_in("auditor", Role::Auditor, OWN);
    assert!(auditor.get("/audit?action=refused").body.contains("GET /leads/{lead} 404"));
}

#[test]
fn counts_are_for_this_machine_or_for_whoever_has_the_token() {
    let open = TestOffice::new();
    assert_eq!(open.send(from(HERE, &[])).status, StatusCode::OK);
    for headers in [&[][..], &[("authorization", "Bearer ")], &[("authorization", "Bearer x")]] {
        assert_eq!(open.send(from(ELSEWHERE, headers)).status, StatusCode::NOT_FOUND, "{headers:?}");
    }
    // Behind a proxy everybody comes from here.
    for passed_on in ["x-forwarded-for", "forwarded", "via"] {
        assert_eq!(open.send(from(HERE, &[(passed_on, "10.0.0.5")])).status, StatusCode::NOT_FOUND);
    }
    let token = TestOffice::with(Limits::default(), Some("deng-yi-ge-ling-pai".into()));
    let right = [("authorization", "Bearer deng-yi-ge-ling-pai")];
    assert_eq!(token.send(from(ELSEWHERE, &right)).status, StatusCode::OK);
    assert_eq!(
        token.send(from(ELSEWHERE, &[("authorization", "Bearer other")])).status,
        StatusCode::NOT_FOUND
    );
}

#[test]
fn counts_tell_requests_log_ins_leads_and_how_busy_the_store_is() {
    let office = TestOffice::new();
    let worker = office.sign_in("worker", Role::VillageWorker, OWN);
    worker.get("/leads");
    worker.get("/leads?place=500243001");
    office.request(Method::POST, "/sign-in", "login=worker&password=wrong-one", "");
    let text = office.send(from(HERE, &[])).body;
    for line in [
        "doudi_http_requests_total{method=\"GET\",route=\"/leads\",status=\"200\"} 2",
        "doudi_http_request_seconds_count{route=\"/leads\"} 2",
        "doudi_log_ins_total{outcome=\"wrong\"} 1",
        "doudi_open_leads 12",
        "doudi_store_up 1",
        "doudi_passwords_waiting 0",
        "doudi_database_connections_waited_for 0",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
}

#[test]
fn ready_is_said_while_the_store_can_work() {
    let office = TestOffice::new();
    for path in ["/healthz", "/readyz"] {
        let reply = office.request(Method::GET, path, "", "");
        assert_eq!((reply.status, reply.body.as_str()), (StatusCode::OK, "ok\n"));
    }
}
