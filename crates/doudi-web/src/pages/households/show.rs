//! `GET /households/{household}`: who they are, what they get and should get, why, what happened, what is not known.

use super::{Home, Wish};
use crate::access::Visit;
use crate::frame::{Frame, Step};
use crate::household::{Answers, Ledger, Moment, Payment, Row, reasons, timeline};
use crate::office::Office;
use crate::pages::leads::LeadLine;
use crate::pages::page;
use crate::pages::people::Line;
use crate::trouble::{Answer, in_query};
use askama::Template;
use axum::extract::{Path, Query, State};

#[derive(Template)]
#[template(path = "households/show.html")]
struct Page {
    frame: Frame,
    household: String,
    number: String,
    place: String,
    members: Vec<Line>,
    /// The one whose reasons are shown; empty where no month is known.
    month: String,
    months: Vec<String>,
    ledger_months: Vec<String>,
    benefits: Vec<Row>,
    other: Vec<Payment>,
    answers: Answers,
    leads: Vec<LeadLine>,
    moments: Vec<Moment>,
}

pub async fn show(
    State(office): State<Office>,
    visit: Visit,
    Path(id): Path<String>,
    Query(wish): Query<Wish>,
) -> Answer {
    let home = Home::read(&office, &visit, id).await?;
    let mut frame = visit.frame(&office, home.title(), "/people");
    frame.trail = vec![Step::new("找人", "/people"), Step::new("找家庭", "/households")];
    let month = home.month(&wish.month)?;
    let answers = month.map(|month| reasons(month, None)).unwrap_or_default();
    let ledger = Ledger::of(&home.months, None);
    let today = visit.scope.today();
    let members = &home.household.members;
    let built = Page {
        frame,
        number: home.number.clone(),
        place: members.first().map(|head| office.places().long_name(head.region)).unwrap_or_default(),
        members: members.iter().map(|member| Line::new(&office, member)).collect(),
        month: month.map(|month| month.found.month.to_string()).unwrap_or_default(),
        months: home.months.iter().map(|month| month.found.month.to_string()).collect(),
        ledger_months: ledger.months.iter().map(ToString::to_string).collect(),
        benefits: ledger.rows,
        other: ledger.other,
        answers,
        leads: home.household.leads.iter().map(|lead| LeadLine::new(lead, today)).collect(),
        moments: timeline(&home.months, &home.moments),
        household: home.household.household_id,
    };
    page(&built)
}

impl Page {
    /// Where deeper steps stand.
    fn base(&self) -> String {
        format!("/households/{}", in_query(&self.household))
    }
}
