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

/// Knocks until the door stays shut. The ration grows while a slow machine knocks, so it may take
/// some more times than [`RATION`].
async fn is_shut(
    client: &Client<impl Endpoint<Output = Response>>,
    route: &Route,
    forwarded: &[&str],
) -> Page {
    for _ in 0..10 * RATION {
        let (status, page) = knock(client, route, forwarded).await;
        if status == StatusCode::TOO_MANY_REQUESTS {
            return page;
        }
    }
    panic!("{} never shuts", route.path);
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
        let page = is_shut(&client, route, &[&one]).await;
        page.says("Troppe richieste in poco tempo: aspetta");
        let (status, _) = knock(&client, route, &[&other]).await;
        assert_ne!(status, StatusCode::TOO_MANY_REQUESTS, "{}", route.path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_more_by_saying_they_are_somebody_else() {
    let route = rationed()[0];
    // Without a proxy in front, what a client says of itself counts nothing; behind one, only what
    // the proxy added: at the end of the line, or on a line below.
    let (_town, open) = town(false);
    let (_town, behind) = town(true);
    let mut shut = (false, false, false);
    for n in 0..250 {
        if shut == (true, true, true) {
            break;
        }
        let forged = format!("198.51.100.{n}");
        let refused = |(status, _)| status == StatusCode::TOO_MANY_REQUESTS;
        shut.0 |= refused(knock(&open, &route, &[&forged]).await);
        shut.1 |= refused(knock(&behind, &route, &[&forged, "203.0.113.7"]).await);
        let line = format!("{forged}, 203.0.113.8");
        shut.2 |= refused(knock(&behind, &route, &[&line]).await);
    }
    assert_eq!(shut, (true, true, true));
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

#[tokio::test(flavor = "multi_thread")]
async fn a_page_with_somebody_elses_words_is_not_compressed() {
    let (_town, client) = town(false);
    for (address, packed) in [
        ("/", true),
        ("/verifica", true),
        ("/verifica?codice=x", false),
    ] {
        let response = client
            .get(address)
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::ACCEPT_ENCODING, "gzip, deflate, br")
            .send()
            .await
            .0;
        let encoding = response.header(header::CONTENT_ENCODING);
        assert_eq!(encoding == Some("gzip"), packed, "{address}");
    }
}
