//! Every page, with who may open it. What is not in this list does not exist; the test of areas walks over it.

use crate::access::{Access, guard};
use crate::api;
use crate::assets;
use crate::office::Office;
use crate::pages::{
    account, audit, board, cases, groups, health, households, imports, leads, people, policies, results,
    set_up, sign_in, users, view,
};
use crate::security;
use crate::trouble::Trouble;
use crate::watch::watch;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use doudi_casework::Permission::{
    AcceptCases, AssignLeads, ClearMonth, ConfirmLeads, Export, ImportRosters, ManageUsers, ReadAudit,
    ReadBoard, ReadCases, ReadLeads, ReadPersons, ReportLeads, SignOffMonth, Unmask,
};
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;

/// A form of ours is never longer.
const LONGEST_FORM: usize = 256 * 1024;
/// Photos of one visit; of each, what a lead's evidence may be.
const LONGEST_PHOTOS: usize = 64 << 20;
/// A roster: a million rows as a workbook are a quarter of it.
const LONGEST_ROSTER: usize = 512 << 20;

/// One entry of the list.
pub struct Page {
    pub method: Method,
    /// As axum writes it: `/leads/{lead}`.
    pub path: &'static str,
    pub access: Access,
    handler: MethodRouter<Office>,
    /// Of a page that takes files, or reads them: how much it takes. It has more time than others.
    most: Option<usize>,
}

impl Page {
    /// Opened by a token and answered in JSON.
    pub fn is_for_programs(&self) -> bool {
        self.path.starts_with(api::ROOT)
    }

    fn taking(self, most: usize) -> Page {
        Page { most: Some(most), ..self }
    }
}

fn get<H, T>(path: &'static str, access: Access, handler: H) -> Page
where
    H: Handler<T, Office>,
    T: 'static,
{
    Page { method: Method::GET, path, access, handler: axum::routing::get(handler), most: None }
}

fn post<H, T>(path: &'static str, access: Access, handler: H) -> Page
where
    H: Handler<T, Office>,
    T: 'static,
{
    Page { method: Method::POST, path, access, handler: axum::routing::post(handler), most: None }
}

/// The list: for people in a browser, then for programs.
pub fn pages() -> Vec<Page> {
    let mut pages = for_people();
    pages.extend(for_programs());
    pages
}

fn for_people() -> Vec<Page> {
    use Access::{Anybody, Needs, SignedIn};
    vec![
        // For machines.
        get("/healthz", Anybody, health::alive),
        get("/readyz", Anybody, health::ready),
        get("/metrics", Anybody, health::metrics),
        get("/static/{hash}/{name}", Anybody, assets::serve),
        // Coming and going.
        get("/sign-in", Anybody, sign_in::show),
        post("/sign-in", Anybody, sign_in::submit),
        post("/sign-out", SignedIn, sign_in::out),
        get("/set-up", Anybody, set_up::show),
        post("/set-up", Anybody, set_up::submit),
        get("/account", SignedIn, account::show),
        post("/account", SignedIn, account::submit),
        post("/account/tokens", SignedIn, account::make_token),
        post("/account/tokens/{token}/revoke", SignedIn, account::revoke_token),
        post("/view", Anybody, view::submit),
        // The month.
        get("/", SignedIn, board::show),
        post("/sign-off", Needs(SignOffMonth), board::sign),
        // Leads.
        get("/leads", Needs(ReadLeads), leads::list),
        get("/leads/export", Needs(Export), leads::export),
        post("/leads/assign", Needs(AssignLeads), leads::assign),
        get("/leads/forms", Needs(ReadLeads), leads::forms),
        get("/leads/workbook", Needs(Export), leads::workbook),
        get("/leads/import", Needs(ReportLeads), leads::import_form),
        post("/leads/import", Needs(ReportLeads), leads::import).taking(LONGEST_PHOTOS),
        get("/leads/{lead}", Needs(ReadLeads), leads::show),
        get("/leads/{lead}/form", Needs(ReadLeads), leads::form),
        post("/leads/{lead}/report", Needs(ReportLeads), leads::report).taking(LONGEST_PHOTOS),
        post("/leads/{lead}/evidence", Needs(ReportLeads), leads::add_evidence).taking(LONGEST_PHOTOS),
        get("/leads/{lead}/evidence/{serial}", Needs(ReadLeads), leads::evidence),
        post("/leads/{lead}/evidence/{serial}/withdraw", Needs(ReportLeads), leads::withdraw_evidence),
        post("/leads/{lead}/confirm", Needs(ConfirmLeads), leads::confirm),
        // Cases.
        get("/cases", Needs(ReadCases), cases::list),
        get("/cases/new", Needs(AcceptCases), cases::new),
        post("/cases/drafts", Needs(AcceptCases), cases::begin),
        get("/cases/drafts/{draft}", Needs(ReadCases), cases::draft),
        post("/cases/drafts/{draft}", Needs(ReadCases), cases::write),
        get("/cases/batch", Needs(AcceptCases), cases::batch),
        post("/cases/batch", Needs(AcceptCases), cases::open_batch),
        get("/cases/queue", Needs(ReadCases), cases::queue),
        post("/cases/queue", Needs(ReadCases), cases::decide_queue),
        get("/cases/{case}", Needs(ReadCases), cases::show),
        post("/cases/{case}/step", Needs(ReadCases), cases::step).taking(LONGEST_PHOTOS),
        post("/cases/{case}/revise", Needs(ReadCases), cases::revise),
        get("/cases/{case}/print/{document}", Needs(ReadCases), cases::print),
        get("/cases/{case}/evidence/{serial}", Needs(ReadCases), cases::evidence),
        post("/cases/{case}/evidence/{serial}/withdraw", Needs(ReadCases), cases::withdraw_evidence),
        get("/progress", Anybody, cases::progress),
        // People.
        get("/people", Needs(ReadPersons), people::search),
        get("/people/{person}", Needs(ReadPersons), people::show),
        post("/people/{person}/unmask", Needs(Unmask), people::unmask),
        get("/households", Needs(ReadPersons), households::list),
        get("/households/{household}", Needs(ReadPersons), households::show),
        get("/households/{household}/why", Needs(ReadPersons), households::why),
        get("/households/{household}/sheet", Needs(ReadPersons), households::sheet),
        get("/groups", Needs(ReadPersons), groups::list),
        get("/groups/{month}/{group}", Needs(ReadPersons), groups::show),
        get("/groups/{month}/{group}/export", Needs(Export), groups::export),
        // The law: whoever works here may read it.
        get("/policies", SignedIn, policies::enter),
        get("/policies/find", SignedIn, policies::find),
        get("/policies/{place}/{day}/{page}", SignedIn, policies::show),
        // Rosters.
        get("/imports", Needs(ImportRosters), imports::list),
        post("/imports", Needs(ImportRosters), imports::upload).taking(LONGEST_ROSTER),
        post("/imports/undo", Needs(ImportRosters), imports::undo),
        post("/imports/clear", Needs(ClearMonth), imports::clear),
        get("/imports/{draft}", Needs(ImportRosters), imports::show),
        post("/imports/{draft}", Needs(ImportRosters), imports::decide).taking(LONGEST_FORM),
        get("/imports/{draft}/errors", Needs(ImportRosters), imports::errors),
        get("/results", Needs(ReadBoard), results::list),
        get("/results/{month}/{file}", Needs(ReadBoard), results::file),
        // Watching over it.
        get("/audit", Needs(ReadAudit), audit::search),
        get("/users", Needs(ManageUsers), users::list),
        get("/users/new", Needs(ManageUsers), users::new),
        post("/users/new", Needs(ManageUsers), users::create),
        get("/users/{user}", Needs(ManageUsers), users::show),
        post("/users/{user}", Needs(ManageUsers), users::change),
        post("/users/{user}/tokens/{token}/revoke", Needs(ManageUsers), users::revoke_token),
    ]
}

/// Cases, opened by a token and answered in JSON.
fn for_programs() -> Vec<Page> {
    use Access::{Anybody, Needs};
    vec![
        get("/api/v1/openapi.json", Anybody, api::description),
        get("/api/v1/procedures", Needs(ReadCases), api::procedures),
        post("/api/v1/trials", Needs(AcceptCases), api::trial),
        get("/api/v1/cases", Needs(ReadCases), api::list),
        post("/api/v1/cases", Needs(AcceptCases), api::open),
        get("/api/v1/cases/{case}", Needs(ReadCases), api::show),
        post("/api/v1/cases/{case}/steps", Needs(ReadCases), api::step),
        get("/api/v1/cases/{case}/documents", Needs(ReadCases), api::documents),
        get("/api/v1/cases/{case}/documents/{document}", Needs(ReadCases), api::document),
        get("/api/v1/progress", Anybody, api::progress),
    ]
}

async fn nowhere(address: Uri) -> Response {
    if address.path().starts_with(api::ROOT) {
        return api::Problem::from(Trouble::NotFound).into_response();
    }
    Trouble::NotFound.into_response()
}

/// Browsers never come here; programs are told apart what is not there and what is not done like this.
async fn not_like_this(address: Uri) -> Response {
    if address.path().starts_with(api::ROOT) {
        let why = "这个地址不能用这种方法。各地址能用的方法见 /api/v1/openapi.json";
        return api::Problem::new(api::Kind::NoSuchMethod, why).into_response();
    }
    Trouble::NotFound.into_response()
}

/// The whole application.
pub fn router(office: Office) -> Router {
    let mut router: Router<Office> = Router::new();
    for page in pages() {
        let limits = office.limits();
        let longest = if page.most.is_some() { limits.upload } else { limits.answer };
        let guarding = (office.clone(), page.access);
        let guarded: MethodRouter<Office> = if page.is_for_programs() {
            page.handler.layer(from_fn_with_state(guarding, api::guard))
        } else {
            page.handler.layer(from_fn_with_state(guarding, guard))
        };
        let limited: MethodRouter<Office> =
            guarded.layer(DefaultBodyLimit::max(page.most.unwrap_or(LONGEST_FORM)));
        let guarded: MethodRouter<Office> =
            limited.layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, longest));
        router = router.route(page.path, guarded);
    }
    router
        .fallback(nowhere)
        .method_not_allowed_fallback(not_like_this)
        .layer(from_fn(security::own_pages_only))
        .layer(from_fn(security::headers))
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(office.clone(), watch))
        .with_state(office)
}
