//! What every answer carries and every request is held against, whatever the page.

use crate::api;
use crate::trouble::Trouble;
use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderName, HeaderValue, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Everything comes from this server; nothing runs that does not stand in a file of it.
const CONTENT: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Headers of every answer. A page with people on it is not kept by a browser that others sit at too.
pub async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(CONTENT_SECURITY_POLICY, CONTENT);
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(X_FRAME_OPTIONS, "DENY");
    set(REFERRER_POLICY, "same-origin");
    set(CACHE_CONTROL, "no-store");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()");
    response
}

/// A change is taken only from a page of ours: another site's form in the same browser would carry the session too.
pub async fn own_pages_only(request: Request, next: Next) -> Response {
    // A program shows a token with every request; what a browser carries along opens nothing there.
    let is_program = request.uri().path().starts_with(api::ROOT);
    let reads = is_program || matches!(*request.method(), Method::GET | Method::HEAD);
    if reads || is_from_own_page(request.headers()) {
        return next.run(request).await;
    }
    Trouble::refused("这个请求不是从本系统的页面发出的。请回到系统里重新操作").into_response()
}

/// Browsers say where a form was sent from, in one of two headers; who says neither is no browser of this century's third
/// decade and gets no benefit of the doubt.
fn is_from_own_page(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin";
    }
    let (Some(origin), Some(host)) = (text(ORIGIN), text(HOST)) else { return false };
    origin.split_once("://").is_some_and(|(_, origin_host)| origin_host.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|&(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn a_form_of_another_site_changes_nothing() {
        assert!(is_from_own_page(&headers(&[("sec-fetch-site", "same-origin")])));
        assert!(!is_from_own_page(&headers(&[("sec-fetch-site", "cross-site")])));
        assert!(!is_from_own_page(&headers(&[("sec-fetch-site", "same-site")])));
        assert!(is_from_own_page(&headers(&[("origin", "http://10.0.0.5:8080"), ("host", "10.0.0.5:8080")])));
        assert!(!is_from_own_page(&headers(&[("origin", "http://evil.test"), ("host", "10.0.0.5:8080")])));
        assert!(!is_from_own_page(&headers(&[("origin", "null"), ("host", "10.0.0.5:8080")])));
        assert!(!is_from_own_page(&headers(&[("host", "10.0.0.5:8080")])));
    }
}
