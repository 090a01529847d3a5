//! The way of a request: who sends it, who acts, may they, is the form theirs; then the handler,
//! the page, the headers.

use std::collections::BTreeMap;
use std::sync::Arc;

use governor::clock::DefaultClock;
use poem::error::NotFoundError;
use poem::http::{Method, StatusCode, header};
use poem::{Endpoint, Request, Response};
use serde_json::json;
use subtle::ConstantTimeEq;

use super::cx::Cx;
use super::form::Form;
use super::incoming::{body, cookie_of, peer_of, raw_body, real_client, takes_gzip};
use super::machine::Machine;
use super::pagopa;
use super::rations::Rations;
use super::render::Templates;
use super::reply::Reply;
use super::response::{error_page, error_reply, finish, plain_500};
use super::route::{Csrf, Route, Side, Verb};
use super::sessions::{load_session, load_view};
use crate::app::App;
use crate::base::{Actor, Error, Permission, PublicId, Result, Text};
use crate::store;

/// What all routes share.
pub struct Site {
    pub(super) app: Arc<App>,
    pub(super) templates: Templates,
    rations: Rations,
}

impl Site {
    /// The site of a comune.
    pub fn new(app: Arc<App>) -> Site {
        Site {
            templates: Templates::new(&app),
            rations: Rations::new(DefaultClock::default()),
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
    } else if let Some(route) = route.filter(|route| route.csrf == Csrf::Exempt) {
        let mut machine = Machine::of(&request);
        match raw_body(request, route.body_limit).await {
            Ok(bytes) => {
                machine.body = bytes;
                cx.machine = Some(machine);
            }
            Err(status) => early = Some(status),
        }
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
    let peer = peer_of(request);
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
        takes_gzip: takes_gzip(request.headers()),
        request_id: PublicId::random()?.as_str()[..10].to_owned(),
        new_cookie: None,
        flash: None,
        viewing: false,
        machine: None,
        path,
        app: Arc::clone(&site.app),
    })
}

fn serve(site: &Site, cx: &mut Cx, route: &Route, cross_site: bool) -> Result<Reply> {
    if route.allow == Permission::Demo && !cx.app.demo {
        return Err(Error::NotFound);
    }
    // Who has shown who it is asks as often as it must.
    if route.rationed
        && !pagopa::is_the_node(cx)
        && let Err(seconds) = site.rations.take(cx.client)
    {
        let text = Text::new("error-too-many-requests").with("seconds", seconds);
        let status = StatusCode::TOO_MANY_REQUESTS;
        return Ok(error_page(cx, status, Some(text), Some(*route)));
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

/// The store's health, for `/salute`.
pub fn health(cx: &mut Cx) -> Result<Reply> {
    cx.read(|db| store::stamp(db).map(|_| ()))?;
    Ok(Reply::Json(json!({ "status": "ok" })))
}
