//! `GET /leads/{lead}/form`: one lead on paper, to be taken along. `GET /leads/forms`: all of a list, each on its sheet.

use super::compared::{Table, tables};
use super::day;
use super::list::Wish;
use crate::access::Visit;
use crate::frame::{Frame, Step};
use crate::office::Office;
use crate::pages::page;
use crate::trouble::{Answer, Trouble};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::http::header::HOST;
use doudi_casework::{Finding, Measure};
use doudi_store::{ComparedPerson, Lead, LeadOrder};
use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write as _;

/// Sheets of one print, as many as a slow line carries in one page: a village has fewer; a township is printed village by
/// village.
const MOST_SHEETS: usize = 50;
/// Signs of a lead's number that stand on paper: enough to find it by.
const NUMBER_SIGNS: usize = 12;

struct Sheet {
    number: String,
    qr: String,
    name: String,
    place: String,
    check: String,
    severity: String,
    reason: String,
    verify: String,
    closes: String,
    article: String,
    due: String,
    assignee: String,
    tables: Vec<Table>,
    /// Rows that stand on the lead's page and not here.
    left: usize,
}

#[derive(Template)]
#[template(path = "leads/forms.html")]
struct Page {
    frame: Frame,
    sheets: Vec<Sheet>,
    findings: Vec<&'static str>,
    measures: Vec<&'static str>,
    printed: String,
    printed_by: String,
    /// How many there are, where not all are shown.
    cut_of: Option<u64>,
}

/// `GET /leads/{lead}/form`
pub async fn form(
    State(office): State<Office>,
    visit: Visit,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Answer {
    let scope = visit.scope.clone();
    let lead = id.clone();
    let found = office.ask(move |store| store.lead_compared(&scope, &lead)).await?;
    let mut frame = visit.frame(&office, "入户核查单", "/leads");
    frame.trail =
        vec![Step::new("疑点", "/leads"), Step::new(found.0.row.name.clone(), format!("/leads/{id}"))];
    show(&office, &visit, &headers, frame, &[found], None)
}

/// `GET /leads/forms?…`: the list's own address.
pub async fn forms(
    State(office): State<Office>,
    visit: Visit,
    headers: HeaderMap,
    Query(wish): Query<Wish>,
) -> Answer {
    let scope = visit.scope.clone();
    let filter = wish.filter(scope.user().id, scope.today())?;
    let (found, total) = office
        .ask(move |store| {
            let list = store.leads(&scope, &filter, LeadOrder::Place, None, MOST_SHEETS)?;
            let total = store.count_leads(&scope, &filter)?;
            let read = |row: &doudi_store::LeadRow| store.lead_compared(&scope, &row.lead_id);
            Ok((list.rows.iter().map(read).collect::<Result<Vec<_>, _>>()?, total))
        })
        .await?;
    if found.is_empty() {
        return Err(Trouble::bad("没有要打印的疑点。请在清单上换个条件"));
    }
    let mut frame = visit.frame(&office, "入户核查单", "/leads");
    frame.trail = vec![Step::new("疑点", format!("/leads?{}", wish.query()))];
    let cut_of = (total > found.len() as u64).then_some(total);
    show(&office, &visit, &headers, frame, &found, cut_of)
}

fn show(
    office: &Office,
    visit: &Visit,
    headers: &HeaderMap,
    frame: Frame,
    found: &[(Lead, Vec<ComparedPerson>)],
    cut_of: Option<u64>,
) -> Answer {
    let root = root(office, headers);
    let sheets = found.iter().map(|(lead, people)| sheet(office, &root, lead, people));
    page(&Page {
        frame,
        sheets: sheets.collect(),
        findings: Finding::ALL.iter().map(|finding| finding.word()).collect(),
        measures: Measure::ALL.iter().map(|measure| measure.word()).collect(),
        printed: visit.scope.today().to_string(),
        printed_by: visit.scope.user().name.clone(),
        cut_of,
    })
}

fn sheet(office: &Office, root: &str, lead: &Lead, people: &[ComparedPerson]) -> Sheet {
    let row = &lead.row;
    // One sheet holds one person's rows; who else the lead is about stands on its page.
    let own: Vec<ComparedPerson> = people.iter().take(1).map(first_rows).collect();
    let left = people.iter().map(|person| person.records.len()).sum::<usize>();
    let left = left - own.iter().map(|person| person.records.len()).sum::<usize>();
    let (tables, _) = tables(office, &own);
    Sheet {
        number: row.lead_id.chars().take(NUMBER_SIGNS).collect(),
        // Nothing of anybody in it: whoever scans it has to sign in and to have the lead in their area.
        qr: qr(&format!("{root}/leads/{}", row.lead_id)),
        name: row.name.clone(),
        place: office.places().long_name(row.region),
        check: row.check.clone(),
        severity: row.severity.clone(),
        reason: row.reason.clone(),
        verify: lead.verify.clone(),
        closes: lead.closes.clone(),
        article: lead.article.clone(),
        due: day(row.due),
        assignee: row.assignee_name.clone(),
        tables,
        left,
    }
}

/// Rows of rosters that find room beside each other on paper.
const ROWS_ON_PAPER: usize = 3;

fn first_rows(person: &ComparedPerson) -> ComparedPerson {
    let records = person.records.iter().take(ROWS_ON_PAPER).cloned().collect();
    ComparedPerson { records, ..person.clone() }
}

/// Where this page was asked for: the telephone that scans the code asks there too.
pub(crate) fn root(office: &Office, headers: &HeaderMap) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let is_plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
    let scheme = if office.is_secure() { "https" } else { "http" };
    if host.is_empty() || !is_plain { String::new() } else { format!("{scheme}://{host}") }
}

/// Blank modules around the code, without which telephones do not find it.
const QUIET: usize = 4;

/// The code as a drawing: one path, a step for each dark module.
pub(crate) fn qr(text: &str) -> String {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return String::new() };
    let width = code.width();
    let mut path = String::new();
    for (at, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let _ = write!(path, "M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET);
        }
    }
    let size = width + 2 * QUIET;
    format!(
        "<svg class=\"qr\" viewBox=\"0 0 {size} {size}\" role=\"img\" aria-label=\"扫码打开\" \
         shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{size}v{size}H0z\"/><path d=\"{path}\"/></svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::qr;

    #[test]
    fn a_code_has_its_three_corners_and_a_quiet_edge() {
        let drawing =
            qr("http://office/leads/0000000000000000000000000000000000000000000000000000000000000000");
        for corner in ["M4 4h1", "M10 10h1", "M5 4h1"] {
            assert!(drawing.contains(corner), "{corner}");
        }
        assert!(!drawing.contains("M3 ") && !drawing.contains(" 3h1") && !drawing.contains("M5 5h1"));
        assert_ne!(drawing, qr("http://office/leads/1"));
    }
}
