//! The pages of money, served: the family's statement and reasons, the office's closing of a day.

use std::sync::Arc;

use campanella::app::App;
use campanella::base::{Actor, PersonId, Result};
use campanella::identity::{self, Session, SessionToken};
use campanella::{ledger, web};
use jiff::civil::date;
use poem::http::{Method, StatusCode, header};
use poem::{Endpoint, IntoEndpoint, Request, Response};
use rusqlite::Transaction;

use crate::comune::{Comune, DAY, autumn, meals};

/// A browser that is logged in.
struct Browser {
    app: Arc<App>,
    cookie: String,
    csrf: String,
}

struct Answer {
    status: StatusCode,
    location: String,
    body: String,
}

impl Browser {
    fn of(
        comune: &Comune,
        cookie: &str,
        open: impl FnOnce(&Transaction<'_>) -> Result<(SessionToken, Session)> + Send + 'static,
    ) -> Browser {
        let (token, session) = comune.write(open).unwrap();
        Browser {
            app: Arc::clone(&comune.app),
            cookie: format!("{cookie}={}", token.as_str()),
            csrf: session.csrf,
        }
    }

    fn citizen(comune: &Comune, person: PersonId) -> Browser {
        let now = comune.app.now();
        Browser::of(comune, "campanella", move |tx| {
            identity::open_citizen(tx, None, person, "demo", now)
        })
    }

    fn clerk(comune: &Comune) -> Browser {
        let (now, id) = (comune.app.now(), comune.clerk.id);
        Browser::of(comune, "campanella-ufficio", move |tx| {
            identity::open_staff(tx, None, id, now)
        })
    }

    fn send(&self, method: Method, path: &str, body: String) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri_str(path)
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::COOKIE, &self.cookie)
            .content_type("application/x-www-form-urlencoded")
            .body(body);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let endpoint = web::endpoint(Arc::clone(&self.app)).into_endpoint();
            let response: Response = endpoint.get_response(request).await;
            let location = response.header(header::LOCATION).unwrap_or("").to_owned();
            Answer {
                status: response.status(),
                location,
                body: response.into_body().into_string().await.unwrap(),
            }
        })
    }

    fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, String::new())
    }

    fn post(&self, path: &str, fields: &str) -> Answer {
        let body = format!("_csrf={}&{fields}", self.csrf);
        self.send(Method::POST, path, body)
    }
}

/// As it is read: spaces that do not break are spaces, and the escaped slash is one.
fn text(answer: &Answer) -> String {
    answer.body.replace('\u{a0}', " ").replace("&#x2f;", "/")
}

#[test]
fn a_parent_reads_the_statement_and_why_a_meal_costs_what_it_costs() {
    let comune = Comune::new();
    let (mother, _) = autumn(&comune);
    let browser = Browser::citizen(&comune, mother);
    let page = browser.get("/area/estratto-conto");
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let shown = text(&page);
    for expected in [
        "Devi 7,75 €",
        "Addebitato 37,75 €, versato 30,00 €",
        "19/10/2026",
        "−7,75 €",
        "Pagamento pagoPA",
    ] {
        assert!(
            shown.contains(expected),
            "{expected} is not on the page:\n{shown}"
        );
    }

    let link = page.body.split("/area/addebiti/").nth(1).unwrap();
    let link = format!("/area/addebiti/{}", &link[..26]);
    let reasons = browser.get(&link);
    assert_eq!(reasons.status, StatusCode::OK, "{}", reasons.body);
    let shown = text(&reasons);
    for expected in [
        "venerdì 30 ottobre 2026",
        "8.400,00 €, protocollo INPS-ISEE-2026-01234567X-00",
        "oltre 7.000,00 € e fino a 11.000,00 €: 3,05 €",
    ] {
        assert!(
            shown.contains(expected),
            "{expected} is not on the page:\n{shown}"
        );
    }
    // Another parent finds neither the line nor the account.
    let (other, _) = comune.family(7);
    let stranger = Browser::citizen(&comune, other);
    assert_eq!(stranger.get(&link).status, StatusCode::NOT_FOUND);
    let account = comune.read(|db| {
        Ok(ledger::accounts_of_payer(db, &Actor::Citizen(mother))?
            .remove(0)
            .public_id)
    });
    let theirs = format!("/area/estratto-conto?conto={account}");
    assert_eq!(browser.get(&theirs).status, StatusCode::OK);
    assert_eq!(stranger.get(&theirs).status, StatusCode::NOT_FOUND);
    let own = stranger.get("/area/estratto-conto");
    assert_eq!(own.status, StatusCode::OK);
    assert!(text(&own).contains("Non hai ancora nessun conto"));
}

#[test]
fn the_period_is_the_familys_choice_and_a_wrong_one_is_said() {
    let comune = Comune::new();
    let (mother, _) = autumn(&comune);
    let browser = Browser::citizen(&comune, mother);
    let week = browser.get("/area/estratto-conto?dal=26/10/2026&al=30/10/2026");
    let shown = text(&week);
    assert!(
        shown.contains("−22,50 €") && !shown.contains("19/10/2026"),
        "{shown}"
    );
    let reversed = browser.get("/area/estratto-conto?dal=30/10/2026&al=26/10/2026");
    assert_eq!(reversed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(reversed.body.contains("scambiali"));
    let before = browser.get("/area/estratto-conto?anno=2025/2026");
    assert!(before.body.contains("Nessun movimento"));

    let file = browser.get("/area/estratto-conto.csv?dal=26/10/2026&al=28/10/2026");
    let rows: Vec<_> = file.body.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(
        rows[0],
        "Data;Bambino;Servizio;Descrizione;Perché;Addebito;Accredito;Saldo"
    );
    assert_eq!(rows[1], "26/10/2026;;;Saldo iniziale;;;;-22,50");
    assert_eq!(
        rows[2],
        "26/10/2026;Luca;Refezione scolastica;Refezione scolastica di Luca;Prezzo di un pasto con ISEE oltre 7.000,00\u{a0}€ e fino a 11.000,00\u{a0}€: 3,05\u{a0}€.;3,05;;-25,55"
    );
    assert_eq!(rows.last(), Some(&"28/10/2026;;;Saldo finale;;;;-1,65"));
}

#[test]
fn a_clerk_closes_a_day_once() {
    let comune = Comune::new();
    comune.family(0);
    comune.family(1);
    let service = comune.read(|db| Ok(meals(db)?.public_id));
    let clerk = Browser::clerk(&comune);
    let list = clerk.get("/ufficio/giornate");
    assert_eq!(list.status, StatusCode::OK, "{}", list.body);
    let link = format!("/ufficio/giornate/{service}/{DAY}");
    let first = format!("/ufficio/giornate/{service}/2026-09-21");
    assert!(list.body.contains(&first), "{}", list.body);

    let preview = clerk.get(&link);
    let shown = text(&preview);
    assert!(
        shown.contains("<strong>2</strong> addebiti su 2 iscritti"),
        "{shown}"
    );
    assert!(shown.contains("9,00 €"), "{shown}");
    assert!(shown.contains("Registri non ancora inviati"), "{shown}");
    assert!(shown.contains("Primaria Collodi, 1A"), "{shown}");
    assert_eq!(comune.books(), (0, 0, 0, 0), "a preview posts nothing");

    // A double click sends the form twice.
    let key = preview.body.split("name=\"_key\" value=\"").nth(1).unwrap();
    let form = format!("_key={}", &key[..26]);
    let sent = clerk.post(&link, &form);
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    assert_eq!(clerk.post(&link, &form).location, sent.location);
    // The thread works while pages are read.
    let mut progress = clerk.get(&sent.location);
    for _ in 0..100 {
        if !progress.body.contains("http-equiv=\"refresh\"") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
        progress = clerk.get(&sent.location);
    }
    assert!(
        progress.body.contains("La giornata è chiusa"),
        "{}",
        progress.body
    );
    assert_eq!(comune.books(), (2, 2, 900, 1));

    let again = clerk.get(&link);
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.body.contains("è già chiusa"));
    let tomorrow = clerk.get(&format!(
        "/ufficio/giornate/{service}/{}",
        date(2026, 11, 4)
    ));
    assert!(
        tomorrow.body.contains("deve ancora venire"),
        "{}",
        tomorrow.body
    );
    assert!(text(&clerk.get("/ufficio/giornate")).contains("9,00 €"));

    let audited: i64 = comune.read(|db| {
        let sql = "select count(*) from audit_entry where action = 'close-day' and actor = 'staff'";
        Ok(db.query_row(sql, [], |row| row.get(0))?)
    });
    assert_eq!(audited, 1);
}
