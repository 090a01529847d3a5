//! A counterpart of pagoPA over real HTTP: GPD's debt positions, receipts, settlement flows and the
//! carts of Checkout, with their rules as the specifications and GPD's code say them, written here a
//! second time. It notes every exchange, so that each can be judged by the OpenAPI files.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use jiff::Timestamp;
use poem::http::StatusCode;
use poem::listener::{Acceptor, Listener, TcpListener};
use poem::{Body, Endpoint, Request, Response, Server};
use serde_json::{Value, json};

/// The one key that is accepted.
pub const KEY: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
/// The account that the comune registered with pagoPA.
pub const IBAN: &str = "IT60X0542811101000000123456";
/// What the counterpart's clock shows: 3 November 2026, 07:00 UTC.
pub const NOW: &str = "2026-11-03T07:00:00Z";

/// What goes wrong at the next call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trick {
    /// 429, with so many seconds.
    Busy(u32),
    /// 503.
    Down,
    /// Does what was asked and never answers.
    SilentAfter,
    /// Does nothing and never answers.
    SilentBefore,
    /// 307 to another address of the same host.
    Redirect,
    /// 401, whatever the key.
    Unauthorized,
}

/// A call and its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub method: String,
    /// With its query.
    pub target: String,
    pub body: Option<Value>,
    pub status: u16,
    pub answer: Option<Value>,
}

#[derive(Clone)]
pub struct Position {
    pub body: Value,
    pub status: String,
    /// A receipt is handed out from then on.
    settled: bool,
    paid_at: Option<String>,
}

#[derive(Default)]
pub struct State {
    pub positions: BTreeMap<String, Position>,
    pub tricks: VecDeque<Trick>,
    pub exchanges: Vec<Exchange>,
    /// Where carts lead; empty: to this very host.
    pub cart_location: String,
    /// The flow that is handed out: its head and its payments, as JSON text.
    pub flow: Option<(Value, String)>,
}

/// A counterpart that listens.
pub struct Counterpart {
    pub address: String,
    state: Arc<Mutex<State>>,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Counterpart {
    pub fn start() -> Counterpart {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        // A test may have a runtime of its own, which this one must not wait in.
        let listening = runtime.spawn(TcpListener::bind("127.0.0.1:0").into_acceptor());
        let (tell, told) = std::sync::mpsc::channel();
        runtime.spawn(async move { tell.send(listening.await.unwrap().unwrap()) });
        let acceptor = told.recv().unwrap();
        let address = acceptor.local_addr()[0].to_string();
        let address = address.trim_start_matches("socket://").to_owned();
        let site = Site(Arc::clone(&state), address.clone());
        runtime.spawn(Server::new_with_acceptor(acceptor).run(site));
        Counterpart {
            address,
            state,
            runtime: Some(runtime),
        }
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn trick(&self, trick: Trick) {
        self.state().tricks.push_back(trick);
    }

    /// Where a position stands; empty: there is none.
    pub fn status_of(&self, iupd: &str) -> String {
        let state = self.state();
        state
            .positions
            .get(iupd)
            .map_or(String::new(), |p| p.status.clone())
    }

    /// Somebody pays a position. `settled`: its receipt is handed out at once.
    pub fn pay(&self, iupd: &str, settled: bool) {
        let mut state = self.state();
        let position = state.positions.get_mut(iupd).unwrap();
        assert_eq!(position.status, "VALID", "only what is valid can be paid");
        position.status = "PAID".to_owned();
        position.paid_at = Some("2026-11-03T08:30:00".to_owned());
        position.settled = settled;
    }

    pub fn settle(&self, iupd: &str) {
        self.state().positions.get_mut(iupd).unwrap().settled = true;
    }

    /// The calls so far as `METHOD path -> status`, without queries; forgets them.
    pub fn calls(&self) -> Vec<String> {
        let state = self.state();
        let said = state.exchanges.iter().map(|e| {
            let path = e.target.split('?').next().unwrap_or_default();
            let last = path.rsplit('/').take(1).collect::<String>();
            format!("{} {last} {}", e.method, e.status)
        });
        said.collect()
    }
}

impl Drop for Counterpart {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

struct Site(Arc<Mutex<State>>, String);

/// What a call gets: a status, a body, and its kind.
struct Said(u16, Option<Value>, String);

fn problem(status: u16, detail: &str) -> Said {
    let body = json!({ "title": "refused", "status": status, "detail": detail });
    Said(status, Some(body), String::new())
}

fn ok(status: u16, body: Value) -> Said {
    Said(status, Some(body), String::new())
}

impl Endpoint for Site {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let (parts, body) = request.into_parts();
        let bytes = body.into_bytes().await.unwrap_or_default();
        let target = parts
            .uri
            .path_and_query()
            .map_or("", |p| p.as_str())
            .to_owned();
        let method = parts.method.to_string();
        let key = parts.headers.get("Ocp-Apim-Subscription-Key");
        let key = key.and_then(|key| key.to_str().ok()).unwrap_or_default();
        let sent: Option<Value> = serde_json::from_slice(&bytes).ok();
        let trick = self.0.lock().unwrap().tricks.pop_front();
        let (said, silent) = {
            let mut state = self.0.lock().unwrap();
            let said = match trick {
                Some(Trick::Busy(_)) => Said(429, None, String::new()),
                Some(Trick::Down | Trick::SilentBefore) => problem(503, "later"),
                Some(Trick::Redirect) => Said(307, None, String::new()),
                Some(Trick::Unauthorized) => Said(401, None, String::new()),
                _ if key != KEY => Said(401, None, String::new()),
                _ => answer(&mut state, &method, &target, sent.as_ref()),
            };
            state.exchanges.push(Exchange {
                method,
                target,
                body: sent,
                status: said.0,
                answer: said.1.clone(),
            });
            let silent = matches!(trick, Some(Trick::SilentAfter | Trick::SilentBefore));
            (said, silent)
        };
        if silent {
            tokio::time::sleep(Duration::from_secs(30)).await;
        }
        let mut response = Response::builder().status(StatusCode::from_u16(said.0).unwrap());
        if let Some(Trick::Busy(seconds)) = trick {
            response = response.header("Retry-After", seconds.to_string());
        }
        if let Some(Trick::Redirect) = trick {
            response = response.header("Location", format!("http://{}/stolen", self.1));
        }
        if said.0 == 302 {
            let state = self.0.lock().unwrap();
            let place = match state.cart_location.as_str() {
                "" => format!("http://{}/c/4711", self.1),
                place => place.to_owned(),
            };
            response = response.header("Location", place);
        }
        Ok(match said {
            Said(_, Some(json), _) => response
                .content_type("application/json")
                .body(Body::from_string(json.to_string())),
            Said(_, None, text) => response
                .content_type("application/xml")
                .body(Body::from_string(text)),
        })
    }
}

fn answer(state: &mut State, method: &str, target: &str, body: Option<&Value>) -> Said {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match (method, parts.as_slice()) {
        (
            "POST",
            [
                "gpd",
                "debt-positions-service",
                "v1",
                "organizations",
                cf,
                "debtpositions",
            ],
        ) => create(state, cf, query, body),
        (
            _,
            [
                "gpd",
                "debt-positions-service",
                "v1",
                "organizations",
                cf,
                "debtpositions",
                rest @ ..,
            ],
        ) => on_position(state, method, cf, rest, body),
        (
            "GET",
            [
                "gpd",
                "payments-receipts-service",
                "v1",
                "payments",
                _,
                "receipts",
            ],
        ) => list(state),
        (
            "GET",
            [
                "gpd",
                "payments-receipts-service",
                "v1",
                "payments",
                cf,
                "receipts",
                iuv,
            ],
        ) => receipt(state, cf, iuv),
        ("POST", ["checkout", "ec", "v1", "carts"]) => cart(state, body),
        (
            "GET",
            [
                "fdr-org",
                "service",
                "v1",
                "organizations",
                _,
                "fdrs",
                rest @ ..,
            ],
        ) => flows(state, rest),
        _ => problem(404, "no such address"),
    }
}

/// What is wrong with a position, by GPD's own checks.
fn refusal(body: &Value, creditor: &str) -> Option<String> {
    let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    for name in ["iupd", "type", "fiscalCode", "fullName", "companyName"] {
        if text(body, name).is_empty() {
            return Some(format!("{name} is required"));
        }
    }
    if !body["switchToExpired"].is_boolean() {
        return Some("switchToExpired is required".to_owned());
    }
    let options = body["paymentOption"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    if options.is_empty() {
        return Some("no payment option".to_owned());
    }
    let now: Timestamp = NOW.parse().unwrap();
    for option in &options {
        if text(option, "iuv").len() != 17 {
            return Some("iuv".to_owned());
        }
        if option["nav"].is_string() && text(option, "nav") != format!("3{}", text(option, "iuv")) {
            return Some("nav".to_owned());
        }
        let due: Option<Timestamp> = text(option, "dueDate").parse().ok();
        if due.is_none_or(|due| due <= now) {
            return Some("dueDate must be in the future".to_owned());
        }
        let transfers = option["transfer"].as_array().cloned().unwrap_or_default();
        if transfers.is_empty() || transfers.len() > 5 {
            return Some("one to five transfers".to_owned());
        }
        let sum: i64 = transfers.iter().filter_map(|t| t["amount"].as_i64()).sum();
        if Some(sum) != option["amount"].as_i64() || sum < 1 {
            return Some("the transfers do not add up to the amount".to_owned());
        }
        for transfer in &transfers {
            if text(transfer, "iban") != IBAN || !transfer["stamp"].is_null() {
                return Some("the IBAN is not registered".to_owned());
            }
            if text(transfer, "organizationFiscalCode") != creditor {
                return Some("another creditor".to_owned());
            }
            let category = text(transfer, "category");
            if !category.starts_with("9/") || !category.ends_with('/') || category.len() != 12 {
                return Some("taxonomy".to_owned());
            }
            if text(transfer, "remittanceInformation").chars().count() > 140 {
                return Some("remittanceInformation".to_owned());
            }
        }
    }
    None
}

fn numbers(body: &Value) -> Vec<String> {
    let options = body["paymentOption"].as_array();
    let iuv = |option: &Value| option["iuv"].as_str().unwrap_or_default().to_owned();
    options
        .map(|all| all.iter().map(iuv).collect())
        .unwrap_or_default()
}

fn create(state: &mut State, creditor: &str, query: &str, body: Option<&Value>) -> Said {
    let Some(body) = body else {
        return problem(400, "no body");
    };
    if let Some(why) = refusal(body, creditor) {
        return problem(400, &why);
    }
    let iupd = body["iupd"].as_str().unwrap().to_owned();
    let ours = numbers(body);
    let taken = state.positions.contains_key(&iupd)
        || state
            .positions
            .values()
            .any(|p| numbers(&p.body).iter().any(|iuv| ours.contains(iuv)));
    if taken {
        return problem(409, "the IUPD, IUV or NAV exists already");
    }
    let status = if query.contains("toPublish=true") {
        "VALID"
    } else {
        "DRAFT"
    };
    let position = Position {
        body: body.clone(),
        status: status.to_owned(),
        settled: false,
        paid_at: None,
    };
    state.positions.insert(iupd, position);
    let mut said = body.clone();
    said["status"] = status.into();
    ok(201, said)
}

fn on_position(
    state: &mut State,
    method: &str,
    creditor: &str,
    rest: &[&str],
    body: Option<&Value>,
) -> Said {
    let Some(position) = rest.first().and_then(|iupd| state.positions.get_mut(*iupd)) else {
        return problem(404, "there is no such position");
    };
    let status = position.status.clone();
    match (method, rest) {
        ("GET", [_]) => ok(200, shown(position, creditor)),
        ("PUT", [_]) => {
            let Some(body) = body else {
                return problem(400, "no body");
            };
            if let Some(why) = refusal(body, creditor) {
                return problem(400, &why);
            }
            if !["DRAFT", "PUBLISHED", "VALID", "EXPIRED"].contains(&status.as_str()) {
                return problem(409, "it can't be updated any more");
            }
            position.body = body.clone();
            position.status = "VALID".to_owned();
            let mut said = body.clone();
            said["status"] = "VALID".into();
            ok(200, said)
        }
        ("POST", [_, "publish"]) if status == "DRAFT" => {
            position.status = "VALID".to_owned();
            ok(200, position.body.clone())
        }
        ("POST", [_, "invalidate"]) if status == "VALID" || status == "PUBLISHED" => {
            position.status = "INVALID".to_owned();
            ok(200, position.body.clone())
        }
        ("POST", [_, "publish" | "invalidate"]) => problem(409, &format!("it is {status}")),
        _ => problem(404, "no such operation"),
    }
}

/// GPD answers with dates without a zone, in UTC and with milliseconds.
fn shown(position: &Position, creditor: &str) -> Value {
    let body = &position.body;
    let options = body["paymentOption"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let options: Vec<Value> = options
        .into_iter()
        .map(|mut option| {
            option["status"] = if position.paid_at.is_some() {
                "PO_PAID"
            } else {
                "PO_UNPAID"
            }
            .into();
            option["organizationFiscalCode"] = creditor.into();
            for transfer in option["transfer"].as_array_mut().unwrap() {
                transfer["status"] = "T_UNREPORTED".into();
            }
            option
        })
        .collect();
    json!({
        "iupd": body["iupd"],
        "organizationFiscalCode": creditor,
        "type": body["type"],
        "companyName": body["companyName"],
        "insertedDate": NOW,
        "publishDate": NOW,
        "status": position.status,
        "lastUpdatedDate": NOW,
        "paymentOption": options,
    })
}

fn list(state: &State) -> Said {
    let paid = state.positions.values().filter(|p| p.paid_at.is_some());
    let results: Vec<Value> = paid
        .map(|p| json!({ "iuv": numbers(&p.body)[0], "organizationFiscalCode": "01199250158" }))
        .collect();
    let length = results.len();
    ok(
        200,
        json!({ "currentPageNumber": 0, "length": length, "totalPages": 1, "results": results }),
    )
}

fn receipt(state: &State, creditor: &str, iuv: &str) -> Said {
    let found = state
        .positions
        .values()
        .find(|p| numbers(&p.body)[0] == iuv);
    let Some(position) = found.filter(|p| p.paid_at.is_some()) else {
        return problem(404, "no receipt");
    };
    if !position.settled {
        return problem(422, "the position is not PAID yet");
    }
    let option = &position.body["paymentOption"][0];
    let cents = option["amount"].as_i64().unwrap();
    let amount = format!("{}.{:02}", cents / 100, cents % 100);
    let (code, name) = (&position.body["fiscalCode"], &position.body["fullName"]);
    let (code, name) = (code.as_str().unwrap(), name.as_str().unwrap());
    let paid_at = position.paid_at.as_deref().unwrap();
    let xml = format!(
        "<paf:paSendRTReq xmlns:paf=\"http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd\"><receipt>\
         <receiptId>c110729d258c4ab1b765fe902aae{iuv}</receiptId><noticeNumber>3{iuv}</noticeNumber>\
         <fiscalCode>{creditor}</fiscalCode><outcome>OK</outcome><creditorReferenceId>{iuv}</creditorReferenceId>\
         <paymentAmount>{amount}</paymentAmount><description>x</description><companyName>x</companyName>\
         <debtor><uniqueIdentifier><entityUniqueIdentifierType>F</entityUniqueIdentifierType>\
         <entityUniqueIdentifierValue>{code}</entityUniqueIdentifierValue></uniqueIdentifier>\
         <fullName>{name}</fullName></debtor><idPSP>60000000001</idPSP>\
         <PSPCompanyName>Banca di Prova</PSPCompanyName><idChannel>60000000001_01</idChannel>\
         <channelDescription>app</channelDescription><paymentMethod>creditCard</paymentMethod>\
         <paymentDateTime>{paid_at}</paymentDateTime></receipt></paf:paSendRTReq>"
    );
    Said(200, None, xml)
}

/// A cart takes what can be paid, one to five of them.
fn cart(state: &State, body: Option<&Value>) -> Said {
    let notices = body.and_then(|body| body["paymentNotices"].as_array());
    let Some(notices) = notices.filter(|all| (1..=5).contains(&all.len())) else {
        return problem(400, "one to five notices");
    };
    for notice in notices {
        let iuv = &notice["noticeNumber"].as_str().unwrap_or_default()[1..];
        let payable = state.positions.values().any(|p| {
            p.status == "VALID"
                && numbers(&p.body)[0] == iuv
                && p.body["paymentOption"][0]["amount"] == notice["amount"]
        });
        if !payable {
            return problem(400, "a notice can't be paid");
        }
    }
    Said(302, None, String::new())
}

fn flows(state: &State, rest: &[&str]) -> Said {
    let Some((head, payments)) = &state.flow else {
        return ok(
            200,
            json!({ "metadata": { "totPage": 1 }, "count": 0, "data": [] }),
        );
    };
    match rest {
        [] => {
            // An overwritten flow is listed with its revisions.
            let revision = |n: i64| {
                json!({
                    "fdr": head["fdr"], "pspId": head["sender"]["pspId"], "revision": n,
                    "published": NOW, "flowDate": NOW,
                })
            };
            ok(
                200,
                json!({
                    "metadata": { "pageSize": 1000, "pageNumber": 1, "totPage": 1 },
                    "count": 2, "data": [revision(1), revision(2)],
                }),
            )
        }
        [_, "revisions", "2", "psps", _] => ok(200, head.clone()),
        [_, "revisions", "2", "psps", _, "payments"] => {
            ok(200, serde_json::from_str(payments).unwrap())
        }
        _ => problem(404, "no such flow"),
    }
}
