//! An office of two counties with equal data. Whatever belongs to one carries its mark, so that a leak is seen.

use crate::counter::{self, Opened};
use crate::desk::MarkedDesk;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use axum::http::{Method, Request, StatusCode};
use doudi_casework::{Grant, Grants, Moment, Role, UserId};
use doudi_store::{
    Answered, CellKind, Figure, GroupColumn, GroupHead, ImportedCell, ImportedClearing, ImportedFile,
    ImportedGroupRow, ImportedHousehold, ImportedLead, ImportedLink, ImportedPerson, ImportedRecord, Keyring,
    MonthCheck, MonthKept, MonthSource, NewUser, Scope, Store, create_key_file,
};
use doudi_terms::{Fen, Month, RegionCode, parse_date};
use doudi_web::{Clock, Limits, Office, Places, router};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tower::ServiceExt;

pub const OWN_MARK: &str = "甲标";
pub const OTHER_MARK: &str = "乙标";
pub const OWN: &str = "500243";
pub const OTHER: &str = "370902";
/// People of a county.
pub const PERSONS: usize = 12;
pub const PASSWORD: &str = "长长的口令2020Aa!";

/// A law of one programme, with the mark of its county.
const LAW: &str = "---\n名称: 甲乙办法\n编号: 试1\n位阶: 工作口径\n施行: 2000-01-01\n---\n# 甲乙办法\n\n## 第一条\n\n> 家里困难的，补到标准。\n\n\
    ```条文\n输入 户.标准: 金额/月\n输入 人.困难: 是否\n记录 发放 属于 人\n枚举 项目: 低保、别的\n输入 发放.项目: 低保、别的\n\
    输入 发放.金额: 金额\n输入 发放.所属月: 月份\n规则 人.相符: 是否 = 困难\n  理由 “甲乙困难”\n规则 户.应发: 金额/月 = 标准\n```\n";
const REGISTRY: &str = r#"{"programmes":[{"id":"dibao","name":"甲乙保障","unit":"户","entitled":"人.相符","enrolled":"人.相符",
    "amount":"户.应发","citation":"试1 第一条","paid_as":"低保"}],
    "received":{"record":"发放","item":"项目","amount":"金额","month":"所属月","day":"到账日期","returned":"未到账"},
    "sheet":{"call":"甲乙窗口","appeal":"甲乙复查"},
    "sources_id":"now","sources":[{"roster":"std","name":"甲乙标准册","department":"民政","month":"2020-05","file":"标准.xlsx",
    "sheet":null}],"columns":{"std":{"户.标准":"标准列"}}}"#;

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Moment {
        Moment::noon_of(parse_date("2020-05-20").expect("a date"))
    }
}

struct Names;

impl Places for Names {
    fn name(&self, place: RegionCode) -> String {
        match place.to_string() {
            code if code.starts_with(OWN) => format!("{OWN_MARK}地{}", &code[6..]),
            code if code.starts_with(OTHER) => format!("{OTHER_MARK}地{}", &code[6..]),
            code => code,
        }
    }

    fn long_name(&self, place: RegionCode) -> String {
        self.name(place)
    }

    fn below(&self, place: RegionCode) -> Vec<RegionCode> {
        let towns = [region("500243001"), region("370902001")];
        towns.into_iter().filter(|town| *town != place && town.is_within(place)).collect()
    }
}

pub fn region(code: &str) -> RegionCode {
    RegionCode::parse(code).expect("a code")
}

/// A county's share of the data: `P10003` is of the one, `P70003` of the other.
#[derive(Clone, Copy)]
pub struct County {
    pub code: &'static str,
    pub mark: &'static str,
    first: usize,
}

pub const COUNTIES: [County; 2] = [
    County { code: OWN, mark: OWN_MARK, first: 10_000 },
    County { code: OTHER, mark: OTHER_MARK, first: 70_000 },
];

impl County {
    /// Ids that nobody has.
    pub const fn nowhere() -> County {
        County { code: "110101", mark: "无", first: 90_000 }
    }

    pub fn person(&self, at: usize) -> String {
        format!("P{}", self.first + at)
    }

    pub fn household(&self, at: usize) -> String {
        format!("H{}", self.first + at / 2)
    }

    /// A roster that has come and does not count yet.
    pub fn draft(&self) -> String {
        format!("d{}", self.first)
    }

    pub fn lead(&self, at: usize) -> String {
        format!("{:064x}", self.first + at)
    }

    pub fn id_number(&self, at: usize) -> String {
        format!("{}19500307{:04}", self.code, at)
    }

    pub fn phone(&self, at: usize) -> String {
        format!("138{:08}", self.first + at)
    }

    fn imported(&self, at: usize) -> ImportedPerson {
        let Self { code, mark, .. } = self;
        ImportedPerson {
            person_id: self.person(at),
            household_id: self.household(at),
            region: region(&format!("{code}001{:03}", 201 + at % 2)),
            name: format!("欧阳{mark}{at}"),
            relation: "户主".into(),
            sex: "女".into(),
            birth: parse_date("1950-03-07"),
            id_number: self.id_number(at),
            phone: self.phone(at),
            account: format!("62220000{:08}", self.first + at),
            address: format!("{mark}村{at}号"),
            bucket: "covered".into(),
            programmes: format!("{mark}项目"),
            reason: format!("{mark}理由"),
            missing: format!("{mark}缺"),
        }
    }

    /// The person's row, with a slip in the number; and, for the first lead, a row about somebody of the other county.
    fn records(&self, at: usize) -> Vec<ImportedRecord> {
        let of = |county: &County, at: usize| {
            let person = county.imported(at);
            let cell = |label: &str, kind: &str, text: &str| ImportedCell {
                label: label.into(),
                kind: kind.into(),
                text: text.into(),
            };
            let slip = format!("{}9{}", &person.id_number[..10], &person.id_number[11..]);
            ImportedRecord {
                place: format!("{}.csv#Sheet1#{at}", county.mark),
                roster: format!("{}花名册", county.mark),
                department: "民政".into(),
                month: "2020-05".into(),
                person: person.person_id,
                grade: 'B',
                cells: vec![
                    cell("姓名", "name", &person.name),
                    cell("身份证号", "id-number", &slip),
                    cell("账号", "account", &person.account),
                    cell("发放金额", "", &format!("{}440.00元", county.mark)),
                ],
            }
        };
        let mut records = vec![of(self, at)];
        if at == 0 {
            let other = COUNTIES.iter().find(|county| county.code != self.code).expect("the other");
            // What the row is called would tell too: a roster's name is everybody's.
            records.push(ImportedRecord {
                place: "x#y#1".into(), roster: "死亡名册".into(), ..of(other, 0)
            });
        }
        records
    }

    fn imported_lead(&self, at: usize) -> ImportedLead {
        let person = self.imported(at);
        ImportedLead {
            lead_id: self.lead(at),
            check: format!("疑点{}", self.mark),
            severity: "红".into(),
            subject_kind: "人".into(),
            household_id: person.household_id,
            name: person.name,
            region: person.region,
            opened: month(),
            grade: "A".into(),
            stake: Some(Fen(44_000)),
            reason: format!("{}死亡仍在册", self.mark),
            rows: vec![format!("{}.csv#Sheet1#{at}", self.mark)],
            records: self.records(at),
            verify: format!("{}核实", self.mark),
            closes: format!("{}销号", self.mark),
            article: format!("{}条", self.mark),
            due: parse_date("2020-05-15"),
            answer: None,
            person_id: person.person_id,
        }
    }

    /// Two people to a household; the odd ones of the next village.
    fn kept(&self) -> MonthKept<'_> {
        let household = |number: usize| {
            let members = [self.imported(2 * number), self.imported(2 * number + 1)];
            let person = |payments: &[i64]| {
                let payment = |fen: &i64| serde_json::json!({ "known": { "项目": "低保", "金额": fen, "所属月": month().index() } });
                serde_json::json!({
                    "known": { "困难": true },
                    "lists": { "发放": { "complete": true, "rows": payments.iter().map(payment).collect::<Vec<_>>() } },
                })
            };
            Ok(ImportedHousehold {
                household_id: self.household(2 * number),
                number: self.household(2 * number),
                region: members[0].region,
                head: 0,
                facts: serde_json::json!({
                    "known": { "标准": 50_000 },
                    "from": 0,
                    "lists": { "人": { "complete": true, "rows": [person(&[44_000]), person(&[])] } },
                }),
                places: vec![(0, 17)],
                // The second household is of another clearing of the month.
                sources_id: if number == 1 { "older".into() } else { "now".into() },
                answers: vec![Answered {
                    programme: 0,
                    member: None,
                    entitled: Some(true),
                    enrolled: Some(true),
                    amount: Some(Fen(50_000)),
                }],
                groups: vec![ImportedGroupRow { group: 0, member: 0, cells: vec![Some(50_000)] }],
                members: members.into_iter().map(|member| (member.person_id, member.name)).collect(),
            })
        };
        let column = GroupColumn {
            name: format!("{}金额", self.mark),
            kind: CellKind::Money,
            labels: Vec::new(),
            of_household: true,
            is_summed: true,
        };
        MonthKept {
            policies_hash: format!("policies-{}", self.code),
            policies: vec![("national/试.md".into(), LAW.replace("甲乙", self.mark))],
            registry: REGISTRY.replace("甲乙", self.mark),
            checks: [("疑点", "户籍"), ("干净", ""), ("看不见", "死亡名册")]
                .map(|(name, roster)| MonthCheck {
                    name: format!("{name}{}", self.mark),
                    severity: "红".into(),
                    kind: format!("{}比对疑点规则", self.mark),
                    article: format!("{}条", self.mark),
                    waits_for: if roster.is_empty() { Vec::new() } else { vec![roster.to_owned()] },
                })
                .to_vec(),
            groups: vec![GroupHead {
                name: "低保".into(),
                note: format!("{}名册", self.mark),
                columns: vec![column],
            }],
            households: Box::new((0..PERSONS / 2).map(household)),
        }
    }

    fn clearing(&self) -> ImportedClearing<'_> {
        let links = (0..PERSONS).map(|at| ImportedLink {
            row: at as u32,
            person_id: self.person(at),
            class: "auto",
            grade: 'A',
            likelihood: 999_800,
        });
        let file = ImportedFile {
            roster: "dibao".into(),
            month: month().to_string(),
            file: format!("{}.csv", self.mark),
            key: self.mark.into(),
            links: links.collect(),
        };
        ImportedClearing {
            region: region(self.code),
            month: month(),
            certificate_hash: format!("{}证书", self.mark),
            certificate_json: "{}".into(),
            persons: Box::new((0..PERSONS).map(|at| Ok(self.imported(at)))),
            files: Box::new(std::iter::once(Ok(file))),
            leads: Box::new((0..PERSONS).step_by(2).map(|at| Ok(self.imported_lead(at)))),
            ended: Vec::new(),
            // All but two live in the village; of these two only the county is known.
            figures: [("001", PERSONS - 2), ("001201", PERSONS - 2), ("", 2)]
                .iter()
                .flat_map(|place| ["covered", "persons"].map(|name| (place, name)))
                .map(|((below, persons), name)| Figure {
                    region: region(&format!("{}{below}", self.code)),
                    kind: "bucket".into(),
                    name: name.into(),
                    value: *persons as i64,
                })
                .collect(),
            sources: vec![MonthSource {
                roster: "hukou".into(),
                name: format!("{}户籍", self.mark),
                department: "公安".into(),
                is_monthly: true,
                has_arrived: false,
                rows: 0,
            }],
            kept: self.kept(),
        }
    }
}

fn month() -> Month {
    Month::parse("2020-05").expect("a month")
}

/// The application, and somebody signed in for every role and county asked for.
pub struct TestOffice {
    /// What was opened by [`TestOffice::open_cases`].
    pub opened: Vec<Opened>,
    /// Of everybody's program, by the cookie of their browser.
    tokens: Mutex<HashMap<String, String>>,
    pub desk: Arc<MarkedDesk>,
    pub store: Arc<Store>,
    pub router: Router,
    administrator: Scope,
    _folder: tempfile::TempDir,
    pub office: Office,
}

/// A browser of somebody who is signed in.
pub struct Browser<'o> {
    office: &'o TestOffice,
    pub user: UserId,
    pub cookie: String,
    /// What a program of theirs sends.
    pub token: String,
}

/// What came back.
pub struct Reply {
    pub status: StatusCode,
    /// Headers and body, as text.
    pub all: String,
    pub body: String,
    /// The body as it came.
    pub bytes: Vec<u8>,
    pub location: String,
    pub cookies: Vec<String>,
}

impl TestOffice {
    pub fn new() -> TestOffice {
        TestOffice::with(Limits::default(), None)
    }

    /// With other procedures.
    pub fn of_counter(counter: doudi_casework::CaseCounter) -> TestOffice {
        TestOffice::made(Limits::default(), None, counter)
    }

    pub fn with(limits: Limits, metrics_token: Option<String>) -> TestOffice {
        TestOffice::made(limits, metrics_token, counter::counter())
    }

    fn made(
        limits: Limits,
        metrics_token: Option<String>,
        counter: doudi_casework::CaseCounter,
    ) -> TestOffice {
        let folder = tempfile::tempdir().expect("a folder");
        let keys = keys(folder.path());
        let address = folder.path().join("office.sqlite");
        let store = Arc::new(Store::open(&address.to_string_lossy(), keys).expect("a store"));
        for county in COUNTIES {
            store.import_clearing(county.clearing(), Noon.now()).expect("imported");
        }
        let everywhere = Grant { role: Role::SecurityAdministrator, region: RegionCode::COUNTRY };
        let grants = Grants::new([everywhere]).expect("one role");
        let first = NewUser { login: "root.admin".into(), name: "管理员".into(), grants };
        let (_, password) = store.provision(&[first], Noon.now()).expect("made").remove(0);
        let (_, administrator) = first_visit(&store, "root.admin", &password);
        let (clock, places) = (Box::new(Noon), Box::new(Names));
        let workbook = folder.path().join("workbook");
        // Longer than one piece of an answer.
        let text = format!("PK{OTHER_MARK}").into_bytes().repeat(50_000);
        std::fs::write(&workbook, &text).expect("written");
        let desk = Arc::new(MarkedDesk::with_workbook(workbook, text.len() as u64));
        let office = Office::limited(store.clone(), clock, places, false, limits, metrics_token);
        let office = office.with_rosters(desk.clone()).with_counter(Arc::new(counter));
        TestOffice {
            opened: Vec::new(),
            tokens: Mutex::default(),
            desk,
            store,
            router: router(office.clone()),
            administrator,
            _folder: folder,
            office,
        }
    }

    /// Somebody with one role in a place, who has changed the first password.
    pub fn sign_in(&self, login: &str, role: Role, place: &str) -> Browser<'_> {
        self.sign_in_with(login, &[(role, place)])
    }

    /// With several, that go together.
    pub fn sign_in_with(&self, login: &str, roles: &[(Role, &str)]) -> Browser<'_> {
        let mark = if roles[0].1.starts_with(OTHER) { OTHER_MARK } else { OWN_MARK };
        let grants = roles.iter().map(|(role, place)| Grant { role: *role, region: region(place) });
        let grants = Grants::new(grants).expect("roles that go together");
        let new = NewUser { login: login.into(), name: format!("{mark}{login}"), grants };
        let (user, first) = self.provision(new);
        let (visit, scope) = first_visit(&self.store, login, &first);
        let until = Noon.now().plus_seconds(24 * 3_600);
        let (_, token) = self.store.create_token(&scope, "程序", until).expect("a token");
        let cookie = format!("doudi_visit={visit}");
        self.tokens.lock().expect("nobody panics").insert(cookie.clone(), token.clone());
        Browser { office: self, user, cookie, token }
    }

    /// Of whoever opened a county's cases.
    pub fn scope_of_clerk(&self, county: &str) -> Scope {
        let (token, _) =
            self.store.log_in(&format!("clerk.{county}"), PASSWORD, "::1", Noon.now()).expect("in");
        self.store.scope(token.as_str(), "::1", Noon.now()).expect("a scope")
    }

    /// As it is served to other machines.
    pub fn office(&self) -> Office {
        self.office.clone()
    }

    /// By the security administrator, as everybody after the first.
    fn provision(&self, new: NewUser) -> (UserId, String) {
        self.store.create_user(&self.administrator, &new).expect("made")
    }

    /// As a browser sends it from one of our pages, unless `headers` say otherwise.
    pub fn request(&self, method: Method, path: &str, form: &str, cookie: &str) -> Reply {
        let mut request = Request::builder().method(method.clone()).uri(path).header(HOST, "office");
        if !cookie.is_empty() {
            request = request.header(COOKIE, cookie);
        }
        if method == Method::POST {
            request = request.header(ORIGIN, "http://office");
            let kind = if form.starts_with('{') { "json" } else { "x-www-form-urlencoded" };
            request = request.header(CONTENT_TYPE, format!("application/{kind}"));
        }
        // A program of whoever sits at the browser, which sends what programs have to send.
        if path.starts_with("/api/") {
            let token = self.tokens.lock().expect("nobody panics").get(cookie).cloned();
            request = request.header("authorization", format!("Bearer {}", token.unwrap_or_default()));
            static KEYS: AtomicU64 = AtomicU64::new(0);
            let key = format!("key-{:08}", KEYS.fetch_add(1, Ordering::Relaxed));
            request = request.header("if-match", "\"1\"").header("idempotency-key", &key);
        }
        let peer = ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4_000)));
        let request = request.extension(peer).body(Body::from(form.to_owned())).expect("a request");
        self.send(request)
    }

    pub fn send(&self, request: Request<Body>) -> Reply {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.expect("an answer");
            let status = response.status();
            let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
            let location = header(LOCATION).unwrap_or_default().to_owned();
            let cookies = response.headers().get_all(SET_COOKIE).iter();
            let cookies = cookies.filter_map(|value| value.to_str().ok()).map(str::to_owned).collect();
            let headers = format!("{:?}", response.headers());
            let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
            let body = String::from_utf8_lossy(&bytes).into_owned();
            Reply {
                status,
                all: format!("{headers}\n{body}"),
                body,
                bytes: bytes.to_vec(),
                location,
                cookies,
            }
        })
    }
}

impl Browser<'_> {
    pub fn get(&self, path: &str) -> Reply {
        self.office.request(Method::GET, path, "", &self.cookie)
    }

    pub fn post(&self, path: &str, form: &str) -> Reply {
        self.office.request(Method::POST, path, form, &self.cookie)
    }

    /// A form with files: field, name of the file, what is in it.
    pub fn send(&self, path: &str, fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Reply {
        const EDGE: &str = "----edge0123456789";
        let mut body = Vec::new();
        for (name, value) in fields {
            let part =
                format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        for (name, file, bytes) in files {
            let head = format!(
                "--{EDGE}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\
                 Content-Type: image/jpeg\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{EDGE}--\r\n").as_bytes());
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(HOST, "office")
            .header(COOKIE, &self.cookie)
            .header(ORIGIN, "http://office")
            .header(CONTENT_TYPE, format!("multipart/form-data; boundary={EDGE}"));
        let peer = ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4_000)));
        self.office.send(request.extension(peer).body(Body::from(body)).expect("a request"))
    }
}

/// Signs in with a one-time password and changes it; the token, and what it is good for afterwards.
fn first_visit(store: &Store, login: &str, first: &str) -> (String, Scope) {
    let (token, _) = store.log_in(login, first, "::1", Noon.now()).expect("signed in");
    let scope = || store.scope(token.as_str(), "::1", Noon.now()).expect("a scope");
    store.change_password(&scope(), first, PASSWORD).expect("changed");
    (token.as_str().to_owned(), scope())
}

fn keys(folder: &std::path::Path) -> Keyring {
    create_key_file(&folder.join("office.key")).expect("keys")
}
