//! `GET /results`: what the clearings that were begun here made - townships' workbooks, the county's report, rows to
//! correct -, to each their own area's. `GET /results/{month}/{file}`: one of them, in the audit before it is given.

use super::page;
use crate::access::Visit;
use crate::file_body::file_body;
use crate::frame::Frame;
use crate::office::Office;
use crate::rosters::{ResultFile, ResultKind, RosterDesk};
use crate::trouble::{Answer, Trouble, in_path};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use doudi_casework::Permission;
use doudi_terms::RegionLevel;
use std::sync::Arc;

struct Line {
    path: String,
    name: String,
    kind: &'static str,
    place: String,
    size: String,
}

struct OfMonth {
    month: String,
    at: String,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "results.html")]
struct Page {
    frame: Frame,
    months: Vec<OfMonth>,
}

/// Whoever may take lists out of an area, or clears it, may have what was made for all of it.
fn may_have(visit: &Visit, file: &ResultFile) -> bool {
    [Permission::Export, Permission::ClearMonth].iter().any(|may| visit.scope.may_at(*may, file.area))
}

/// Whether the page of results is worth a link: where rosters are kept of a place that holds the visitor's own.
pub(crate) fn has_results(office: &Office, visit: &Visit) -> bool {
    let Some(desk) = office.rosters() else { return false };
    [Permission::Export, Permission::ClearMonth].iter().any(|may| {
        visit.scope.areas(*may).iter().any(|area| {
            (area.is_within(desk.region()) || desk.region().is_within(*area))
                && area.level() <= RegionLevel::Township
        })
    })
}

/// The visitor's own files, the latest month first.
async fn own(office: &Office, visit: &Visit) -> Result<Vec<(Arc<dyn RosterDesk>, ResultFile)>, Trouble> {
    let Some(desk) = office.rosters() else { return Ok(Vec::new()) };
    let asked = desk.clone();
    let files = office.ask(move |_| Ok(asked.results())).await?;
    let own = files.into_iter().filter(|file| may_have(visit, file));
    Ok(own.map(|file| (desk.clone(), file)).collect())
}

/// `GET /results`
pub async fn list(State(office): State<Office>, visit: Visit) -> Answer {
    let mut months: Vec<OfMonth> = Vec::new();
    for (_, file) in own(&office, &visit).await? {
        if months.last().is_none_or(|last| last.month != file.month) {
            months.push(OfMonth { month: file.month.clone(), at: file.at.clone(), lines: Vec::new() });
        }
        let line = Line {
            path: format!("/results/{}/{}", file.month, in_path(&file.name)),
            kind: words(file.kind),
            place: office.places().name(file.area),
            size: size(file.bytes),
            name: file.name,
        };
        if let Some(last) = months.last_mut() {
            last.lines.push(line);
        }
    }
    page(&Page { frame: visit.frame(&office, "摸排的工作簿和报告", "/"), months })
}

/// `GET /results/{month}/{file}`
pub async fn file(
    State(office): State<Office>,
    visit: Visit,
    Path((month, name)): Path<(String, String)>,
) -> Answer {
    let is_it = |file: &ResultFile| file.month == month && file.name == name;
    let mut own = own(&office, &visit).await?;
    let (_, file) = own
        .iter()
        .position(|(_, file)| is_it(file))
        .map(|at| own.swap_remove(at))
        .ok_or(Trouble::NotFound)?;
    let (scope, area, object) = (visit.scope.clone(), file.area, format!("{month}/{name}"));
    let names_people = file.kind == ResultKind::Workbook;
    office.ask(move |store| store.note_result(&scope, area, &object, names_people)).await?;
    let body = file_body(file.path)
        .await
        .map_err(|error| Trouble::bad(format!("文件读不出来：{error}。请告诉系统管理员")))?;
    let kind = match file.kind {
        ResultKind::Report => "text/html; charset=utf-8",
        ResultKind::Workbook | ResultKind::Errors => {
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        }
    };
    let named = format!("attachment; filename=\"result\"; filename*=UTF-8''{}", in_path(&file.name));
    Ok(([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, named)], body).into_response())
}

fn words(kind: ResultKind) -> &'static str {
    match kind {
        ResultKind::Workbook => "乡镇工作簿",
        ResultKind::Report => "报告",
        ResultKind::Errors => "名册改错表",
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..=999_999 => format!("{} KB", bytes.div_ceil(1_000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}
