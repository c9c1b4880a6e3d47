//! `GET /households/{household}/why?month=2020-05&rule=户.低保金&row=0`: how one figure comes about, to the bottom.

use super::{Home, Wish};
use crate::access::Visit;
use crate::frame::{Frame, Step};
use crate::household::{Whole, whole_tree};
use crate::office::Office;
use crate::pages::page;
use crate::trouble::{Answer, Trouble, in_query};
use askama::Template;
use axum::extract::{Path, Query, State};

#[derive(Template)]
#[template(path = "households/why.html")]
struct Page {
    frame: Frame,
    household: String,
    month: String,
    place: String,
    whole: Whole,
}

pub async fn why(
    State(office): State<Office>,
    visit: Visit,
    Path(id): Path<String>,
    Query(wish): Query<Wish>,
) -> Answer {
    let home = Home::read(&office, &visit, id).await?;
    let month = home.month(&wish.month)?.ok_or(Trouble::NotFound)?;
    let whole = whole_tree(month, &wish.rule, wish.row).ok_or(Trouble::NotFound)?;
    let household = home.household.household_id.clone();
    let mut frame = visit.frame(&office, format!("{}是怎么来的", whole.name), "/people");
    let back = format!("/households/{}?month={}", in_query(&household), month.found.month);
    frame.trail = vec![Step::new("找人", "/people"), Step::new(home.title(), back)];
    page(&Page {
        frame,
        household,
        month: month.found.month.to_string(),
        place: office.places().long_name(month.found.region),
        whole,
    })
}

impl Page {
    /// Where deeper steps stand.
    fn base(&self) -> String {
        format!("/households/{}", in_query(&self.household))
    }
}
