//! One file a page (or the few that answer one form). Each reads the request, asks the store, and renders.

pub(crate) mod account;
pub(crate) mod audit;
pub(crate) mod board;
pub(crate) mod cases;
mod group_filter;
pub(crate) mod groups;
pub(crate) mod health;
pub(crate) mod households;
pub(crate) mod imports;
pub(crate) mod leads;
pub(crate) mod people;
pub(crate) mod policies;
pub(crate) mod results;
pub(crate) mod set_up;
pub(crate) mod sign_in;
pub(crate) mod users;
pub(crate) mod view;

use crate::access::Visit;
use crate::frame::Step;
use crate::office::Office;
use crate::trouble::{Answer, Trouble};
use askama::Template;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{Html, IntoResponse};
use doudi_casework::Permission;
use doudi_terms::{RegionCode, RegionLevel};

/// Places to choose from: the areas in which somebody has a permission, what lies directly below each, and what lies
/// below the one that is chosen.
pub(crate) fn places(
    office: &Office,
    visit: &Visit,
    permission: Permission,
    chosen: Option<RegionCode>,
) -> Vec<Step> {
    let mut places: Vec<RegionCode> = Vec::new();
    for area in visit.scope.areas(permission) {
        places.push(area);
        for place in office.places().below(area) {
            places.push(place);
            if chosen.is_some_and(|chosen| chosen.is_within(place)) {
                places.extend(office.places().below(place));
            }
        }
    }
    places.into_iter().map(|place| Step::new(indented(office, place), place.to_string())).collect()
}

/// Villages stand back from their township.
fn indented(office: &Office, place: RegionCode) -> String {
    let before = if place.level() == RegionLevel::Village { "　" } else { "" };
    format!("{before}{}", office.places().name(place))
}

/// A page as it is.
pub(crate) fn page(template: &impl Template) -> Answer {
    page_with(StatusCode::OK, template)
}

/// A form that came back with errors, or a page that says no.
pub(crate) fn page_with(status: StatusCode, template: &impl Template) -> Answer {
    let html = template.render().map_err(Trouble::broken)?;
    Ok((status, Html(html)).into_response())
}

/// After a change: look at what came of it, with an address that can be reloaded.
pub(crate) fn go(path: &str) -> Answer {
    Ok((StatusCode::SEE_OTHER, [(LOCATION, path.to_owned())]).into_response())
}

/// An address of ours that came from outside; the first page where it is none.
pub(crate) fn own_path(path: &str) -> &str {
    let is_own = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    let is_plain = path.bytes().all(|byte| !byte.is_ascii_control());
    if is_own && is_plain { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn nobody_is_sent_to_another_server() {
        for path in
            ["//evil.test/", "https://evil.test/", "/\\evil.test", "", "evil", "/a\r\nSet-Cookie: x=y"]
        {
            assert_eq!(own_path(path), "/", "{path}");
        }
        assert_eq!(own_path("/leads?state=open"), "/leads?state=open");
    }
}
