//! `GET /households/{household}`: everybody who is assessed together, and what is found about them.

use super::leads::LeadLine;
use super::page;
use super::people::Line;
use crate::access::Visit;
use crate::frame::{Frame, Step};
use crate::office::Office;
use crate::trouble::Answer;
use askama::Template;
use axum::extract::{Path, State};

#[derive(Template)]
#[template(path = "households/show.html")]
struct Page {
    frame: Frame,
    household: String,
    place: String,
    members: Vec<Line>,
    leads: Vec<LeadLine>,
}

pub async fn show(State(office): State<Office>, visit: Visit, Path(id): Path<String>) -> Answer {
    let scope = visit.scope.clone();
    let found = office.ask(move |store| store.household(&scope, &id, "")).await?;
    let head = found.members.iter().find(|member| member.relation == "户主").or(found.members.first());
    let title = head.map(|head| format!("{}一家", head.name)).unwrap_or_default();
    let place = head.map(|head| office.places().long_name(head.region)).unwrap_or_default();
    let mut frame = visit.frame(&office, title, "/people");
    frame.trail = vec![Step::new("找人", "/people")];
    let today = visit.scope.today();
    page(&Page {
        frame,
        place,
        members: found.members.iter().map(|member| Line::new(&office, member)).collect(),
        leads: found.leads.iter().map(|lead| LeadLine::new(lead, today)).collect(),
        household: found.household_id,
    })
}
