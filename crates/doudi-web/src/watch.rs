//! One line in the log and one count for every request: which page, who by number, how it ended, how long it took. Never
//! an address as it was typed, a form, a name: log and counts lie where others read them.

use crate::office::Office;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use doudi_casework::UserId;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use tracing::Instrument;

/// Who made the request: left on the answer by whoever finds out.
#[derive(Clone, Copy)]
pub(crate) struct Who(pub UserId);

/// What nobody waits for any more; no answer is sent with it.
const GONE: u16 = 499;
/// Requests of machines that come every few seconds; they are counted, and logged only when they fail.
const QUIET: [&str; 4] = ["/healthz", "/readyz", "/metrics", "/static/{hash}/{name}"];

/// The pattern of the page that a request is for; addresses that are none of ours are all called the same.
pub(crate) fn route(request: &Request) -> String {
    let matched = request.extensions().get::<MatchedPath>();
    matched.map_or("(none)", MatchedPath::as_str).to_owned()
}

/// Methods that somebody made up are all called the same.
pub(crate) fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        _ => "other",
    }
}

/// From where somebody came, as far as a word counts.
#[derive(Clone, Copy)]
pub(crate) struct Client(pub IpAddr);

pub(crate) async fn watch(State(office): State<Office>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    if let Some(peer) = peer {
        let client = office.proxies().client(peer, request.headers());
        request.extensions_mut().insert(Client(client));
    }
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let mut seen = Seen::begin(office, &request, number);
    let span = tracing::error_span!("request", number);
    let mut response = next.run(request).instrument(span).await;
    seen.status = response.status().as_u16();
    seen.user = response.extensions().get::<Who>().map(|who| who.0);
    if let Ok(value) = HeaderValue::from_str(&number.to_string()) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    response
}

/// A request on its way. Told when it is over, and also when the browser has gone and it is dropped.
struct Seen {
    office: Office,
    number: u64,
    method: &'static str,
    route: String,
    status: u16,
    user: Option<UserId>,
    began: Instant,
}

impl Seen {
    #[allow(
        clippy::disallowed_methods,
        reason = "how long an answer takes is told to the log, and decides nothing"
    )]
    fn begin(office: Office, request: &Request, number: u64) -> Seen {
        office.metrics().under_way.inc();
        let (method, route) = (method(request.method()), route(request));
        Seen { office, number, method, route, status: GONE, user: None, began: Instant::now() }
    }
}

impl Drop for Seen {
    fn drop(&mut self) {
        let took = self.began.elapsed();
        let metrics = self.office.metrics();
        metrics.under_way.dec();
        metrics.answered(self.method, &self.route, self.status, took);
        let Seen { number, method, route, status, .. } = self;
        if *status < 400 && QUIET.contains(&route.as_str()) {
            return;
        }
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let user = self.user.map(|user| user.0);
        tracing::info!(number, method, route, status, ms, user, "request");
    }
}
