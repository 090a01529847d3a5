//! What goes back: a reply becomes a page in its layout, or an error in the common dress; cookies and
//! headers.

use flate2::Compression;
use poem::http::{HeaderMap, HeaderValue, StatusCode, header};
use poem::{Body, Response};
use serde_json::json;

use super::assets::gzip;
use super::cx::Cx;
use super::dispatch::Site;
use super::reply::{Page, Reply, ShownError};
use super::route::{Route, Side};
use super::sessions::readable_all_the_same;
use crate::base::{Actor, Error, Permission, Text};
use crate::identity::{self, Session};
use crate::municipality;
use crate::processes::payments;

pub(super) fn error_reply(cx: &Cx, error: Error) -> Reply {
    let (status, text) = match &error {
        Error::NotFound => (StatusCode::NOT_FOUND, None),
        Error::Forbidden => (StatusCode::FORBIDDEN, None),
        Error::Refused(refusal) if refusal.conflict => {
            (StatusCode::CONFLICT, Some(refusal.text.clone()))
        }
        Error::Refused(refusal) => (StatusCode::UNPROCESSABLE_ENTITY, Some(refusal.text.clone())),
        Error::Invalid(fields) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            fields.first().map(|field| field.text.clone()),
        ),
        Error::Storage(..) => {
            tracing::error!(request_id = cx.request_id, path = cx.path, %error, "nothing can be saved");
            (StatusCode::SERVICE_UNAVAILABLE, None)
        }
        Error::Database(_) | Error::Io(..) | Error::Internal(_) => {
            tracing::error!(request_id = cx.request_id, path = cx.path, %error, "a request failed");
            (StatusCode::INTERNAL_SERVER_ERROR, None)
        }
    };
    error_page(cx, status, text, None)
}

/// Every refusal in the same dress: what happened, what to do, the request's name.
pub(super) fn error_page(
    cx: &Cx,
    status: StatusCode,
    text: Option<Text>,
    route: Option<Route>,
) -> Reply {
    let megabytes = route.map_or(0, |route| route.body_limit.div_ceil(1024 * 1024));
    let (title, explanation) = match status {
        StatusCode::NOT_FOUND => ("page-not-found", Text::new("page-not-found-text")),
        StatusCode::FORBIDDEN => ("page-forbidden", Text::new("page-forbidden-text")),
        StatusCode::PAYLOAD_TOO_LARGE => (
            "page-too-large",
            Text::new("error-body-too-large").with("max", megabytes),
        ),
        StatusCode::INTERNAL_SERVER_ERROR => ("page-fault", Text::new("page-fault-text")),
        StatusCode::SERVICE_UNAVAILABLE => ("page-storage", Text::new("page-storage-text")),
        StatusCode::CONFLICT => ("page-conflict", Text::new("error-changed-elsewhere")),
        _ => ("page-refused", Text::new("page-refused-text")),
    };
    let (home, label) = way_home(&cx.actor, cx.side);
    Reply::Page(Page {
        status,
        template: "error.html",
        title: cx.say(title),
        data: json!({
            "explanation": cx.say_text(&text.unwrap_or(explanation)),
            "home": home,
            "home_label": cx.say(label),
        }),
        errors: Vec::<ShownError>::new(),
    })
}

/// Where somebody who stands before a refusal goes on: their own first page, and its name.
fn way_home(actor: &Actor, side: Side) -> (&'static str, &'static str) {
    match side {
        Side::Family if actor.person().is_some() => ("/area", "home-title"),
        Side::Family => ("/", "welcome-title"),
        Side::Staff if actor.may(Permission::Money) => ("/ufficio", "shell-home-office"),
        Side::Staff if actor.may(Permission::School) => ("/scuola", "shell-home-school"),
        Side::Staff => ("/ufficio/accesso", "shell-home-staff"),
    }
}

pub(super) fn finish(site: &Site, mut cx: Cx, reply: Reply) -> Response {
    let mut response = match reply {
        Reply::Page(page) => match render(site, &mut cx, &page) {
            Ok(html) => page_response(&cx, page.status, html),
            Err(error) => {
                let id = &cx.request_id;
                tracing::error!(
                    request_id = id,
                    template = page.template,
                    error = format!("{error:#}"),
                    "a page could not be drawn"
                );
                plain_500(id)
            }
        },
        Reply::Redirect(location) => Response::builder()
            .status(StatusCode::SEE_OTHER)
            .header(header::LOCATION, location)
            .finish(),
        Reply::File(file) => file.into_response(),
        Reply::Picture(png) => {
            let mut response = Response::builder()
                .header(header::CONTENT_TYPE, "image/png")
                .body(Body::from_bytes(png.into()));
            secure(response.headers_mut(), site.app.config.is_https());
            let kept = HeaderValue::from_static(super::assets::FOR_EVER);
            response.headers_mut().insert(header::CACHE_CONTROL, kept);
            return response;
        }
        Reply::Json(value) => Response::builder()
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from_string(value.to_string())),
        Reply::Soap(status, envelope) => Response::builder()
            .status(status)
            .header(header::CONTENT_TYPE, "text/xml; charset=utf-8")
            .body(Body::from_string(envelope)),
    };
    let https = site.app.config.is_https();
    secure(response.headers_mut(), https);
    if let Some(origin) = payments::checkout_origin(&site.app) {
        allow_form_to(response.headers_mut(), &origin);
    }
    if let Some(token) = &cx.new_cookie {
        let name = cx.side.cookie(https);
        let secure = if https { "; Secure" } else { "" };
        let end = if token.is_empty() { "; Max-Age=0" } else { "" };
        let cookie = format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax{secure}{end}");
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    response
}

/// A page, compressed unless something that somebody else could have put into the address or the
/// form is in it: then its length would tell of the secrets beside it (the BREACH attack).
fn page_response(cx: &Cx, status: StatusCode, html: String) -> Response {
    let response = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "text/html; charset=utf-8")
        .header(header::VARY, "Accept-Encoding");
    let own_words = cx.query.is_empty() && cx.form.is_empty() && status == StatusCode::OK;
    let packed = (cx.takes_gzip && own_words).then(|| gzip(html.as_bytes(), Compression::fast()));
    match packed.flatten() {
        Some(bytes) => response
            .header(header::CONTENT_ENCODING, "gzip")
            .body(Body::from_bytes(bytes.into())),
        None => response.body(Body::from_string(html)),
    }
}

fn render(site: &Site, cx: &mut Cx, page: &Page) -> Result<String, minijinja::Error> {
    let fault = |error: Error| {
        minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, error.to_string())
    };
    if let Some(session) = cx.session.as_ref().filter(|_| !cx.viewing) {
        let hash = session.token_hash;
        // Only a page takes the sentence, and only when there may be one: most pages don't write.
        if cx
            .read(|db| identity::has_flash(db, &hash))
            .map_err(fault)?
        {
            let taken = cx.write(move |tx| identity::take_flash(tx, &hash));
            cx.flash = readable_all_the_same(cx, taken).map_err(fault)?.flatten();
        }
    }
    let municipality = cx.read(municipality::shown).map_err(fault)?;
    let mut context = json!({
        "municipality": municipality,
        "page": { "title": page.title, "errors": page.errors, "request_id": cx.request_id },
        "user": cx.shown.as_ref().map(|shown| json!({
            "name": shown.name,
            "kind": if cx.side == Side::Staff { "staff" } else { "citizen" },
            "initials": initials(&shown.name),
        })),
        "csrf": cx.session.as_ref().map_or("", |s: &Session| s.csrf.as_str()),
        "flash": cx.flash,
        "demo": cx.app.demo,
        "path": cx.path,
        "viewing": cx.viewing,
        "today": cx.today(),
        "now": cx.now,
        "roles": super::office_roles(&cx.actor),
    });
    if let (Some(all), Some(own)) = (context.as_object_mut(), page.data.as_object()) {
        all.extend(own.clone());
    }
    site.templates.render(page.template, context)
}

fn initials(name: &str) -> String {
    name.split_whitespace()
        .filter_map(|word| word.chars().next())
        .take(2)
        .collect()
}

pub(super) fn plain_500(request_id: &str) -> Response {
    let mut response = Response::builder()
        .status(StatusCode::INTERNAL_SERVER_ERROR)
        .header(header::CONTENT_TYPE, "text/html; charset=utf-8")
        .body(format!(
            "<!doctype html><html lang=\"it\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Errore</title><h1>Qualcosa non ha funzionato</h1>\
             <p>La colpa è nostra. Riprova tra poco; se continua, comunica all’ufficio questo codice: \
             {request_id}.</p></html>"
        ));
    secure(response.headers_mut(), false);
    response
}

/// Browsers ask the page's policy too before they follow a form's answer to another host: "Paga" leads
/// to the payment page of pagoPA.
fn allow_form_to(headers: &mut HeaderMap, origin: &str) {
    let policy = POLICY.replace(
        "form-action 'self'",
        &format!("form-action 'self' {origin}"),
    );
    if let Ok(value) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, value);
    }
}

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

fn secure(headers: &mut HeaderMap, https: bool) {
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
        (
            header::HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            header::HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            header::HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=()",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if https {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
}
