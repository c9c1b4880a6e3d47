//! Rosters handed in by a county's data staff: what has come, what it was read as, making it count, taking it back.

mod draft;
mod upload;

pub use draft::{decide, errors, show};
pub use upload::upload;

use super::{go, page_with};
use crate::access::Visit;
use crate::form::Wrongs;
use crate::frame::Frame;
use crate::office::Office;
use crate::rosters::{Overview, RosterDesk, Told};
use crate::trouble::{Answer, Trouble};
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use doudi_casework::Permission;
use doudi_store::{RosterAct, StoreError};
use doudi_terms::Month;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "imports/list.html")]
struct Page {
    frame: Frame,
    form: Wrongs,
    place: String,
    has_desk: bool,
    overview: Overview,
    /// By import's number: who did what, and when.
    marks: HashMap<String, Vec<String>>,
    may_clear: bool,
    done: String,
}

impl Page {
    fn marks_of(&self, serial: &u32) -> String {
        self.marks.get(&serial.to_string()).map_or_else(|| "命令行".to_owned(), |marks| marks.join("；"))
    }
}

#[derive(Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    month: String,
    #[serde(default)]
    done: String,
    /// A month whose clearing rests on what was taken back.
    #[serde(default)]
    again: String,
}

/// The rosters that the visitor may see to here. Whose they are is nobody else's business: for whoever may not there are
/// none.
fn desk(office: &Office, visit: &Visit, permission: Permission) -> Option<Arc<dyn RosterDesk>> {
    office.rosters().filter(|desk| visit.scope.may_at(permission, desk.region()))
}

/// Writes down what somebody is about to do, and does it.
async fn act<T: Send + 'static>(
    office: &Office,
    visit: &Visit,
    desk: Arc<dyn RosterDesk>,
    (act, object, detail): (RosterAct, String, String),
    work: impl FnOnce(&dyn RosterDesk) -> Told<T> + Send + 'static,
) -> Result<Told<T>, Trouble> {
    let scope = visit.scope.clone();
    let done = office.with_store(move |store| {
        store.note_roster_act(&scope, act, desk.region(), &object, &detail)?;
        Ok::<_, StoreError>(work(desk.as_ref()))
    });
    Ok(done.await??)
}

/// `GET /imports`
pub async fn list(State(office): State<Office>, visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let done = match asked.done.as_str() {
        "import" => "已经导入，从现在起算数。弄错了可以撤销。",
        "unchanged" => "这份名册已经导入过，没有变化。",
        "discard" => "没有导入，传上来的文件已删掉。",
        "undo" => "已撤销，回到这次导入以前。",
        "clear" => "已经开始摸排，可以离开这一页，做完了回来看。",
        _ => "",
    };
    let done = match Month::parse(&asked.again) {
        Some(month) => format!("{done}{month} 的摸排用过这些名册，结果已经过时，请重新摸排。"),
        None => done.to_owned(),
    };
    render(&office, &visit, Wrongs::default(), &asked.month, &done).await
}

/// The page, with what is wrong with what was asked of it.
async fn render(office: &Office, visit: &Visit, form: Wrongs, month: &str, done: &str) -> Answer {
    let mut frame = visit.frame(office, "导入名册", "/imports");
    frame.has_errors = !form.is_empty();
    let mut built = Page {
        frame,
        place: String::new(),
        has_desk: false,
        overview: Overview::default(),
        marks: HashMap::new(),
        may_clear: false,
        done: done.to_owned(),
        form,
    };
    if let Some(desk) = desk(office, visit, Permission::ImportRosters) {
        let (scope, month) = (visit.scope.clone(), Month::parse(month));
        built.place = office.places().name(desk.region());
        built.may_clear = visit.scope.may_at(Permission::ClearMonth, desk.region());
        built.has_desk = true;
        let told = office
            .with_store(move |store| {
                let marks = store.roster_marks(&scope, desk.region())?;
                Ok::<_, StoreError>((desk.overview(month), marks))
            })
            .await??;
        match told {
            (Ok(overview), marks) => {
                built.overview = overview;
                for mark in marks {
                    let words = format!("{} {}", mark.by, mark.at);
                    built.marks.entry(mark.serial).or_default().push(words);
                }
            }
            (Err(why), _) => built.form.add("file", why),
        }
    }
    let status = if built.form.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(status, &built)
}

#[derive(Deserialize)]
pub struct Serial {
    #[serde(default)]
    serial: u32,
}

/// `POST /imports/undo`: `serial`, the last import as somebody saw it.
pub async fn undo(State(office): State<Office>, visit: Visit, Form(given): Form<Serial>) -> Answer {
    let desk = desk(&office, &visit, Permission::ImportRosters).ok_or(Trouble::NotFound)?;
    let what = (RosterAct::Undo, given.serial.to_string(), String::new());
    match act(&office, &visit, desk, what, move |desk| desk.undo(given.serial)).await? {
        Ok(months) => {
            let again = months.last().map_or(String::new(), |month| format!("&again={month}"));
            go(&format!("/imports?done=undo{again}"))
        }
        Err(why) => {
            let mut form = Wrongs::default();
            form.add("imports", why);
            render(&office, &visit, form, "", "").await
        }
    }
}

#[derive(Deserialize)]
pub struct WhichMonth {
    #[serde(default)]
    month: String,
}

/// `POST /imports/clear`: `month`
pub async fn clear(State(office): State<Office>, visit: Visit, Form(given): Form<WhichMonth>) -> Answer {
    let desk = desk(&office, &visit, Permission::ClearMonth).ok_or(Trouble::NotFound)?;
    let month = Month::parse(given.month.trim()).ok_or_else(|| Trouble::bad("请写明月份，例如 2020-05"))?;
    let what = (RosterAct::Clear, month.to_string(), String::new());
    let (by, at) = (visit.scope.user().name.clone(), visit.scope.at().to_string());
    match act(&office, &visit, desk, what, move |desk| desk.clear(month, &by, &at)).await? {
        Ok(()) => go("/imports?done=clear"),
        Err(why) => {
            let mut form = Wrongs::default();
            form.add("clear", why);
            render(&office, &visit, form, &given.month, "").await
        }
    }
}
