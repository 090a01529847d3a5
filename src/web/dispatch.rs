//! The way of a request: who sends it, who acts, may they, is the form theirs; then the handler,
//! the page, the headers.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use poem::error::NotFoundError;
use poem::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use poem::web::Multipart;
use poem::{Body, Endpoint, FromRequest, Request, Response};
use serde_json::json;
use subtle::ConstantTimeEq;

use super::cx::{Cx, Shown};
use super::form::{Form, Upload};
use super::render::Templates;
use super::reply::{Page, Reply, ShownError};
use super::route::{Csrf, Route, Side, Verb};
use crate::app::App;
use crate::base::{Actor, Error, Permission, PublicId, Result, Text};
use crate::identity::{self, Session, SessionKind, SessionToken};
use crate::{municipality, people, store};

/// What all routes share.
pub struct Site {
    app: Arc<App>,
    templates: Templates,
    rations: DefaultKeyedRateLimiter<IpAddr>,
}

/// So many uses of rationed routes a minute and client; a family behind one address fits in.
const RATION: NonZeroU32 = NonZeroU32::new(30).unwrap();

impl Site {
    /// The site of a comune.
    pub fn new(app: Arc<App>) -> Site {
        Site {
            templates: Templates::new(&app),
            rations: RateLimiter::keyed(Quota::per_minute(RATION)),
            app,
        }
    }
}

/// The routes of one address.
pub struct Door {
    site: Arc<Site>,
    routes: Vec<Route>,
}

impl Door {
    /// A door for the routes that share one path.
    pub fn new(site: Arc<Site>, routes: Vec<Route>) -> Door {
        Door { site, routes }
    }
}

impl Endpoint for Door {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        Ok(answer(Arc::clone(&self.site), &self.routes, request).await)
    }
}

/// All doors, and the page for who comes to none of them.
pub struct Doors {
    site: Arc<Site>,
    router: poem::Route,
}

impl Doors {
    /// The doors of a site.
    pub fn new(site: Arc<Site>, router: poem::Route) -> Doors {
        Doors { site, router }
    }
}

impl Endpoint for Doors {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        // The router consumes the request: what the page for a missing address needs is kept.
        let mut lost = Request::builder()
            .method(request.method().clone())
            .uri(request.uri().clone())
            .finish();
        *lost.headers_mut() = request.headers().clone();
        match self.router.call(request).await {
            Err(error) if error.is::<NotFoundError>() => {
                Ok(answer(Arc::clone(&self.site), &[], lost).await)
            }
            other => other,
        }
    }
}

async fn answer(site: Arc<Site>, routes: &[Route], mut request: Request) -> Response {
    let verb = match *request.method() {
        Method::GET | Method::HEAD => Some(Verb::Get),
        Method::POST => Some(Verb::Post),
        _ => None,
    };
    let route = routes
        .iter()
        .find(|route| Some(route.verb) == verb)
        .copied();
    let known_path = !routes.is_empty();
    let mut cx = match context(&site, &mut request) {
        Ok(cx) => cx,
        Err(error) => {
            tracing::error!(%error, "a request could not be read");
            return Response::builder()
                .status(StatusCode::INTERNAL_SERVER_ERROR)
                .finish();
        }
    };
    let host = request.header(header::HOST).unwrap_or("").to_owned();
    let cross_site = request.header("sec-fetch-site") == Some("cross-site");
    let cookie = cookie_of(
        request.headers(),
        cx.side.cookie(site.app.config.is_https()),
    );
    // A clerk may be looking at a family's pages: their own cookie says so.
    let staff_cookie = (cx.side == Side::Family && cx.path.starts_with("/area"))
        .then(|| {
            cookie_of(
                request.headers(),
                Side::Staff.cookie(site.app.config.is_https()),
            )
        })
        .flatten();
    let mut early = None;
    if !site.app.config.answers_to(&host) {
        early = Some(StatusCode::MISDIRECTED_REQUEST);
    } else if let Some(route) = route {
        match body(request, route.body_limit).await {
            Ok(form) => cx.form = form,
            Err(status) => early = Some(status),
        }
    } else {
        early = Some(if known_path {
            StatusCode::METHOD_NOT_ALLOWED
        } else {
            StatusCode::NOT_FOUND
        });
    }
    let request_id = cx.request_id.clone();
    // The handlers block on the database: they run apart from the threads that keep connections.
    let work = tokio::task::spawn_blocking(move || {
        let loaded = load_session(&mut cx, cookie.as_deref())
            .and_then(|()| load_view(&mut cx, staff_cookie.as_deref()));
        let reply = loaded.and_then(|()| match (early, route) {
            (Some(status), _) => Ok(error_page(&cx, status, None, route)),
            (None, Some(route)) => serve(&site, &mut cx, &route, cross_site),
            (None, None) => Err(Error::NotFound),
        });
        let reply = reply.unwrap_or_else(|error| error_reply(&cx, error));
        finish(&site, cx, reply)
    });
    work.await.unwrap_or_else(|fault| {
        tracing::error!(request_id, %fault, "a handler panicked");
        plain_500(&request_id)
    })
}

fn context(site: &Site, request: &mut Request) -> Result<Cx> {
    let peer = request
        .remote_addr()
        .as_socket_addr()
        .map_or(IpAddr::from([127, 0, 0, 1]), |a| a.ip());
    let path = request.uri().path().to_owned();
    Ok(Cx {
        now: site.app.now(),
        actor: Actor::Stranger,
        shown: None,
        session: None,
        side: Side::of(&path),
        // A map, because as a list poem gives the values alone, without their names.
        params: request
            .path_params::<BTreeMap<String, String>>()
            .unwrap_or_default()
            .into_iter()
            .collect(),
        query: Form::urlencoded(request.uri().query().unwrap_or("").as_bytes()),
        form: Form::default(),
        client: real_client(peer, request.headers(), &site.app.config.trusted_proxies),
        request_id: PublicId::random()?.as_str()[..10].to_owned(),
        new_cookie: None,
        flash: None,
        viewing: false,
        path,
        app: Arc::clone(&site.app),
    })
}

/// The last address of `X-Forwarded-For` that no trusted proxy wrote; the peer itself when it is
/// not a trusted proxy.
fn real_client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let forwarded = headers
        .get("x-forwarded-for")
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let mut client = peer;
    for hop in forwarded.rsplit(',') {
        if !trusted.contains(&client) {
            break;
        }
        match hop.trim().parse() {
            Ok(address) => client = address,
            Err(_) => break,
        }
    }
    client
}

fn cookie_of(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|v| v.to_str().ok());
    let pairs = all
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .into_iter()
        .find(|(n, _)| *n == name)
        .map(|(_, value)| value.to_owned())
}

async fn body(mut request: Request, limit: usize) -> Result<Form, StatusCode> {
    if limit == 0 {
        return Ok(Form::default());
    }
    let bytes = request
        .take_body()
        .into_bytes_limit(limit)
        .await
        .map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
    let kind = request.content_type().unwrap_or("");
    if kind.starts_with("application/x-www-form-urlencoded") {
        return Ok(Form::urlencoded(&bytes));
    }
    if kind.starts_with("multipart/form-data") {
        request.set_body(bytes);
        return multipart(request)
            .await
            .map_err(|_| StatusCode::BAD_REQUEST);
    }
    if bytes.is_empty() {
        Ok(Form::default())
    } else {
        Err(StatusCode::UNSUPPORTED_MEDIA_TYPE)
    }
}

async fn multipart(request: Request) -> poem::Result<Form> {
    let (request, mut body) = request.split();
    let mut parts = Multipart::from_request(&request, &mut body).await?;
    let mut form = Form::default();
    while let Some(part) = parts.next_field().await? {
        let name = part.name().unwrap_or("").to_owned();
        let filename = part.file_name().map(str::to_owned);
        let bytes = part.bytes().await?;
        match filename {
            Some(filename) => form.files.push(Upload {
                field: name,
                filename,
                bytes,
            }),
            None => form
                .fields
                .push((name, String::from_utf8_lossy(&bytes).into_owned())),
        }
    }
    Ok(form)
}

fn load_session(cx: &mut Cx, cookie: Option<&str>) -> Result<()> {
    let Some(cookie) = cookie else { return Ok(()) };
    let (token, now) = (SessionToken::from_cookie(cookie), cx.now);
    let found = cx.read(|db| {
        let Some(session) = identity::find_session(db, &token, now)? else {
            return Ok(None);
        };
        let (actor, name) = match session.kind {
            SessionKind::Visitor => (Actor::Stranger, None),
            SessionKind::Citizen(id) => (
                Actor::Citizen(id),
                Some(people::person(db, id)?.full_name()),
            ),
            SessionKind::Staff(id) => match identity::staff_actor(db, id) {
                Ok((staff, name)) => (Actor::Staff(staff), Some(name)),
                Err(Error::NotFound) => return Ok(None),
                Err(error) => return Err(error),
            },
        };
        Ok(Some((session, actor, name)))
    })?;
    let Some((session, actor, name)) = found else {
        return Ok(());
    };
    if session.is_stale(now) {
        let hash = session.token_hash;
        let touched = cx.write(move |tx| identity::touch(tx, &hash, now));
        readable_all_the_same(cx, touched)?;
    }
    cx.actor = actor;
    cx.shown = name.map(|name| Shown { name });
    cx.session = Some(session);
    Ok(())
}

/// A member of the office who opened a look at a family sees its pages instead of any of their own;
/// [`serve`] lets no form through meanwhile and [`Cx::write`] no write.
fn load_view(cx: &mut Cx, cookie: Option<&str>) -> Result<()> {
    let Some(cookie) = cookie else { return Ok(()) };
    let (token, now) = (SessionToken::from_cookie(cookie), cx.now);
    let found = cx.read(|db| {
        let Some(session) = identity::find_session(db, &token, now)? else {
            return Ok(None);
        };
        let SessionKind::Staff(id) = session.kind else {
            return Ok(None);
        };
        let Some(person) = identity::viewed(db, &session, now)? else {
            return Ok(None);
        };
        match identity::staff_actor(db, id) {
            Ok((staff, _)) if Actor::Staff(staff.clone()).may(Permission::Office) => {}
            Ok(_) | Err(Error::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        }
        let name = people::person(db, person)?.full_name();
        Ok(Some((session, person, name)))
    })?;
    if let Some((session, person, name)) = found {
        cx.actor = Actor::Citizen(person);
        cx.shown = Some(Shown { name });
        cx.session = Some(session);
        cx.viewing = true;
    }
    Ok(())
}

/// What a page writes on the side must not keep it from being read while nothing can be written.
fn readable_all_the_same<T>(cx: &Cx, written: Result<T>) -> Result<Option<T>> {
    match written {
        Err(error @ Error::Storage(..)) => {
            tracing::error!(request_id = cx.request_id, %error, "a page is shown, but nothing can be written");
            Ok(None)
        }
        other => other.map(Some),
    }
}

fn serve(site: &Site, cx: &mut Cx, route: &Route, cross_site: bool) -> Result<Reply> {
    if route.allow == Permission::Demo && !cx.app.demo {
        return Err(Error::NotFound);
    }
    if route.rationed && site.rations.check_key(&cx.client).is_err() {
        let text = Some(Text::new("error-too-many-requests"));
        return Ok(error_page(
            cx,
            StatusCode::TOO_MANY_REQUESTS,
            text,
            Some(*route),
        ));
    }
    if cx.viewing && route.verb == Verb::Post {
        return Err(Error::Forbidden);
    }
    if !cx.actor.may(route.allow) {
        return match cx.actor {
            Actor::Stranger => to_login(cx, route),
            _ => Err(Error::Forbidden),
        };
    }
    if route.verb == Verb::Post && route.csrf == Csrf::Token {
        let carried = cx.form.text("_csrf").as_bytes();
        let good = cx
            .session
            .as_ref()
            .is_some_and(|s| bool::from(s.csrf.as_bytes().ct_eq(carried)));
        if cross_site || !good {
            let text = Some(Text::new("error-form-expired"));
            return Ok(error_page(cx, StatusCode::FORBIDDEN, text, Some(*route)));
        }
    }
    (route.handler)(cx)
}

/// A stranger is led to the login; the page that was asked for waits in the visitor's session.
fn to_login(cx: &mut Cx, route: &Route) -> Result<Reply> {
    let wanted = (route.verb == Verb::Get).then(|| cx.path.clone());
    cx.ensure_session(wanted)?;
    cx.redirect(route.side().login())
}

fn error_reply(cx: &Cx, error: Error) -> Reply {
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
fn error_page(cx: &Cx, status: StatusCode, text: Option<Text>, route: Option<Route>) -> Reply {
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

fn finish(site: &Site, mut cx: Cx, reply: Reply) -> Response {
    let mut response = match reply {
        Reply::Page(page) => match render(site, &mut cx, &page) {
            Ok(html) => Response::builder()
                .status(page.status)
                .header(header::CONTENT_TYPE, "text/html; charset=utf-8")
                .body(Body::from_string(html)),
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
        Reply::Json(value) => Response::builder()
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from_string(value.to_string())),
    };
    let https = site.app.config.is_https();
    secure(response.headers_mut(), https);
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

fn plain_500(request_id: &str) -> Response {
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

fn secure(headers: &mut HeaderMap, https: bool) {
    let fixed = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
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

/// The store's health, for `/salute`.
pub fn health(cx: &mut Cx) -> Result<Reply> {
    cx.read(|db| store::stamp(db).map(|_| ()))?;
    Ok(Reply::Json(json!({ "status": "ok" })))
}
