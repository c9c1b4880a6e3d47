//! `POST /leads/assign`: one lead, those that were chosen on a list, or all of a place that nobody has been given.

use super::list::Wish;
use crate::access::Visit;
use crate::frame::{Frame, Step};
use crate::office::Office;
use crate::pages::{go, own_path, page};
use crate::trouble::{Answer, Trouble};
use askama::Template;
use axum::extract::{RawForm, State};
use doudi_casework::UserId;
use doudi_store::{Assigned, NotAssigned};

#[derive(Template)]
#[template(path = "leads/assigned.html")]
struct Page {
    frame: Frame,
    done: Assigned,
    back: String,
}

/// `lead` (several) with `which=chosen`, or `which=all` with the list's own fields; `to`; and `version` where it is one
/// that was looked at.
pub async fn assign(State(office): State<Office>, visit: Visit, RawForm(body): RawForm) -> Answer {
    let fields = url_fields(&body);
    let first = |name: &str| {
        fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let to = first("to").parse().map(UserId).map_err(|_| Trouble::bad("请选择分给谁"))?;
    let leads: Vec<String> =
        fields.iter().filter(|(field, _)| field == "lead").map(|(_, value)| value.clone()).collect();
    let scope = visit.scope.clone();
    if let ([lead], Ok(version)) = (leads.as_slice(), first("version").parse::<i64>()) {
        let lead = lead.clone();
        office.ask(move |store| store.assign_lead(&scope, &lead, version, to)).await?;
        return go(own_path(&first("back")));
    }
    let wish = Wish::of(&fields);
    let query = wish.query();
    let done = if first("which") == "all" {
        let filter = wish.filter(scope.user().id, scope.today())?;
        office.ask(move |store| store.assign_all(&scope, &filter, to)).await?
    } else if leads.is_empty() {
        return Err(Trouble::bad("没有勾选疑点。请先勾选，再分派"));
    } else {
        office.ask(move |store| store.assign_leads(&scope, &leads, to)).await?
    };
    if done.refused.is_empty() {
        return go(&format!("/leads?{query}&assigned={}", done.done + done.kept));
    }
    let mut frame = visit.frame(&office, "分派结果", "/leads");
    frame.trail = vec![Step::new("疑点", "/leads")];
    page(&Page { frame, done, back: format!("/leads?{query}") })
}

fn url_fields(body: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

impl Page {
    fn refused(&self) -> &[NotAssigned] {
        &self.done.refused
    }
}
