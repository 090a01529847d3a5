//! The doors that stand open to strangers: how often one may knock, under which name the house
//! answers, and what is not let in.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod support;

use std::net::IpAddr;
use std::sync::Arc;

use campanella::app::App;
use campanella::base::Permission;
use campanella::web::{self, Route, Verb};
use poem::http::{StatusCode, header};
use poem::test::TestClient;
use poem::{Endpoint, Response};
use support::{Page, Town};

/// So many times a minute one client may knock.
const RATION: usize = 30;

type Client<E> = TestClient<E>;

/// The comune behind a proxy on this machine, or behind none.
fn town(proxy: bool) -> (Town, Client<impl Endpoint<Output = Response>>) {
    let mut town = Town::founded();
    let mut app: App = Arc::into_inner(town.at(support::morning())).unwrap();
    if proxy {
        app.config.trusted_proxies = vec![IpAddr::from([127, 0, 0, 1])];
    }
    town.app = Arc::new(app);
    let client = TestClient::new(web::endpoint(Arc::clone(&town.app)));
    (town, client)
}

/// Knocks at a route; `forwarded` are the lines that say who the client is.
async fn knock(
    client: &Client<impl Endpoint<Output = Response>>,
    route: &Route,
    forwarded: &[&str],
) -> (StatusCode, Page) {
    let path = route.path.replace(":code", "00000000000000000000000000");
    let mut request = match route.verb {
        Verb::Get => client.get(path),
        Verb::Post => client.post(path),
    };
    request = request.header(header::HOST, "127.0.0.1:8080");
    for line in forwarded {
        request = request.header("x-forwarded-for", *line);
    }
    let response = request.send().await.0;
    let status = response.status();
    let body = response.into_body().into_string().await.unwrap();
    (status, Page(body))
}

fn rationed() -> Vec<Route> {
    web::routes()
        .into_iter()
        .filter(|route| route.rationed)
        .collect()
}

#[test]
fn what_a_stranger_could_guess_at_is_rationed() {
    for route in web::routes() {
        let guessable = route.verb == Verb::Post || route.path.contains(':');
        if route.allow == Permission::Public && guessable {
            assert!(route.rationed, "{}", route.path);
        }
    }
    let paths: Vec<_> = rationed().iter().map(|route| route.path).collect();
    for path in [
        "/verifica",
        "/verifica/:code",
        "/ufficio/accesso",
        "/demo/accesso",
        "/demo/accesso/nuovo",
    ] {
        assert!(paths.contains(&path), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_door_opens_so_often_and_only_for_who_knocked_too_much_stays_shut() {
    let (_town, client) = town(true);
    for (n, route) in rationed().iter().enumerate() {
        let (one, other) = (format!("198.51.100.{n}"), format!("203.0.113.{n}"));
        for _ in 0..RATION {
            let (status, _) = knock(&client, route, &[&one]).await;
            assert_ne!(status, StatusCode::TOO_MANY_REQUESTS, "{}", route.path);
        }
        let (status, page) = knock(&client, route, &[&one]).await;
        assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "{}", route.path);
        page.says("Troppe richieste in poco tempo: aspetta");
        let (status, _) = knock(&client, route, &[&other]).await;
        assert_ne!(status, StatusCode::TOO_MANY_REQUESTS, "{}", route.path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_more_by_saying_they_are_somebody_else() {
    let route = rationed()[0];
    // Without a proxy in front, what a client says of itself counts nothing.
    let (_town, client) = town(false);
    for n in 0..RATION {
        knock(&client, &route, &[&format!("198.51.100.{n}")]).await;
    }
    let (status, _) = knock(&client, &route, &["192.0.2.1"]).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    // Behind one, only what the proxy added counts: at the end of the line, or on a line below.
    let (_town, client) = town(true);
    for n in 0..RATION {
        let forged = format!("198.51.100.{n}");
        if n % 2 == 0 {
            knock(&client, &route, &[&forged, "203.0.113.7"]).await;
        } else {
            knock(&client, &route, &[&format!("{forged}, 203.0.113.7")]).await;
        }
    }
    let (status, _) = knock(&client, &route, &["203.0.113.7"]).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_house_answers_to_its_name_only() {
    let (_town, client) = town(false);
    for host in ["evil.example", "127.0.0.1:9999", ""] {
        let response = client.get("/").header(header::HOST, host).send().await;
        assert_eq!(
            response.0.status(),
            StatusCode::MISDIRECTED_REQUEST,
            "{host}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_from_another_site_is_not_let_in() {
    let town = Town::with_families(3);
    let person: i64 = town.ask("select payer_id from enrolment order by id limit 1");
    let (cookie, csrf) = town.citizen(campanella::base::PersonId(person));
    let client = TestClient::new(web::endpoint(Arc::clone(&town.app)));
    for (from, expected) in [
        ("cross-site", StatusCode::FORBIDDEN),
        ("same-origin", StatusCode::SEE_OTHER),
    ] {
        let body = format!("_csrf={csrf}&body=Buongiorno&_key=00000000000000000000000001");
        let response = client
            .post("/area/comunicazioni")
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::COOKIE, format!("campanella={cookie}"))
            .header("sec-fetch-site", from)
            .content_type("application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await;
        assert_eq!(response.0.status(), expected, "{from}");
    }
}
