//! The files that pages load besides themselves: style, script. Embedded, compressed once, named by their content, so that
//! a browser keeps them for ever and never has an old one.

use axum::extract::Path;
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::io::Write;
use std::sync::LazyLock;

struct Asset {
    /// `/static/<hash>/<name>`
    path: String,
    kind: &'static str,
    plain: &'static [u8],
    compressed: Vec<u8>,
}

impl Asset {
    fn new(name: &str, kind: &'static str, plain: &'static [u8]) -> Asset {
        let hash = Sha256::digest(plain);
        let short: String = hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        Asset { path: format!("/static/{short}/{name}"), kind, plain, compressed: gzip(plain) }
    }
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory does not fail; without a compressed form the plain one is sent.
    encoder.write_all(plain).and_then(|()| encoder.finish()).unwrap_or_default()
}

static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("doudi.css", "text/css; charset=utf-8", include_bytes!("../assets/doudi.css"))
});
static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("doudi.js", "text/javascript; charset=utf-8", include_bytes!("../assets/doudi.js"))
});
static KEPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("kept.js", "text/javascript; charset=utf-8", include_bytes!("../assets/kept.js"))
});
static HTMX: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("htmx.js", "text/javascript; charset=utf-8", include_bytes!("../assets/htmx-2.0.11.min.js"))
});

/// Where a page finds the style sheet.
pub fn style() -> &'static str {
    &STYLE.path
}

/// Where a page finds our script.
pub fn script() -> &'static str {
    &SCRIPT.path
}

/// Where a page finds the script that keeps what was not sent.
pub fn kept() -> &'static str {
    &KEPT.path
}

/// Where a page finds htmx.
pub fn htmx() -> &'static str {
    &HTMX.path
}

/// `GET /static/{hash}/{name}`
pub async fn serve(Path((hash, name)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let wanted = format!("/static/{hash}/{name}");
    let Some(asset) = [&*STYLE, &*SCRIPT, &*KEPT, &*HTMX].into_iter().find(|asset| asset.path == wanted)
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let common = [(CONTENT_TYPE, asset.kind), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
    let takes_gzip = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    if takes_gzip.is_some_and(|value| value.contains("gzip")) && !asset.compressed.is_empty() {
        let gzip = [(CONTENT_ENCODING, "gzip"), (VARY, "accept-encoding")];
        return (common, gzip, asset.compressed.as_slice()).into_response();
    }
    (common, asset.plain).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_of_a_page_stay_under_forty_kilobytes() {
        let scripts = HTMX.compressed.len() + SCRIPT.compressed.len();
        assert!(scripts > 0 && scripts <= 40_000, "{scripts} bytes");
    }

    #[test]
    fn a_file_that_changes_gets_another_path() {
        let one = Asset::new("a.css", "text/css", b"a { }");
        let other = Asset::new("a.css", "text/css", b"b { }");
        assert_ne!(one.path, other.path);
    }
}
