//! One file that has come: what it was read as, what is wrong in it, which column is which, and whether it shall count.

use super::{act, desk, go, page_with};
use crate::access::Visit;
use crate::form::Wrongs;
use crate::frame::{Frame, Step};
use crate::office::Office;
use crate::rosters::{CommitWish, Draft};
use crate::trouble::{Answer, Trouble, in_query};
use askama::Template;
use axum::extract::{Path, RawForm, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use doudi_casework::Permission;
use doudi_store::RosterAct;
use doudi_terms::Month;

/// Columns that one form names at most.
const MOST_COLUMNS: usize = 300;

#[derive(Template)]
#[template(path = "imports/draft.html")]
struct Page {
    frame: Frame,
    form: Wrongs,
    id: String,
    draft: Draft,
    given: Given,
}

/// What the form says.
#[derive(Clone, Debug, Default)]
struct Given {
    action: String,
    month: String,
    code_system: String,
    accept_small: bool,
    roster: String,
    /// Header and column.
    pairs: Vec<(String, String)>,
}

impl Given {
    fn read(body: &[u8]) -> Given {
        let mut given = Given::default();
        let mut headers = Vec::new();
        let mut columns = Vec::new();
        for (name, value) in form_urlencoded::parse(body) {
            match &*name {
                "action" => given.action = value.into_owned(),
                "month" => given.month = value.trim().to_owned(),
                "code_system" => given.code_system = value.into_owned(),
                "accept_small" => given.accept_small = true,
                "roster" => given.roster = value.into_owned(),
                "header" => headers.push(value.into_owned()),
                "column" => columns.push(value.into_owned()),
                _ => {}
            }
        }
        given.pairs = headers.into_iter().zip(columns).take(MOST_COLUMNS).collect();
        given.pairs.retain(|(_, column)| !column.is_empty());
        given
    }
}

/// `GET /imports/{draft}`
pub async fn show(State(office): State<Office>, visit: Visit, Path(id): Path<String>) -> Answer {
    render(&office, &visit, id, Wrongs::default(), Given::default()).await
}

async fn render(office: &Office, visit: &Visit, id: String, form: Wrongs, given: Given) -> Answer {
    let desk = desk(office, visit, Permission::ImportRosters).ok_or(Trouble::NotFound)?;
    // Whose rows are shown is not known before they are imported: what is written down is the file.
    if desk.draft(&id).is_none() {
        return Err(Trouble::NotFound);
    }
    let (asked, what) = (id.clone(), (RosterAct::Look, id.clone(), String::new()));
    let found = act(office, visit, desk, what, move |desk| Ok(desk.draft(&asked))).await?;
    let draft = found.ok().flatten().ok_or(Trouble::NotFound)?;
    let mut frame = visit.frame(office, draft.file.clone(), "/imports");
    frame.trail = vec![Step::new("导入名册", "/imports")];
    frame.has_errors = !form.is_empty();
    let status = if form.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(status, &Page { frame, form, id, draft, given })
}

/// `POST /imports/{draft}`: `action` is `columns`, `commit` or `discard`.
pub async fn decide(
    State(office): State<Office>,
    visit: Visit,
    Path(id): Path<String>,
    RawForm(body): RawForm,
) -> Answer {
    let desk = desk(&office, &visit, Permission::ImportRosters).ok_or(Trouble::NotFound)?;
    if desk.draft(&id).is_none() {
        return Err(Trouble::NotFound);
    }
    let (given, draft) = (Given::read(&body), id.clone());
    let mut form = Wrongs::default();
    match given.action.as_str() {
        "discard" => {
            let what = (RosterAct::Discard, id.clone(), String::new());
            let gone = act(&office, &visit, desk, what, move |desk| {
                desk.discard(&draft);
                Ok(())
            });
            return gone.await?.map_or_else(|why| Err(Trouble::bad(why)), |()| go("/imports?done=discard"));
        }
        "columns" => {
            let (roster, pairs) = (given.roster.clone(), given.pairs.clone());
            let what = (RosterAct::NameColumns, id.clone(), format!("roster={roster}"));
            let named =
                act(&office, &visit, desk, what, move |desk| desk.name_columns(&draft, &roster, &pairs));
            match named.await? {
                Ok(()) => return go(&format!("/imports/{id}")),
                Err(why) => form.add("columns", why),
            }
        }
        "commit" => {
            let month = Month::parse(&given.month);
            if !given.month.is_empty() && month.is_none() {
                form.add("month", "月份请写成 2020-05 的样子");
                return render(&office, &visit, id, form, given).await;
            }
            let wish = CommitWish {
                month,
                code_system: given.code_system.clone(),
                accept_small: given.accept_small,
            };
            // Its number is known when it has been done; before, the draft's stands for it.
            let scope = visit.scope.clone();
            let what = (RosterAct::Look, id.clone(), "before import".to_owned());
            let own = desk.clone();
            match act(&office, &visit, desk, what, move |desk| desk.commit(&draft, &wish)).await? {
                Ok(committed) => {
                    let Some(serial) = committed.serial else { return go("/imports?done=unchanged") };
                    let detail = format!("draft={id}");
                    office
                        .ask(move |store| {
                            let serial = serial.to_string();
                            store.note_roster_act(&scope, RosterAct::Import, own.region(), &serial, &detail)
                        })
                        .await?;
                    return go("/imports?done=import");
                }
                Err(why) => form.add("commit", why),
            }
        }
        _ => return Err(Trouble::bad("请选择导入还是不导入")),
    }
    render(&office, &visit, id, form, given).await
}

/// `GET /imports/{draft}/errors`: the rows to correct.
pub async fn errors(State(office): State<Office>, visit: Visit, Path(id): Path<String>) -> Answer {
    let desk = desk(&office, &visit, Permission::ImportRosters).ok_or(Trouble::NotFound)?;
    if desk.draft(&id).is_none() {
        return Err(Trouble::NotFound);
    }
    let what = (RosterAct::TakeErrors, id.clone(), String::new());
    let workbook = act(&office, &visit, desk, what, move |desk| desk.error_workbook(&id)).await?;
    let (name, bytes) = workbook.map_err(Trouble::bad)?;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let disposition = format!("attachment; filename*=UTF-8''{}", in_query(&name).replace('+', "%20"));
    Ok(([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, disposition)], bytes).into_response())
}
