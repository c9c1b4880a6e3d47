//! Cases of both counties: the window's knowledge from the tests' own content, and what families there have told.

use crate::evidence::photo;
use crate::office::{Browser, COUNTIES, County, TestOffice};
use axum::http::StatusCode;
use doudi_casework::{CaseCounter, Content, Role};
use doudi_policy::{Library, Source, has_errors};

macro_rules! content {
    ($path:literal) => {
        ($path, include_str!(concat!("../../../doudi-casework/tests/cases/content/", $path)))
    };
}

/// The procedures that the crate of casework is tested with.
pub fn counter() -> CaseCounter {
    counter_with(str::to_owned)
}

/// The same with the table of help put otherwise.
pub fn counter_with(help: impl Fn(&str) -> String) -> CaseCounter {
    let source = |(path, text): (&str, &str)| Source { path: path.into(), text: text.into() };
    let law = ("national/law.md", content!("law.md").1);
    let calendar = ("calendars/2020.csv", content!("calendar.csv").1);
    let grant = ("letters/grant.md", content!("grant.md").1);
    let refusal = ("letters/refusal.md", content!("refusal.md").1);
    let texts = [law, calendar, grant, refusal];
    let (library, problems) = Library::read(texts.map(source).to_vec());
    assert!(!has_errors(&problems), "{problems:?}");
    let files = [
        content!("programs.toml"),
        content!("procedures/help.toml"),
        content!("procedures/grievance.toml"),
        content!("procedures/recheck.toml"),
        content!("procedures/round.toml"),
        content!("documents/receipt.md"),
        content!("documents/wall.md"),
    ]
    .map(|(path, text)| {
        (path.to_owned(), if path.ends_with("help.toml") { help(text) } else { text.to_owned() })
    });
    CaseCounter::open(library, &Content { files: &files }).unwrap_or_else(|wrong| panic!("{wrong:#?}"))
}

/// What was opened in one county, in the order of [`COUNTIES`].
#[derive(Clone)]
pub struct Opened {
    /// Visited, with a photo; waits for a decision.
    pub case: String,
    /// Decided.
    pub granted: String,
    /// Half written down.
    pub draft: String,
    /// On the receipt of the first.
    pub code: String,
}

impl Opened {
    /// Numbers that nobody has.
    pub fn nowhere() -> Opened {
        Opened {
            case: "B000099".into(),
            granted: "B000098".into(),
            draft: "0".repeat(24),
            code: "ZZZZ-ZZZZ-ZZZZ-ZZZZ".into(),
        }
    }
}

pub fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// A form of names and values as a browser sends it.
pub fn form(fields: &[(&str, &str)]) -> String {
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    pairs.join("&")
}

/// Does something that must succeed; gives where it leads.
pub fn done(reply: crate::office::Reply) -> String {
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.body);
    reply.location
}

/// The path of a draft for a poor family of one.
pub fn drafted(clerk: &Browser<'_>, name: &str, place: &str) -> String {
    let begun = done(clerk.post("/cases/drafts", &form(&[("applicant", name), ("place", place)])));
    let path = begun.split('#').next().expect("a path").to_owned();
    let answers = [
        ("[\"household\",\"困难\"]", "是"),
        ("[\"household\",\"补贴额\"]", "100元"),
        ("[\"household\",\"有争议\"]", "否"),
        ("[\"members\",0,\"收入\"]", "没有"),
        ("action", "save"),
    ];
    done(clerk.post(&path, &form(&answers)));
    path
}

/// The path of a case that was handed in.
pub fn handed_in(clerk: &Browser<'_>, name: &str, place: &str) -> String {
    let draft = drafted(clerk, name, place);
    done(clerk.post(&draft, &form(&[("action", "hand-in"), ("kind", "help")])))
}

pub fn stepped(by: &Browser<'_>, case: &str, version: i64, step: &str, more: &[(&str, &str)]) {
    let version = version.to_string();
    let mut fields = vec![("version", version.as_str()), ("step", step)];
    fields.extend_from_slice(more);
    done(by.send(&format!("{case}/step"), &fields, &[]));
}

impl TestOffice {
    /// Cases of both counties, with the county's mark in everything that can hold a word.
    pub fn open_cases(&mut self) {
        let opened: Vec<Opened> = COUNTIES.iter().map(|county| self.open_cases_of(county)).collect();
        self.opened = opened;
    }

    fn open_cases_of(&self, county: &County) -> Opened {
        let County { code, mark, .. } = county;
        let clerk = self.sign_in(&format!("clerk.{code}"), Role::WindowClerk, code);
        let approver = self.sign_in(&format!("approver.{code}"), Role::CountyApprover, code);
        let village = format!("{code}001201");
        let note = format!("{mark}看到漏雨");
        let visit = [("fact:户.在家", "是"), ("fact:户.住处", "借住"), ("note", note.as_str())];
        let photo: (&str, &str, &[u8]) = ("evidence", &format!("{mark}.jpg"), &photo(1));
        let mut cases = Vec::new();
        for at in 0..2 {
            let case = handed_in(&clerk, &format!("欧阳{mark}{at}"), &village);
            stepped(&clerk, &case, 1, "accept", &[("fact:户.下放", "否")]);
            stepped(&clerk, &case, 2, "wait", &[("note", &format!("{mark}病历"))]);
            stepped(&clerk, &case, 3, "go-on", &[]);
            let mut fields = vec![("version", "4"), ("step", "visit")];
            fields.extend_from_slice(&visit);
            done(clerk.send(&format!("{case}/step"), &fields, &[photo]));
            cases.push(case);
        }
        stepped(&approver, &cases[1], 5, "grant", &[]);
        let draft = drafted(&clerk, &format!("欧阳{mark}草"), &village);
        let id = |path: &str| path.rsplit('/').next().expect("an id").to_owned();
        let receipt = clerk.get(&format!("{}/print/receipt", cases[0])).body;
        let (_, after) = receipt.split_once("/progress?code=").expect("a code");
        let code: String =
            after.chars().take_while(|sign| sign.is_ascii_alphanumeric() || *sign == '-').collect();
        Opened { case: id(&cases[0]), granted: id(&cases[1]), draft: id(&draft), code }
    }
}
