//! The embedded styles, fonts, icons and scripts: cached for ever under an address that changes
//! with their content, compressed once.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{LazyLock, Mutex, PoisonError};

use flate2::Compression;
use flate2::write::GzEncoder;
use poem::http::{StatusCode, header};
use poem::{Body, Request, Response, handler};

use super::incoming::takes_gzip;
use crate::assets::Assets;

/// For what is found under an address that changes with it.
pub(super) const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// `/static/campanella.css?v=3f2a…`
pub fn address(name: &str) -> String {
    match Assets::get(&format!("static/{name}")) {
        Some(file) => {
            let hash = file.metadata.sha256_hash();
            let short: String = hash.iter().take(6).map(|b| format!("{b:02x}")).collect();
            format!("/static/{name}?v={short}")
        }
        None => format!("/static/{name}"),
    }
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("png") => "image/png",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// gzip of some bytes; nothing when it fails, and they go as they are.
pub(super) fn gzip(bytes: &[u8], level: Compression) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

/// gzip of a file, made at its first use.
fn compressed(name: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    static MADE: LazyLock<Mutex<HashMap<String, Vec<u8>>>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(done) = made.get(name) {
        return Some(done.clone());
    }
    let done = gzip(bytes, Compression::best())?;
    made.insert(name.to_owned(), done.clone());
    Some(done)
}

/// Serves `/static/*`.
#[handler]
pub(super) fn serve(request: &Request) -> Response {
    let name = request.raw_path_param("name").unwrap_or("");
    let Some(file) = Assets::get(&format!("static/{name}")) else {
        return Response::builder().status(StatusCode::NOT_FOUND).finish();
    };
    let tag: String = file
        .metadata
        .sha256_hash()
        .iter()
        .take(12)
        .map(|b| format!("{b:02x}"))
        .collect();
    let tag = format!("\"{tag}\"");
    let response = Response::builder()
        .header(header::CONTENT_TYPE, media_type(name))
        .header(header::ETAG, &tag)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(
            header::CACHE_CONTROL,
            match request.uri().query() {
                Some(query) if query.starts_with("v=") => FOR_EVER,
                _ => "public, max-age=3600",
            },
        );
    if request
        .header(header::IF_NONE_MATCH)
        .is_some_and(|known| known == tag)
    {
        return response.status(StatusCode::NOT_MODIFIED).finish();
    }
    let text = !name.ends_with(".woff2") && !name.ends_with(".png");
    if text
        && takes_gzip(request.headers())
        && let Some(bytes) = compressed(&tag, &file.data)
    {
        return response
            .header(header::CONTENT_ENCODING, "gzip")
            .header(header::VARY, "Accept-Encoding")
            .body(Body::from_bytes(bytes.into()));
    }
    response.body(Body::from_bytes(file.data.into_owned().into()))
}
