//! `GET /leads/workbook`: the list as a workbook to be filled in offline. `/leads/import`: what came back, looked at row by
//! row before anything is written; the rows that cannot be taken go back in a workbook of their own.

use super::day;
use super::filled::{Filled, FilledRow};
use super::list::Wish;
use crate::access::Visit;
use crate::form::Wrongs;
use crate::frame::{Frame, Step};
use crate::office::Office;
use crate::pages::{page, page_with};
use crate::trouble::{Answer, Trouble, in_path};
use crate::upload::{FileLimits, Sent};
use askama::Template;
use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use doudi_casework::{Finding, Measure};
use doudi_rosters::{CellValue, Sheet, SheetColumn, SheetKind, write_table_xlsx};
use doudi_store::{LeadRow, OfferedReport, Verdict};

/// Rows of one workbook: more than somebody fills in.
const MOST_ROWS: u64 = 5_000;
/// A list of that many rows has a tenth of it; on its way through the page it is a third longer.
const LIMITS: FileLimits = FileLimits { count: 1, bytes: 10 << 20, text: 14 << 20 };
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// `GET /leads/workbook?…&purpose=…`
pub async fn workbook(State(office): State<Office>, visit: Visit, Query(wish): Query<Wish>) -> Answer {
    let (scope, named) = (visit.scope.clone(), office.clone());
    let filter = wish.filter(scope.user().id, scope.today())?;
    let made = format!("{} {} 下载", visit.scope.user().name, visit.scope.at());
    let bytes = office
        .with_store(move |store| -> Result<Vec<u8>, Trouble> {
            let total = store.count_leads(&scope, &filter)?;
            if total > MOST_ROWS {
                return Err(Trouble::bad(format!(
                    "一共 {total} 条，一个文件最多 {MOST_ROWS} 条。请在清单上按乡镇、村或疑点分几次下载"
                )));
            }
            let mut rows = Vec::new();
            store.export_leads(&scope, &filter, &wish.purpose, &mut |lead| {
                let number = i64::try_from(rows.len()).unwrap_or(i64::MAX) + 1;
                rows.push(row(&named, number, &lead));
                Ok(())
            })?;
            written(&[sheet(made, rows)])
        })
        .await??;
    Ok(attachment("疑点清单.xlsx", bytes))
}

fn attachment(name: &str, bytes: Vec<u8>) -> axum::response::Response {
    let named = format!("attachment; filename=\"leads.xlsx\"; filename*=UTF-8''{}", in_path(name));
    ([(CONTENT_TYPE, XLSX.to_owned()), (CONTENT_DISPOSITION, named)], bytes).into_response()
}

fn written(sheets: &[Sheet]) -> Result<Vec<u8>, Trouble> {
    let file = tempfile::Builder::new().suffix(".xlsx").tempfile().map_err(Trouble::broken)?;
    write_table_xlsx(file.path(), sheets).map_err(Trouble::broken)?;
    std::fs::read(file.path()).map_err(Trouble::broken)
}

fn sheet(made: String, rows: Vec<Vec<CellValue>>) -> Sheet {
    let text = |header: &str, width: f64| SheetColumn::new(header, SheetKind::Text).wide(width);
    Sheet {
        name: "疑点清单".to_owned(),
        title: Some("疑点核查清单".to_owned()),
        notes: vec![
            made,
            "填“核查结果、措施、核查人、日期、核查情况”五列，填好以后在系统“疑点—交回填好的清单”上传。".to_owned(),
            "停发、减发、追回要听取意见、上传凭据，请在系统里逐条填报。不要改动“疑点编号”“版本”两列；没有查的行空着。".to_owned(),
        ],
        columns: vec![
            SheetColumn::new("序号", SheetKind::Integer),
            text("村（社区）", 16.0),
            text("姓名", 10.0),
            text("级", 4.0),
            text("疑点", 16.0),
            text("说明", 36.0),
            SheetColumn::new("时限", SheetKind::Date).wide(11.0),
            text("核查结果", 11.0).choose(Finding::ALL.iter().map(|finding| finding.word())),
            text("措施", 10.0).choose(
                Measure::ALL.iter().filter(|measure| !measure.takes_away()).map(|measure| measure.word()),
            ),
            text("核查人", 14.0),
            SheetColumn::new("日期", SheetKind::Date).wide(11.0),
            text("核查情况", 36.0),
            text("状态", 9.0),
            text("疑点编号", 20.0),
            text("版本", 6.0),
        ],
        printed_columns: Some(12),
        rows,
    }
}

fn row(office: &Office, number: i64, lead: &LeadRow) -> Vec<CellValue> {
    vec![
        CellValue::Integer(number),
        office.places().name(lead.region).into(),
        lead.name.as_str().into(),
        lead.severity.as_str().into(),
        lead.check.as_str().into(),
        lead.reason.as_str().into(),
        lead.due.map_or(CellValue::Blank, CellValue::Date),
        CellValue::Blank,
        CellValue::Blank,
        CellValue::Blank,
        CellValue::Blank,
        CellValue::Blank,
        lead.state.name().into(),
        lead.lead_id.as_str().into(),
        lead.version.to_string().into(),
    ]
}

/// One row as the page shows it.
struct Line {
    row: u32,
    name: String,
    check: String,
    said: String,
    /// `green`, `grey` or `red`.
    colour: &'static str,
    verdict: &'static str,
    why: String,
}

#[derive(Template)]
#[template(path = "leads/import.html")]
struct Page {
    frame: Frame,
    form: Wrongs,
    /// What the file was called; empty before one came.
    name: String,
    /// The file itself, for the next step: nothing of it is kept in between.
    file: String,
    lines: Vec<Line>,
    accepted: usize,
    unchanged: usize,
    refused: usize,
    blank: usize,
    /// It has been written.
    is_done: bool,
}

/// `GET /leads/import`
pub async fn import_form(State(office): State<Office>, visit: Visit) -> Answer {
    page(&blank(&office, &visit, Wrongs::default()))
}

fn blank(office: &Office, visit: &Visit, form: Wrongs) -> Page {
    let mut frame = visit.frame(office, "交回填好的清单", "/leads");
    frame.trail = vec![Step::new("疑点", "/leads")];
    frame.has_errors = !form.is_empty();
    Page {
        frame,
        form,
        name: String::new(),
        file: String::new(),
        lines: Vec::new(),
        accepted: 0,
        unchanged: 0,
        refused: 0,
        blank: 0,
        is_done: false,
    }
}

/// `POST /leads/import`: `file` to be looked at; with `step=apply` or `step=errors` the file comes from the page before.
pub async fn import(State(office): State<Office>, visit: Visit, request: Request) -> Answer {
    let mut sent = Sent::read(request, LIMITS).await?;
    let step = sent.text("step");
    let (name, bytes) = match sent.files.pop() {
        Some(file) => (file.name, file.bytes),
        None => {
            let kept = STANDARD
                .decode(sent.text("kept"))
                .map_err(|_| Trouble::bad("文件没有传完整，请重新选一次"))?;
            (sent.text("name"), kept)
        }
    };
    let mut form = Wrongs::default();
    sent.problems.iter().for_each(|problem| form.add("file", problem.clone()));
    if bytes.is_empty() && form.is_empty() {
        form.add("file", "还没有选文件。请选填好的清单（Excel）");
    }
    if !form.is_empty() {
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &blank(&office, &visit, form));
    }
    let kept = STANDARD.encode(&bytes);
    let called = name.clone();
    let read = tokio::task::spawn_blocking(move || Filled::read(&called, &bytes)).await;
    let filled = match read.map_err(Trouble::broken)?? {
        Ok(filled) => filled,
        Err(why) => {
            form.add("file", why);
            return page_with(StatusCode::UNPROCESSABLE_ENTITY, &blank(&office, &visit, form));
        }
    };
    let offers: Vec<OfferedReport> = filled.rows.iter().filter_map(|row| row.offer.clone().ok()).collect();
    let (scope, writes) = (visit.scope.clone(), step == "apply");
    let verdicts = office
        .ask(move |store| match writes {
            true => store.report_leads(&scope, &offers),
            false => store.preview_reports(&scope, &offers),
        })
        .await?;
    let judged = filled.judged(verdicts);
    if step == "errors" {
        let bytes = tokio::task::spawn_blocking(move || filled.errors(&judged)).await;
        return Ok(attachment("没有收的行.xlsx", bytes.map_err(Trouble::broken)??));
    }
    let count = |wanted: fn(&Verdict) -> bool| judged.iter().filter(|verdict| wanted(verdict)).count();
    let built = Page {
        accepted: count(|verdict| matches!(verdict, Verdict::Accepted)),
        unchanged: count(|verdict| matches!(verdict, Verdict::Unchanged)),
        refused: count(|verdict| matches!(verdict, Verdict::Refused(_))),
        blank: filled.blank,
        lines: filled.rows.iter().zip(&judged).map(|(row, verdict)| line(row, verdict, writes)).collect(),
        name,
        file: kept,
        is_done: writes,
        ..blank(&office, &visit, form)
    };
    page(&built)
}

fn line(row: &FilledRow, verdict: &Verdict, is_done: bool) -> Line {
    let (colour, word, why) = match verdict {
        Verdict::Accepted if is_done => ("green", "已收", String::new()),
        Verdict::Accepted => ("green", "可以收", String::new()),
        Verdict::Unchanged => ("grey", "没有变化", "系统里已经是这样，不再改".to_owned()),
        Verdict::Refused(why) => ("red", "没有收", why.clone()),
    };
    let said = row.offer.as_ref().map(|offer| {
        let report = &offer.report;
        format!(
            "{}，{}，{}，{}：{}",
            report.finding,
            report.measure,
            day(Some(report.on)),
            report.visitors,
            report.reason
        )
    });
    Line {
        row: row.row,
        name: row.name.clone(),
        check: row.check.clone(),
        said: said.unwrap_or_default(),
        colour,
        verdict: word,
        why,
    }
}
