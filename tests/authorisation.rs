//! The authorisation walk (invariant 7): every route of the table, as every role and as a stranger,
//! with ids of other people's things; and every form without its token.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod support;

use campanella::base::{Permission, PersonId, Role};
use campanella::web::{self, Csrf, Route, Side, Verb};
use poem::http::{StatusCode, header};
use poem::test::TestClient;
use poem::{Endpoint, Response};
use support::Town;

/// Who walks: a name, the session's cookie value and form token, and what the table should let
/// them do.
struct Walker {
    name: &'static str,
    family: Option<(String, String)>,
    staff: Option<(String, String)>,
    may: fn(Permission) -> bool,
}

/// A public id that belongs to nothing.
const NOBODYS: &str = "00000000000000000000000000";

fn walkers(town: &Town) -> Vec<Walker> {
    let person: i64 = town.ask("select payer_id from enrolment order by id limit 1");
    let everybody = |permission| matches!(permission, Permission::Public | Permission::Demo);
    let staff = |name: &'static str, may| Walker {
        name,
        family: None,
        staff: Some(town.staff(name)),
        may,
    };
    vec![
        Walker {
            name: "stranger",
            family: None,
            staff: None,
            may: everybody,
        },
        Walker {
            name: "citizen",
            family: Some(town.citizen(PersonId(person))),
            staff: None,
            may: |p| {
                matches!(
                    p,
                    Permission::Public | Permission::Demo | Permission::Citizen
                )
            },
        },
        staff("ufficio", |p| {
            !matches!(p, Permission::Citizen | Permission::Accounting)
        }),
        staff("ragioneria", |p| {
            matches!(
                p,
                Permission::Public
                    | Permission::Demo
                    | Permission::Money
                    | Permission::Accounting
                    | Permission::Staff
            )
        }),
        staff("collodi", |p| {
            matches!(
                p,
                Permission::Public | Permission::Demo | Permission::School | Permission::Staff
            )
        }),
    ]
}

async fn send(
    client: &TestClient<impl Endpoint<Output = Response>>,
    route: &Route,
    walker: &Walker,
    with_token: bool,
) -> (StatusCode, Option<String>) {
    let path: Vec<_> = route
        .path
        .split('/')
        .map(|segment| {
            if segment.starts_with(':') {
                NOBODYS
            } else {
                segment
            }
        })
        .collect();
    let mut request = match route.verb {
        Verb::Get => client.get(path.join("/")),
        Verb::Post => client.post(path.join("/")),
    };
    request = request.header(header::HOST, "127.0.0.1:8080");
    // Both cookies are sent everywhere: each side must look at its own only.
    let mut cookies = Vec::new();
    let (mut family_token, mut staff_token) = ("", "");
    if let Some((cookie, token)) = &walker.family {
        cookies.push(format!("{}={cookie}", Side::Family.cookie(false)));
        family_token = token;
    }
    if let Some((cookie, token)) = &walker.staff {
        cookies.push(format!("{}={cookie}", Side::Staff.cookie(false)));
        staff_token = token;
    }
    request = request.header(header::COOKIE, cookies.join("; "));
    if route.verb == Verb::Post {
        let token = if route.side() == Side::Staff {
            staff_token
        } else {
            family_token
        };
        let body = if with_token {
            format!("_csrf={token}&_key={NOBODYS}")
        } else {
            String::new()
        };
        request = request
            .content_type("application/x-www-form-urlencoded")
            .body(body);
    }
    let response = request.send().await;
    let location = response.0.header(header::LOCATION).map(str::to_owned);
    (response.0.status(), location)
}

fn is_login(location: Option<&str>) -> bool {
    matches!(location, Some("/" | "/ufficio/accesso"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_as_every_role() {
    let town = Town::with_families(3);
    let client = TestClient::new(web::endpoint(town.app.clone()));
    let mut wrong = Vec::new();
    let routes = web::routes();
    assert!(routes.len() > 20, "the table is not empty");
    for route in &routes {
        for walker in walkers(&town) {
            // A staff cookie is worth nothing on a citizen's route, and the other way round.
            let session = match route.side() {
                Side::Family => walker.family.is_some(),
                Side::Staff => walker.staff.is_some(),
            };
            let allowed = (walker.may)(route.allow)
                && (session || matches!(route.allow, Permission::Public | Permission::Demo));
            let (status, location) = send(&client, route, &walker, true).await;
            let refused = status == StatusCode::FORBIDDEN
                || (status == StatusCode::SEE_OTHER && is_login(location.as_deref()));
            let leaves = route.path.ends_with("/esci");
            let stranger_form = route.verb == Verb::Post && !session;
            let fine = match (allowed, refused) {
                (true, false) | (false, true) => true,
                // Logging out leads to the login; a stranger has no session and so no form token.
                (true, true) => leaves || stranger_form,
                (false, false) => false,
            };
            if !fine || status.is_server_error() {
                wrong.push(format!(
                    "{:?} {} as {}: {status} {location:?}",
                    route.verb, route.path, walker.name
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of the walk went wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_form_counts_without_its_token() {
    let town = Town::with_families(2);
    let client = TestClient::new(web::endpoint(town.app.clone()));
    for route in web::routes() {
        if route.verb == Verb::Post && route.csrf == Csrf::Token {
            for walker in walkers(&town) {
                let (status, location) = send(&client, &route, &walker, false).await;
                let refused = status == StatusCode::FORBIDDEN
                    || (status == StatusCode::SEE_OTHER && is_login(location.as_deref()));
                assert!(
                    refused,
                    "{} as {} without a token: {status}",
                    route.path, walker.name
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_comune_has_no_demo_pages() {
    let town = Town::founded();
    let app = std::sync::Arc::into_inner(town.app).unwrap();
    let app = std::sync::Arc::new(campanella::app::App { demo: false, ..app });
    let client = TestClient::new(web::endpoint(app));
    for route in web::routes()
        .iter()
        .filter(|route| route.allow == Permission::Demo)
    {
        let stranger = Walker {
            name: "stranger",
            family: None,
            staff: None,
            may: |_| false,
        };
        let (status, _) = send(&client, route, &stranger, true).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{}", route.path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_host_name_is_not_answered() {
    let town = Town::founded();
    let client = TestClient::new(web::endpoint(town.app.clone()));
    let response = client
        .get("/")
        .header(header::HOST, "evil.example")
        .send()
        .await;
    assert_eq!(response.0.status(), StatusCode::MISDIRECTED_REQUEST);
}

#[test]
fn roles_are_what_the_walk_thinks_they_are() {
    // A new role must be added to the walk.
    let role = Role::Office;
    match role {
        Role::Admin
        | Role::Office
        | Role::Accountant
        | Role::Diets
        | Role::Cashier
        | Role::School(_) => {}
    }
}
